"""Reports as tables and sentences for people. Every word comes from the catalogue `cli`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import singledispatch
from typing import TypeAlias

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from crm_sheets import reports
from crm_sheets.language import Language
from crm_sheets.schema.labels import column_label
from crm_sheets.tables import ColumnKey, TabKey

Parts: TypeAlias = list[RenderableType]

SHOWN = 20
"""Rows of a table before the rest is only counted."""

SHOWN_COLUMNS = 8
"""Columns of exported rows on a terminal; a file and JSON have all of them."""

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


@singledispatch
def parts(report: object, words: Language) -> Parts:
    """What the console prints for a report, from top to bottom."""
    raise TypeError(f"nobody said how to show a {type(report).__name__}")


@parts.register
def _(report: reports.CycleReport, words: Language) -> Parts:
    shown = _cycle_heads(report, words)
    shown += _table(
        words,
        "cells",
        ("cell", "old", "new"),
        ((each.cell, each.old, each.new) for each in report.cells),
        report.dry_run,
    )
    shown += _reverted(report.reverted, words)
    shown += _table(
        words,
        "conflicts",
        ("row", "column", "kept", "put_away"),
        ((each.row, _column(each.tab, each.column, words), each.kept, each.put_away) for each in report.conflicts),
    )
    shown += _issues(report.issues, words)
    shown += _duplicates(report.duplicates, words)
    return shown


def _cycle_heads(report: reports.CycleReport, words: Language) -> Parts:
    shown: Parts = []
    if report.halted is not None:
        shown.append(Text(words.text("cli.halted", reason=report.halted), style="bold red"))
    if report.waiting is not None:
        shown.append(Text(words.text("cli.waiting", reason=report.waiting), style="yellow"))
    key = "cli.cycle.dry" if report.dry_run else "cli.cycle.written" if report.written else "cli.cycle.nothing"
    files = ", ".join(path.name for path in report.written)
    shown.append(Text(words.text(key, files=files, seconds=f"{report.seconds:.2f}", cells=len(report.cells))))
    counts = {
        "changes": len(report.changes),
        "reverted": len(report.reverted),
        "conflicts": len(report.conflicts),
        "issues": len(report.issues),
        "duplicates": len(report.duplicates),
        "reminders": len(report.reminders),
        "summaries": len(report.summaries),
    }
    shown.append(Text(_counted(counts, words)))
    return shown


@parts.register
def _(report: reports.InitReport, words: Language) -> Parts:
    key = "cli.init.adopted" if report.adopted else "cli.init.made"
    shown: Parts = [Text(words.text(key, workbook=report.workbook, config=report.config))]
    shown += _table(words, "tabs", ("tab", "rows"), report.tabs.items())
    shown += _list(words, "added", report.added)
    shown += _list(words, "own_columns", report.unknown)
    return shown + _issues(report.issues, words)


@parts.register
def _(report: reports.CheckReport, words: Language) -> Parts:
    rows = sum(report.rows.values())
    errors = sum(issue.severity == "error" for issue in report.issues)
    shown: Parts = []
    if report.halted is not None:
        shown.append(Text(words.text("cli.halted", reason=report.halted), style="bold red"))
    shown.append(Text(words.text("cli.check", rows=rows, errors=errors, others=len(report.issues) - errors)))
    return shown + _issues(report.issues, words)


@parts.register
def _(report: reports.StatusReport, words: Language) -> Parts:
    facts = {
        "workbook": report.workbook,
        "daemon": report.daemon if report.running else words.text("cli.status.stopped"),
        "last_success": _moment(report.last_success),
        "last_error": report.last_error,
        "cycle_seconds": "" if report.cycle_seconds is None else f"{report.cycle_seconds:.2f}",
        "generation": report.generation,
        "holder": report.holder,
        "rows": _pairs({_tab(tab, words): count for tab, count in report.rows.items()}),
        "issues": _pairs({_word(words, "cli.severity.", name): count for name, count in report.issues.items()}),
        "outbox": _pairs({_word(words, "cli.state.", name): count for name, count in report.outbox.items()}),
        "version": report.version,
    }
    named = [(words.text(f"cli.status.{name}"), value) for name, value in facts.items() if value not in (None, "")]
    return [
        *_table(words, "status", ("what", "value"), named),
        *_table(words, "held", ("tab", "reason"), report.held.items()),
    ]


@parts.register
def _(report: reports.DoctorReport, words: Language) -> Parts:
    rows = (
        (
            Text("✓", "green") if each.passed else Text("✗", "bold red"),
            words.text(f"doctor.{each.name}"),
            each.found,
            each.remedy,
        )
        for each in report.examinations
    )
    return _table(words, "doctor", ("passed", "what", "found", "remedy"), rows, everything=True)


@parts.register
def _(report: reports.ImportReport, words: Language) -> Parts:
    key = "cli.import.dry" if report.dry_run else "cli.import.done"
    shown: Parts = [
        Text(
            words.text(
                key,
                read=sum(report.read.values()),
                imported=sum(report.imported.values()),
                refused=len(report.refused),
                flagged=report.flagged,
            )
        )
    ]
    for name in ("imported", "updated", "unchanged", "taken_before", "merged", "skipped"):
        shown += _table(words, name, ("tab", "rows"), _by_tab(getattr(report, name), words))
    shown += _table(words, "refused", ("file", "line", "column", "reason", "rule"), _refused(report.refused))
    if report.run is not None:
        shown.append(Text(words.text("cli.import.undo", run=report.run)))
    if report.error_workbook is not None:
        shown.append(Text(words.text("cli.import.errors", file=report.error_workbook)))
    return shown


def _refused(rows: Iterable[reports.RefusedRow]) -> Iterable[Sequence[object]]:
    """One line for each fault."""
    return ((row.source, row.line, each.header, each.message, each.rule) for row in rows for each in row.faults)


@parts.register
def _(report: reports.SampleReport, words: Language) -> Parts:
    said = words.text(
        "cli.sample",
        file=report.path,
        size=report.size,
        population=report.population,
        refused=report.refused,
        share=f"{report.bound:.1%}",
    )
    return [Text(said)]


@parts.register
def _(report: reports.SignOffReport, words: Language) -> Parts:
    key = "cli.signed.complete" if report.complete else "cli.signed.open"
    said = words.text(
        key,
        size=report.size,
        agreed=report.agreed,
        disagreed=report.disagreed,
        unanswered=report.unanswered,
        share=f"{report.bound:.1%}",
    )
    rows = ((each.source, each.line, each.remark) for each in report.remarks)
    return [Text(said), *_table(words, "disagreed", ("file", "line", "reason"), rows)]


@parts.register
def _(report: reports.ImportsReport, words: Language) -> Parts:
    runs = (
        (each.run, each.at[:16], each.author, ", ".join(each.sources), each.made, each.updated, each.refused)
        for each in report.imports
    )
    samples = (
        (each.at[:16], each.author, each.file, f"{each.size}/{each.population}", each.agreed, each.disagreed)
        for each in report.samples
    )
    shown = _table(words, "imports", ("run", "at", "author", "file", "made", "updated", "refused"), runs, True)
    shown += _table(words, "samples", ("at", "author", "file", "size", "agreed", "disagreed"), samples, True)
    return shown or [Text(words.text("cli.none"))]


@parts.register
def _(report: reports.IntakeReport, words: Language) -> Parts:
    taken = sum(sum(file.report.imported.values()) for file in report.files if file.report)
    shown: Parts = [Text(words.text("cli.intake", files=len(report.files), rows=taken, waiting=len(report.waiting)))]
    shown += _table(
        words,
        "intake",
        ("file", "outcome", "moved", "reason"),
        (
            (file.file, words.text(f"cli.intake.{file.outcome}"), file.moved or "", file.reason or (file.errors or ""))
            for file in report.files
        ),
    )
    return shown


@parts.register
def _(report: reports.FileReport, words: Language) -> Parts:
    return [Text(words.text("cli.file", file=report.path, kilobytes=f"{report.size / 1000:,.0f}"))]


@parts.register
def _(report: reports.HistoryReport, words: Language) -> Parts:
    rows = (
        (
            _moment(e.at),
            e.run,
            words.text(f"cli.kind.{e.kind}"),
            e.row,
            _column(e.tab, e.column, words),
            e.old,
            e.new,
            e.author,
        )
        for e in report.entries
    )
    header = ("at", "run", "kind", "row", "column", "old", "new", "author")
    return _table(words, "history", header, rows, everything=True) or [Text(words.text("cli.none"))]


@parts.register
def _(report: reports.UndoReport, words: Language) -> Parts:
    header = ("row", "column", "old", "new")
    said, title = ("cli.undo.dry", "undone_dry") if report.dry_run else ("cli.undo", "undone")
    shown: Parts = [Text(words.text(said, undone=len(report.undone), kept=len(report.kept)))]
    shown += _table(
        words, title, header, ((c.row, _column(c.tab, c.column, words), c.old, c.new) for c in report.undone)
    )
    shown += _table(
        words, "kept", header, ((c.row, _column(c.tab, c.column, words), c.old, c.new) for c in report.kept)
    )
    return shown + (parts(report.cycle, words) if report.cycle is not None else [])


@parts.register
def _(report: reports.MergeReport, words: Language) -> Parts:
    action = "unmerge" if report.taken_back else "merge"
    done = "would" if report.cycle.dry_run else "done"
    said = words.text(
        f"cli.{action}.{done}",
        keep=report.keep,
        other=report.other,
        cells=len(report.cells),
        moved=len(report.references),
    )
    shown: Parts = [Text(said)]
    if report.kept:
        shown.append(Text(words.text("cli.merge.kept", count=report.kept)))
    cells = (
        (_column("customers", c.column, words), c.keep, c.other, c.result, words.text(f"cli.take.{c.rule}"))
        for c in report.cells
    )
    shown += _table(words, "merged_cells", ("column", "mine", "theirs", "result", "take"), cells)
    moved = ((r.row, _column(r.tab, r.column, words), r.old, r.new) for r in report.references)
    return shown + _table(words, "moved_references", ("row", "column", "old", "new"), moved)


@parts.register
def _(report: reports.HandoverReport, words: Language) -> Parts:
    key = "cli.handover.none" if not report.rows else "cli.handover.would" if report.dry_run else "cli.handover.done"
    shown: Parts = [Text(words.text(key, giver=report.giver, taker=report.taker, count=len(report.rows)))]
    if report.kept:
        counts = _pairs({_tab(tab, words): count for tab, count in report.kept.items()})
        shown.append(Text(words.text("cli.handover.kept", counts=counts, giver=report.giver)))
    rows = ((_tab(each.tab, words), each.row, each.title) for each in report.rows)
    return shown + _table(words, "handed_over", ("tab", "row", "title"), rows)


@parts.register
def _(report: reports.ExplainReport, words: Language) -> Parts:
    rows = (
        (
            cell.label,
            cell.value,
            _word(words, "source.", cell.source),
            _word(words, "level.", cell.level),
            cell.reason,
            "\n".join(each.message for each in cell.why),
        )
        for cell in report.cells
    )
    shown: Parts = [Text(f"{report.row}  {report.title}", style="bold")]
    shown += _table(words, "explain", ("column", "value", "source", "level", "reason", "found"), rows, everything=True)
    return [*shown, *_issues(report.issues, words), *_duplicates(report.duplicates, words)]


@parts.register
def _(report: reports.ExplainedPair, words: Language) -> Parts:
    met = [("key", kind, size) for kind, size in report.met.items()]
    rows = [*met, *((what, found, f"{weight:+.1f}") for what, found, weight in report.reasons)]
    rows.append(("score", "certain" if report.certain else "possible" if report.compared else "-", report.score))
    return _table(words, "duplicates", ("what", "found", "value"), rows, everything=True)


@parts.register
def _(report: reports.DuplicatesReport, words: Language) -> Parts:
    head = Text(words.text("cli.duplicates", pairs=len(report.pairs), dismissed=report.dismissed))
    return [head, *_duplicates(report.pairs, words, everything=True)]


@parts.register
def _(report: reports.OutboxReport, words: Language) -> Parts:
    return _outbox(report.items, "outbox", words) or [Text(words.text("cli.none"))]


@parts.register
def _(report: reports.RemindReport, words: Language) -> Parts:
    counts = {"sent": len(report.sent), "retried": len(report.retried), "dead": len(report.dead)}
    return [Text(_counted(counts, words)), *_outbox((*report.retried, *report.dead), "outbox", words)]


@parts.register
def _(report: reports.ExportReport, words: Language) -> Parts:
    key = "cli.export.file" if report.file else "cli.export.shown"
    shown: Parts = [Text(words.text(key, count=report.count, total=report.total, file=report.file or ""))]
    if report.condition is not None:
        shown.append(Text(words.text("cli.export.condition", condition=report.condition), style="dim"))
    return shown + _rows(report.columns, report.rows, words)


def _rows(columns: Mapping[str, str], rows: Sequence[Mapping[str, object]], words: Language) -> Parts:
    """The first rows and, of their columns, the first that hold something."""
    filled = [key for key in columns if any(row[key] is not None for row in rows[:SHOWN])][:SHOWN_COLUMNS]
    if not filled:
        return []
    table = Table()
    for key in filled:
        table.add_column(Text(columns[key]), overflow="fold")
    for row in rows[:SHOWN]:
        table.add_row(*(Text(_plain(row[key])) for key in filled))
    return [table, Text(words.text("cli.more", count=len(rows) - SHOWN))] if len(rows) > SHOWN else [table]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return _moment(value)
    return "; ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


@parts.register
def _(report: reports.SummaryReport, words: Language) -> Parts:
    rows = (
        (
            f.definition,
            "" if f.value is None else f"{f.value:,}",
            _word(words, "unit.", f.unit),
            _word(words, "period.", f.period),
            f.as_of,
        )
        for f in report.figures
    )
    return _table(words, "summary", ("definition", "value", "unit", "period", "as_of"), rows, everything=True)


@parts.register
def _(report: reports.DemoReport, words: Language) -> Parts:
    shown: Parts = []
    for title, cycle in report.acts:
        shown.append(Text(title, style="bold"))
        shown += _cycle_heads(cycle, words)
        shown += _reverted(cycle.reverted, words)
    planted = ((kind, planted, found) for kind, (planted, found) in report.planted.items())
    shown += _table(words, "planted", ("fault", "planted", "found"), planted, everything=True)
    shown += _list(words, "mails", report.mails)
    return [*shown, *_table(words, "open_first", ("file", "what"), report.open_first.items())]


def _reverted(reverted: Sequence[reports.Reverted], words: Language) -> Parts:
    rows = (
        (each.row, _column(each.tab, each.column, words), each.typed, each.restored, each.reason) for each in reverted
    )
    return _table(words, "reverted", ("row", "column", "typed", "restored", "reason"), rows)


def _issues(issues: Sequence[reports.FoundIssue], words: Language) -> Parts:
    rows = (
        (
            Text(words.text(f"cli.severity.{each.severity}"), _COLOURS.get(each.severity, "")),
            each.cell or _tab(each.tab, words),
            each.row or "",
            each.message,
        )
        for each in sorted(issues, key=lambda each: list(_COLOURS).index(each.severity))
    )
    return _table(words, "issues", ("severity", "cell", "row", "message"), rows)


def _duplicates(pairs: Sequence[reports.FoundDuplicate], words: Language, everything: bool = False) -> Parts:
    rows = (
        (
            pair.one,
            pair.other,
            f"{pair.score:.0%}",
            words.text(f"cli.sure.{pair.certain}"),
            ", ".join(_word(words, "duplicates.column.", key) for key in pair.keys),
        )
        for pair in pairs
    )
    return _table(words, "duplicates", ("row", "other", "score", "certain", "agree"), rows, everything)


def _outbox(items: Sequence[reports.OutboxItem], title: str, words: Language) -> Parts:
    rows = (
        (
            words.text(f"cli.state.{i.state}"),
            _moment(i.not_before),
            _word(words, "reminder.", i.kind),
            i.person,
            i.address,
            i.attempts,
            i.error,
            i.key,
        )
        for i in items
    )
    return _table(words, title, ("state", "at", "kind", "person", "address", "attempts", "error", "key"), rows, True)


def _table(
    words: Language, title: str, header: Sequence[str], rows: Iterable[Sequence[object]], everything: bool = False
) -> Parts:
    """A table, or nothing when it has no rows; beyond SHOWN rows the rest is counted unless all are wanted."""
    listed = list(rows)
    if not listed:
        return []
    table = Table(title=words.text(f"cli.title.{title}"), title_justify="left", title_style="bold")
    for name in header:
        table.add_column(words.text(f"cli.column.{name}"), overflow="fold")
    shown = listed if everything else listed[:SHOWN]
    for row in shown:
        table.add_row(*(cell if isinstance(cell, Text) else Text("" if cell is None else str(cell)) for cell in row))
    more = len(listed) - len(shown)
    return [table, Text(words.text("cli.more", count=more))] if more else [table]


def _list(words: Language, title: str, lines: Sequence[str]) -> Parts:
    if not lines:
        return []
    more = [words.text("cli.more", count=len(lines) - SHOWN)] if len(lines) > SHOWN else []
    return [
        Text(words.text(f"cli.title.{title}"), style="bold"),
        *(Text(f"  {line}") for line in [*lines[:SHOWN], *more]),
    ]


def _tab(key: str | None, words: Language) -> str:
    return "" if key is None else _word(words, "tab.", key)


def _column(tab: str, key: str | None, words: Language) -> str:
    return "" if key is None else column_label(TabKey(tab), ColumnKey(key), words).removeprefix("column.")


def _word(words: Language, prefix: str, key: str) -> str:
    return words.text(prefix + key) if words.has(prefix + key) else key


def _by_tab(rows: Mapping[str, int], words: Language) -> list[tuple[str, int]]:
    return [(_tab(tab, words), count) for tab, count in rows.items()]


def _counted(counts: Mapping[str, int], words: Language) -> str:
    return " · ".join(words.text(f"cli.count.{name}", count=count) for name, count in counts.items())


def _pairs(counts: Mapping[str, int]) -> str:
    return " · ".join(f"{name} {count}" for name, count in counts.items())


def _moment(instant: datetime | None) -> str:
    return "" if instant is None else instant.strftime("%Y-%m-%d %H:%M")
