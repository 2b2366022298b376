"""The command that hands one person's work over to another."""

from datetime import datetime

from crm_sheets import clock, reports
from crm_sheets.app.mail_readers import MailReaders
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.handing_over import Handover, plan_handover, title_of
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.naming import PEOPLE, calling_name
from crm_sheets.schema.base import Row
from crm_sheets.schema.labels import tab_label
from crm_sheets.schema.people import PersonRecord
from crm_sheets.state import OutboxItem
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import RowKey

KIND = "handover"
NAMED = 20
"""Rows that a receipt names; the rest it counts."""


def handover(settings: Settings, giver: str, taker: str, *, dry_run: bool) -> reports.HandoverReport:
    """Gives `taker` the customers and everything open of `giver` (names or 工号), with a mail to both.

    Raises:
        UsageError: one of them is unknown, named twice, or the same; the one who takes no longer works here.
    """
    with opened(settings) as workspace:
        now = clock.now()
        context = _context(workspace, now)
        gives, takes = _person(workspace, context, giver), _person(workspace, context, taker)
        words = workspace.words
        if gives.key == takes.key:
            raise UsageError(words.text("error.handover.same", person=giver))
        if record_of(takes, PersonRecord).active is False:
            raise UsageError(words.text("error.handover.left", person=taker))
        workspace.catch_up(now, dry_run=dry_run)
        context = _context(workspace, now)
        plan = plan_handover(workspace.draft(), gives, context)
        names = (_called(gives, context), _called(takes, context))
        cycle = None
        if plan.rows:
            messages = tuple(
                _receipt(workspace, plan, names, readers, now) for readers in _readers(workspace, plan, names, now)
            )
            commands = plan.commands(names[1], author())
            _, cycle = Reporter(workspace).run(Wish(now, dry_run=dry_run, commands=commands, messages=messages))
        return reports.HandoverReport(
            giver=names[0],
            taker=names[1],
            rows=tuple(reports.HandedOver(each.tab, each.row, each.title) for each in plan.rows),
            kept={str(tab): count for tab, count in plan.kept.items()},
            dry_run=dry_run,
            cycle=cycle,
        )


def _context(workspace: Workspace, now: datetime) -> Context:
    zone = workspace.settings.workbook.zone
    return Context(
        now=now,
        today=now.astimezone(zone).date(),
        zone=zone,
        book=workspace.draft(),
        dictionaries=workspace.dictionaries(),
        language=workspace.words,
        tabs=workspace.tabs,
    )


def _person(workspace: Workspace, context: Context, text: str) -> Row:
    named = context.book.named(PEOPLE, text)
    if len(named) == 1:
        return named[0]
    key = "error.handover.several" if named else "error.handover.unknown"
    raise UsageError(workspace.words.text(key, person=text, tab=tab_label(PEOPLE, workspace.words)))


def _called(person: Row, context: Context) -> str:
    return calling_name(record_of(person, PersonRecord), context) or person.key


def _readers(
    workspace: Workspace, plan: Handover, names: tuple[str, str], now: datetime
) -> tuple[tuple[str, MailReaders], ...]:
    """Who gets a receipt, each with what may be said: to the one who gives as the rows are, to the other as they will
    be."""
    after = workspace.draft()
    for command in plan.commands(names[1], ""):
        after.update((command.tab, command.key or RowKey("")), command.values)
    return (names[0], MailReaders(workspace, now)), (names[1], MailReaders(workspace, now, after))


def _receipt(
    workspace: Workspace, plan: Handover, names: tuple[str, str], reading: tuple[str, MailReaders], now: datetime
) -> OutboxItem:
    (person, readers), words = reading, workspace.words
    counts = (
        words.text("handover.count", tab=tab_label(tab, words), count=count) for tab, count in plan.counts.items()
    )
    rows = []
    for each in plan.rows[:NAMED]:
        title = title_of(each.row, workspace.tabs[each.tab], readers.values(person, (each.tab, each.row)) or {})
        rows.append(" ".join(dict.fromkeys((tab_label(each.tab, words), each.row, title))))
    more = len(plan.rows) - len(rows)
    rows += [words.text("handover.more", count=more)] if more else []
    parameters = {
        "customer": names[0],
        "contact": names[1],
        "subject": words.text("list.and").join(counts),
        "content": "\n".join(rows),
    }
    key = f"{KIND}|{names[0]}|{names[1]}|{person}|{now.isoformat()}"
    return OutboxItem(key, KIND, person, now, PEOPLE, None, parameters)
