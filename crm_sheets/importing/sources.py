"""Reads the sources of an import: CSV of any encoding that people save, and workbooks, as a stranger's file."""

import codecs
import csv
import io
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path

from crm_sheets.cells import ERROR_CODES, CellError, CellValue, text_key
from crm_sheets.errors import UsageError
from crm_sheets.importing.convert import SourceRow, SourceTable
from crm_sheets.importing.mapping import ImportMapping, TableMapping
from crm_sheets.importing.template import is_example, is_notes
from crm_sheets.importing.vcards import read_vcards
from crm_sheets.language import Language
from crm_sheets.tables import Sheet, SheetRow

MAX_BYTES = 200_000_000
MAX_FIELD = 1_000_000
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
WORKBOOKS = frozenset({".xlsx", ".xlsm"})
OTHER_KINDS = frozenset({".xls", ".xlt", ".xlsb", ".et", ".ett", ".ods", ".numbers", ".pdf", ".doc", ".docx", ".zip"})
"""Files that people take for ones that we read; of some an export is a CSV by another name."""

MAX_TITLES, MAX_HEADER, LEAST_HEADERS = 10, 60, 3
"""Where a header may stand below titles: in which rows, how long a name may be, how many there must be."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula when it opens a CSV (OWASP, CSV injection)."""

_DELIMITERS = ",;\t|"
_SHEET_OF = re.compile(r".+\.xls[xm] · (.+)", re.IGNORECASE | re.DOTALL)
"""How a sheet of a workbook that has several is called (_sheets)."""
_SEPARATOR_LINE = re.compile(r"sep=(.)(?=[\r\n])", re.IGNORECASE)
"""A first line by which a CSV tells Excel what stands between its fields."""


