"""What tabs and columns are called: one label for each language, and every header that is taken for a column."""

from collections.abc import Mapping
from functools import cache

from crm_sheets.cells import text_key
from crm_sheets.language import LOCALES, Language, language
from crm_sheets.schema.base import Tab
from crm_sheets.tables import ColumnKey, TabKey

_NONE = "-"  # stands in a catalogue where a language has no such word: gettext knows no empty message


def words(key: str, locales: tuple[str, ...] = LOCALES) -> tuple[str, ...]:
    """The words under a key of the catalogues of all `locales`, without doubles, in their order."""
    found = (
        word for each in locales if language(each).has(key) for word in language(each).text(key).split("|") if word
    )
    return tuple(dict.fromkeys(word for word in found if word != _NONE))


def tab_label(key: TabKey, words_of: Language) -> str:
    """What the tab is called on its sheet: 客户."""
    return words_of.text(f"tab.{key}")


def column_label(tab: TabKey, column: ColumnKey, words_of: Language) -> str:
    """What the column is called in its header, without the asterisk: 客户名称."""
    own = f"column.{tab}.{column}"
    return words_of.text(own if words_of.has(own) else f"column.{column}")


@cache
def tab_names(tabs: tuple[TabKey, ...]) -> Mapping[str, TabKey]:
    """Names of sheets, as text_key, with the tab that they stand for: labels first, then aliases, in all languages."""
    names: dict[str, TabKey] = {}
    for prefix in ("tab.", "alias.tab."):
        for key in tabs:
            for word in words(prefix + key):
                names.setdefault(text_key(word), key)
    return names


def header_names(tab: Tab) -> Mapping[str, ColumnKey]:
    """Texts of headers, as text_key, with the column that they stand for.

    A label beats an alias, and a column further left beats one further right, where two claim the same text.
    """
    return header_names_of(tab.key, tuple(tab.columns), tuple(tab.names.items()))


@cache
def header_names_of(
    tab: TabKey, columns: tuple[ColumnKey, ...], own_names: tuple[tuple[ColumnKey, tuple[str, ...]], ...]
) -> Mapping[str, ColumnKey]:
    """See header_names, of a tab with these columns, some of which the team named."""
    names = {text_key(name): column for column, said in own_names for name in said}
    for prefix in ("column", "alias"):
        for column in columns:
            own = words(f"{prefix}.{tab}.{column}")
            for word in (*own, *(() if own and prefix == "column" else words(f"{prefix}.{column}"))):
                names.setdefault(text_key(word), column)
    return names
