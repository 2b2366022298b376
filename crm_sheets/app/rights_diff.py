"""What another policy would open and close: cells of rows that there are, cells of rows that there may be, new rows,
deletions, texts of sealed cells; and which grants and denies come and go."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from crm_sheets import reports
from crm_sheets.app.rights_words import AccessWords
from crm_sheets.draft import Draft
from crm_sheets.organisation import Person
from crm_sheets.permissions import ANY, NO_RIGHTS, SHARED_ROLE, Deny, Extent, Grant, Level, Policy, RowRights
from crm_sheets.rights import Authority, Rights
from crm_sheets.schema.base import Kind, Row, Tab
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.tables import ColumnKey, TabKey

ORDER: Final = (
    *("hidden", "read", "propose", "edit"),
    *("create_none", "create_own", "create_all"),
    *("delete_none", "delete_propose", "delete_edit"),
    *("masked", "revealed"),
)
"""What may be done, each kind from nothing to all: `access.level.<code>` in the catalogue."""

NOTHING: Final = frozenset({"hidden", "create_none", "delete_none", "masked"})
CREATE, DELETE = ColumnKey("+"), ColumnKey("-")
"""Stand for a column where new rows and deletions are told."""


@dataclass(slots=True)
class _Found:
    """The differences in one tab.

    Attributes:
        counted: by role, column and both codes the people, with how many rows of each.
        in_rows: roles and columns of which rows that there are tell already.
    """

    counted: dict[tuple[str, ColumnKey, str, str], Counter[str]] = field(default_factory=dict)
    in_rows: set[tuple[str, ColumnKey]] = field(default_factory=set)

    def add(self, person: Person, column: ColumnKey, before: str, after: str, rows: int) -> None:
        if before != after:
            people = self.counted.setdefault((person.role, column, before, after), Counter())
            people[person.name] += rows


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two policies over the records as they are.

    Attributes:
        draft: the records.
        one, other: what is in force, and what would be; each with the tabs of the team under it.
    """

    draft: Draft
    one: Authority
    other: Authority
    said: AccessWords

    @property
    def tabs(self) -> Mapping[TabKey, tuple[Tab, ...]]:
        """The tabs that there are, or would be."""
        sides = self.one.tabs, self.other.tabs
        return {key: tuple(each[key] for each in sides if key in each) for key in {**sides[0], **sides[1]}}

    def changes(self) -> Iterator[reports.AccessChange]:
        """What people may do otherwise, role by role. A role that nobody has is looked at as well."""
        people = [each for each in self.one.organisation.people if each.active]
        bare = self._roles() - {each.role for each in people}
        nobody = self.said.words.text("access.nobody")
        people += [Person("", nobody, role) for role in sorted(bare)]
        for key, tabs in self.tabs.items():
            found = _Found()
            rights = [(person, self.one.of(person), self.other.of(person)) for person in people]
            for person, one, other in rights:
                self._rows(found, key, tabs, person, (one, other))
            found.in_rows |= {(role, column) for role, column, _, _ in found.counted}
            for person, one, other in rights:
                _beyond_rows(found, key, tabs, person, (one, other))
            yield from self._told(key, found)

    def lines(self) -> Iterator[reports.AccessLine]:
        """The grants and denies that only one of both has."""
        now, then = (self._lines(each.policy, each.tabs) for each in (self.one, self.other))
        for line, came in (*((each, True) for each in then - now), *((each, False) for each in now - then)):
            yield reports.AccessLine(*line, added=came)

    def _roles(self) -> set[str]:
        policies = (self.one.policy, self.other.policy)
        return {grant.role for each in policies for grant in each.grants} - {ANY, SHARED_ROLE}

    def _lines(self, policy: Policy, tabs: Mapping[TabKey, Tab]) -> set[tuple[str, str, str]]:
        words, found = self.said.words, set[tuple[str, str, str]]()
        own = {ANY: words.text("access.everybody"), SHARED_ROLE: words.text("access.shared")}
        rules: tuple[Grant | Deny, ...] = (*policy.grants, *policy.denies)
        for each in rules:
            tab = next(iter(tabs.values())) if each.tab == ANY else tabs.get(TabKey(each.tab))
            if tab is not None:
                label = words.text("access.all_tabs") if each.tab == ANY else tab_label(tab.key, words)
                found.add((own.get(each.role) or self.said.role(each.role), label, self.said.line(each, tab)))
        return found

    def _rows(
        self, found: _Found, key: TabKey, tabs: Iterable[Tab], person: Person, both: tuple[Rights, Rights]
    ) -> None:
        columns = {column for tab in tabs for column, each in tab.columns.items() if each.kind is not Kind.WITNESS}
        for (before, after), count in _pairs(self.draft.every(key), self.draft, both):
            for column in columns:
                found.add(person, column, _code(before.level(column)), _code(after.level(column)), count)
            found.add(person, DELETE, _deleting(before), _deleting(after), count)

    def _told(self, key: TabKey, found: _Found) -> Iterator[reports.AccessChange]:
        words = self.said.words
        for (role, column, was, becomes), people in sorted(found.counted.items()):
            own = {CREATE: "access.new_rows", DELETE: "access.deletions"}.get(column)
            yield reports.AccessChange(
                role=self.said.role(role),
                tab=tab_label(key, words),
                column=column,
                label=words.text(own) if own else column_label(key, column, words),
                change=_change(was, becomes),
                before=was,
                after=becomes,
                people=tuple(sorted(people)),
                rows=people.total(),
            )


