"""The rules find each planted mistake, and find no other one in the made-up team's workbook."""

from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.changes import Severity
from crm_sheets.demo import DemoBook, generate
from crm_sheets.language import LOCALES, language
from crm_sheets.rules import DEFAULT_RULES
from crm_sheets.rules.base import Context
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema import tab
from crm_sheets.schema.base import Row
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.schema.validation import validate_rows
from crm_sheets.tables import RowKey, TabKey
from tests.rules.tables import ALL_TABS, TextBook

NOW = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


class Found(NamedTuple):
    tab: TabKey
    row: int
    column: str | None
    code: str
    severity: Severity


def findings(book: DemoBook, locale: str) -> list[Found]:
    """What codecs, records and rules say about the book as it stands."""
    words = language(locale)
    found: list[Found] = []
    rows: list[Row] = []
    for key, drafts in book.tabs.items():
        columns = tab(key).columns
        cells = [tuple(draft.get(column) for column in columns) for draft in drafts]
        for place, validated in enumerate(validate_rows(tab(key), cells, CodecContext(zone=ZONE, language=words))):
            record = tab(key).record.model_validate(dict(validated.values))
            rows.append(Row(RowKey(f"{key}-{place:04d}"), record, frozenset(validated.flaws)))
            found += [Found(key, place, column, why.code, Severity.ERROR) for column, why in validated.flaws.items()]
    context = Context(
        NOW,
        NOW.astimezone(ZONE).date(),
        ZONE,
        TextBook(rows),
        default_dictionaries(words),
        words,
        ALL_TABS,
        calendar=WorkCalendar(ZONE),
    )
    rules = {each.tab: each.rules for each in DEFAULT_RULES}
    for row in rows:
        for rule in rules[row.tab]:
            for issue in rule(row, context).issues:
                found.append(Found(row.tab, int(row.key[-4:]), issue.column, issue.code, issue.severity))
    return found


@pytest.fixture(scope="module", params=LOCALES)
def told(request: pytest.FixtureRequest) -> tuple[DemoBook, list[Found]]:
    book = generate(1, NOW, ZONE, request.param)
    return book, findings(book, request.param)


def test_every_planted_mistake_is_found(told: tuple[DemoBook, list[Found]]) -> None:
    book, found = told
    codes = {(each.tab, each.row, each.column, each.code) for each in found}
    missed = [
        fault
        for fault in book.planted
        if not any(
            (tab_key, row, column) == (fault.tab, fault.row, fault.column) and code.startswith(fault.code.rstrip("*"))
            for tab_key, row, column, code in codes
        )
    ]
    assert missed == []


def test_no_other_error_is_found(told: tuple[DemoBook, list[Found]]) -> None:
    book, found = told
    planted = {(fault.tab, fault.row) for fault in book.planted}
    others = [each for each in found if each.severity is Severity.ERROR and (each.tab, each.row) not in planted]
    assert Counter((each.tab, each.column, each.code) for each in others) == Counter()
