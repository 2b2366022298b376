"""Words, counts and instants in a line."""

from collections.abc import Mapping
from datetime import datetime

from crm_sheets.language import Language
from crm_sheets.schema.labels import column_label
from crm_sheets.tables import ColumnKey, TabKey


def tab_word(key: str | None, words: Language) -> str:
    """What staff call a tab."""
    return "" if key is None else word(words, "tab.", key)


def column_word(tab: str, key: str | None, words: Language) -> str:
    """What staff call a column."""
    return "" if key is None else column_label(TabKey(tab), ColumnKey(key), words).removeprefix("column.")


def word(words: Language, prefix: str, key: str) -> str:
    """The word for a key, or the key where there is none."""
    return words.text(prefix + key) if words.has(prefix + key) else key


def by_tab(rows: Mapping[str, int], words: Language) -> list[tuple[str, int]]:
    """Counts by tab, with the words for the tabs."""
    return [(tab_word(tab, words), count) for tab, count in rows.items()]


def counted(counts: Mapping[str, int], words: Language) -> str:
    """Counts in one line, each with its word."""
    return " · ".join(words.text(f"cli.count.{name}", count=count) for name, count in counts.items())


def pairs_of(counts: Mapping[str, int]) -> str:
    """Names and counts in one line."""
    return " · ".join(f"{name} {count}" for name, count in counts.items())


def moment(instant: datetime | None) -> str:
    """An instant to the minute."""
    return "" if instant is None else instant.strftime("%Y-%m-%d %H:%M")
