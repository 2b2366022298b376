"""The only module that knows pandas. Every column has dtype object: no int becomes a float, no text is missing."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.rules.summaries.base import Frame, Frames, Number, SummaryContext
from crm_sheets.tables import ColumnKey, TabKey

if TYPE_CHECKING:
    from pandas import DataFrame

Totals = dict[str, dict[str, Number]]
"""Sums of the number columns by the name of the group, in the order of first appearance."""


def table(columns: Mapping[str, Sequence[object]]) -> "DataFrame":
    """A data frame of exactly these values: dtype object throughout, nothing inferred."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(list(values), dtype=object) for name, values in columns.items()})


def totals(rows: "DataFrame", by: str, sums: Sequence[str]) -> Totals:
    """The sums of `sums` for each value of the column `by`, which holds texts, no blanks."""
    if rows.empty:
        return {}
    grouped = rows.groupby(by, sort=False)[list(sums)].sum()
    return {
        str(group): dict(zip(sums, values, strict=True))
        for group, values in zip(grouped.index, grouped.itertuples(index=False, name=None), strict=True)
    }


def total(rows: "DataFrame", column: str) -> Number:
    """The sum of a number column; 0 of no rows."""
    value: Number = sum(rows[column], 0)
    return value


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


def numbers(frames: Frames, tab: str, name: str) -> list[Decimal]:
    """A column of numbers; 0 for blanks."""
    return [
        Decimal(str(value)) if isinstance(value, int | Decimal) else Decimal(0) for value in column(frames, tab, name)
    ]


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
