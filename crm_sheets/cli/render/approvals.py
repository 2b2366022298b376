"""Requests for approval."""

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.tables import table_of
from crm_sheets.cli.render.wording import moment
from crm_sheets.language import Language

HEADER = ("id", "state", "tab", "row", "subject", "field", "old", "new", "proposer", "approvers", "due")


@parts.register
def _(report: reports.ApprovalsReport, words: Language) -> Parts:
    rows = (
        (
            each.id, each.state, each.tab, each.row, each.subject, each.column, each.old, each.new, each.proposer,
            each.approvers, moment(each.due),
        )
        for each in report.requests
    )  # fmt: skip
    head = Text(words.text("cli.approvals.count", count=sum(each.open for each in report.requests)))
    return [head, *table_of(words, "approvals", HEADER, rows, everything=True)]


@parts.register
def _(report: reports.ApprovalReport, words: Language) -> Parts:
    if report.refused:
        return [Text(words.text("cli.approvals.refused", why=report.refused))]
    key = "cli.approvals.would" if report.dry_run else "cli.approvals.done"
    said = Text(words.text(key, id=report.request.id, state=report.request.state))
    return [said, *parts(report.cycle, words)]
