"""A book as an import sees it, in memory, and the context of a check over it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from crm_sheets.cells import text_key
from crm_sheets.importing.context import ImportContext, Values
from crm_sheets.language import Language, language
from crm_sheets.schema import TABS
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.tables import RowKey, TabKey

BOOK = {tab.key: tab for tab in TABS}


@dataclass(frozen=True, slots=True)
class SmallBook:
    """See importing.context.BookView."""

    tabs: Mapping[TabKey, Mapping[RowKey, Values]] = field(default_factory=dict)
    origins: Mapping[str, RowKey] = field(default_factory=dict)

    def named(self, tab: TabKey, text: str) -> tuple[RowKey, ...]:
        name = BOOK[tab].record.name_column
        wanted = text_key(text)
        return tuple(
            key
            for key, values in self.rows(tab).items()
            if wanted in {text_key(key), text_key(str(values.get(name))) if name else ""}
        )

    def rows(self, tab: TabKey) -> Mapping[RowKey, Values]:
        return self.tabs.get(tab, {})

    def taken(self, origins: Iterable[str]) -> Mapping[str, RowKey]:
        return {origin: self.origins[origin] for origin in origins if origin in self.origins}


def book_of(**tabs: Mapping[RowKey, Values]) -> SmallBook:
    return SmallBook({TabKey(tab): rows for tab, rows in tabs.items()})


def context_of(book: SmallBook, words: Language | None = None, *, zone: str = "Asia/Shanghai") -> ImportContext:
    words = words or language("zh-CN")
    codec = CodecContext(zone=ZoneInfo(zone), language=words)
    return ImportContext(codec, book, words, BOOK, default_dictionaries(words))
