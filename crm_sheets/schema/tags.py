"""Tags are written 维度-值 (dimension-value). The dictionary `tag` of 字典 is the library of a team that keeps one.

A value `备注-*` opens its dimension: any value may stand behind it. Other ways to write a tag are its attribute
`alias=制造|生产制造`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crm_sheets.cells import text_key
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry

TAG = "tag"
"""Key of the dictionary."""

_DIMENSION_AND_VALUE = re.compile(r"([^-－]+)[-－].+")
_ANY = re.compile(r"[-－]\s*[*＊]$")


def dimension_of(tag: str) -> str:
    """What stands before the dash; "" for a tag without a dimension."""
    found = _DIMENSION_AND_VALUE.fullmatch(tag.strip())
    return found[1].strip() if found else ""


@dataclass(frozen=True, slots=True)
class Library:
    """The tags that a team keeps.

    Attributes:
        entries: as the 字典 tab has them, in their order; none where no library is kept.
    """

    entries: Sequence[DictionaryEntry]

    @classmethod
    def of(cls, dictionaries: Dictionaries) -> "Library":
        """The library among the dictionaries."""
        return cls(dictionaries.entries.get(TAG, ()))

    @property
    def tags(self) -> list[str]:
        """The tags in use, those that open a dimension apart."""
        return [entry.value for entry in self.entries if entry.active and not _ANY.search(entry.value)]

    @property
    def dimensions(self) -> list[str]:
        """The dimensions in use, each once."""
        found = (dimension_of(entry.value) for entry in self.entries if entry.active)
        return list(dict.fromkeys(dimension for dimension in found if dimension))

    def entry(self, tag: str) -> DictionaryEntry | None:
        """The tag as the library has it, found by its own text first and then by an alias."""
        key = text_key(tag)
        named = (entry for entry in self.entries if text_key(entry.value) == key)
        return next(named, None) or next((entry for entry in self.entries if key in map(text_key, entry.aliases)), None)

    def is_open(self, dimension: str) -> bool:
        """Whether any value may stand behind a dimension."""
        key = text_key(dimension)
        return any(_ANY.search(entry.value) and text_key(dimension_of(entry.value)) == key for entry in self.entries)

    def lists(self, dimension: str) -> bool:
        """Whether the library has the dimension."""
        return text_key(dimension) in map(text_key, self.dimensions)
