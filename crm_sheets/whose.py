"""Whose a row is: its owner, the customer that it is about, and with whom it is shared. Worked out when first asked.

A row belongs to the person in its owner column. Where a tab has none, or only a computed one, the row that it refers to
says so: a product belongs to whoever has the order. A blank owner is the customer's, as the rules have it too. A
reference that names nothing, or two rows, leads to nobody.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final, cast

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.language import LOCALES
from crm_sheets.permissions import Level
from crm_sheets.rules.base import Book
from crm_sheets.schema.base import Column, Kind, Tab
from crm_sheets.schema.labels import words
from crm_sheets.schema.tallies import scope_name
from crm_sheets.tables import ColumnKey, TabKey

CUSTOMERS: Final = TabKey("customers")
PEOPLE: Final = TabKey("people")
TARGETS: Final = TabKey("targets")
REVIEWS: Final = TabKey("reviews")
SHARED_WITH: Final = ColumnKey("shared_with")

SCOPED: Final = frozenset({TARGETS, REVIEWS})
"""Tabs whose rows are for a department, a group or a person."""

_OWNERS: Final[Mapping[TabKey, tuple[ColumnKey, ...]]] = {
    PEOPLE: (ColumnKey("id"), ColumnKey("name")),
    TabKey("performance"): (ColumnKey("person"),),
    TARGETS: (ColumnKey("scope"),),
    REVIEWS: (ColumnKey("scope"),),
    TabKey("conflicts"): (ColumnKey("decider"),),
}
"""Where another column than `owner` says it; the first that is filled counts."""

_PIECES = re.compile(r"[;；\n]")
_SIGN = re.compile(r"[:：]")


class Paths:
    """Which columns of a tab lead to the owner and to the customer.

    Attributes:
        owners: the columns that say whose a row is; the first that is filled counts.
        computed: whether a rule fills them, so that what they are made from is asked first.
        shared: whether the tab has the column 共享.
        hangs_on: the tab with whose rows those of this one go, having no owner of their own: lines with their order.
    """

    def __init__(self, tab: Tab) -> None:
        self.owners = tuple(key for key in _OWNERS.get(tab.key, (ColumnKey("owner"),)) if key in tab.columns)
        self.computed = bool(self.owners) and tab.columns[self.owners[0]].computed
        self.shared = SHARED_WITH in tab.columns
        refers = [] if tab.key == CUSTOMERS else list(_references(tab))
        self.customer = tuple(ref for ref in refers if ref[1] == CUSTOMERS and not tab.columns[ref[0]].computed)
        self.others = tuple(ref for ref in refers if ref[1] != CUSTOMERS)
        self.told = tuple(ref for ref in refers if ref[1] == CUSTOMERS and tab.columns[ref[0]].computed)
        self.beyond = self.customer if self.owners and not self.computed else (*self.others, *self.customer)
        self.hangs_on = self.beyond[0][1] if self.beyond and (not self.owners or self.computed) else None


def _references(tab: Tab) -> Iterator[tuple[ColumnKey, TabKey]]:
    """The shipped columns by which rows of the tab name others: whose a row is, a field of the team does not say."""
    for column in tab.columns.values():
        if column.kind is Kind.REFERENCE and column.refers_to and not column.own:
            yield column.key, column.refers_to


def paths_of(tabs: Iterable[Tab]) -> Mapping[TabKey, Paths]:
    """The paths of all tabs of a team."""
    return {tab.key: Paths(tab) for tab in tabs}


class RowFacts:
    """What rights ask of one row. Make it once for all the people whose rights are asked."""

    __slots__ = ("_customer", "_owner", "_paths", "_shares", "book", "held", "paths", "tab", "values")

    def __init__(
        self,
        tab: TabKey,
        values: Mapping[ColumnKey, Value] | Mapping[str, Value],
        book: Book,
        paths: Mapping[TabKey, Paths],
    ) -> None:
        self.tab, self.book, self.paths = tab, book, paths
        self.values = cast("Mapping[str, Value]", values)  # what a Mapping is keyed by, mypy takes for invariant
        self.held: dict[str, bool | None] = {}
        """What conditions came to that are the same for everybody."""
        self._paths = paths[tab]
        self._owner: str | None = None
        self._customer: tuple[RowFacts | None] | None = None
        self._shares: Mapping[str, Level] | None = None

    @property
    def owner(self) -> str:
        """Whose it is, as text_key of a name or 工号; of a target, whom it is for; "" for nobody."""
        if self._owner is None:
            self._owner = self._find_owner()
        return self._owner

    @property
    def customer(self) -> "RowFacts | None":
        """The customer that the row is about, itself for a customer; None for none, and for one that is not known."""
        if self._customer is None:
            self._customer = (self._find_customer(),)
        return self._customer[0]

    @property
    def shares(self) -> Mapping[str, Level]:
        """With whom the row, or else its customer, is shared, as text_key of a department or person: READ or EDIT."""
        if self._shares is None:
            if self._paths.shared:
                self._shares = shares_of(self.values.get(SHARED_WITH))
            else:
                self._shares = self.customer.shares if self.customer else {}
        return self._shares

    def named(self, column: Column) -> "tuple[RowFacts, ...]":
        """The rows that a reference or person column names."""
        text = self.values.get(column.key)
        return self._named(text, column.refers_to) if text and column.refers_to else ()

    def _named(self, text: Value, target: TabKey) -> "tuple[RowFacts, ...]":
        found = self.book.named(target, str(text)) if target in self.paths else ()
        return tuple(RowFacts(target, row.record.__dict__, self.book, self.paths) for row in found)

    def _find_owner(self) -> str:
        typed = self._typed_owner()
        if typed and not self._paths.computed:
            return typed
        for beyond in self._beyond(self._paths.beyond):
            if beyond.owner:
                return beyond.owner
        return typed

    def _typed_owner(self) -> str:
        for column in self._paths.owners:
            text = self.values.get(column)
            if text:
                return text_key(scope_name(str(text)) if self.tab in SCOPED else str(text))
        return ""

    def _find_customer(self) -> "RowFacts | None":
        if self.tab == CUSTOMERS:
            return self
        if any(self.values.get(column) for column, _ in self._paths.customer):
            return next(iter(self._beyond(self._paths.customer)), None)
        for beyond in self._beyond(self._paths.others):
            if beyond.customer is not None:
                return beyond.customer
        return next(iter(self._beyond(self._paths.told)), None)

    def _beyond(self, refers: tuple[tuple[ColumnKey, TabKey], ...]) -> "Iterator[RowFacts]":
        """The rows that references name, each where it names exactly one."""
        for column, target in refers:
            text = self.values.get(column)
            found = self._named(text, target) if text else ()
            if len(found) == 1:
                yield found[0]


def has_owner(tab: Tab) -> bool:
    """Whether rows of the tab may belong to somebody."""
    paths = Paths(tab)
    return bool(paths.owners or paths.beyond)


def has_customer(tab: Tab) -> bool:
    """Whether rows of the tab may be about a customer."""
    paths = Paths(tab)
    return tab.key == CUSTOMERS or bool(paths.customer or paths.told or paths.others)


def shares_of(text: Value) -> Mapping[str, Level]:
    """What 共享 says, `售后部:可编辑; 客服中心:仅查看`; pieces that cannot be understood share nothing."""
    found: dict[str, Level] = {}
    for piece in _PIECES.split(str(text or "")):
        with_whom, *level = _SIGN.split(piece)
        said = _share_levels().get(text_key(level[0])) if len(level) == 1 else None
        key = text_key(with_whom)
        if key and said is not None:
            found[key] = max(said, found.get(key, said))
    return found


@cache
def _share_levels() -> Mapping[str, Level]:
    """The words 可编辑 and 仅查看 in all languages."""
    levels: dict[str, Level] = {}
    for locale in LOCALES:
        said = zip(words("rules.share_levels", (locale,)), (Level.EDIT, Level.READ), strict=True)
        levels |= {text_key(word): level for word, level in said}
    return levels
