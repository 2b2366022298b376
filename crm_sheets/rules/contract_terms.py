"""Contracts that end: a finding some time before, a mail to the owner, and another finding once they are over."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from crm_sheets.changes import NOTHING, Issue, Outcome, Reminder, Severity
from crm_sheets.rules.base import Context, Rule, found, record_of
from crm_sheets.rules.moments import WORK_STARTS, at, day_after, start_of
from crm_sheets.rules.naming import active_name
from crm_sheets.schema.base import Row
from crm_sheets.schema.contracts import Contract

NOTICES = tuple(timedelta(days=days) for days in (60, 30, 7))
KIND = "deadline-contract"
RUNNING = frozenset({"pending", "active"})


def noticing_contracts(notices: tuple[timedelta, ...], mails: bool = True) -> Rule:
    """The rule of a team that wants to know so long before a contract ends (whole days), by mail or in the row only;
    in the row, from the first notice on."""

    def contract_terms(row: Row, context: Context) -> Outcome:
        outcome = _contract_terms(row, context, notices)
        return outcome if mails else replace(outcome, reminders=())

    return contract_terms


def contract_terms(row: Row, context: Context) -> Outcome:
    """The rule as it is unless a team says otherwise: sixty, thirty and seven days before."""
    return _contract_terms(row, context, NOTICES)


def _contract_terms(row: Row, context: Context, notices: tuple[timedelta, ...]) -> Outcome:
    contract = record_of(row, Contract)
    if contract.ends_on is None or context.dictionaries.code("contract_state", contract.state) not in RUNNING:
        return NOTHING
    days = [day_after(contract.ends_on, -notice.days) for notice in notices]
    first = min(days, default=contract.ends_on)
    reminders = _reminders(row, contract, contract.ends_on, days, context)
    turns = [start_of(day, context.zone) for day in (first, day_after(contract.ends_on))]
    instants = [*turns, *(reminder.instant for reminder in reminders)]
    wake_at = min((instant for instant in instants if instant > context.now), default=None)
    return Outcome(_issues(row, contract.ends_on, first, context), reminders=reminders, wake_at=wake_at)


def _issues(row: Row, ends_on: date, first: date, context: Context) -> tuple[Issue, ...]:
    shown = ends_on.isoformat()
    if context.today > ends_on:
        return (found("contract-ended", row, "ends_on", Severity.WARNING, value=shown),)
    if context.today >= first:
        return (found("contract-ends-soon", row, "ends_on", Severity.INFO, value=shown),)
    return ()


def _reminders(
    row: Row, contract: Contract, last: date, notices: Iterable[date], context: Context
) -> tuple[Reminder, ...]:
    """To the owner, some time before and on the last day. The amount is sensitive and stays out."""
    name = active_name(contract.owner, context)
    if name is None:
        return ()
    due = at(last, WORK_STARTS, context.zone)
    parameters = {
        "subject": contract.number or str(row.key),
        "customer": contract.customer or "",
        "opportunity": contract.opportunity or "",
        "planned_at": last.isoformat(),
        "due_at": due.isoformat(),
    }
    instants: dict[datetime, None] = {at(day, WORK_STARTS, context.zone): None for day in (*notices, last)}
    return tuple(Reminder(KIND, row.tab, row.key, name, instant, parameters) for instant in instants)
