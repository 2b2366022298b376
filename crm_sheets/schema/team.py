"""A team's own book: the tabs that it uses, with the fields and dictionaries that it added, and what it calls them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from crm_sheets.language import Language, language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.book import TABS
from crm_sheets.schema.custom import Condition, CustomField, with_fields
from crm_sheets.schema.dictionaries import Dictionaries, OwnDictionary, default_dictionaries
from crm_sheets.schema.dictionary_defaults import SHIPPED
from crm_sheets.schema.own_sources import with_own_sources
from crm_sheets.tables import ColumnKey, TabKey


@dataclass(frozen=True)
class TeamSchema:
    """What the book of one team consists of.

    Attributes:
        tabs: those in use, in the order of the workbook.
        known: all that the program has, with the team's fields: what the state may hold rows of.
        dictionaries: those that the team added.
        conditions: the rules that the team added.
        language: with the team's words for what it added.
    """

    tabs: Mapping[TabKey, Tab]
    known: tuple[Tab, ...]
    dictionaries: tuple[OwnDictionary, ...]
    language: Language
    conditions: tuple[Condition, ...] = ()

    def default_dictionaries(self) -> Dictionaries:
        """The dictionaries of a new book: those that its tabs need, and those that no tab has for itself."""
        needed = dictionaries_in(self.tabs.values())
        elsewhere = dictionaries_in(self.known) - needed
        return default_dictionaries(self.language, self.dictionaries, SHIPPED.keys() - elsewhere)


def team_schema(
    locale: str,
    tabs: Sequence[str],
    fields: Sequence[CustomField] = (),
    dictionaries: Sequence[OwnDictionary] = (),
    conditions: Sequence[Condition] = (),
    left_out: Mapping[TabKey, frozenset[ColumnKey]] = MappingProxyType({}),
) -> TeamSchema:
    """Puts a team's book together.

    Args:
        locale: of the workbook.
        tabs: keys of those in use, in the order of the workbook.
        fields: that the team adds, each to a tab that there is.
        dictionaries: that the team adds.
        conditions: the rules that the team adds, each for a tab that there is.
        left_out: columns of what the team does not do.
    """
    shipped = (tab.without(left_out.get(tab.key, frozenset())) for tab in TABS)
    known = tuple(with_fields(tab, [each for each in fields if each.tab == tab.key]) for tab in shipped)
    by_key = {tab.key: tab for tab in known}
    wanted = frozenset(map(TabKey, tabs))
    used = {TabKey(key): without_needy(by_key[TabKey(key)], wanted) for key in tabs}
    words = with_words(language(locale), _own_words(locale, fields, dictionaries, conditions))
    return TeamSchema(with_own_sources(used, words), known, tuple(dictionaries), words, tuple(conditions))


def without_needy(tab: Tab, used: Collection[TabKey]) -> Tab:
    """A tab without the columns that mean nothing in a book of these tabs."""
    kept = {key: column for key, column in tab.columns.items() if column.needs is None or column.needs in used}
    return tab if len(kept) == len(tab.columns) else replace(tab, columns=kept)


def dictionaries_in(tabs: Iterable[Tab]) -> frozenset[str]:
    """The dictionaries that feed the drop-downs of tabs."""
    columns = (column for tab in tabs for column in tab.columns.values())
    return frozenset(column.dictionary for column in columns if column.dictionary)


def with_words(words: Language, more: Mapping[str, str]) -> Language:
    """A language that has more words."""
    return replace(words, messages=MappingProxyType({**words.messages, **more})) if more else words


def said_in(locale: str, texts: Mapping[str, str]) -> str:
    """What a team calls something in a language; in another one where it gives none in this."""
    return texts.get(locale) or next(iter(texts.values()), "")


def _own_words(
    locale: str,
    fields: Iterable[CustomField],
    dictionaries: Iterable[OwnDictionary],
    conditions: Iterable[Condition],
) -> Mapping[str, str]:
    said = {f"column.{each.tab}.{each.column.key}": said_in(locale, each.labels) for each in fields}
    said |= {f"hint.{each.tab}.{each.column.key}": said_in(locale, each.help) for each in fields if each.help}
    said |= {f"issue.custom:{each.name}": language(locale).text("issue.custom") for each in conditions}
    return said | {f"dictionary.{each.key}": said_in(locale, each.labels) for each in dictionaries}
