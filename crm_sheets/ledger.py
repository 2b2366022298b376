"""Which reminders go into the outbox in a cycle, and which are taken out of it again.

A reminder is known by its kind, its row, its person and its instant, for ever; the store takes each once. It goes in
when its time lies after that of the last cycle (the watermark) and not after now. The watermark moves when all
workbooks were looked at: what a crash leaves between the two is asked for again, and is there already.

What the rules no longer ask for, because a date, a person or a state changed, is taken back as long as it was not sent.
If another person takes over a reminder that is due and was not sent, they get it instead; if all is as it was, it goes
out after all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm_sheets.changes import Reminder, Route
from crm_sheets.rules.base import Context
from crm_sheets.rules.naming import person_of
from crm_sheets.rules.peace import route_of
from crm_sheets.state import OutboxItem, RowId, State

PUNCTUAL = timedelta(minutes=15)
"""A reminder that is no later than this goes at once, even if the hours in which it might have gone are just over."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What one cycle enters into the ledger.

    Attributes:
        fired: reminders that are due now.
        items: the same as messages.
        withdrawn: keys of messages that are no longer asked for.
    """

    fired: tuple[Reminder, ...] = ()
    items: tuple[OutboxItem, ...] = ()
    withdrawn: tuple[str, ...] = ()


def arranged(reminders: Iterable[Reminder], context: Context) -> tuple[Reminder, ...]:
    """The reminders of a row, each with the time at which it does not disturb and how its person wants to be told.

    What is told of something ahead moves to an earlier time, what is told of something past to a later one. Where
    several move to the same earlier time, the first of them says it all.
    """
    kept: list[Reminder] = []
    moved: set[tuple[str, datetime]] = set()
    for reminder in sorted((_arranged(each, context) for each in reminders), key=lambda each: each.instant):
        if reminder.send_at is not None and reminder.send_at < reminder.instant:
            if (reminder.person, reminder.send_at) in moved:
                continue
            moved.add((reminder.person, reminder.send_at))
        kept.append(reminder)
    return tuple(kept)


def _arranged(reminder: Reminder, context: Context) -> Reminder:
    person = person_of(reminder.person, context)
    route = route_of(person, reminder.kind, context.dictionaries)
    if not context.peace.enabled:
        return reminder if route is Route.MAIL else replace(reminder, route=route)
    peace = context.peace.of(person, context.calendar)
    due = reminder.parameters.get("due_at", "")
    ahead = bool(due) and reminder.instant <= datetime.fromisoformat(due)
    send_at = peace.earlier(reminder.instant) if ahead else peace.later(reminder.instant)
    return replace(reminder, send_at=send_at, route=route)


def entries(
    asked: Mapping[RowId, Iterable[Reminder]], state: State, since: datetime | None, context: Context
) -> Entries:
    """What is to be entered, of all rows that were looked at; a row that is gone asks for nothing.

    Args:
        asked: all reminders that the rules give for each row, those of other times too.
        since: the watermark; None before the first cycle, which has no past.
    """
    if since is None:
        return Entries()
    unsent = state.unsent(asked.keys())
    of_row = {reminder.key: reminder for reminders in asked.values() for reminder in reminders}
    withdrawn = {key for key, taken_back in unsent.items() if not taken_back and key not in of_row}
    passed_on = {_without_person(key) for key in withdrawn}
    fired = [
        reminder
        for key, reminder in of_row.items()
        if reminder.starts <= context.now
        and (
            since < reminder.instant <= context.now
            or since < reminder.starts
            or unsent.get(key, False)
            or (_without_person(key) in passed_on and key not in unsent)
        )
    ]
    fired.sort(key=lambda each: each.key)
    items = tuple(_item(each, since, context) for each in fired)
    return Entries(tuple(fired), items, tuple(sorted(withdrawn)))


def _item(reminder: Reminder, since: datetime, context: Context) -> OutboxItem:
    """The message: of a reminder that comes too late to be of help, a line in the next digest."""
    now, promised = context.now, reminder.send_at or reminder.instant
    if promised <= since and reminder.instant > since:  # it could not go earlier: the row was not there yet
        promised = reminder.instant
    first_try = promised
    if context.peace.enabled and now - promised > PUNCTUAL:
        first_try = context.peace.of(person_of(reminder.person, context), context.calendar).later(now)
    old = now - promised > context.peace.too_old
    return OutboxItem(
        key=reminder.key,
        kind=reminder.kind,
        person=reminder.person,
        not_before=promised,
        tab=reminder.tab,
        row=reminder.row,
        parameters=reminder.parameters,
        first_try=first_try,
        route=Route.DIGEST if old and reminder.route is Route.MAIL else reminder.route,
        again=True,
    )


def _without_person(key: str) -> tuple[str, str, str, str]:
    kind, tab, row, *_, instant = key.split("|")
    return kind, tab, row, instant
