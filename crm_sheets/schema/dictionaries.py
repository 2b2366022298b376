"""The 字典 tab: the values of every drop-down, and what rules know them by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_sheets.cells import text_key


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
        """The entry whose value is `value` (compared as text_key), active or not; None when there is none."""
        return self._by_value.get((dictionary, text_key(value))) if value else None

    def code(self, dictionary: str, value: str | None) -> str:
        """The code of a value; "" for a blank, an unknown or a team's own value."""
        entry = self.entry(dictionary, value)
        return entry.code if entry else ""
