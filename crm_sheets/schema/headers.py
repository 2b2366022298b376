"""What a header cell says: which column of a tab it names, and how surely."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from crm_sheets.cells import CellValue, Formula, text_key
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import header_names_of
from crm_sheets.tables import ColumnKey, Sheet, SheetRow, TabKey

SEARCHED_ROWS = 20
"""A header row stands among so many rows from the top."""

_REMARK = re.compile(r"\s*[(\[【][^()\[\]【】]*[)\]】]\s*$")  # (元), (必填), [yyyy-mm-dd]
_ASTERISKS = "*＊※ "
_WITHIN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
"""A space, or a line break, inside of a Chinese word: it makes a header fit its column."""


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """A row read as a header of one tab.

    Attributes:
        number: 1-based row.
        texts: what stands in each column that is not blank, 1-based.
        columns: where each column of the tab was found, 1-based.
        doubled: columns of the tab whose header stands more than once, with all of its places.
    """

    number: int
    texts: Mapping[int, str]
    columns: Mapping[ColumnKey, int]
    doubled: Mapping[ColumnKey, tuple[int, ...]]

    @property
    def last_column(self) -> int:
        """The last column that has a header, of ours or the team's."""
        return max(self.texts, default=0)


def header_key(text: str) -> str:
    """A header as it is compared: without asterisk, without a remark in brackets such as a unit, without spaces and
    line breaks between Chinese characters."""
    key = _WITHIN.sub("", text_key(text)).strip(_ASTERISKS)
    while (shorter := _REMARK.sub("", key).strip(_ASTERISKS)) not in (key, ""):
        key = shorter
    return key


def best_header(tab: Tab, sheet: Sheet) -> HeaderRow | None:
    """The row that names most columns of the tab, the first of several; None when none names two."""
    best: HeaderRow | None = None
    for row in _top(sheet.rows):
        header = read_header(tab, row)
        if len(header.columns) > (len(best.columns) if best else 1):
            best = header
    return best


def _top(rows: Sequence[SheetRow]) -> Iterator[SheetRow]:
    for row in rows[:SEARCHED_ROWS]:
        if row.number > SEARCHED_ROWS:
            return
        yield row


def read_header(tab: Tab, row: SheetRow) -> HeaderRow:
    """Reads a row as the header of a tab.

    Where several headers may mean one column, its label counts before an alias, then the one further left; the rest
    are the team's own. The same text twice is doubled: nobody can tell which is meant.
    """
    texts, columns, doubled = _named(tab.key, tuple(tab.columns), tuple(tab.names.items()), row.cells)
    return HeaderRow(row.number, texts, columns, doubled)


@lru_cache(maxsize=4_096)
def _named(
    tab: TabKey,
    ours: tuple[ColumnKey, ...],
    own_names: tuple[tuple[ColumnKey, tuple[str, ...]], ...],
    cells: tuple[CellValue, ...],
) -> tuple[Mapping[int, str], Mapping[ColumnKey, int], Mapping[ColumnKey, tuple[int, ...]]]:
    """What a row says as a header: the same row is asked again in each cycle, of each workbook."""
    texts = {place: text for place, cell in enumerate(cells, 1) if (text := _text(cell))}
    names = header_names_of(tab, ours, own_names)
    ranks = {name: rank for rank, name in enumerate(names)}
    places: dict[ColumnKey, list[tuple[int, int, str]]] = {}
    for place, text in texts.items():
        said = text_key(text) if text_key(text) in names else header_key(text)
        if said in names:
            places.setdefault(names[said], []).append((ranks[said], place, said))
    columns: dict[ColumnKey, int] = {}
    doubled: dict[ColumnKey, tuple[int, ...]] = {}
    for column, found in places.items():
        _, columns[column], said = min(found)
        same = tuple(place for _, place, other in found if other == said)
        if len(same) > 1:
            doubled[column] = same
    return MappingProxyType(texts), MappingProxyType(columns), MappingProxyType(doubled)


def _text(cell: CellValue) -> str:
    value = cell.cached if isinstance(cell, Formula) else cell
    return value.strip() if isinstance(value, str) else ""