def tables_of(
    path: Path, words_of: Language, encoding: str | None = None, delimiter: str | None = None
) -> tuple[SourceTable, ...]:
    """The CSV, the cards, or every sheet of the workbook that has a header.

    Args:
        path: of the file.
        words_of: language of the headers where the file has none.
        encoding: of a CSV; None to find it out.
        delimiter: of a CSV; None to find it out.

    Raises:
        UsageError: not there, neither xlsx nor CSV, too large, or in no encoding that is known.
        WorkbookUnreadable: a workbook that cannot be read.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file").told("error.file.missing", path=path)
    if path.stat().st_size > MAX_BYTES:
        raise UsageError(f"{path}: larger than {MAX_BYTES // 1_000_000} MB; split it").told(
            "error.file.large", path=path, size=MAX_BYTES // 1_000_000
        )
    if path.suffix.lower() in WORKBOOKS:
        return _sheets(path)
    if path.suffix.lower() in {".vcf", ".vcard"}:
        text = decoded(path.read_bytes(), encoding, path.name)
        return (read_vcards(path, text, sheet_name(path.name), words_of),)
    if path.suffix.lower() in OTHER_KINDS and not _is_text(path):
        raise UsageError(f"{path}: of another kind; save it as .xlsx").told("error.file.kind", path=path)
    return (_csv(path, encoding, delimiter),)


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(4096)
    marked = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return marked or not (b"\0" in start or start.lstrip().startswith((b"<", b"%PDF", b"PK")))


@dataclass(frozen=True, slots=True)
class Gathered:
    """What an import reads.

    Attributes:
        tables: the source of each table of the mapping, by its place in it.
        others: sheets of the given workbooks that no table of the mapping reads.
    """

    tables: dict[int, SourceTable]
    others: tuple[SourceTable, ...] = ()


def gather(given: Sequence[Path], mapping: ImportMapping, words_of: Language) -> Gathered:
    """The source of each table of a mapping.

    A table's source is the file of that name among `given` (or in a given folder), or else the sheet of that name: so
    an error workbook, whose sheets are called like the sources, can be fed back with the same mapping.

    Raises:
        UsageError: a source is missing from a given folder, or nothing that was given is named in the mapping.
    """
    folders = [path for path in given if path.is_dir()]
    files = {path.name: path for path in given if not path.is_dir()}
    sheets_of = cache(partial(tables_of, words_of=words_of))  # a workbook is read once, by a process of its own
    read = [table for path in files.values() if path.suffix.lower() in WORKBOOKS for table in sheets_of(path)]
    read.sort(key=lambda table: not table.hidden)  # of two sheets of one name the one that people see counts
    sheets = {table.sheet: table for table in read} | {table.name: table for table in read}
    titles = error_sheets(mapping)
    found: dict[int, SourceTable] = {}
    for place, table in enumerate(mapping.table):
        named = files.get(table.source) or next((folder / table.source for folder in folders), None)
        if named is not None:
            of_workbook = named.suffix.lower() in WORKBOOKS
            tables = sheets_of(named) if of_workbook else tables_of(named, words_of, table.encoding, table.delimiter)
            found[place] = _first(tables, named)
        elif sheet := sheets.get(table.source) or sheets.get(titles[place]):
            found[place] = sheet
    if not found:
        wanted = ", ".join(dict.fromkeys(table.source for table in mapping.table))
        raise UsageError(f"none of the files given is named in the mapping; it wants {wanted}").told(
            "error.import.unnamed", wanted=wanted
        )
    for place, source in found.items():
        require_headers(source, mapping.table[place])
    taken = {source.name for source in found.values()}
    return Gathered(found, tuple(table for table in read if table.rows and table.name not in taken))


def sheet_name(source: str) -> str:
    """What the sheet of a source is called in an error workbook, at most 31 characters: the name of a file without its
    suffix; of one among several sheets of a workbook the name of that sheet."""
    inside = _SHEET_OF.fullmatch(source)
    bare = inside[1] if inside else Path(source).stem
    return "".join(" " if letter in r"[]:*?/\'" else letter for letter in bare)[:31].strip() or "Sheet1"


def error_sheets(mapping: ImportMapping, names: Mapping[int, str] | None = None) -> dict[int, str]:
    """What the sheet of each table of a mapping is called in an error workbook, by its place in the mapping: one sheet
    for each source, by which it is found again (see gather).

    Args:
        mapping: of the import.
        names: what the sources are called that were read, by the place of their table: one name in the mapping may mean
            several of them.
    """
    found: dict[tuple[str, str], str] = {}
    sources = [(table.source, (names or {}).get(place, "")) for place, table in enumerate(mapping.table)]
    for source in sources:
        if source not in found:
            found[source] = _unused(sheet_name(source[0]), {title.casefold() for title in found.values()})
    return {place: found[source] for place, source in enumerate(sources)}


def _unused(name: str, taken: Container[str]) -> str:
    """A name that no other sheet has; spreadsheets do not tell large letters from small ones."""
    title, number = name, 1
    while title.casefold() in taken:
        number += 1
        ending = f" ({number})"
        title = name[: 31 - len(ending)] + ending
    return title


def _first(tables: Sequence[SourceTable], path: Path) -> SourceTable:
    if not tables:
        raise UsageError(f"{path}: no sheet with a header").told("error.file.no_header", path=path)
    return tables[0]


def require_headers(source: SourceTable, table: TableMapping) -> None:
    """Raises UsageError when the mapping names a column that the source has not."""
    places = source.places()
    missing = [header for header in table.headers if text_key(header) not in places]
    if missing:
        has = ", ".join(filter(None, source.header))
        raise UsageError(f"{source.name}: no column {', '.join(missing)}, which the mapping names; it has {has}").told(
            "error.import.columns", path=source.name, missing=", ".join(missing), has=has
        )


def decoded(data: bytes, encoding: str | None, name: str) -> str:
    """The text of a CSV: by its byte order mark, else UTF-8, else GB 18030, which is what Excel saves in China.

    Raises:
        UsageError: none of them fits.
    """
    for candidate in (encoding,) if encoding else _possible(data):
        try:
            return data.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
    raise _not_of_any(name)


def encoding_of(path: Path) -> str:
    """The encoding of a CSV as `decoded` finds it, of a file that may be too large to be held.

    Raises:
        UsageError: none of them fits.
    """
    with path.open("rb") as file:
        candidates = _possible(file.read(4))
    for candidate in candidates:
        try:
            with path.open("r", encoding=candidate, newline="") as text:
                while text.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return candidate
    raise _not_of_any(str(path))


def _possible(beginning: bytes) -> tuple[str, ...]:
    marked = next((known for mark, known in _MARKS if beginning.startswith(mark)), None)
    return (marked,) if marked else ("utf-8", "gb18030")


def _not_of_any(name: str) -> UsageError:
    return UsageError(
        f"{name}: neither UTF-8 nor GB 18030; save it as UTF-8, or name its encoding in the mapping"
    ).told("error.file.encoding", path=name)


def _csv(path: Path, encoding: str | None, delimiter: str | None) -> SourceTable:
    text = decoded(path.read_bytes(), encoding, path.name)
    said = _SEPARATOR_LINE.match(text)
    lines = _lines(text, delimiter or (said.group(1) if said else _sniffed(text)), path.name)
    header = next(islice(lines, 1 if said else 0, None), None)
    if header is None:
        raise UsageError(f"{path.name}: empty; a header is wanted in its first line").told(
            "error.file.empty", path=path.name
        )
    rows = [SourceRow(line, tuple(map(_field, cells))) for line, cells in lines if any(cells)]
    return SourceTable(path.name, sheet_name(path.name), tuple(cell.strip() for cell in header[1]), rows)


def _field(text: str) -> CellValue:
    """A field as a cell. An apostrophe before the sign of a formula only says that it is none."""
    return _error_or(text[1:] if text[:1] == "'" and text[1:2] in FORMULA_SIGNS else text) or None


def _error_or(cell: CellValue) -> CellValue:
    """An error that was saved as its text, as CSV and our own error workbooks have it, is an error and no text."""
    return CellError(cell.strip()) if isinstance(cell, str) and cell.strip() in ERROR_CODES else cell


def _lines(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line on which each begins."""
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UsageError(f"{name}: line {line}: {error}; mend the quotation marks there").told(
                "error.file.quotes", path=name, line=line
            ) from error


