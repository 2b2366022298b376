"""A choice is one of its drop-down's values."""

from collections.abc import Sequence

from crm_sheets.cells import text_key
from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.base import Context, found
from crm_sheets.schema.base import Kind, Row
from crm_sheets.schema.dictionaries import DictionaryEntry
from crm_sheets.tables import ColumnKey

MOST_CHOICES = 8
"""So many values are listed in a message; the drop-down has them all."""

SIMILAR = 60
"""From this score (of 100) on a value is near enough to be offered: 成交 for 成交客户, 电画 for 电话 is not."""


def dictionary_values(row: Row, context: Context) -> Outcome:
    """Flags values that the dictionary does not know, or that were taken out of use.

    A dictionary without any value is not kept by the team: everything is allowed.
    """
    issues = []
    for column in context.tabs[row.tab].staff_columns(Kind.CHOICE):
        key, value = column.key, getattr(row.record, column.key)
        entries = context.dictionaries.entries.get(column.dictionary or "", ())
        if not value or not entries:
            continue
        entry = context.dictionaries.entry(column.dictionary or "", value)
        if entry is None:
            issues.append(_unknown(row, key, value, entries, context))
        elif not entry.active:
            issues.append(found("dictionary-value-retired", row, key, Severity.WARNING, value=value))
    return Outcome(tuple(issues))


def _unknown(row: Row, key: ColumnKey, value: str, entries: Sequence[DictionaryEntry], context: Context) -> Issue:
    active = [entry.value for entry in entries if entry.active]
    nearest = _nearest(value, active)
    if nearest is not None:
        return found("not-in-dictionary-similar", row, key, value=value, suggestion=nearest)
    choices = context.language.text("list.and").join(active[:MOST_CHOICES])
    more = context.language.text("list.more") if len(active) > MOST_CHOICES else ""
    return found("not-in-dictionary", row, key, value=value, choices=choices + more)


def _nearest(value: str, choices: Sequence[str]) -> str | None:
    """The value that was probably meant; the first of equals."""
    from rapidfuzz import fuzz, process

    best = process.extractOne(value, choices, scorer=fuzz.WRatio, processor=text_key, score_cutoff=SIMILAR)
    return best[0] if best else None
