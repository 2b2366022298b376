"""Mails: outbox, remind, inbox."""

from collections.abc import Sequence

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.tables import table_of
from crm_sheets.cli.render.wording import counted, moment, word
from crm_sheets.language import Language


@parts.register
def _(report: reports.OutboxReport, words: Language) -> Parts:
    return _outbox(report.items, "outbox", words) or [Text(words.text("cli.none"))]


@parts.register
def _(report: reports.RemindReport, words: Language) -> Parts:
    counts = {"sent": len(report.sent), "retried": len(report.retried), "dead": len(report.dead)}
    return [Text(counted(counts, words)), *_outbox((*report.retried, *report.dead), "outbox", words)]


@parts.register
def _(report: reports.InboxReport, words: Language) -> Parts:
    rows = (
        (
            words.text(f"cli.inbox.{mail.outcome}"),
            mail.sender,
            mail.person,
            word(words, "mail.rule.", mail.kind),
            mail.row,
            mail.said,
        )
        for mail in report.mails
    )
    columns = ("outcome", "sender", "person", "kind", "row", "said")
    return table_of(words, "inbox", columns, rows, True) or [Text(words.text("cli.none"))]


@parts.register
def _(report: reports.UpcomingReport, words: Language) -> Parts:
    rows = (
        (moment(i.at), i.person, i.address, i.rule, i.subject, i.row, words.text(f"cli.state.{i.state}"))
        for i in report.reminders
    )
    header = ("at", "person", "address", "rule", "about", "row", "state")
    return table_of(words, "upcoming", header, rows, True) or [Text(words.text("cli.none"))]


@parts.register
def _(report: reports.PreviewReport, words: Language) -> Parts:
    found: Parts = []
    for mail in report.mails:
        line = mail.reminder
        found.append(Text(f"── {moment(line.at)} · {line.person} <{line.address}> · {line.rule}", style="bold"))
        found += [Text(mail.subject), Text(""), Text(mail.text), Text(f"{mail.html_file}\n{mail.text_file}\n")]
    return found


def _outbox(items: Sequence[reports.OutboxItem], title: str, words: Language) -> Parts:
    rows = (
        (
            words.text(f"cli.state.{i.state}"),
            moment(i.not_before),
            words.messages.get(f"reminder.{i.kind}") or word(words, "mail.rule.", i.kind),
            i.person,
            i.address,
            i.attempts,
            words.messages.get(f"outbox.{i.error}", i.error),
            i.key,
        )
        for i in items
    )
    return table_of(words, title, ("state", "at", "kind", "person", "address", "attempts", "error", "key"), rows, True)
