"""A file that is named and not there is flagged; what nobody can know is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_sheets.app.files import is_missing
from crm_sheets.rules.attachments import attachments
from crm_sheets.rules.files import FileFacts
from crm_sheets.tables import RowKey, TabKey
from tests.rules.tables import book, context

FOLLOW_UPS = """
    follow_ups
    key | attachments
    F-1 | 报价.pdf; 合同/没有.docx
    F-2 |
"""


def test_missing_files_are_named_and_asked_for_again_at_the_same_instant_for_all() -> None:
    of = book(FOLLOW_UPS)
    asked: list[str] = []

    def missing(path: str) -> bool:
        asked.append(path)
        return "没有" in path

    here = replace(context(of), files=FileFacts(missing, timedelta(hours=6)))
    row = of.row(TabKey("follow_ups"), RowKey("F-1"))
    assert row is not None
    outcome = attachments(row, here)
    assert [(issue.code, issue.column, issue.parameters["file"]) for issue in outcome.issues] == [
        ("attachment-missing", "attachments", "合同/没有.docx")
    ]
    assert asked == ["报价.pdf", "合同/没有.docx"]
    assert outcome.wake_at is not None
    assert timedelta(0) < outcome.wake_at - here.now <= timedelta(hours=6)
    blank = of.row(TabKey("follow_ups"), RowKey("F-2"))
    assert blank is not None
    assert attachments(blank, here).wake_at is None


def test_instants_are_shared() -> None:
    facts = FileFacts(holds=timedelta(hours=6))
    one, other = (datetime(2026, 11, 22, hour, 3, tzinfo=UTC) for hour in (1, 5))
    assert facts.until(one) == facts.until(other) == datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "missing"),
    [
        ("报价.pdf", False),
        ("合同\\甲.docx", False),
        ("合同/乙.docx", True),
        ("没有.pdf", True),
        ("https://example.com/没有.pdf", False),
        ("mailto:a@example.com", False),
        ("Z:\\合同\\没有.pdf", False),
        ("\\\\server\\share\\没有.pdf", False),
        ("/etc/没有", False),
        ("../没有.pdf", False),
        ("x" * 5000, True),
        ("a\0b", True),
        (" ", False),
    ],
)
def test_only_paths_below_the_folder_are_looked_up(tmp_path: Path, typed: str, missing: bool) -> None:
    (tmp_path / "合同").mkdir()
    for name in ("报价.pdf", "合同/甲.docx"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert is_missing(typed, tmp_path) is missing
