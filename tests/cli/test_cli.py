"""The command line by itself: every command is there, and what goes wrong ends in a message and the right code."""

import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest
from rich.console import Console

from crm_sheets import reports
from crm_sheets.cli import render
from crm_sheets.cli.jsonable import jsonable
from crm_sheets.language import LOCALES, language

COMMANDS = {
    "init", "demo", "check", "sync", "run", "status", "doctor", "import", "intake", "template", "export", "history",
    "undo", "restore", "explain", "duplicates", "handover", "outbox", "remind", "backup", "summary",
    "access", "approvals", "conflicts", "imports", "inbox", "keys", "lookup", "mailing", "report", "reveal", "robots",
    "views",
}  # fmt: skip
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ISSUE = reports.FoundIssue("required", "error", "customers", "C-7K3Q9", "phone", "【联系电话】请填写", "客户!H2")
CYCLE = reports.CycleReport(
    issues=(ISSUE, *(reports.FoundIssue("x", "info", None, None, None, "[red]hint[/red]") for _ in range(30))),
    changes=(reports.Change("edit", "customers", "C-7K3Q9", "phone", "", "13800000000"),),
    reverted=(reports.Reverted("customers", "C-7K3Q9", "created_at", "x", "2026-11-22", "system"),),
    conflicts=(reports.Conflict("customers", "C-7K3Q9", "note", "one", "other"),),
    duplicates=(reports.FoundDuplicate("customers", "C-1", "C-2", 0.961, ("name",), True),),
    reminders=(reports.PlannedReminder("due", "follow_ups", "F-1", "王伟", NOON),),
    summaries=("funnel",),
    cells=(reports.CellChange("客户!H2", "", "13800000000"),),
    halted="too many rows are gone",
    waiting="held by 王伟",
    written=(Path("crm.xlsx"),),
    views=(
        reports.ViewOutcome("E01", Path("a.xlsx"), True, handled=("made", "carried")),
        reports.ViewOutcome("E02", Path("b.xlsx"), False, error="it is damaged"),
    ),
    seconds=0.5,
)
ENTRY = reports.HistoryEntry(NOON, 3, "revert", "customers", "C-1", None, "a", "b", "王伟")
ITEM = reports.OutboxItem("k", "due", "王伟", "w@example.com", "dead", NOON, 5, "550")
CHANGE = reports.Change("edit", "customers", "C-1", None, "a", "b")
CONFLICT = reports.ConflictLine("CF-1", "待决定", "客户", "C-1", "华为", "备注", "a", "王伟", "b", "李强", NOON, "张伟")
REPORTS: tuple[object, ...] = (
    CYCLE,
    reports.CycleReport(dry_run=True),
    reports.InitReport(
        Path("crm.xlsx"), Path("config.toml"), True, {"客户": 3}, ("tab 字典",), ("客户!合同号",), (ISSUE,)
    ),
    reports.CheckReport((ISSUE,), {"客户": 3}, "broken"),
    reports.StatusReport(
        Path("crm.xlsx"),
        True,
        "pid 7",
        NOON,
        "",
        0.1,
        3,
        "王伟",
        {"客户": "emptied"},
        {"客户": 1},
        {"error": 1},
        {},
        "0.1",
    ),
    reports.ViewsReport(False, ()),
    reports.ViewsReport(True, ()),
    reports.ViewsReport(
        True,
        tuple(
            reports.ViewLine("E01", "王芳", Path("a.xlsx"), {"customers": 3}, NOON, state, "王芳")
            for state in ("fine", "open", "waiting", "trouble", "missing", "leaving")
        ),
    ),
    reports.DoctorReport((reports.Examination("mail", False, "no answer", "start it"),)),
    reports.ImportReport(
        {"a.csv": 3}, {"客户": 1}, {"客户": 1}, (reports.RefusedRow("a.csv", 3, ("blank name",)),), 2, Path("e.xlsx")
    ),
    reports.FileReport(Path("a.zip"), 12_000),
    reports.ExportReport(
        "customers",
        "level == 'VIP'",
        {"name": "客户名称", "tags": "标签"},
        ({"name": "华为", "tags": ("a", "b")},) * 30,
        30,
        50,
    ),
    reports.ExportReport("customers", None, {"name": "客户名称"}, (), 3, 5, Path("a.csv")),
    reports.HistoryReport((ENTRY,)),
    reports.HistoryReport(()),
    reports.RestoreReport(
        (reports.RestoredCell("edit", "customers", "C-1", "note", "a", "b", "王伟", NOON),), (CHANGE,), CYCLE, done=True
    ),
    reports.RestoreReport(()),
    reports.ConflictsReport((CONFLICT,)),
    reports.LaunchReport((reports.Examination("launch_roles", False, "a", "b"),), Path("list.xlsx")),
    reports.LaunchReport((reports.Examination("launch_roles", True, "a"),)),
    reports.ConflictsReport(()),
    reports.DecisionReport(CONFLICT, CYCLE),
    reports.DecisionReport(CONFLICT, CYCLE, dry_run=True),
    reports.UndoReport((CHANGE,), (CHANGE,), CYCLE),
    reports.ExplainReport(
        "customers",
        "C-1",
        "华为",
        (reports.ExplainedCell("phone", "联系电话", "1", "staff", "edit", "granted", ENTRY, (ISSUE,)),),
        (ISSUE,),
        CYCLE.duplicates,
    ),
    reports.DuplicatesReport(CYCLE.duplicates, 2),
    reports.OutboxReport((ITEM,)),
    reports.RemindReport((ITEM,), (ITEM,), (ITEM,)),
    reports.SummaryReport(
        (reports.FigureReport("won", "Won", Decimal("1.5"), "元", "won value", "2026Q4", date(2026, 11, 22)),)
    ),
    reports.IntakeReport(Path("in"), (reports.IntakeFile("a.csv", "taken", Path("done/a.csv")),), ("b.csv",)),
    reports.SampleReport(Path("s.xlsx"), 5, 40, 1, 7, 0.45),
    reports.SignOffReport(Path("s.xlsx"), 5, 40, 4, 1, 0, False, 0.45, (reports.SampleRemark("a", 2, "wrong"),)),
    reports.ImportsReport(
        (reports.PastImport(3, "2026-11-22T08:00", "import", ("a.csv",), 3, 1, 0),),
        (reports.PastSample("2026-11-22T08:00", "import", "s.xlsx", 5, 40, 7, 5, 0),),
    ),
    reports.DemoReport(Path("demo"), {"wrong phone": (3, 3)}, (("first", CYCLE),), ("reminder",), {"crm.xlsx": "book"}),
)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crm_sheets", *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )


