"""How the CDNOW example takes its lines apart."""

import runpy
from collections.abc import Callable
from decimal import Decimal

from tests.app.examples import ROOT

LINES = [" 00004 0001 19970101  3   29.33\n", " 00004 0001 19970101  1    0.00\n", " 00021 0002 19970102  2   10.01\n"]


def test_orders_of_one_day_have_names_of_their_own_and_prices_lose_nothing() -> None:
    tables: Callable[[list[str]], dict[str, list[tuple[str, ...]]]]
    tables = runpy.run_path(str(ROOT / "examples" / "cdnow" / "convert.py"))["tables"]
    made = tables(LINES)
    assert made["customers.csv"][1:] == [("Customer 0001",), ("Customer 0002",)]
    assert [row[0] for row in made["orders.csv"][1:]] == ["0001-19970101", "0001-19970101-2", "0002-19970102"]
    amounts = [round(int(units) * Decimal(price), 2) for _, units, price in made["order_lines.csv"][1:]]
    assert amounts == [Decimal("29.33"), Decimal("0.00"), Decimal("10.01")]
