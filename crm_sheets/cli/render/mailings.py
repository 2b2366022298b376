"""Mails to customers."""

from collections.abc import Mapping

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.tables import table_of
from crm_sheets.language import Language


@parts.register
def _(report: reports.MailingsReport, words: Language) -> Parts:
    rows = (
        (m.campaign, m.name, m.subject, m.state, m.version, m.approved, m.members, m.receive, _others(m.others, words))
        for m in report.mailings
    )
    names = ("campaign", "name", "subject", "state", "version", "approved", "members", "receive", "others")
    columns = [f"mailing_{name}" for name in names]
    return table_of(words, "mailings", columns, rows, True) or [Text(words.text("customer_mail.none"))]


@parts.register
def _(report: reports.MailingPreview, words: Language) -> Parts:
    mailing = report.mailing
    told = words.text(
        "customer_mail.preview",
        campaign=mailing.name,
        state=mailing.state,
        version=mailing.version or "–",
        receive=mailing.receive,
        members=mailing.members,
    )
    others = _others(mailing.others, words)
    return [
        Text(f"── {report.customer} <{report.address}>", style="bold"),
        Text(report.subject),
        Text(""),
        Text(report.text),
        Text(f"{told}\n{others}".strip()),
        Text(f"{report.html_file}\n{report.text_file}\n{report.list_file}"),
    ]


@parts.register
def _(report: reports.MailingSent, words: Language) -> Parts:
    counts = ("sent", "retried", "refused", "withheld", "told")
    told = words.text("customer_mail.sent_now", **{name: getattr(report, name) for name in counts})
    return [Text(told), *([Text(report.stopped)] if report.stopped else [])]


@parts.register
def _(report: reports.Unsubscribed, words: Language) -> Parts:
    if not report.customers:
        return [Text(words.text("customer_mail.unsubscribed_before"))]
    return [Text(words.text("customer_mail.unsubscribed", customers=", ".join(report.customers)))]


def _others(others: Mapping[str, int], words: Language) -> str:
    told = (f"{_named(why, words)} {count}" for why, count in others.items())
    return words.text("customer_mail.comma").join(told)


def _named(why: str, words: Language) -> str:
    return words.messages.get(f"customer_mail.refusal.{why}") or words.text(f"customer_mail.fate.{why}")
