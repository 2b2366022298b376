"""The help desk's tickets as services: totals agree with a count of the event log in another way."""

import csv
import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from statistics import fmean

import holidays
import pytest

from tests.app import cdnow_figures
from tests.app.examples import SHARED, Example, rows_of, run_example
from tests.app.helpdesk_figures import ROME, Ticket, due, services
from tests.app.insight_figures import Customer, insights
from tests.app.insights_told import differences, insights_of
from tests.app.quality_figures import CUSTOMER, Tab, quality

DATA = SHARED / "helpdesk"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the help desk's log is not on this machine"),
    pytest.mark.skipif(shutil.which("sh") is None, reason="run.sh needs a shell"),
]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return run_example("helpdesk", DATA, tmp_path_factory.mktemp("helpdesk"))


@pytest.fixture(scope="module")
def tickets() -> Mapping[str, Ticket]:
    found: dict[str, Ticket] = defaultdict(list)
    with (DATA / "helpdesk.csv").open(encoding="utf-8-sig", newline="") as readable:
        for row in csv.DictReader(readable):
            found[row["CaseID"]].append(datetime.fromisoformat(row["CompleteTimestamp"]))
    return {ticket: sorted(times) for ticket, times in found.items()}


def test_every_ticket_is_a_service(example: Example, tickets: Mapping[str, Ticket]) -> None:
    assert example.figures["services.services"] == example.figures["services.services_solved"] == len(tickets) == 3804
    assert example.figures["services.services_open"] == 0
    rows = rows_of(example.folder / "helpdesk.xlsx", "Services")
    told = {str(row["Problem"]): row for row in rows if row["Problem"]}
    assert told.keys() == {f"Ticket {ticket}" for ticket in tickets}
    for ticket, times in tickets.items():
        row = told[f"Ticket {ticket}"]
        assert (row["Opened"], row["Solved"]) == (times[0], times[-1])


def test_opened_and_solved_by_month(example: Example, tickets: Mapping[str, Ticket]) -> None:
    opened = Counter(f"{times[0]:%Y-%m}" for times in tickets.values())
    solved = Counter(f"{times[-1]:%Y-%m}" for times in tickets.values())
    for key, counted in (("services", opened), ("services_solved", solved)):
        figures = {month: example.figures[f"services.months.{key}[{month}]"] for month in counted}
        assert figures == counted
    instants = [[time.replace(tzinfo=ROME).timestamp() for time in times] for times in tickets.values()]
    days = fmean(times[-1] - times[0] for times in instants) / 86_400
    assert float(example.figures["services.solving_days"]) == pytest.approx(days, abs=0.006)


def test_met_and_missed(example: Example, tickets: Mapping[str, Ticket]) -> None:
    """An answer within 4, a solution within 24 hours, from 9 to 18 o'clock on Italian working days."""
    free = holidays.country_holidays("IT", years=range(2010, 2014))
    met = 0
    for times in tickets.values():
        answered = times[1] if len(times) > 1 else times[0]
        met += answered <= due(times[0], 4, free) and times[-1] <= due(times[0], 24, free)
    assert 0 < met < len(tickets)
    assert example.figures["services.sla_rate"] == round(Decimal(met) / len(tickets), 4)


def test_every_figure_of_services(example: Example, tickets: Mapping[str, Ticket]) -> None:
    """Not one more, and not one less, than a second count gives."""
    expected = services(tickets, holidays.country_holidays("IT", years=range(2010, 2014)))
    told = {key: value for key, value in example.told.items() if key.startswith("services.")}
    assert told.keys() == expected.keys()
    assert {key: (value, expected[key]) for key, value in told.items() if value != expected[key]} == {}


def test_every_figure_of_data_quality(example: Example) -> None:
    """How complete the columns are, and what must be filled in and is not."""
    required = {"Customers": CUSTOMER, "Services": ("Customer", "Opened", "Problem", "State")}
    book = example.folder / "helpdesk.xlsx"
    expected = quality({tab: Tab(rows_of(book, tab), names) for tab, names in required.items()}, {})
    told = {key: value for key, value in example.told.items() if key.startswith("quality.")}
    assert told.keys() == expected.keys()
    assert {key: (value, expected[key]) for key, value in told.items() if value != expected[key]} == {}
    assert expected["quality.row_errors"] == 3


def test_the_one_customer_and_nothing_else(example: Example) -> None:
    """All tickets are of one customer that bought nothing; whatever else is told is 0 or blank."""
    (row,) = rows_of(example.folder / "helpdesk.xlsx", "Customers")
    names = ("status", "level", "industry", "source", "region", "lifecycle")
    labels = {name: str(row[name.capitalize()] or cdnow_figures.BLANK) for name in names}
    expected = cdnow_figures.customers([labels], f"{row['Created at']:%Y-%m}")
    others = {key: value for key, value in example.told.items() if key.split(".")[0] not in ("services", "quality")}
    assert {key: value for key, value in others.items() if key.startswith("customers.")} == expected
    of = {
        "lifecycle": labels["lifecycle"],
        "level": labels["level"],
        **dict.fromkeys(("person", "group", "department")),
    }
    counted = {f"value.by_{by}.customers[{name or cdnow_figures.BLANK}]": 1 for by, name in of.items()}
    assert {key: value for key, value in others.items() if value and not key.startswith("customers.")} == counted
    today = date(2012, 12, 31)
    assert (
        differences(insights_of(example.folder, today), insights([Customer(str(row["Customer name"]))], [], today))
        == []
    )