def printed(report: object, locale: str) -> str:
    console = Console(width=200, no_color=True, markup=False, record=True)
    with console.capture() as captured:
        for part in render.parts(report, language(locale)):
            console.print(part)
    return captured.get()


def test_every_command_of_the_contract_is_there(tmp_path: Path) -> None:
    listed = run(tmp_path, "--help").stdout
    assert set(re.findall(r"(?m)^  ([a-z]+)  ", listed)) == COMMANDS


def test_a_missing_config_ends_in_a_message_and_code_2(tmp_path: Path) -> None:
    done = run(tmp_path, "sync", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "crm-sheets init" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_mistake_of_the_config_is_printed(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[workbook]\npath = "a.xlsx"\nzonne = "x"\n[mail]\nport = 0\n', encoding="utf-8"
    )
    done = run(tmp_path, "status")
    assert done.returncode == 2
    assert "workbook.zonne" in done.stderr
    assert "mail.port" in done.stderr


@pytest.mark.parametrize("arguments", [("undo",), ("restore",), ("nonsense",), ("demo", "--locale", "fr")])
def test_wrong_use_ends_in_code_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert run(tmp_path, *arguments).returncode == 2


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: type(report).__name__)
def test_every_report_is_shown_without_a_missing_word(report: object, locale: str) -> None:
    text = printed(report, locale)
    assert text.strip()
    assert not re.search(r"\bcli\.[a-z_.]+|\{\w+\}", text)


def test_text_of_the_workbook_is_no_markup() -> None:
    assert "[red]hint[/red]" in printed(CYCLE, "en")


def test_long_tables_say_how_much_is_left_out() -> None:
    assert "… and 11 more" in printed(CYCLE, "en")


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: type(report).__name__)
def test_every_report_is_json(report: object) -> None:
    assert isinstance(jsonable(report), dict)


def test_sync_prints_the_keys_of_the_contract() -> None:
    printed_keys = jsonable(CYCLE)
    assert isinstance(printed_keys, dict)
    contract = {
        "issues", "changes", "reverted", "conflicts", "duplicates", "reminders", "summaries", "halted",
        "written", "seconds",
    }  # fmt: skip
    assert contract <= set(printed_keys)
    first = printed_keys["issues"]
    assert isinstance(first, list)
    assert isinstance(first[0], dict)
    assert {"code", "severity", "tab", "row", "column", "message"} <= set(first[0])


def test_numbers_and_instants_as_json() -> None:
    class Word(Enum):
        ONE = "one"

    @dataclass(frozen=True)
    class Sample:
        word: Word
        whole: Decimal
        part: Decimal
        at: datetime

    assert jsonable(Sample(Word.ONE, Decimal("12.00"), Decimal("0.25"), NOON)) == {
        "word": "one",
        "whole": 12,
        "part": 0.25,
        "at": "2026-11-22T12:00:00+00:00",
    }
    with pytest.raises(TypeError):
        jsonable(object())


NOT_ON_THE_CONSOLE = {"FigureReport", "KeyReport", "SealingReport"}
"""A part of another; what `keys` puts into words itself."""


def test_every_report_is_shown_somehow() -> None:
    unknown = render.parts.dispatch(object)
    found = {name for name in reports.__all__ if name.endswith("Report")} - NOT_ON_THE_CONSOLE
    assert not [name for name in found if render.parts.dispatch(getattr(reports, name)) is unknown]


@pytest.mark.parametrize("locale", LOCALES)
def test_robots_in_words(locale: str) -> None:
    words = language(locale)
    robot = reports.RobotState("群", "wecom", 1, 2, 3, "93000 invalid webhook url")
    for report in (reports.RobotsReport(()), reports.RobotsReport((robot,)), reports.RobotTestReport("群", "ok")):
        console = Console(width=200)
        with console.capture() as captured:
            for part in render.parts(report, words):
                console.print(part)
        assert captured.get().strip()
        assert not re.search(r"(?:robots|cli)\.[a-z]", captured.get())


@pytest.mark.parametrize("locale", LOCALES)
def test_figures_of_groups_are_told_apart(locale: str) -> None:
    """They are counted alike: without what they are called nobody could say which stage a number is of."""
    at = date(2026, 11, 22)
    figures = (
        reports.FigureReport(f"n[{g}]", f"{g} · Deals", 1, "count", "Counted.", "all", at) for g in ("Won", "Lost")
    )
    console = Console(width=200)
    with console.capture() as captured:
        for part in render.parts(reports.SummaryReport(tuple(figures)), language(locale)):
            console.print(part)
    assert [name in captured.get() for name in ("Won · Deals", "Lost · Deals")] == [True, True]
    assert not re.search(r"cli\.[a-z]", captured.get())
