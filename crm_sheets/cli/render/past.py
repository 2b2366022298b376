"""What was: history, undo, restore."""

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.tables import table_of
from crm_sheets.cli.render.wording import column_word, moment, tab_word
from crm_sheets.language import Language


@parts.register
def _(report: reports.HistoryReport, words: Language) -> Parts:
    rows = (
        (
            moment(e.at),
            e.run,
            words.text(f"cli.kind.{e.kind}"),
            tab_word(e.tab, words),
            e.row,
            column_word(e.tab, e.column, words),
            e.old,
            e.new,
            e.author,
        )
        for e in report.entries
    )
    header = ("at", "run", "kind", "tab", "row", "column", "old", "new", "author")
    return table_of(words, "history", header, rows, everything=True) or [Text(words.text("cli.none"))]


@parts.register
def _(report: reports.UndoReport, words: Language) -> Parts:
    header = ("row", "column", "old", "new")
    said, title = ("cli.undo.dry", "undone_dry") if report.dry_run else ("cli.undo", "undone")
    shown: Parts = [Text(words.text(said, undone=len(report.undone), kept=len(report.kept)))]
    # A change is put back: what it made goes, what was there before it comes.
    shown += table_of(
        words, title, header, ((c.row, column_word(c.tab, c.column, words), c.new, c.old) for c in report.undone)
    )
    shown += table_of(
        words, "kept", header, ((c.row, column_word(c.tab, c.column, words), c.old, c.new) for c in report.kept)
    )
    return shown + (parts(report.cycle, words) if report.cycle is not None else [])


@parts.register
def _(report: reports.RestoreReport, words: Language) -> Parts:
    if not report.restored and not report.kept:
        return [Text(words.text("cli.restore.none"))]
    said = "cli.restore.done" if report.done else "cli.restore.plan"
    shown: Parts = [Text(words.text(said, count=len(report.restored), kept=len(report.kept)))]
    rows = (
        (
            words.text(f"cli.restore.{c.kind}"),
            tab_word(c.tab, words),
            c.row,
            column_word(c.tab, c.column, words),
            c.old,
            c.new,
            f"{moment(c.at)} {c.by}",
        )
        for c in report.restored
    )
    header = ("what", "tab", "row", "column", "is", "becomes", "last_change")
    shown += table_of(words, "restored", header, rows, everything=report.dry_run)
    kept = ((c.row, column_word(c.tab, c.column, words), c.old, c.new) for c in report.kept)
    shown += table_of(words, "kept", ("row", "column", "old", "new"), kept)
    if report.cycle is None or report.dry_run:
        return shown
    return shown + parts(report.cycle, words)
