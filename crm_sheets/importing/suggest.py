"""A mapping found from the headers of a source: labels and aliases of all languages, then what is nearly one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from crm_sheets.cells import text_key
from crm_sheets.importing.convert import SourceTable
from crm_sheets.importing.mapping import ColumnSource, ImportMapping, TableMapping
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.codecs.numbers import scale_of
from crm_sheets.schema.headers import header_key
from crm_sheets.schema.labels import header_names
from crm_sheets.tables import ColumnKey

_UNIT = re.compile(r"[(\[【（](?:[^()\[\]【】（）:：]*[:：])?([^()\[\]【】（）]+)[)\]】）]\s*$")
_AMOUNTS = frozenset({Kind.MONEY, Kind.NUMBER, Kind.INTEGER})

LIKENESS = 85
"""Of 100, from which a header that no alias knows is taken for a column: a slip of the pen, not another word."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A mapping that was found, and the headers that are left over."""

    mapping: ImportMapping
    unused: tuple[str, ...]


def suggest(source: SourceTable, tabs: Iterable[Tab], *, with_numbers: bool = False) -> Suggestion | None:
    """The likeliest mapping of a source, into the one of `tabs` that most headers fit; None when none fits.

    Args:
        source: whose headers are looked at.
        tabs: that may be meant.
        with_numbers: a column with our 编号 is taken too: for finding the rows that are to be changed.
    """
    best: dict[ColumnKey, str] = {}
    best_tab: Tab | None = None
    for tab in tabs:
        if not tab.ours:
            found = _columns(source, tab, with_numbers)
            if len(found) > len(best):
                best, best_tab = found, tab
    if best_tab is None:
        return None
    columns = {
        column: ColumnSource(column=header, factor=_factor(header, best_tab.columns[column].kind))
        for column, header in best.items()
    }
    table = TableMapping(source=source.name, tab=best_tab.key, columns=columns)
    used = set(best.values())
    return Suggestion(
        ImportMapping(table=(table,)), tuple(header for header in source.header if header and header not in used)
    )


def _factor(header: str, kind: Kind) -> Decimal | None:
    """What the numbers below a header such as 年收入(万元) must be multiplied by."""
    unit = _UNIT.search(header)
    power = scale_of(unit[1]) if unit is not None and kind in _AMOUNTS else None
    return None if power is None else Decimal(10) ** power


def _columns(source: SourceTable, tab: Tab, with_numbers: bool) -> dict[ColumnKey, str]:
    from rapidfuzz import fuzz, process

    number = tab.id_column if with_numbers else None
    names = {
        name: column for name, column in header_names(tab).items() if column == number or not tab.columns[column].system
    }
    found: dict[ColumnKey, str] = {}
    left = []
    for header in dict.fromkeys(filter(None, source.header)):
        column = names.get(text_key(header)) or names.get(header_key(header))
        if column is None or column in found:
            left.append(header)
        else:
            found[column] = header
    for header in left:
        near = process.extractOne(header_key(header), list(names), scorer=fuzz.ratio, score_cutoff=LIKENESS)
        if near is not None and names[near[0]] not in found:
            found[names[near[0]]] = header
    return found
