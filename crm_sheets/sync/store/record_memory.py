"""Records that were decoded, for a round in which one workbook after another is compared with all of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from crm_sheets.changes import Value
from crm_sheets.schema.base import Tab
from crm_sheets.schema.storage import decode_values
from crm_sheets.tables import ColumnKey, RowKey, TabKey

MOST_RECORDS = 100_000
"""So many are kept at once, of some 3 KB each; of those beyond, each is decoded whenever it is asked for."""


class RecordMemory:
    """Knows a record by its text: one that another transaction changed is decoded anew. Keeps nothing outside of
    `keeping`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[TabKey, RowKey], tuple[str, Mapping[ColumnKey, Value]]] = {}
        self._keeping = False

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Until the block ends, what is decoded is kept."""
        self._keeping = True
        try:
            yield
        finally:
            self._keeping = False
            self._kept.clear()

    def decoded(self, tab: Tab, key: RowKey, text: str) -> Mapping[ColumnKey, Value]:
        """The values that a record has by its text."""
        if not self._keeping:
            return decode_values(tab, text)
        known = self._kept.get((tab.key, key))
        if known is not None and known[0] == text:
            return known[1]
        values = decode_values(tab, text)
        if known is not None or len(self._kept) < MOST_RECORDS:
            self._kept[tab.key, key] = text, values
        return values
