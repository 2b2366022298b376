"""The CDNOW sample as orders: what the workbook and its summary show agrees with a count of the file in another way."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.app import cdnow_figures
from tests.app.cdnow_figures import Purchase
from tests.app.examples import SHARED, Example, rows_of, run_example
from tests.app.insight_figures import Customer, insights
from tests.app.insights_told import differences, insights_of
from tests.app.quality_figures import CUSTOMER, Tab, quality

DATA = SHARED / "cdnow"
WORKBOOK = "cdnow.xlsx"
OF_CUSTOMERS = ("retention", "value", "orders", "customers")

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
    return [
        (f"Customer {line[7:11]}", date.fromisoformat(line[12:20]), int(line[20:23]), Decimal(line[23:].strip()))
        for line in lines
        if line.strip()
    ]


def test_every_order_is_in_the_workbook(example: Example, purchases: list[Purchase]) -> None:
    assert len(purchases) == 6919
    orders = rows_of(example.folder / WORKBOOK, "Orders")
    told = Counter((str(row["Customer"]), _day(row["Ordered on"]), _money(row["Total"])) for row in orders)
    assert told == Counter((who, day, dollars) for who, day, _, dollars in purchases)
    lines = rows_of(example.folder / WORKBOOK, "Order lines")
    assert sum(int(str(row["Quantity"])) for row in lines) == sum(units for _, _, units, _ in purchases)
    assert sum(_money(row["Amount"]) for row in lines) == sum(dollars for *_, dollars in purchases)


def test_what_each_customer_bought(example: Example, purchases: list[Purchase]) -> None:
    bought: dict[str, list[Purchase]] = defaultdict(list)
    for purchase in purchases:
        bought[purchase[0]].append(purchase)
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
        months[f"{day:%Y-%m}"] += int(dollars * 100)
    assert len(months) == 18
    assert {month: int(figures[f"orders.months.order_amount[{month}]"] * 100) for month in months} == months


def test_every_figure_of_customers_and_orders(example: Example, purchases: list[Purchase]) -> None:
    """Not one more, and not one less, than a second count gives; what is unknown is blank, not 0."""
    rows = rows_of(example.folder / WORKBOOK, "Customers")
    names = {"lifecycle": "Lifecycle", "level": "Level", "status": "Status", "industry": "Industry"}
    known = {
        str(row["Customer name"]): {
            key: str(row[name] or cdnow_figures.BLANK)
            for key, name in {**names, "source": "Source", "region": "Region"}.items()
        }
        for row in rows
    }
    states = {
        _money(row["Total"]) == 0: str(row["Payment state"]) for row in rows_of(example.folder / WORKBOOK, "Orders")
    }
    (made,) = {f"{row['Created at']:%Y-%m}" for row in rows}
    expected = {
        **cdnow_figures.retention(purchases),
        **cdnow_figures.value(purchases, known),
        **cdnow_figures.orders(purchases, states),
        **cdnow_figures.customers(list(known.values()), made),
    }
    told = {key: value for key, value in example.told.items() if key.split(".")[0] in OF_CUSTOMERS}
    assert told.keys() == expected.keys()
    assert {key: (value, expected[key]) for key, value in told.items() if value != expected[key]} == {}
    assert told["retention.months.retained.1[1997-01]"] is not None


def test_every_figure_of_data_quality(example: Example) -> None:
    """How complete the columns are, and what must be filled in and is not."""
    required = {
        "Customers": CUSTOMER,
        "Orders": ("Customer", "Ordered on", "Order state"),
        "Order lines": ("Order", "Product or service", "Quantity", "Unit price"),
    }
    expected = quality(
        {tab: Tab(rows_of(example.folder / WORKBOOK, tab), names) for tab, names in required.items()}, {}
    )
    told = {key: value for key, value in example.told.items() if key.startswith("quality.")}
    assert told.keys() == expected.keys()
    assert {key: (value, expected[key]) for key, value in told.items() if value != expected[key]} == {}
    assert expected["quality.row_errors"] == 2 * 2357


def test_every_figure_of_insights(example: Example, purchases: list[Purchase]) -> None:
    """Who buys again, groups, the next months and the worklist, as of the day after the last purchase."""
    created = {row["Customer name"]: _day(row["Created at"]) for row in rows_of(example.folder / WORKBOOK, "Customers")}
    customers = {name: Customer(name, created=created[name]) for name in sorted({name for name, *_ in purchases})}
    for name, day, _, dollars in purchases:
        customers[name].bought.append((day, dollars))
    today = date(1998, 7, 1)
    expected = insights(list(customers.values()), [], today)
    assert [verdict for verdict, _ in expected.trust.values()] == ["too little is known", *["published"] * 3]
    assert len(expected.calls) == 20
    assert differences(insights_of(example.folder, today), expected) == []


def test_no_figure_is_told_that_nothing_counts_again(example: Example) -> None:
    """Nobody followed anything up and there are no deals, so that nothing is told of them but 0 and blank."""
    others = {key: value for key, value in example.told.items() if key.split(".")[0] not in (*OF_CUSTOMERS, "quality")}
    assert {key.split(".")[0] for key in others} <= {"team", "follow_ups"}
    assert {key: value for key, value in others.items() if value} == {}


def _day(cell: object) -> date:
    assert isinstance(cell, datetime)
    return cell.date()


def _money(cell: object) -> Decimal:
    return round(Decimal(str(cell)), 2)
