"""Cycles, and the demo that runs some."""

from pathlib import Path

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.findings import duplicates_of, issues_of, reverted_of
from crm_sheets.cli.render.tables import list_of, table_of
from crm_sheets.cli.render.wording import column_word, counted
from crm_sheets.language import Language


@parts.register
def _(report: reports.CycleReport, words: Language) -> Parts:
    shown = _cycle_heads(report, words)
    shown += table_of(
        words,
        "cells",
        ("cell", "old", "new"),
        ((each.cell, each.old, each.new) for each in report.cells),
        report.dry_run,
    )
    shown += reverted_of(report.reverted, words)
    shown += table_of(
        words,
        "conflicts",
        ("row", "column", "kept", "put_away"),
        ((each.row, column_word(each.tab, each.column, words), each.kept, each.put_away) for each in report.conflicts),
    )
    shown += table_of(
        words,
        "copies",
        ("copy", "became", "moved"),
        ((each.name, _became(each, words), each.moved or "") for each in report.copies),
        True,
    )
    shown += issues_of(report.issues, words)
    shown += duplicates_of(report.duplicates, words)
    return shown


def _became(copy: reports.ConflictCopy, words: Language) -> str:
    counts = {name: getattr(copy, name) for name in ("edited", "created", "conflicts", "held", "reason")}
    return words.text(f"cli.copy.{copy.became}", **counts)


def _cycle_heads(report: reports.CycleReport, words: Language) -> Parts:
    shown: Parts = []
    if report.halted is not None:
        shown.append(Text(words.text("cli.halted", reason=report.halted), style="bold red"))
    if report.waiting is not None:
        shown.append(Text(words.text("cli.waiting", reason=report.waiting), style="yellow"))
    key = "cli.cycle.dry" if report.dry_run else "cli.cycle.written" if report.written else "cli.cycle.nothing"
    files = ", ".join(path.name if isinstance(path, Path) else path for path in report.written)
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
    shown.append(Text(counted(counts, words)))
    return shown + views_of(report.views, words)


def views_of(views: tuple[reports.ViewOutcome, ...], words: Language) -> Parts:
    """One line about the workbooks of people, and one for each in trouble."""
    if not views:
        return []
    counts = {
        "views_written": sum(view.written for view in views),
        "views_waiting": sum(view.waiting is not None for view in views),
        "views_failed": sum(view.error is not None or view.halted is not None for view in views),
    }
    shown: Parts = [Text(words.text("cli.views.line", counts=counted(counts, words)))]
    for view in views:
        made = "、".join(words.text(f"cli.views.{each}") for each in view.handled)
        trouble = view.error or view.halted
        if trouble:
            shown.append(Text(words.text("cli.views.failed", path=view.path, reason=trouble), style="bold red"))
        elif made:
            shown.append(Text(words.text("cli.views.handled", path=view.path, what=made)))
    return shown


@parts.register
def _(report: reports.DemoReport, words: Language) -> Parts:
    shown: Parts = []
    for title, cycle in report.acts:
        shown.append(Text(title, style="bold"))
        shown += _cycle_heads(cycle, words)
        shown += reverted_of(cycle.reverted, words)
    planted = ((kind, planted, found) for kind, (planted, found) in report.planted.items())
    shown += table_of(words, "planted", ("fault", "planted", "found"), planted, everything=True)
    shown += list_of(words, "mails", report.mails)
    return [*shown, *table_of(words, "open_first", ("file", "what"), report.open_first.items())]
