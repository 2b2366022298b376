"""The CDNOW sample as orders: what the workbook and its summary show agrees with a count of the file in another way."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import pytest

from tests.app.examples import SHARED, Example, rows_of, run_example

DATA = SHARED / "cdnow"
WORKBOOK = "cdnow.xlsx"
Purchase = tuple[str, str, int, Decimal]
"""Customer, day (yyyymmdd), CDs, dollars."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the CDNOW sample is not on this machine"),
    pytest.mark.skipif(shutil.which("sh") is None, reason="run.sh needs a shell"),
]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return run_example("cdnow", DATA, tmp_path_factory.mktemp("cdnow"))


@pytest.fixture(scope="module")
def purchases() -> list[Purchase]:
    """The file by its fixed columns."""
    lines = (DATA / "CDNOW_sample.txt").read_text(encoding="ascii").splitlines()
    return [(line[7:11], line[12:20], int(line[20:23]), Decimal(line[23:].strip())) for line in lines if line.strip()]


def test_every_order_is_in_the_workbook(example: Example, purchases: list[Purchase]) -> None:
    assert len(purchases) == 6919
    orders = rows_of(example.folder / WORKBOOK, "Orders")
    told = Counter((str(row["Customer"]), _day(row["Ordered on"]), _money(row["Total"])) for row in orders)
    assert told == Counter((f"Customer {who}", day, dollars) for who, day, _, dollars in purchases)
    lines = rows_of(example.folder / WORKBOOK, "Order lines")
    assert sum(int(str(row["Quantity"])) for row in lines) == sum(units for _, _, units, _ in purchases)
    assert sum(_money(row["Amount"]) for row in lines) == sum(dollars for *_, dollars in purchases)


def test_what_each_customer_bought(example: Example, purchases: list[Purchase]) -> None:
    bought: dict[str, list[Purchase]] = defaultdict(list)
    for purchase in purchases:
        bought[f"Customer {purchase[0]}"].append(purchase)
    rows = rows_of(example.folder / WORKBOOK, "Customers")
    assert len(rows) == len(bought) == 2357
    for row in rows:
        own = bought[str(row["Customer name"])]
        assert (row["Orders"], _money(row["Order amount"])) == (
            len(own),
            sum((dollars for *_, dollars in own), Decimal(0)),
        )
        assert _day(row["Last order"]) == max(day for _, day, _, _ in own)


def test_the_summary_of_the_sample(example: Example, purchases: list[Purchase]) -> None:
    figures: Mapping[str, Decimal] = example.figures
    total = sum(dollars for *_, dollars in purchases)
    assert figures["orders.orders"] == 6919
    assert figures["orders.order_amount"] == total
    assert figures["orders.average_order"] == round(total / 6919, 2)
    months = Counter[str]()
    for _, day, _, dollars in purchases:
        months[f"{day[:4]}-{day[4:6]}"] += int(dollars * 100)
    assert len(months) == 18
    assert {month: int(figures[f"orders.months.order_amount[{month}]"] * 100) for month in months} == months


def _day(cell: object) -> str:
    assert isinstance(cell, datetime)
    return f"{cell:%Y%m%d}"


def _money(cell: object) -> Decimal:
    return round(Decimal(str(cell)), 2)
