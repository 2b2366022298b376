"""Columns of a source that hold something and go nowhere: they are told, so that nothing is dropped in silence."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_sheets.cells import CellValue, column_letters, text_key
from crm_sheets.importing.convert import SourceTable
from crm_sheets.importing.mapping import ImportMapping, TableMapping
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import header_names
from crm_sheets.tables import TabKey


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A column that is not taken in.

    Attributes:
        source: name of the file, with the sheet of a workbook.
        column: its letters.
        header: "" where it has none.
        rows: in how many rows something stands there.
    """

    source: str
    column: str
    header: str
    rows: int


def left_over(
    sources: Mapping[int, SourceTable], mapping: ImportMapping, tabs: Mapping[TabKey, Tab], words: Language
) -> tuple[LeftOver, ...]:
    """The columns of the sources that no table of the mapping reads; of rows from our own workbook, but for those that
    only we fill."""
    reason = text_key(words.text("import.header"))
    by_name: dict[str, tuple[SourceTable, set[int]]] = {}
    for place, source in sources.items():
        table = mapping.table[place]
        _, used = by_name.setdefault(source.name, (source, set()))
        used |= _read(source, table) | _ours(source, tabs[table.tab])
    return tuple(
        LeftOver(source.name, column_letters(place + 1), header, filled)
        for source, used in by_name.values()
        for place, filled in _filled(source).items()
        if place not in used and text_key(header := _header(source, place)) != reason
    )


def _read(source: SourceTable, table: TableMapping) -> set[int]:
    places = source.places()
    return {places[text_key(header)] for header in table.headers if text_key(header) in places}


def _ours(source: SourceTable, tab: Tab) -> set[int]:
    names = header_names(tab)
    known = [names.get(text_key(header)) for header in source.header]
    if tab.id_column not in known:  # what somebody else's table says of 下次跟进 or 创建时间 stands nowhere else
        return set()
    return {place for place, column in enumerate(known) if column is not None and tab.columns[column].system}


def _filled(source: SourceTable) -> dict[int, int]:
    """In how many rows something stands, by the place of the column."""
    counts: dict[int, int] = {}
    for row in source.rows:
        for place, cell in enumerate(row.cells):
            if not _blank(cell):
                counts[place] = counts.get(place, 0) + 1
    return dict(sorted(counts.items()))


def _blank(cell: CellValue) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _header(source: SourceTable, place: int) -> str:
    return source.header[place] if place < len(source.header) else ""
