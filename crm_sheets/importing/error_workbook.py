"""The rows that stay out, as a workbook to be mended and imported: the columns of the source, then the reasons."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from crm_sheets.cells import CellError, CellValue, Formula, legible, text_key
from crm_sheets.importing.convert import SourceRow, SourceTable
from crm_sheets.importing.faults import Refusal
from crm_sheets.importing.mapping import ImportMapping
from crm_sheets.importing.sources import error_sheets
from crm_sheets.language import Language
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.codecs.base import shown
from crm_sheets.schema.sealed import mask_of
from crm_sheets.tables import TabKey

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

DAYS_BETWEEN_DATE_SYSTEMS = 1462
"""ECMA-376 part 1, 18.17.4.1: the 1904 system starts so many days later."""

_DATES = frozenset({Kind.DATE, Kind.DATETIME})
_RED, _HEADER = "FFC7CE", "D9E1F2"


def write_error_workbook(
    target: Path,
    refused: Sequence[Refusal],
    sources: Mapping[int, SourceTable],
    mapping: ImportMapping,
    tabs: Mapping[TabKey, Tab],
    language: Language,
    *,
    sealing: bool = False,
) -> None:
    """Writes one sheet for each source that has rows which stay out; the faulty cells are red.

    With `sealing`, what feeds a sealed column is masked.
    """
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    titles = error_sheets(mapping, {place: source.name for place, source in sources.items()})
    by_source: dict[str, dict[int, list[Refusal]]] = {}
    for refusal in refused:
        by_source.setdefault(titles[refusal.table], {}).setdefault(refusal.line, []).append(refusal)
    tables = {titles[place]: source for place, source in sources.items()}
    for name, lines in by_source.items():
        places = {place for place in sources if titles[place] == name}
        columns = [
            (tabs[mapping.table[place].tab].columns[column], how.headers)
            for place in sorted(places)
            for column, how in mapping.table[place].columns.items()
        ]
        dates = _headers_of((column.kind in _DATES, headers) for column, headers in columns)
        sealed = _headers_of((sealing and column.sealed, headers) for column, headers in columns)
        source = without_sealed(tables[name], sealed)
        _fill(workbook.create_sheet(name), source, lines, dates, language.text("import.header"))
    workbook.save(target)


def _headers_of(columns: Iterable[tuple[bool, Iterable[str]]]) -> frozenset[str]:
    """Headers of a sheet that feed the columns that are meant, by their text_key."""
    return frozenset(text_key(header) for meant, headers in columns if meant for header in headers)


def without_sealed(source: SourceTable, sealed: frozenset[str]) -> SourceTable:
    """The source with masks for what feeds sealed columns: whoever mends the row types it again, or imports the source.

    `sealed` are headers, by their text_key.
    """
    places = [place for place, header in enumerate(source.header) if text_key(header) in sealed]
    if not places:
        return source
    rows = [SourceRow(row.line, tuple(_masked(row.cells, places))) for row in source.rows]
    return replace(source, rows=rows)


def _masked(cells: Sequence[CellValue], places: Sequence[int]) -> Iterator[CellValue]:
    for place, cell in enumerate(cells):
        if place not in places or cell is None or cell == "":
            yield cell
        else:
            yield mask_of(shown(cell.cached if isinstance(cell, Formula) else cell))


def _fill(
    sheet: "Worksheet",
    source: SourceTable,
    lines: Mapping[int, list[Refusal]],
    dates: frozenset[str],
    reason_header: str,
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    header = _kept(source, text_key(reason_header))
    for place, name in enumerate((*header.values(), reason_header), 1):
        cell = _put(sheet, 1, place, name)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_HEADER)
        sheet.column_dimensions[cell.column_letter].width = 60 if name == reason_header else 18
    red = PatternFill("solid", fgColor=_RED)
    rows = {row.line: row for row in source.rows}
    for number, (line, refusals) in enumerate(sorted(lines.items()), 2):
        faulty = {text_key(name) for refusal in refusals for name in refusal.headers}
        for column, (place, name) in enumerate(header.items(), 1):
            shifted = source.date1904 and text_key(name) in dates
            cell = _put(sheet, number, column, _value(rows[line], place, shifted))
            if text_key(name) in dates and isinstance(cell.value, int | float):
                cell.number_format = "yyyy-mm-dd"
            if text_key(name) in faulty:
                cell.fill = red
        reasons = "\n".join(dict.fromkeys(reason for refusal in refusals for reason in refusal.reasons))
        _put(sheet, number, len(header) + 1, reasons).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def _kept(source: SourceTable, reasons: str) -> dict[int, str]:
    """The columns of a source by their place, those without a header too where something stands in them."""
    widest = max((len(row.cells) for row in source.rows), default=0)
    header = dict(enumerate(source.header)) | dict.fromkeys(range(len(source.header), widest), "")
    filled = {place for row in source.rows for place, cell in enumerate(row.cells) if cell not in (None, "")}
    return {place: name for place, name in header.items() if text_key(name) != reasons and (name or place in filled)}


def _value(row: SourceRow, place: int, from_1904: bool) -> CellValue:
    found = row.cells[place] if place < len(row.cells) else None
    if isinstance(found, Formula):
        found = legible(found) if found.cached is None and found.text else found.cached
    if isinstance(found, CellError):
        return found.code
    if from_1904 and isinstance(found, int | float) and not isinstance(found, bool):
        return found + DAYS_BETWEEN_DATE_SYSTEMS
    return found


def _put(sheet: "Worksheet", row: int, column: int, value: CellValue) -> "Cell":
    """Text stays text: what begins with `=` becomes no formula, digits in a text no number."""
    from crm_sheets.sync.backends.xlsx.create import legal_text

    cell = cast("Cell", sheet.cell(row, column))  # a sheet that we have just made has no merged cells
    if isinstance(value, str):
        cell.value = legal_text(value)
        cell.data_type = "s"
        cell.number_format = "@"
    elif not isinstance(value, Formula | CellError):
        cell.value = value
    return cell
