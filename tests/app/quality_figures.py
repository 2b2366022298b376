"""The figures of data quality worked out a second time, cell by cell, from the rows that the workbook shows."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.app.cdnow_figures import BLANK, Told, quotient

Row = Mapping[str, object]
REQUIRED = "This must be filled in."
REQUIRED_WHEN = 'This must be filled in, since "…" is "…".'

MATTER = {
    "Customers": "Customer name|Customer type|Industry|Contact|Phone|E-mail|Region|Source|Status|Level|Owner",
    "Opportunities": "Customer|Stage|Amount|Close date|Source|Owner",
    "Orders": "Customer|Ordered on|Order state|Owner",
    "Order lines": "Order|Product or service|Quantity|Unit price|Cost",
    "Services": "Customer|Opened|Type|Priority|Owner",
}
"""What of each tab is counted as complete or not."""

CUSTOMER = ("Customer name", "Customer type", "Industry", "Contact", "Phone")
"""What a customer must have."""


@dataclass
class Count:
    """What is known of some rows."""

    rows: int = 0
    wanted: int = 0
    filled: int = 0
    errors: int = 0
    clean: int = 0
    customers: int = 0

    def add(self, label: str, wanted: int, filled: int, errors: int) -> None:
        """One row more, of the tab of that label."""
        self.customers += label == "Customers"
        self.rows, self.wanted, self.filled = self.rows + 1, self.wanted + wanted, self.filled + filled
        self.errors, self.clean = self.errors + errors, self.clean + (not errors)

    def told(self, block: str, name: str) -> Told:
        """Its six figures; nothing in the samples is only a warning, or resembles another row.

        Doubles are looked for among customers only: without any, how many there are is not known.
        """
        numbers = {
            "quality_rows": self.rows,
            "completeness": quotient(self.filled, self.wanted),
            "row_errors": self.errors,
            "row_warnings": 0,
            "rows_clean": quotient(self.clean, self.rows),
            "suspected_doubles": 0 if self.customers else None,
        }
        return {f"{block}{key}{name}": number for key, number in numbers.items()}


@dataclass
class Tab:
    """Rows of a tab.

    Attributes:
        required: the columns that must be filled in.
        of_others: how many cells must be filled in because of what another cell of the row says, and are not.
    """

    rows: Sequence[Row]
    required: Sequence[str]
    of_others: Callable[[Row], int] = field(default=lambda _: 0)


def quality(tabs: Mapping[str, Tab], staff: Mapping[str, tuple[str, str]]) -> Told:
    """Every figure of the tab.

    Args:
        tabs: by label; each row counts for its owner, if it has one.
        staff: group and department of each person.
    """
    told: Told = {}
    counts: dict[tuple[str, str], Count] = {}
    codes = Counter[str]()
    whole = Count()
    for label, tab in tabs.items():
        columns = MATTER[label].split("|")
        for name in columns:
            filled = sum(there(row, name) for row in tab.rows)
            keys = f"by_column.cells_wanted[{label} · {name}]", f"by_column.cells_filled[{label} · {name}]"
            told |= dict(zip(keys, (len(tab.rows), filled), strict=True))
            told[f"by_column.completeness[{label} · {name}]"] = quotient(filled, len(tab.rows))
        for row in tab.rows:
            blank, other = sum(not there(row, name) for name in tab.required), tab.of_others(row)
            codes += Counter({REQUIRED: blank, REQUIRED_WHEN: other})
            person = str(row.get("Owner") or BLANK)
            group, department = staff.get(person, (BLANK, BLANK))
            places = {"tab": label, "person": person, "group": group, "department": department}
            numbers = label, len(columns), sum(there(row, name) for name in columns), blank + other
            for place in places.items():
                counts.setdefault(place, Count()).add(*numbers)
            whole.add(*numbers)
    told |= whole.told("", "")
    for (unit, name), count in counts.items():
        told |= count.told(f"by_{unit}.", f"[{name}]")
    for text, number in codes.items():
        told |= {f"by_code.findings[{text}]": number, f"by_code.share[{text}]": quotient(number, codes.total())}
    return {f"quality.{key}": value for key, value in told.items()}


def there(row: Row, column: str) -> bool:
    """Whether something is in a cell."""
    return row[column] not in (None, "")
