"""The 字典 tab: the values of every drop-down, and what rules know them by."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.language import Language
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionary_defaults import SHIPPED, ShippedValue
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
class Dictionaries:
    """All dictionaries, by their key (`customer_status`), each in the order of its values."""

    entries: Mapping[str, tuple[DictionaryEntry, ...]]
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


def dictionary_key(name: str) -> str | None:
    """The key of a dictionary that is named by its key or by its label in any language; None for an unknown one."""
    return _keys_by_name().get(text_key(name))


@cache
def _keys_by_name() -> Mapping[str, str]:
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


def dictionaries_of(rows: Iterable[Row]) -> Dictionaries:
    """The dictionaries as the rows of the 字典 tab say, each in the order of its values.

    A value without a code that bears the shipped label of one, in any language, is known by that code.
    Rows without a value, and rows of dictionaries that nothing uses, are left out.
    """
    found: dict[str, list[DictionaryEntry]] = {}
    for row in rows:
        record = row.record
        if isinstance(record, DictionaryRecord) and record.dictionary and record.value:
            key = dictionary_key(record.dictionary)
            if key:
                found.setdefault(key, []).append(_entry(key, record, record.value))
    return Dictionaries({key: tuple(sorted(found[key], key=_place)) for key in SHIPPED if key in found})


def _entry(key: str, record: DictionaryRecord, value: str) -> DictionaryEntry:
    attributes, _ = parse_attributes(record.attributes)
    shipped = _shipped_codes().get((key, text_key(value)))
    code = attributes.pop(CODE, None) or (shipped.code if shipped else "")
    order = _LAST if record.order is None else record.order
    return DictionaryEntry(value, code, order, record.active is not False, attributes)


def _place(entry: DictionaryEntry) -> tuple[int, str]:
    return entry.order, entry.value


def default_dictionaries(words_of: Language) -> Dictionaries:
    """The dictionaries of a new book, in one language."""
    return Dictionaries(
        {
            key: tuple(
                DictionaryEntry(words_of.text(f"value.{key}.{each.code}"), each.code, order, True, each.attributes)
                for order, each in enumerate(values, 1)
            )
            for key, values in SHIPPED.items()
            if values
        }
    )


def default_entries(words_of: Language) -> list[dict[ColumnKey, Value]]:
    """The rows of the 字典 tab of a new book, as canonical values, in the order of the tab."""
    rows = []
    for key, entries in default_dictionaries(words_of).entries.items():
        for entry in entries:
            attributes = "; ".join(f"{name}={value}" for name, value in {CODE: entry.code, **entry.attributes}.items())
            said = (words_of.text(f"dictionary.{key}"), entry.value, entry.order, attributes, True)
            rows.append(dict(zip(_COLUMNS, said, strict=True)))
    return rows


_COLUMNS = tuple(map(ColumnKey, ("dictionary", "value", "order", "attributes", "active")))