def _beyond_rows(
    found: _Found, key: TabKey, tabs: tuple[Tab, ...], person: Person, both: tuple[Rights, Rights]
) -> None:
    """What no row shows that there is: columns that some row might have, new rows, texts of sealed cells."""
    widest = [rights.widest(key) for rights in both]
    for column, described in ((column, each) for tab in tabs for column, each in tab.columns.items()):
        if described.kind not in {Kind.WITNESS, Kind.ID} and (person.role, column) not in found.in_rows:
            was, becomes = (_code(each.get(column, Level.HIDDEN)) for each in widest)
            found.add(person, column, was, becomes, 0)
        if described.sealed:
            was, becomes = (_revealed(rights, key, column) for rights in both)
            found.add(person, column, was, becomes, 0)
    was, becomes = (f"create_{_code(rights.create(key))}" for rights in both)
    found.add(person, CREATE, was, becomes, 0)


def _pairs(
    rows: Iterable[Row], draft: Draft, both: tuple[Rights, Rights]
) -> Iterator[tuple[tuple[RowRights, RowRights], int]]:
    """The rights of rows under both, with how many rows have these."""
    counted = Counter[tuple[int, int]]()
    kinds: dict[tuple[int, int], tuple[RowRights, RowRights]] = {}
    for row in rows:
        before, after = (_of(rights, row, draft) for rights in both)
        kinds[id(before), id(after)] = before, after
        counted[id(before), id(after)] += 1
    for key, count in counted.items():
        if kinds[key][0] is not kinds[key][1]:
            yield kinds[key], count


def _of(rights: Rights, row: Row, draft: Draft) -> RowRights:
    authority = rights.authority
    known = row.tab in authority.tabs  # the team may not use the tab then
    return rights.of_row(authority.facts(row.tab, row.record.__dict__, draft)) if known else NO_RIGHTS


def _code(level: Level | Extent) -> str:
    return level.name.lower()


def _deleting(rights: RowRights) -> str:
    return f"delete_{_code(rights.delete)}" if rights.delete >= Level.PROPOSE else "delete_none"


def _revealed(rights: Rights, tab: TabKey, column: ColumnKey) -> str:
    grants, _ = rights.concerning(tab)
    return "revealed" if any(column in grant.reveal for grant in grants) else "masked"


def _change(was: str, becomes: str) -> str:
    if was in NOTHING:
        return "opens"
    if becomes in NOTHING:
        return "closes"
    return "raises" if ORDER.index(becomes) > ORDER.index(was) else "lowers"
