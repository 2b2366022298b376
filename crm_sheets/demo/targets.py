"""The made-up team's targets: of the company, the sales department, its groups and people, all of which add up."""

from collections.abc import Iterator, Mapping
from datetime import date

from crm_sheets.cells import CellValue
from crm_sheets.language import Language
from crm_sheets.schema.periods import Period

Rows = list[dict[str, CellValue]]
Grouped = Mapping[str, tuple[str, ...]]
"""Groups with the names of those people in them who have targets."""

MONTHLY = 60_000
CONTACTS = 25
"""Of one person in a month: amount of won deals, follow-ups."""


def target_rows(today: date, department: str, groups: Grouped, language: Language) -> Rows:
    """The 销售目标 tab: won deals by month, quarter and year, payments of the company, follow-ups of the groups."""
    quarter = Period(today.year, quarter=(today.month + 2) // 3)
    months = [Period(today.year, month=month) for month in quarter.month_numbers]
    rows: Rows = []

    def row(period: Period, scope: str, measure: str, value: int) -> None:
        said = language.text(f"value.target_measure.{measure}")
        rows.append({"period": period.text, "scope": scope, "measure": said, "value": value})

    company = language.text("rules.company").split("|")[0]
    everybody = sum(map(len, groups.values()))
    for scope, people in _scopes(company, department, groups, everybody):
        for month in months:
            row(month, scope, "won_amount", MONTHLY * people)
        row(quarter, scope, "won_amount", MONTHLY * people * len(months))
    for other in (Period(today.year, quarter=number) for number in range(1, 5)):
        if other != quarter:
            row(other, company, "won_amount", MONTHLY * everybody * 3)
    row(Period(today.year), company, "won_amount", MONTHLY * everybody * 12)
    row(quarter, company, "paid_amount", MONTHLY * everybody * 2)
    row(Period(today.year, month=today.month), company, "new_customers", 30)
    for group, names in groups.items():
        row(Period(today.year, month=today.month), group, "follow_ups", CONTACTS * len(names))
    return rows


def _scopes(company: str, department: str, groups: Grouped, everybody: int) -> Iterator[tuple[str, int]]:
    yield company, everybody
    yield department, everybody
    for group, names in groups.items():
        yield group, len(names)
        yield from ((name, 1) for name in names)
