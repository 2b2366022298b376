"""What is kept of a day, and who is told of it."""

from datetime import date

from crm_sheets.pipeline import changed
from crm_sheets.seen import SeenBook
from crm_sheets.snapshots import PipelineChange, PipelineLine
from crm_sheets.tables import RowKey
from tests.core.test_disclosure import drafted
from tests.core.test_seen import Hidden
from tests.rules.tables import ALL_TABS, book

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
