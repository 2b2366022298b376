"""What checking an import needs to know of the book, asked through one small protocol."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from crm_sheets.changes import Value
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.tables import ColumnKey, RowKey, TabKey

Values = Mapping[ColumnKey, Value]


class BookView(Protocol):
    """The records of the book as an import may ask for them."""

    def named(self, tab: TabKey, text: str) -> tuple[RowKey, ...]:
        """Rows under an id or an exact name (compared as text_key), ordered."""

    def rows(self, tab: TabKey) -> Mapping[RowKey, Values]:
        """Every row of a tab, ordered by key."""

    def taken(self, origins: Iterable[str]) -> Mapping[str, RowKey]:
        """Which rows of earlier imports, by their origin, were taken in and not undone, and what they became."""


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What checking needs to know.

    Attributes:
        codec: how cells are read; the date system of each source is taken from the source.
        language: of the reasons.
        tabs: of the team's book.
        dictionaries: as of the last cycle.
        again: rows that an earlier import took in come in once more.
        tell: told how many rows of how many are checked.
    """

    codec: CodecContext
    book: BookView
    language: Language
    tabs: Mapping[TabKey, Tab]
    dictionaries: Dictionaries
    again: bool = False
    tell: Callable[[int, int], None] = lambda done, total: None
