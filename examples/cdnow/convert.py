"""Turns the CDNOW sample into customers, orders and their lines: python convert.py CDNOW_sample.txt FOLDER.

Each line of the sample is an order: number of the customer among all customers, number in the sample, day (yyyymmdd),
CDs bought, dollars paid.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

Rows = list[tuple[str, ...]]


def tables(lines: Iterable[str]) -> dict[str, Rows]:
    """The three files, header first. An order is called customer-day, and customer-day-2 for the second of a day."""
    customers: dict[str, None] = {}
    orders: Rows = [("order", "customer", "day")]
    details: Rows = [("order", "units", "price")]
    seen: Counter[str] = Counter()
    for line in lines:
        _, customer, day, units, dollars = line.split()
        name = f"{customer}-{day}"
        seen[name] += 1
        order = name if seen[name] == 1 else f"{name}-{seen[name]}"
        customers[customer] = None
        orders.append((order, f"Customer {customer}", day))
        price = (Decimal(dollars) / int(units)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
        details.append((order, units, str(price)))
    names: Rows = [("customer",), *((f"Customer {number}",) for number in customers)]
    return {"customers.csv": names, "orders.csv": orders, "order_lines.csv": details}


def write(folder: Path, name: str, rows: Sequence[Sequence[str]]) -> None:
    """Writes one file."""
    with (folder / name).open("w", encoding="utf-8", newline="") as writable:
        csv.writer(writable).writerows(rows)


def main(source: Path, folder: Path) -> None:
    """Reads the sample and writes the three files."""
    with source.open(encoding="ascii") as readable:
        made = tables(line for line in readable if line.strip())
    for name, rows in made.items():
        write(folder, name, rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
