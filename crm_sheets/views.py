"""What the workbook of one person shows: the rows and columns that the person may see, nothing that comes of others.

A view does not hide what is forbidden: it does not contain it. Whatever is shown goes through `PersonEyes.shown`.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import TypeAlias

from crm_sheets.changes import Value
from crm_sheets.eyes import RowRights
from crm_sheets.involvement import TELLING, involved
from crm_sheets.organisation import Organisation, Person
from crm_sheets.permissions import Extent, Level
from crm_sheets.rights import Authority, Rights
from crm_sheets.rules.base import Book
from crm_sheets.rules.summaries.base import SummaryRule
from crm_sheets.schema.base import Kind, Tab, values_of
from crm_sheets.schema.derivations import Source
from crm_sheets.schema.sealed import Revealed, is_sealed
from crm_sheets.seen import REMARKS
from crm_sheets.state import RowId, Values
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey

OWNER = ColumnKey("owner")

Reveal: TypeAlias = Callable[[TabKey, RowKey, ColumnKey, Value], str]
"""Fetches the text of a sealed value in its place."""

SUMMARIES = "*"
"""Stands for the summaries among the tabs of Reader.structure."""

VIEW = "view:"
"""How the keys of views begin; the key of the person's row in 组织 follows, which outlives a change of 工号."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who has a workbook.

    Attributes:
        rights: that the person has now.
        tabs: of the workbook, with the columns that any row may show.
        summaries: keys of the summaries that it has, made of nothing but its reader's rows.
    """

    key: RowKey
    person: Person
    rights: Rights
    tabs: Mapping[TabKey, Tab]
    summaries: tuple[str, ...] = ()

    @property
    def replica(self) -> ReplicaKey:
        """The workbook."""
        return ReplicaKey(f"{VIEW}{self.key}")

    @property
    def structure(self) -> str:
        """The columns of each tab of the workbook and its summaries, as JSON."""
        told: dict[str, list[str]] = {str(tab): sorted(map(str, each.columns)) for tab, each in self.tabs.items()}
        return json.dumps(told | ({SUMMARIES: list(self.summaries)} if self.summaries else {}), sort_keys=True)


def readers(people: Iterable[tuple[RowKey, Person]], authority: Authority, tabs: Mapping[TabKey, Tab]) -> list[Reader]:
    """Everybody who may see anything: active people with a 工号 and a name, ordered by 工号.

    Args:
        people: with the keys of their rows in 组织.
        authority: the policy in the light of the organisation.
        tabs: of the team's book.
    """
    found = []
    for key, person in sorted(people, key=lambda each: (each[1].id, each[0])):
        if not (person.active and person.id and person.name) or authority.organisation.find(person.id) != person:
            continue
        rights = authority.of(person)
        seen = view_tabs(rights, tabs)
        if seen:
            found.append(Reader(key, person, rights, seen))
    return found


def summaries_of(reader: Reader, rules: Iterable[SummaryRule], team: Mapping[TabKey, Tab]) -> tuple[SummaryRule, ...]:
    """The summaries that can be made for a reader: those of which every column that they read is in the workbook.

    Args:
        reader: of a view.
        rules: the team's.
        team: its tabs: what it does not keep, nobody can be kept from.
    """
    tabs = reader.tabs

    def is_seen(tab: TabKey, columns: Iterable[ColumnKey]) -> bool:
        wanted = set(columns) & team[tab].columns.keys() if tab in team else set()
        return not wanted or (tab in tabs and wanted <= tabs[tab].columns.keys())

    return tuple(rule for rule in rules if all(is_seen(tab, columns) for tab, columns in rule.reads.items()))


def view_tabs(rights: Rights, tabs: Mapping[TabKey, Tab]) -> dict[TabKey, Tab]:
    """The tabs of a person's workbook, with the columns that at least one row may show there."""
    seen: dict[TabKey, Tab] = {}
    for key, tab in tabs.items():
        if key in TELLING:  # anybody may propose something, be asked, or meet somebody else in a cell
            seen[key] = tab
            continue
        levels = rights.widest(key)
        shown = {column for column, level in levels.items() if level >= Level.READ}
        ours = {each.key for each in tab.columns.values() if each.kind in (Kind.WITNESS, Kind.ID)}
        if shown - ours - REMARKS:
            seen[key] = tab.without(frozenset(tab.columns) - shown - ours - REMARKS)
    return seen if seen.keys() - TELLING.keys() else {}


