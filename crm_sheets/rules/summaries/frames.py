"""Columns as summaries read them, and the order in which groups are told."""

from collections.abc import Sequence

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.rules.summaries.base import Frame, Frames, Number, SummaryContext
from crm_sheets.tables import ColumnKey, TabKey

LIFECYCLE = "lifecycle"
LIFECYCLES = ("potential", "won", "loyal", "lost")
"""What a customer goes through, in order. The words for it are in the catalogues, not in a dictionary of the team."""

Totals = dict[str, dict[str, Number]]
"""Sums of the number columns by the name of the group, in the order of first appearance."""


def column(frames: Frames, tab: str, name: str) -> Sequence[Value]:
    """A column of a tab; blanks where the tab has no such column, nothing where there is no such tab."""
    frame: Frame = frames.get(TabKey(tab), {})
    values = frame.get(ColumnKey(name))
    if values is None:
        return [None] * max((len(other) for other in frame.values()), default=0)
    return values


def texts(frames: Frames, tab: str, name: str, context: SummaryContext) -> list[str]:
    """A column of texts as group names: blanks become the words for "not filled in"."""
    blank = context.language.text("summary.blank")
    return [str(value) if value not in (None, "") else blank for value in column(frames, tab, name)]


def choices(frames: Frames, tab: str, name: str, dictionary: str, context: SummaryContext) -> list[str]:
    """A drop-down column as group names: spelling variants of a value count as the value of the dictionary."""
    known = {text_key(entry.value): entry.value for entry in context.dictionaries.entries.get(dictionary, ())}
    return [known.get(text_key(text), text) for text in texts(frames, tab, name, context)]


def in_dictionary_order(groups: Totals, dictionary: str, context: SummaryContext, empty: bool = False) -> list[str]:
    """Names of groups in the order of the dictionary, then those that it does not know.

    Args:
        groups: by name.
        dictionary: its key.
        context: holds the dictionaries.
        empty: also the active values that no row has.
    """
    entries = context.dictionaries.entries.get(dictionary, ())
    ordered = [entry.value for entry in entries if entry.value in groups or (empty and entry.active)]
    return ordered + sorted(set(groups) - set(ordered))


def in_order(groups: Totals, dictionary: str, context: SummaryContext, largest: str) -> list[str]:
    """Names of groups as readers expect them: stages of life and values of a dictionary in their order, people, units
    and whatever else has no order of its own ("" as dictionary) by how much of `largest` they have."""
    if dictionary == LIFECYCLE:
        stages = [context.language.text(f"value.lifecycle.{code}") for code in LIFECYCLES]
        return [*(each for each in stages if each in groups), *sorted(groups.keys() - {*stages})]
    if dictionary:
        return in_dictionary_order(groups, dictionary, context)
    return sorted(groups, key=lambda name: (-(groups[name][largest] or 0), name))
