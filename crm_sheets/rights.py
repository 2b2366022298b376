"""What one person may do: the policy, made ready for a person and asked about rows. Pure, and quick: it is asked for
every row of a book and every person.

level(person, row, column) = the highest of the grants whose rows and columns both match, then capped by every deny
that matches. Nothing matching is hidden. Our own columns are never editable, the number of a row that can be seen is
readable.
An edit is judged on the row before *and* after it: it must be granted by both, and must not open the row to its author.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property

from crm_sheets.changes import Value
from crm_sheets.grounds import Grounds
from crm_sheets.organisation import Person
from crm_sheets.permissions import (
    NO_RIGHTS,
    SHARED_ROLE,
    Deny,
    Extent,
    Grant,
    Judgement,
    Level,
    RowRights,
    Why,
)
from crm_sheets.rules.base import Book
from crm_sheets.schema.derivations import Source
from crm_sheets.tab_rights import TabRights
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.whose import RowFacts


class Authority(Grounds):
    """What rights are judged on, asked for the rights of each person. Make it once.

    A policy that has not been confirmed shows nothing that the one before did not show (Policy.before).
    """

    @cached_property
    def before(self) -> "Authority | None":
        """The same under the policy that was confirmed last; None where nothing waits to be confirmed."""
        limit = self.policy.limit
        if limit is None:
            return None
        known = {
            key: tab.without(frozenset(tab.columns) - frozenset(limit.columns[key]))
            for key, tab in self.tabs.items()
            if key in limit.columns
        }
        return Authority(limit.policy, self.organisation, known, self.at, self.dictionaries)

    def of(self, person: Person) -> "Rights":
        """The rights of a person."""
        return Rights(self, person)


class Rights:
    """What one person may do. Whoever has left may do nothing."""

    def __init__(self, authority: Authority, person: Person) -> None:
        self.authority, self.person = authority, person
        self._tabs: dict[TabKey, TabRights] = {}
        before = authority.before if person.role != SHARED_ROLE else None
        self._before = before.of(person) if before else None
        self._met: dict[tuple[int, int], RowRights] = {}

    def of(self, tab: TabKey, values: Mapping[ColumnKey, Value], book: Book) -> RowRights:
        """What the person may do with a row that has these values."""
        return self.of_row(self.authority.facts(tab, values, book))

    def of_row(self, facts: RowFacts) -> RowRights:
        """What the person may do with a row."""
        now = self._of_tab(facts.tab).of(facts)
        if self._before is None or not now.visible:
            return now
        if facts.tab not in self._before.authority.tabs:
            return NO_RIGHTS
        before = self._before.of_row(self._before.authority.facts(facts.tab, facts.values, facts.book))
        pair = id(now), id(before)  # both are kept by their tab, one for each kind of row
        if pair not in self._met:
            self._met[pair] = self._meet(facts.tab, now, before)
        return self._met[pair]

    def reads(self, tab: TabKey, values: Mapping[ColumnKey, Value], sources: Collection[Source], book: Book) -> bool:
        """Whether the person may read these columns in every other row that can go into what is told of a row."""
        return self._of_tab(tab).reads(self.authority.facts(tab, values, book), frozenset(sources))

    def widest(self, tab: TabKey) -> Mapping[ColumnKey, Level]:
        """The highest level that any row could give, by column; hidden columns too."""
        now = self._of_tab(tab).widest()
        return now if self._before is None else _seen_before(now, self._before.widest(tab))

    def create(self, tab: TabKey) -> Extent:
        """Which new rows the person may make."""
        return max((grant.create for grant in self._of_tab(tab).granted), default=Extent.NONE)

    def may_make(self, tab: TabKey, values: Mapping[ColumnKey, Value], book: Book) -> bool:
        """Whether a new row enters the records; one of nobody becomes its author's where the tab has owners."""
        extent = self.create(tab)
        if extent is not Extent.OWN:
            return extent is Extent.ALL
        owner = self.authority.facts(tab, values, book).owner
        own_column = not self.authority.paths[tab].computed and bool(self.authority.paths[tab].owners)
        return self.owns(owner, tab) or (not owner and own_column)

    def steering(self, tab: TabKey) -> frozenset[ColumnKey]:
        """Columns of a tab that decide what the person sees of rows which name one of its rows."""
        return self.authority.steering(self.person.role).get(tab, frozenset())

    def may_reveal(self, tab: TabKey, values: Mapping[ColumnKey, Value], column: ColumnKey, book: Book) -> bool:
        """Whether the person may read the text of a sealed cell, and not only its mask."""
        facts = self.authority.facts(tab, values, book)
        before = self._before
        if before is not None:
            known = tab in before.authority.tabs
            if not known or not before.may_reveal(tab, values, column, book):
                return False
        return self._of_tab(tab).may_reveal(column, facts, self.of_row(facts).level(column))

    def concerning(self, tab: TabKey) -> tuple[tuple[Grant, ...], tuple[Deny, ...]]:
        """The grants and denies of a tab that concern the person."""
        of = self._of_tab(tab)
        return of.granted, tuple(deny for deny, _ in of.denies) if of.granted else ()

    def missing(self, tab: TabKey, column: ColumnKey) -> tuple[Source, ...]:
        """What keeps a computed column hidden in some or all rows although it is granted: columns that it is made from,
        which the person may not read in every row that may count; ordered. None for any other column."""
        return self._of_tab(tab).missing(column)

    def owns(self, owner: str, tab: TabKey) -> bool:
        """Whether an owner (RowFacts.owner) is the person."""
        return owner in self._of_tab(tab).own

    def refuses(
        self,
        tab: TabKey,
        before: Mapping[ColumnKey, Value] | None,
        after: Mapping[ColumnKey, Value],
        columns: Collection[ColumnKey],
        book: Book,
    ) -> frozenset[ColumnKey]:
        """Which edits of one row may not be made at once; see judged() for those of them that may be asked for."""
        judged = self.judged(tab, before, after, columns, book)
        return frozenset(column for column, judgement in judged.items() if judgement.level < Level.EDIT)

    def judged(
        self,
        tab: TabKey,
        before: Mapping[ColumnKey, Value] | None,
        after: Mapping[ColumnKey, Value],
        columns: Collection[ColumnKey],
        book: Book,
    ) -> dict[ColumnKey, Judgement]:
        """What may be done with each edit of one row.

        Args:
            before: the record as it is; None for a new row.
            after: the record with all edits.
            columns: that were edited.
        """
        of = self._of_tab(tab)
        if before is None:
            facts = self.authority.facts(tab, after, book)
            return {column: of.filled(column, facts) for column in columns}
        known = self.authority.facts(tab, before, book)
        judged = {column: of.edited(column, known, after.get(column)) for column in columns}
        for column, judgement in judged.items():
            if judgement.level >= Level.PROPOSE:
                alone = self.authority.facts(tab, {**before, column: after.get(column)}, book)
                judged[column] = of.afterwards(column, judgement, known, alone)
        at_once = {column: after.get(column) for column, each in judged.items() if each.level is Level.EDIT}
        if len(at_once) > 1:
            together = self.authority.facts(tab, {**before, **at_once}, book)
            for column in at_once:
                judged[column] = of.afterwards(column, judged[column], known, together)
        return judged if self._before is None else self._as_seen(judged, known)

    def _meet(self, tab: TabKey, now: RowRights, before: RowRights) -> RowRights:
        """The rights of now, as far as what they show was shown before."""
        levels = _seen_before(now.levels, before.levels) if before.visible else {}
        shown = {column for column, level in levels.items() if level} - self._of_tab(tab).always_shown
        return replace(now, levels=levels) if shown else NO_RIGHTS

    def _as_seen(self, judged: dict[ColumnKey, Judgement], facts: RowFacts) -> dict[ColumnKey, Judgement]:
        """Nobody edits what nobody has confirmed that they may see."""
        rights = self.of_row(facts)
        unseen = Judgement(Level.HIDDEN, Why.NO_GRANT)
        return {column: each if rights.level(column) else unseen for column, each in judged.items()}

    def _of_tab(self, tab: TabKey) -> TabRights:
        if tab not in self._tabs:
            self._tabs[tab] = TabRights(self.authority, self.person, tab, self.of_row)
        return self._tabs[tab]


def _seen_before(now: Mapping[ColumnKey, Level], before: Mapping[ColumnKey, Level]) -> dict[ColumnKey, Level]:
    return {column: level if before.get(column, Level.HIDDEN) else Level.HIDDEN for column, level in now.items()}
