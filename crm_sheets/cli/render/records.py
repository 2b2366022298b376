"""Single rows: explain, duplicates, handover, merge."""

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.findings import duplicates_of, issues_of
from crm_sheets.cli.render.tables import table_of
from crm_sheets.cli.render.wording import column_word, pairs_of, tab_word, word
from crm_sheets.language import Language


@parts.register
def _(report: reports.MergeReport, words: Language) -> Parts:
    if report.asked:
        when = "would_ask" if report.cycle.dry_run else "asked"
        told = words.text(f"cli.merge.{when}", keep=report.keep, other=report.other)
        return [Text(told)]
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
        (column_word("customers", c.column, words), c.keep, c.other, c.result, words.text(f"cli.take.{c.rule}"))
        for c in report.cells
    )
    shown += table_of(words, "merged_cells", ("column", "mine", "theirs", "result", "take"), cells)
    moved = ((r.row, column_word(r.tab, r.column, words), r.old, r.new) for r in report.references)
    return shown + table_of(words, "moved_references", ("row", "column", "old", "new"), moved)


@parts.register
def _(report: reports.HandoverReport, words: Language) -> Parts:
    key = "cli.handover.none" if not report.rows else "cli.handover.would" if report.dry_run else "cli.handover.done"
    shown: Parts = [Text(words.text(key, giver=report.giver, taker=report.taker, count=len(report.rows)))]
    if report.kept:
        counts = pairs_of({tab_word(tab, words): count for tab, count in report.kept.items()})
        shown.append(Text(words.text("cli.handover.kept", counts=counts, giver=report.giver)))
    rows = ((tab_word(each.tab, words), each.row, each.title) for each in report.rows)
    return shown + table_of(words, "handed_over", ("tab", "row", "title"), rows)


@parts.register
def _(report: reports.ExplainReport, words: Language) -> Parts:
    rows = (
        (
            cell.label,
            cell.value,
            word(words, "source.", cell.source),
            word(words, "level.", cell.level),
            cell.reason,
            "\n".join(each.message for each in cell.why),
        )
        for cell in report.cells
    )
    shown: Parts = [Text(f"{report.row}  {report.title}", style="bold")]
    shown += table_of(
        words, "explain", ("column", "value", "source", "level", "reason", "found"), rows, everything=True
    )
    return [*shown, *issues_of(report.issues, words), *duplicates_of(report.duplicates, words)]


@parts.register
def _(report: reports.ExplainedPair, words: Language) -> Parts:
    met = [("key", kind, size) for kind, size in report.met.items()]
    rows = [*met, *((what, found, f"{weight:+.1f}") for what, found, weight in report.reasons)]
    rows.append(("score", "certain" if report.certain else "possible" if report.compared else "-", report.score))
    return table_of(words, "duplicates", ("what", "found", "value"), rows, everything=True)


@parts.register
def _(report: reports.DuplicatesReport, words: Language) -> Parts:
    head = Text(words.text("cli.duplicates", pairs=len(report.pairs), dismissed=report.dismissed))
    return [head, *duplicates_of(report.pairs, words, everything=True)]
