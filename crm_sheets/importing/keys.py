"""What rows of a tab are told apart by: two rows that agree in one of its keys are the same one, or one is a copy."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from crm_sheets.cells import text_key
from crm_sheets.importing.context import ImportContext, Values
from crm_sheets.importing.mapping import Alternatives
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.tables import ColumnKey, RowKey, TabKey

Key: TypeAlias = tuple[ColumnKey, ...]
Found: TypeAlias = tuple[str, ...]

ID = ColumnKey("id")
NAME = ColumnKey("name")
CUSTOMERS = TabKey("customers")


def _keys(*keys: str) -> Alternatives:
    return tuple(tuple(ColumnKey(column) for column in key.split()) for key in keys)


EXACT: Mapping[str, Alternatives] = {
    "customers": _keys("credit_code", "id_number", "name", "phone", "email"),
    "people": _keys("id"),
    "dictionaries": _keys("dictionary value"),
    "calendar": _keys("date"),
    "opportunities": _keys("customer name"),
    "follow_ups": _keys("customer planned_at content"),
    "feedback": _keys("customer date content"),
    "orders": _keys("external"),
    "contracts": _keys("number"),
    "services": _keys("customer opened_at problem"),
    "campaigns": _keys("name"),
    "campaign_members": _keys("campaign customer"),
    "targets": _keys("period scope measure"),
}
"""By tab. A tab that is not named has no key: two equal payments on one day may both be right."""


def exact_keys(tab: Tab, mapped: Iterable[ColumnKey]) -> Alternatives:
    """The keys of a tab whose columns are all filled by a mapping."""
    filled = set(mapped)
    return tuple(key for key in EXACT.get(tab.key, ()) if filled.issuperset(key))


def default_match(tab: Tab, mapped: Iterable[ColumnKey]) -> Alternatives:
    """By what rows of the book are found when nobody says it: their 编号, or else their keys."""
    filled = set(mapped)
    if tab.id_column is not None and tab.id_column in filled:
        return ((tab.id_column,),)
    return exact_keys(tab, filled)


class Keys:
    """Reads keys out of the values of rows, references by the row that they name."""

    def __init__(self, context: ImportContext) -> None:
        self._context = context
        self._named: dict[tuple[TabKey, str], str] = {}

    def of(self, tab: Tab, key: Key, values: Values) -> Found | None:
        """What a row has in the columns of a key, in a form that is equal for equal rows; None when one is blank."""
        if key == (NAME,) and tab.key == CUSTOMERS and self._is_person(values):
            return None  # two people may have one name
        found = []
        for column in key:
            value = values.get(column)
            if value is None or value in {"", ()}:
                return None
            found.append(self._form(tab, column, value))
        return tuple(found)

    def _is_person(self, values: Values) -> bool:
        kind = values.get(ColumnKey("type"))
        return self._context.dictionaries.code("customer_type", str(kind) if kind else None) == "person"

    def _form(self, tab: Tab, column: ColumnKey, value: object) -> str:
        about = tab.columns[column]
        text = text_key(str(value))
        if about.kind is not Kind.REFERENCE or about.refers_to is None:
            return text
        place = (about.refers_to, text)
        if place not in self._named:
            rows = self._context.book.named(about.refers_to, str(value))
            self._named[place] = f"\0{rows[0]}" if len(rows) == 1 else text
        return self._named[place]


@dataclass(slots=True)
class BookIndex:
    """The rows of the book by their keys, made when first asked for."""

    context: ImportContext
    keys: Keys
    _made: dict[tuple[TabKey, Key], dict[Found, list[RowKey]]] = field(default_factory=dict)

    def find(self, tab: Tab, key: Key, values: Values) -> tuple[RowKey, ...]:
        """Rows of the book that agree with a row in a key; none where it is blank."""
        wanted = self.keys.of(tab, key, values)
        if wanted is None:
            return ()
        if key == (tab.id_column,):
            return tuple(row for row in self.context.book.named(tab.key, str(values[key[0]])) if row == _id(values))
        if (tab.key, key) not in self._made:
            self._made[tab.key, key] = self._index(lambda row: self.keys.of(tab, key, row), tab.key)
        return tuple(self._made[tab.key, key].get(wanted, ()))

    def _index(self, of: Callable[[Values], Found | None], tab: TabKey) -> dict[Found, list[RowKey]]:
        index: dict[Found, list[RowKey]] = {}
        for row, values in self.context.book.rows(tab).items():
            found = of(values)
            if found is not None:
                index.setdefault(found, []).append(row)
        return index


def _id(values: Values) -> str:
    return str(values.get(ID))