def _sniffed(text: str) -> str:
    """The delimiter that parts the first line into most columns, outside quotation marks."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    unquoted = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=unquoted.count)


def _sheets(path: Path) -> tuple[SourceTable, ...]:
    from crm_sheets.sync.backends.xlsx.untrusted import read_untrusted

    snapshot = read_untrusted(path)
    told = [sheet for sheet in snapshot.sheets.values() if not is_notes(sheet.name) and not sheet.name.startswith("_")]
    shown = sum(not sheet.hidden for sheet in told)
    made: dict[str, SourceTable] = {}
    for number, sheet in enumerate(sorted(told, key=lambda sheet: sheet.hidden), 1):
        if sheet.rows and sheet.kind == "worksheet":
            alone = shown == 1 and not sheet.hidden
            name = path.name if alone else f"{path.name} · {sheet.name.strip()}"
            name = f"{name} ({number})" if name in made else name
            made[name] = _sheet_table(name, sheet, snapshot.date1904)
    return tuple(made.values())


def _sheet_table(name: str, sheet: Sheet, date1904: bool) -> SourceTable:
    header, *rows = sheet.rows[_titles(sheet.rows) :]
    labels = tuple(_label(cell) for cell in header.cells)
    if rows and (parts := parted(labels, header.number, rows[0], sheet.merged)):
        labels, rows = parts, rows[1:]
    return SourceTable(name, sheet.name, labels, _filled(rows), date1904, sheet.hidden)


def parted(
    labels: tuple[str, ...], number: int, below: SheetRow, merged: Sequence[tuple[int, int, int, int]]
) -> tuple[str, ...]:
    """The labels of a header of two rows, in which one that is merged over several columns has their names below it;
    () when there is none such. A name that stands below several of them is told apart by theirs.

    Args:
        labels: of the upper row, whose `number` is 1-based.
        below: the row after it.
        merged: areas of the sheet: first row, first column, last row, last column, 1-based.
    """
    over = {
        place: labels[first - 1]
        for top, first, bottom, last in merged
        if top == bottom == number and first < last and first <= len(labels)
        for place in range(first - 1, last)
    }
    names = {place: cell for place, cell in enumerate(below.cells) if cell is not None}
    upper = {place: label for place, label in enumerate(labels) if label}
    texts = all(isinstance(cell, str) and len(cell) <= MAX_HEADER for cell in names.values())
    beside = any(place in upper and place not in over for place in names)
    if below.number != number + 1 or not texts or beside or len(names.keys() & over.keys()) < 2:
        return ()
    said = [str(names[place]).strip() if place in names else "" for place in range(max([*names, *upper]) + 1)]
    alone = {name for name in said if said.count(name) == 1}
    return tuple(
        name if name in alone or not name else f"{over.get(place, '')} {name}".strip()
        for place, name in enumerate(name or upper.get(place, "") for place, name in enumerate(said))
    )


def _titles(rows: Sequence[SheetRow]) -> int:
    """How many rows stand above the header: titles, in one cell each, over a row of several texts."""
    for place, row in enumerate(rows[:MAX_TITLES]):
        filled = [cell for cell in row.cells if cell is not None]
        if len(filled) > 1:
            names = {cell for cell in filled if isinstance(cell, str) and len(cell) <= MAX_HEADER}
            texts = all(isinstance(cell, str) for cell in filled)
            return place if texts and len(names) >= LEAST_HEADERS else 0
    return 0


def _filled(rows: Sequence[SheetRow]) -> list[SourceRow]:
    """Rows of a sheet without the example of a template."""
    return [SourceRow(row.number, tuple(map(_error_or, row.cells))) for row in rows if not is_example(row.cells)]


def _label(cell: CellValue) -> str:
    return "" if cell is None or isinstance(cell, CellError) else str(cell).strip()
