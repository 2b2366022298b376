"""The 字典 tab: the values of every drop-down, and what rules know them by."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.language import Language
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionary_defaults import SHIPPED, WORDED, ShippedValue
from crm_sheets.schema.dictionary_rows import DictionaryRecord
from crm_sheets.schema.labels import words
from crm_sheets.tables import ColumnKey

CODE = "code"
_SEPARATORS = re.compile(r"[;；,，\n]")
_ALIASES = re.compile(r"[|｜/]")
_LAST = 10**9  # values without an order stand after the others


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """One value of a dictionary as the 字典 tab has it now.

    Attributes:
        value: as shown and typed.
        code: what rules know it by (`won`), from the attributes or from the shipped label; "" for a team's own.
        attributes: the rest of the attributes, `probability` -> `30%`.
    """

    value: str
    code: str
    order: int
    active: bool
    attributes: Mapping[str, str]

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other ways to write the value, from its attribute `alias=制造业|生产制造`."""
        return tuple(text.strip() for text in _ALIASES.split(self.attributes.get("alias", "")) if text.strip())


@dataclass(frozen=True, slots=True)
class OwnDictionary:
    """A dictionary that the team's config adds.

    Attributes:
        labels: what it is called in 字典, by locale.
        values: those that it begins with.
    """

    key: str
    labels: Mapping[str, str]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dictionaries:
    """All dictionaries, by their key (`customer_status`), each in the order of its values.

    Attributes:
        own: those that the team added; the others are shipped.
    """

    entries: Mapping[str, tuple[DictionaryEntry, ...]]
    own: tuple[OwnDictionary, ...] = ()
    _by_value: Mapping[tuple[str, str], DictionaryEntry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_value = {
            (dictionary, text_key(entry.value)): entry
            for dictionary, entries in self.entries.items()
            for entry in reversed(entries)
        }
        object.__setattr__(self, "_by_value", by_value)

    def entry(self, dictionary: str, value: str | None) -> DictionaryEntry | None:
        """The entry whose value is `value` (compared as text_key), active or not; None when there is none.

        A dictionary that the team does not keep (its book is older than the dictionary) is as it is shipped.
        """
        if not value:
            return None
        if dictionary in self.entries:
            return self._by_value.get((dictionary, text_key(value)))
        shipped = _shipped_codes().get((dictionary, text_key(value)))
        return DictionaryEntry(value, shipped.code, _LAST, True, shipped.attributes) if shipped else None

    def code(self, dictionary: str, value: str | None) -> str:
        """The code of a value; "" for a blank, an unknown or a team's own value."""
        entry = self.entry(dictionary, value)
        return entry.code if entry else ""

    @property
    def known(self) -> tuple[str, ...]:
        """The keys of all dictionaries that there may be, kept or not."""
        return (*SHIPPED, *(each.key for each in self.own))

    def key(self, name: str) -> str | None:
        """The key of a dictionary that is named by its key or by its label in any language; None for an unknown one."""
        return dictionary_key(name, self.own)


def dictionary_key(name: str, own: Iterable[OwnDictionary] = ()) -> str | None:
    """See Dictionaries.key."""
    said = text_key(name)
    for each in own:
        if said in {text_key(each.key), *map(text_key, each.labels.values())}:
            return each.key
    return shipped_names().get(said)


@cache
def shipped_names() -> Mapping[str, str]:
    """The shipped dictionaries by their keys and labels, as text_key, in all languages."""
    labels = {text_key(label): key for key in SHIPPED for label in words(f"dictionary.{key}")}
    return MappingProxyType(labels | {text_key(key): key for key in SHIPPED})


@cache
def _shipped_codes() -> Mapping[tuple[str, str], ShippedValue]:
    """The shipped values by dictionary and label, as text_key, in all languages."""
    return MappingProxyType(
        {
            (key, text_key(label)): value
            for key, values in SHIPPED.items()
            for value in values
            for label in words(f"value.{key}.{value.code}")
        }
    )


def parse_attributes(text: str | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Reads `code=won; probability=100%`.

    Returns:
        Attributes by their name in lower case, and the parts that are not of the form name=value.
    """
    attributes: dict[str, str] = {}
    malformed = []
    for part in _SEPARATORS.split(text or ""):
        name, equals, value = part.replace("＝", "=").partition("=")
        if equals and text_key(name) and value.strip():
            attributes[text_key(name)] = value.strip()
        elif part.strip():
            malformed.append(part.strip())
    return attributes, tuple(malformed)


def dictionaries_of(rows: Iterable[Row], own: tuple[OwnDictionary, ...] = ()) -> Dictionaries:
    """The dictionaries as the rows of the 字典 tab say, each in the order of its values; `own` are the team's.

    A value without a code that bears the shipped label of one, in any language, is known by that code.
    Rows without a value, and rows of dictionaries that nothing uses, are left out.
    """
    found: dict[str, list[DictionaryEntry]] = {}
    for row in rows:
        record = row.record
        if isinstance(record, DictionaryRecord) and record.dictionary and record.value:
            key = dictionary_key(record.dictionary, own)
            if key:
                active, attributes = record.active is not False, record.attributes or ""
                found.setdefault(key, []).append(_entry(key, record.value, attributes, record.order, active))
    kept = (key for key in Dictionaries({}, own).known if key in found)
    return Dictionaries({key: tuple(sorted(found[key], key=_place)) for key in kept}, own)


@lru_cache(maxsize=4_096)
def _entry(key: str, value: str, told: str, place: int | None, active: bool) -> DictionaryEntry:
    attributes, _ = parse_attributes(told)
    shipped = _shipped_codes().get((key, text_key(value)))
    code = attributes.pop(CODE, None) or (shipped.code if shipped else "")
    order = _LAST if place is None else place
    return DictionaryEntry(value, code, order, active, MappingProxyType(attributes))


def _place(entry: DictionaryEntry) -> tuple[int, str]:
    return entry.order, entry.value


def default_dictionaries(
    words_of: Language, own: tuple[OwnDictionary, ...] = (), wanted: Collection[str] | None = None
) -> Dictionaries:
    """The dictionaries of a new book, in one language.

    Args:
        words_of: the language.
        own: those of the team.
        wanted: keys of the shipped ones that the team's tabs need; None for all.
    """
    shipped = {
        key: tuple(
            DictionaryEntry(
                words_of.text(f"value.{key}.{each.code}"), each.code, order, True, _worded(key, each, words_of)
            )
            for order, each in enumerate(values, 1)
        )
        for key, values in SHIPPED.items()
        if values and (wanted is None or key in wanted)
    }
    added = {
        each.key: tuple(DictionaryEntry(value, "", order, True, {}) for order, value in enumerate(each.values, 1))
        for each in own
    }
    return Dictionaries(shipped | added, own)


def rows_of(dictionaries: Dictionaries, words_of: Language) -> dict[str, list[dict[ColumnKey, Value]]]:
    """The rows of the 字典 tab that say the same, as canonical values, by dictionary, in the order of the tab."""
    return {
        key: [dict(zip(_COLUMNS, _cells(key, entry, words_of), strict=True)) for entry in entries]
        for key, entries in dictionaries.entries.items()
    }


def _worded(key: str, value: ShippedValue, words_of: Language) -> Mapping[str, str]:
    return {
        name: words_of.text(f"attribute.{key}.{value.code}.{name}") if said == WORDED else said
        for name, said in value.attributes.items()
    }


def default_entries(words_of: Language) -> list[dict[ColumnKey, Value]]:
    """The rows of the 字典 tab of a new book that has every tab and nothing of its own."""
    return [row for rows in rows_of(default_dictionaries(words_of), words_of).values() for row in rows]


def _cells(key: str, entry: DictionaryEntry, words_of: Language) -> tuple[Value, ...]:
    attributes = {CODE: entry.code, **entry.attributes} if entry.code else entry.attributes
    said = "; ".join(f"{name}={value}" for name, value in attributes.items()) or None
    return words_of.text(f"dictionary.{key}"), entry.value, entry.order, said, True


_COLUMNS = tuple(map(ColumnKey, ("dictionary", "value", "order", "attributes", "active")))