@dataclass(frozen=True)
class PersonEyes:
    """What one person may see and do, by the records of a book. See eyes.Eyes."""

    reader: Reader
    book: Book
    reveal: Reveal | None = None

    @property
    def tabs(self) -> Mapping[TabKey, Tab]:
        """See Eyes."""
        return self.reader.tabs

    @property
    def sees_all(self) -> bool:
        """See Eyes."""
        return False

    @property
    def role(self) -> str:
        """See Eyes."""
        return self.reader.person.role

    def rights(self, tab: TabKey, values: Mapping[ColumnKey, Value]) -> RowRights:
        """See Eyes."""
        granted = self.reader.rights.of(tab, values, self.book)
        if tab not in TELLING:
            return granted
        authority = self.reader.rights.authority
        who = (self.reader.person, authority.organisation)
        return involved(granted, authority.tabs[tab], values, who, self.book, self.rights, authority.tabs)

    def shown(self, row: RowId, values: Values, said: Mapping[ColumnKey, Value]) -> Values | None:
        """See Eyes."""
        tab, _ = row
        rights = self.rights(tab, values)
        if not rights.visible:
            return None
        columns = self.tabs[tab].columns
        seen = {key: value for key, value in values.items() if key in columns and rights.level(key) >= Level.READ}
        seen |= self._revealed(row, values, seen)
        told = {key: value for key, value in said.items() if value and key in columns}
        return {key: value for key, value in seen.items() if key not in REMARKS} | told

    def everywhere(self, row: RowId, sources: Collection[Source]) -> bool:
        """See Eyes."""
        found = self.book.row(*row)
        return found is not None and self.reader.rights.reads(row[0], values_of(found.record), sources, self.book)

    def _revealed(self, row: RowId, values: Values, seen: Values) -> Values:
        """The sealed values whose texts the reader may read."""
        tab, key = row
        sealed = [each for each in self.tabs[tab].columns.values() if each.sealed] if self.reveal else []
        found: Values = {}
        for column in sealed:
            value, reveal = seen.get(column.key), self.reveal
            if reveal is None or not isinstance(value, str) or not is_sealed(value):
                continue
            if self.reader.rights.may_reveal(tab, values, column.key, self.book):
                found[column.key] = Revealed.of(value, partial(reveal, tab, key, column.key, value))
        return found

    def may_create(self, tab: TabKey) -> bool:
        """See Eyes."""
        return self.reader.rights.create(tab) > Extent.NONE

    def made(self, tab: TabKey, values: Values) -> Values | None:
        """See Eyes. A row of nobody is its author's; who may make only rows of their own gets them as such."""
        rights = self.reader.rights
        columns = rights.authority.tabs[tab].columns
        has_owner = OWNER in columns and not columns[OWNER].system
        given = dict(values)
        if has_owner and not (given.get(OWNER) and rights.may_make(tab, given, self.book)):
            given[OWNER] = self.reader.person.name
        if not rights.may_make(tab, given, self.book):
            return None
        judged = rights.judged(tab, None, given, given.keys(), self.book)
        made = {column: value for column, value in given.items() if judged[column].level >= Level.PROPOSE}
        if has_owner and OWNER not in made:
            made[OWNER] = self.reader.person.name
        return made if rights.of(tab, made, self.book).visible else None

    def judged(
        self,
        tab: TabKey,
        before: Mapping[ColumnKey, Value],
        after: Mapping[ColumnKey, Value],
        columns: Collection[ColumnKey],
    ) -> Mapping[ColumnKey, Level]:
        """See Eyes."""
        if tab in TELLING:
            rights = self.rights(tab, before)
            return {column: rights.level(column) for column in columns}
        judged = self.reader.rights.judged(tab, before, after, columns, self.book)
        return {column: judgement.level for column, judgement in judged.items()}

    def approve_by(
        self, tab: TabKey, before: Mapping[ColumnKey, Value], column: ColumnKey, new: Value
    ) -> tuple[str, ...]:
        """See Eyes."""
        rights = self.reader.rights
        return rights.judged(tab, before, {**before, column: new}, [column], self.book)[column].approve_by

    def steering(self, tab: TabKey) -> frozenset[ColumnKey]:
        """See Eyes."""
        return self.reader.rights.steering(tab)


def rights_text(reader: Reader, organisation: Organisation, policy: object, more: Iterable[str]) -> str:
    """Another text whenever what a reader may see or do could be otherwise for all rows at once: another policy, an
    organisation that was rearranged, a workbook of another structure.

    Args:
        more: what else it hangs on: the words, the day where a condition asks for it.
    """
    people = sorted(
        (each.id, each.name, each.role, *each.unit, each.manager, each.active) for each in organisation.people
    )
    return _digest([reader.structure, repr(policy), people, reader.person.role, *more])


def _digest(told: object) -> str:
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)
    return blake2b(text.encode("utf-8"), digest_size=12).hexdigest()
