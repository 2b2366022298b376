"""Cells that two people changed."""

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.tables import table_of
from crm_sheets.cli.render.wording import moment
from crm_sheets.language import Language

HEADER = (
    "id",
    "state",
    "tab",
    "row",
    "subject",
    "field",
    "kept",
    "kept_by",
    "put_away",
    "put_away_by",
    "at",
    "decider",
)


@parts.register
def _(report: reports.ConflictsReport, words: Language) -> Parts:
    if not report.conflicts:
        return [Text(words.text("cli.conflicts.none"))]
    undecided = sum(each.decided_at is None for each in report.conflicts)
    rows = (
        (
            each.id, each.state, each.tab, each.row, each.subject, each.column, each.kept, each.kept_by, each.put_away,
            each.put_away_by, moment(each.at), each.decider,
        )
        for each in report.conflicts
    )  # fmt: skip
    head = Text(words.text("cli.conflicts", open=undecided, closed=len(report.conflicts) - undecided))
    return [head, *table_of(words, "conflicts", HEADER, rows, everything=True)]


@parts.register
def _(report: reports.DecisionReport, words: Language) -> Parts:
    key = "cli.conflicts.would" if report.dry_run else "cli.conflicts.decided"
    said = Text(words.text(key, id=report.conflict.id, state=report.conflict.state))
    return [said, *parts(report.cycle, words)]
