"""When a choice moved, from what, and whether it may: what the rules about stages, statuses and levels agree on.

All of it follows from the record at the end of the last cycle and from the record now, never from what another rule
has filled in meanwhile, so that it is the same however often a row is looked at in one cycle.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime

from crm_sheets.cells import text_key
from crm_sheets.changes import Issue, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.moments import start_of
from crm_sheets.rules.standing import LOST, STAGES, WON, stage_code
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry
from crm_sheets.schema.opportunities import Opportunity

NEXT = "next"
"""Attribute of a value: the values (or codes) that may follow it, separated by `|`; without it all may."""

STATUS = ("status", "status_was", "status_since")
"""A customer's status, what it was before, and since when it is what it is."""

_ALTERNATIVES = re.compile(r"[|｜]")


def text_of(row: Row, column: str) -> str | None:
    """A text column of a row as it is now."""
    value = getattr(row.record, column)
    return None if value is None else str(value)


def text_before(row: Row, column: str) -> str | None:
    """A text column of a row at the end of the last cycle; None for a row that was not there."""
    value = getattr(row.previous, column, None)
    return None if value is None else str(value)


def differs(one: str | None, other: str | None) -> bool:
    """Whether two choices are not the same, however they are written."""
    return text_key(one or "") != text_key(other or "")


def has_moved(row: Row, column: str) -> bool:
    """Whether a choice changed since the last cycle; that of a new row did not."""
    return row.previous is not None and differs(text_before(row, column), text_of(row, column))


def memory(row: Row, column: str) -> object:
    """What a column of ours remembers from earlier cycles."""
    return getattr(row.record if row.previous is None else row.previous, column)


def came_from(row: Row, column: str, memory_column: str) -> str | None:
    """The value that a choice had before the present one, kept in `memory_column` while the choice stays.

    A blank is no value: who clears a choice before another is typed has moved from the one to the other.
    """
    if has_moved(row, column) and (before := text_before(row, column)) is not None:
        return before
    kept = memory(row, memory_column)
    return None if kept is None or was_retyped(row, column, memory_column) else str(kept)


def was_retyped(row: Row, column: str, memory_column: str) -> bool:
    """Whether a choice that was cleared is typed again as it was: it has not moved. While it is blank, `memory_column`
    says what it was; what was before that is forgotten."""
    is_back = row.previous is not None and text_before(row, column) is None and text_of(row, column) is not None
    was = memory(row, memory_column) if is_back else None
    return was is not None and not differs(str(was), text_of(row, column))


def moved_at(row: Row, columns: tuple[str, str, str], context: Context) -> datetime | None:
    """When a choice last moved, whole seconds; None as long as it has not moved since the row came.

    Args:
        row: the row.
        columns: of the choice, of what it was before, and of the instant.
        context: the cycle.
    """
    column, was, since = columns
    cleared = text_of(row, column) is None
    if has_moved(row, column) and not cleared and not was_retyped(row, column, was):
        return context.now.replace(microsecond=0)
    kept = memory(row, since)
    return kept if isinstance(kept, datetime) else None


def entered_stage(row: Row, context: Context) -> datetime | None:
    """Since when a deal is in its stage: now when it has just moved; without a stage, when it entered the last one.

    A deal that was over before it came into the book entered its stage on the day on which it closed; one that stands
    at the first stage, on the day on which it started. Who clears a stage and types it again has moved nothing.
    """
    deal = record_of(row, Opportunity)
    now = context.now.replace(microsecond=0)
    if "stage" in row.unreadable or deal.stage is None:
        return deal.stage_since
    if has_moved(row, "stage") and not was_retyped(row, "stage", "stage_was"):
        return now
    if deal.stage_since is not None:
        return deal.stage_since
    day = deal.close_date if stage_code(deal, context) in {WON, LOST} else _started(deal, context)
    return now if day is None else min(start_of(day, context.zone), now)


def _started(deal: Opportunity, context: Context) -> date | None:
    """The day on which a deal started, as long as it has not gone on since."""
    active = (entry for entry in context.dictionaries.entries.get(STAGES, ()) if entry.active)
    first = next(active, None)
    return deal.started_on if first is not None and not differs(first.value, deal.stage) else None


def followers(dictionary: str, value: str | None, dictionaries: Dictionaries) -> tuple[DictionaryEntry, ...] | None:
    """The values that may follow `value`; None when the dictionary leaves it open. Unknown names are passed over."""
    entry = dictionaries.entry(dictionary, value)
    named = entry.attributes.get(NEXT) if entry else None
    if named is None:
        return None
    return tuple(found for name in alternatives(named) if (found := entry_called(dictionary, name, dictionaries)))


def alternatives(text: str) -> list[str]:
    """The parts of `意向客户|流失客户`."""
    return [part.strip() for part in _ALTERNATIVES.split(text) if part.strip()]


def entry_called(dictionary: str, name: str, dictionaries: Dictionaries) -> DictionaryEntry | None:
    """The value of a dictionary that is named by itself or by its code."""
    by_value = dictionaries.entry(dictionary, name)
    return by_value or with_code(dictionary, text_key(name), dictionaries)


def with_code(dictionary: str, code: str, dictionaries: Dictionaries) -> DictionaryEntry | None:
    """The first value in use that has a code."""
    entries = dictionaries.entries.get(dictionary, ())
    return next((entry for entry in entries if entry.active and code and entry.code == code), None)


def may_follow(dictionary: str, before: str | None, now: str | None, dictionaries: Dictionaries) -> bool:
    """Whether the dictionary lets `now` come after `before`."""
    allowed = followers(dictionary, before, dictionaries)
    return allowed is None or any(not differs(entry.value, now) for entry in allowed)


def refused_move(row: Row, column: str, dictionary: str, before: str | None, context: Context) -> Issue | None:
    """The finding about a move that the dictionary does not allow; the value stays as it was typed."""
    now = text_of(row, column)
    if not before or not now or not differs(before, now) or may_follow(dictionary, before, now, context.dictionaries):
        return None
    choices = _listed(followers(dictionary, before, context.dictionaries) or (), context)
    return found("move-not-allowed", row, column, Severity.WARNING, previous=before, value=now, choices=choices or "-")


def _listed(entries: Sequence[DictionaryEntry], context: Context) -> str:
    return context.language.text("list.and").join(entry.value for entry in entries)
