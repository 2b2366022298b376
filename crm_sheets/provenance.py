"""What a computed column is made from, and whether a person may read all of that: otherwise the column is hidden.

- What stands in the same row caps the column in that row.
- What stands in a row that this one names (the order of a payment) must be readable there; a reference that leads to no
  one row, or to a row that the person does not see, tells nothing.
- Of any other tab *every* row that can go into the value must be readable: by a grant of all rows, or of those that
  hang on this one (all rows of a customer, for a column of customers; the lines of an order, for one of orders; the
  deals of a person, for one of that person's results).

schema/derivations.py says what is made from what. A column that people fill in counts as what it is, even where a rule
may fill it in for them: its level is granted. One in which a rule quotes what it read (schema.base.Column.quotes) is
hidden from whoever may not read all of that, and otherwise as it is granted.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from crm_sheets.permissions import Declassified, Deny, Grant, Level, Scope
from crm_sheets.reaches import Reaches
from crm_sheets.schema.base import Column, Kind, Tab
from crm_sheets.schema.derivations import Source
from crm_sheets.schema.entries import naming_columns
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.whose import CUSTOMERS, TARGETS, Paths, RowFacts

_SUMMED = frozenset({TabKey("performance"), TARGETS})
"""Tabs whose rows add up those of other tabs that have the same owner."""

_NONE: frozenset[Source] = frozenset()
_TOLD = ColumnKey("")
"""Stands for what is told of a row without being a column of it."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the computed columns of a tab are made from.

    Attributes:
        near: columns of the same row.
        far: columns of rows of other tabs.
        named: the shipped columns by which a row names rows of those tabs.
        plain: those far columns that are made from nothing themselves.
        quoting: columns that people may fill in, too.
    """

    near: Mapping[ColumnKey, frozenset[ColumnKey]] = field(default_factory=dict)
    far: Mapping[ColumnKey, frozenset[Source]] = field(default_factory=dict)
    named: Mapping[TabKey, tuple[Column, ...]] = field(default_factory=dict)
    plain: frozenset[Source] = frozenset()
    quoting: frozenset[ColumnKey] = frozenset()

    @property
    def sources(self) -> frozenset[Source]:
        """All columns of other tabs that go into this one."""
        return frozenset[Source]().union(*self.far.values())


def provenance_of(tab: Tab, tabs: Mapping[TabKey, Tab], declassified: Collection[Declassified]) -> Provenance:
    """What the columns of a tab are made from that only the program writes, or in which it quotes something.
    Declassified ones are made from nothing.

    What a row of the tab itself is called does not count: it is how rows find each other, and no part of the value.
    """
    free = {(each.tab, each.column) for each in declassified}
    called = {(tab.key, column) for column in naming_columns(tab.record)}
    named: dict[TabKey, tuple[Column, ...]] = {}
    for column in tab.columns.values():
        other = column.refers_to if column.kind in (Kind.REFERENCE, Kind.PERSON) and not column.own else None
        if other and other != tab.key and other in tabs:
            named[other] = (*named.get(other, ()), column)
    near: dict[ColumnKey, frozenset[ColumnKey]] = {}
    far: dict[ColumnKey, frozenset[Source]] = {}
    for key, column in tab.columns.items():
        if (column.system or column.quotes) and column.derives and (tab.key, key) not in free:
            sources = _sources((tab.key, key), tabs, free, named, called) - {(tab.key, key)}
            near[key] = frozenset(each for of, each in sources if of == tab.key)
            far[key] = frozenset(source for source in sources if source[0] != tab.key)
    every = frozenset[Source]().union(*far.values())
    plain = frozenset(source for source in every if source in free or not _made(source, tabs))
    return Provenance(near, far, named, plain, frozenset(key for key in near if tab.columns[key].quotes))


def _made(source: Source, tabs: Mapping[TabKey, Tab]) -> bool:
    """Whether only the program writes a column, and makes it from others."""
    column = tabs[source[0]].columns[source[1]]
    return column.system and bool(column.derives)


def _sources(
    column: Source,
    tabs: Mapping[TabKey, Tab],
    free: Collection[Source],
    named: Collection[TabKey],
    called: Collection[Source],
) -> set[Source]:
    """All that a column is made from, through other columns that only the program writes; those of rows that are named
    stand for themselves, since their own level says whether they may be read."""
    return _through(tabs[column[0]].columns[column[1]].derives, tabs, free, named, called)


def _through(
    sources: Iterable[Source],
    tabs: Mapping[TabKey, Tab],
    free: Collection[Source],
    named: Collection[TabKey],
    called: Collection[Source] = (),
) -> set[Source]:
    """Columns, and all that those of them are made from that only the program writes."""
    found: set[Source] = set()
    waiting = list(sources)
    while waiting:
        source = waiting.pop()
        known = tabs.get(source[0])
        if source in found or source in called or known is None or source[1] not in known.columns:
            continue
        found.add(source)
        if _made(source, tabs) and source not in free and source[0] not in named:
            waiting += known.columns[source[1]].derives
    return found


def provenance_into(
    of: Provenance, sources: Iterable[Source], tabs: Mapping[TabKey, Tab], declassified: Collection[Declassified]
) -> Provenance:
    """That of something which is made from columns of other rows and told of a row of the tab that `of` is of."""
    free = {(each.tab, each.column) for each in declassified}
    found = frozenset(_through(sources, tabs, free, of.named))
    plain = frozenset(source for source in found if source in free or not _made(source, tabs))
    return Provenance({}, {_TOLD: found}, of.named, plain)


Part = Callable[[RowFacts], frozenset[Source]]
"""Columns of other tabs of which a person may read all that goes into a row."""


class Readable:
    """Which columns of other tabs one person may read, as far as they go into rows of one tab.

    Args:
        grants, denies: that concern the person, by tab.
        reaches: the scopes of the person, in this tab.
        level: what the person may do with a column of a row.

    Attributes:
        always: what may be read for every row; perhaps: for some; every: what there is.
    """

    def __init__(
        self,
        tab: TabKey,
        provenance: Provenance,
        paths: Mapping[TabKey, Paths],
        grants: Callable[[TabKey], tuple[Grant, ...]],
        denies: Callable[[TabKey], tuple[Deny, ...]],
        reaches: Reaches,
        level: Callable[[RowFacts, ColumnKey], Level],
    ) -> None:
        self.tab, self.provenance, self.paths, self.reaches, self.level = tab, provenance, paths, reaches, level
        self.always: frozenset[Source] = _NONE
        self.parts: list[Part] = []
        sources = provenance.sources
        self.every = sources
        self.perhaps: frozenset[Source] = _NONE
        for other in sorted({of for of, _ in sources}):
            self._add(other, sources, grants(other), denies(other))

    def of(self, facts: RowFacts) -> frozenset[Source]:
        """Those of which all may be read that goes into a row."""
        return self.always.union(*(part(facts) for part in self.parts)) if self.parts else self.always

    def _add(self, other: TabKey, sources: frozenset[Source], grants: Iterable[Grant], denies: Iterable[Deny]) -> None:
        """Finds out how the person may come to read what another tab gives."""
        wanted = frozenset(source for source in sources if source[0] == other)
        open_ = frozenset(
            source for source in wanted if not any(d.names(source[1]) and d.cap < Level.READ for d in denies)
        )
        for grant in grants:
            given = frozenset(source for source in open_ if grant.level(source[1]) >= Level.READ)
            if other in self.provenance.named:
                self.always |= given & self.provenance.plain if Scope.ALL in grant.rows else _NONE
            elif Scope.ALL in grant.rows or (Scope.CUSTOMER in grant.rows and self.tab == CUSTOMERS):
                self.always |= given
            elif given and (self.tab in _SUMMED or self.paths[other].hangs_on == self.tab):
                self.parts.append(self._hanging(grant, given))
                self.perhaps |= given
        self.perhaps |= self.always
        if other in self.provenance.named and not wanted <= self.always:
            self.perhaps |= frozenset(source for source in open_ if any(each.level(source[1]) for each in grants))
            self.parts.append(self._named(self.provenance.named[other], wanted - self.always))

    def _hanging(self, grant: Grant, given: frozenset[Source]) -> Part:
        """Rows without an owner of their own are seen by whoever sees the one that they hang on, by the same scope;
        so are those of a person by whoever sees what is added up for the person."""
        names, sees = self.reaches.names(grant), self.reaches.sees
        by_customer = Scope.CUSTOMER in grant.rows and self.tab not in _SUMMED

        def hanging(facts: RowFacts) -> frozenset[Source]:
            if facts.owner in names:
                return given
            return given if by_customer and facts.customer is not None and sees(facts.customer) else _NONE

        return hanging

    def _named(self, columns: tuple[Column, ...], wanted: frozenset[Source]) -> Part:
        """Rows that are named are asked themselves."""
        level = self.level

        def named(facts: RowFacts) -> frozenset[Source]:
            found = wanted
            for column in columns:
                if facts.values.get(column.key):
                    rows = facts.named(column)
                    if len(rows) != 1:
                        return _NONE
                    found = frozenset(source for source in found if level(rows[0], source[1]) >= Level.READ)
            return found

        return named


def caps(of: Provenance, levels: Mapping[ColumnKey, Level], readable: Collection[Source]) -> dict[ColumnKey, Level]:
    """The levels of a row, computed columns capped by what they are made from.

    Args:
        levels: as granted and denied.
        readable: columns of other tabs of which all may be read that goes into this row.
    """
    capped = dict(levels)
    for key, near in of.near.items():
        least = min((levels.get(each, Level.HIDDEN) for each in near), default=Level.EDIT)
        least = Level.EDIT if key in of.quoting and least else least
        capped[key] = min(levels[key], least) if all(source in readable for source in of.far[key]) else Level.HIDDEN
    return capped
