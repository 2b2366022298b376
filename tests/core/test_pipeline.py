"""What is kept of a day, and who is told of it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm_sheets.changes import Value
from crm_sheets.pipeline import changed, line_of, todays_pipeline
from crm_sheets.rules.naming import OPPORTUNITIES
from crm_sheets.seen import SeenBook
from crm_sheets.snapshots import PipelineChange, PipelineLine
from crm_sheets.state import Commit
from crm_sheets.sync.store.commit import commit
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import SHARED, ColumnKey, RowKey
from tests.core.test_disclosure import drafted, empty
from tests.core.test_seen import Hidden
from tests.rules.tables import ALL_TABS, TextBook, book, clock, context

FIRST, SECOND = date(2026, 11, 20), date(2026, 11, 21)
ONE, OTHER, GONE = map(RowKey, ("O-1", "O-2", "O-9"))
BOOK = """
opportunities
key | name | stage | amount | owner
O-1 | 机房 | 方案提交 | 100 | 张伟
O-2 | 维保 | 方案提交 | 50 | 李娜
"""


def line(deal: RowKey, day: date = FIRST, stage: str = "谈判") -> PipelineLine:
    return PipelineLine(deal, day, None, stage, 100, 50, date(2026, 12, 1), "")


def test_only_what_changed_is_kept_anew() -> None:
    change = changed(
        SECOND, [line(ONE), line(OTHER)], [line(ONE, SECOND), line(OTHER, SECOND, "赢面大"), line(GONE, SECOND)]
    )
    assert change.ended == {OTHER}
    assert [(each.deal, each.stage) for each in change.begun] == [(OTHER, "赢面大"), (GONE, "谈判")]


def test_a_deal_that_is_no_more_ends_its_line_and_one_that_stands_keeps_it() -> None:
    change = changed(SECOND, [line(ONE), line(GONE)], [line(ONE, SECOND)])
    assert change == PipelineChange(SECOND, frozenset({GONE}), ())


def test_each_day_is_kept_once_with_the_deals_that_are_open() -> None:
    draft = drafted(
        book(BOOK + "O-3 | 扩容 | 赢单 | 9 |\nO-4 | 改造 | 输单 | 9 |\nO-5 | 新建 | | 9 |\nO-6 | 新 | 谈判 | 9 |")
    )
    draft.provisional.add((OPPORTUNITIES, RowKey("O-6")))  # not a record yet
    state = SqlState("sqlite://", list(ALL_TABS.values()))
    around = context(TextBook([]), clock("2026-11-21 00:00"))
    change = todays_pipeline(draft, state, around)
    assert change is not None
    assert (change.day, [each.deal for each in change.begun]) == (SECOND, [ONE, OTHER])
    commit(state, Commit(1, datetime(2026, 11, 21, tzinfo=UTC), SHARED, 0, None, {}, pipeline=change))
    assert todays_pipeline(draft, state, context(TextBook([]), clock("2026-11-21 23:59"))) is None
    late = todays_pipeline(draft, state, context(TextBook([]), clock("2026-11-22 00:00")))
    assert late == PipelineChange(date(2026, 11, 22), frozenset(), ()), "a day on which nothing changed is a day"
    assert todays_pipeline(draft, state, context(TextBook([]), clock("2026-11-20 10:00"))) is None, (
        "clocks that go back"
    )
    without = replace(around, tabs={key: of for key, of in ALL_TABS.items() if key != OPPORTUNITIES})
    assert todays_pipeline(draft, empty(), without) is None


@pytest.mark.parametrize(
    ("amount", "hundredths"),
    [(Decimal("12.345"), 1235), (Decimal("-0.005"), -1), (7, 700), (None, 0), (True, 0), ("7", 0)],
)
def test_a_line_has_what_a_deal_says(amount: Value, hundredths: int) -> None:
    values: dict[str, Value] = {"amount": amount, "weighted": Decimal("0.5"), "close_date": FIRST, "stage": "谈判"}
    found = line_of(ONE, SECOND, {ColumnKey(name): value for name, value in (values | {"owner": "张伟"}).items()})
    assert found == PipelineLine(ONE, SECOND, None, "谈判", hundredths, 50, FIRST, "张伟")
    assert line_of(ONE, SECOND, {}) == PipelineLine(ONE, SECOND, None, "", 0, 0, None, "")


def told(*hidden: str, owner: str = "") -> list[str]:
    draft = drafted(book(BOOK))
    draft.pipeline_change = PipelineChange(FIRST, frozenset(), (line(ONE), line(OTHER), line(GONE)))
    seen = SeenBook(draft, Hidden(hidden, owner), ALL_TABS)
    return [each.deal for each in seen.history().lines]


def test_a_reader_is_told_of_deals_that_are_there_and_theirs_to_read() -> None:
    assert told() == ["O-1", "O-2"]
    assert told(owner="李娜") == ["O-1"]
    assert told("opportunities.amount") == []
    assert told("opportunities.note") == ["O-1", "O-2"]
