"""What one person may do: the policy, made ready for a person and asked about rows. Pure, and quick: it is asked for
every row of a book and every person.

level(person, row, column) = the highest of the grants whose rows and columns both match, then capped by every deny
that matches. Nothing matching is hidden. Our own columns are never editable, the number of a row that can be seen is
readable.
An edit is judged on the row before *and* after it: it must be granted by both, and must not open the row to its author.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.conditions import OWNS, Condition, condition, hops, user_values
from crm_sheets.expressions import At, Vocabulary
from crm_sheets.language import language
from crm_sheets.organisation import Organisation, Person
from crm_sheets.permissions import (
    NO_RIGHTS,
    Change,
    Deny,
    Extent,
    Grant,
    Judgement,
    Level,
    Policy,
    RowRights,
    Where,
    Why,
)
from crm_sheets.provenance import Provenance, Readable, caps, provenance_of
from crm_sheets.reaches import ALWAYS, Judge, Reach, Reaches
from crm_sheets.rules.base import Book
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.derivations import Source
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.vocabularies import vocabulary
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.whose import SHARED_WITH, RowFacts, paths_of

CHECK: Final = ColumnKey("check")


class Authority:
    """A policy in the light of the organisation of today. Make it once, then ask it for each person.

    Args:
        at: the day and zone of the team, for conditions.
        dictionaries: as they stand now: conditions speak of values by their codes or labels.
    """

    def __init__(
        self,
        policy: Policy,
        organisation: Organisation,
        tabs: Mapping[TabKey, Tab],
        at: At,
        dictionaries: Dictionaries,
    ) -> None:
        self.policy, self.organisation, self.tabs = policy, organisation, tabs
        self.at, self.dictionaries = at, dictionaries
        self.paths = paths_of(tabs.values())
        self._conditions: dict[tuple[TabKey, str], Condition] = {}
        self._vocabularies: dict[TabKey, Vocabulary] = {}
        self._steering: dict[str, Mapping[TabKey, frozenset[ColumnKey]]] = {}
        self._provenance: dict[TabKey, Provenance] = {}

    def of(self, person: Person) -> "Rights":
        """The rights of a person."""
        return Rights(self, person)

    def facts(self, tab: TabKey, values: Mapping[ColumnKey, Value], book: Book) -> RowFacts:
        """A row as rights are asked about it; to be made once for all persons."""
        return RowFacts(tab, values, book, self.paths)

    def condition(self, tab: TabKey, text: str) -> Condition:
        """A condition on the rows of a tab."""
        if (tab, text) not in self._conditions:
            self._conditions[tab, text] = condition(text, self.tabs[tab], self.tabs, self.dictionaries)
        return self._conditions[tab, text]

    def steering(self, role: str) -> Mapping[TabKey, frozenset[ColumnKey]]:
        """Columns of each tab that decide what a role sees of rows which name one of its rows: whose those are, with
        whom they are shared, what they refer to and are called, and what conditions ask of them."""
        if role not in self._steering:
            found: dict[TabKey, set[ColumnKey]] = {key: self._leading(tab) for key, tab in self.tabs.items()}
            for key, tab in self.tabs.items():
                whens = [deny.when for deny in self.policy.denies_of(role, key) if deny.when]
                grants = self.policy.grants_of(role, key)
                texts = (rows.text for grant in grants for rows in grant.rows if isinstance(rows, Where))
                for text in (*whens, *texts):
                    for of, column in hops(self.condition(key, text).names, tab):
                        found.setdefault(of, set()).add(column)
            self._steering[role] = {key: frozenset(columns) for key, columns in found.items()}
        return self._steering[role]

    def _leading(self, tab: Tab) -> set[ColumnKey]:
        paths = self.paths[tab.key]
        refers = {column for column, _ in (*paths.customer, *paths.others, *paths.told)}
        named = {tab.record.name_column, tab.id_column} - {None}
        return {*paths.owners, *refers, *(each for each in named if each), *({SHARED_WITH} if paths.shared else ())}

    def provenance(self, tab: TabKey) -> Provenance:
        """What the computed columns of a tab are made from."""
        if tab not in self._provenance:
            self._provenance[tab] = provenance_of(self.tabs[tab], self.tabs, self.policy.declassified)
        return self._provenance[tab]

    def meaning(self, tab: TabKey, column: ColumnKey, value: Value) -> str:
        """By what two values of a drop-down are compared: the code, else the text; "" for a blank."""
        dictionary = self.tabs[tab].columns[column].dictionary
        text = "" if value is None else str(value)
        if not dictionary or not text:
            return text_key(text)
        if tab not in self._vocabularies:
            self._vocabularies[tab] = vocabulary(self.tabs[tab], self.dictionaries, language("en"))
        return self._vocabularies[tab].meaning(dictionary, text)


def rights_of(
    policy: Policy,
    person: Person,
    organisation: Organisation,
    tabs: Mapping[TabKey, Tab],
    at: At,
    dictionaries: Dictionaries,
) -> "Rights":
    """The rights of one person; for several, make one Authority."""
    return Authority(policy, organisation, tabs, at, dictionaries).of(person)


class Rights:
    """What one person may do. Whoever has left may do nothing."""

    def __init__(self, authority: Authority, person: Person) -> None:
        self.authority, self.person = authority, person
        self._tabs: dict[TabKey, _TabRights] = {}

    def of(self, tab: TabKey, values: Mapping[ColumnKey, Value], book: Book) -> RowRights:
        """What the person may do with a row that has these values."""
        return self.of_row(self.authority.facts(tab, values, book))

    def of_row(self, facts: RowFacts) -> RowRights:
        """What the person may do with a row."""
        return self._of_tab(facts.tab).of(facts)

    def widest(self, tab: TabKey) -> Mapping[ColumnKey, Level]:
        """The highest level that any row could give, by column; hidden columns too."""
        return self._of_tab(tab).widest()

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
        return judged

    def _of_tab(self, tab: TabKey) -> "_TabRights":
        if tab not in self._tabs:
            self._tabs[tab] = _TabRights(self, tab)
        return self._tabs[tab]


@dataclass(frozen=True, slots=True)
class _Open:
    """A grant of a person in a tab."""

    grant: Grant
    reach: Reach
    changes: Mapping[ColumnKey, Change]

    def level(self, column: ColumnKey, reach: Level) -> Level:
        return min(self.grant.level(column), reach)


@dataclass(frozen=True, slots=True)
class _Match:
    """The grants that go into a row, each with how far, and the denies that hold of it."""

    opens: tuple[tuple[_Open, Level], ...]
    denies: tuple[Deny, ...]

    def cap(self, column: ColumnKey) -> Level:
        return min((deny.cap for deny in self.denies if deny.names(column)), default=Level.EDIT)

    def memo(self, column: ColumnKey) -> str:
        """Why the column is capped as low as it is."""
        cap = self.cap(column)
        return next((deny.reason for deny in self.denies if deny.names(column) and deny.cap is cap), "")


@dataclass
class _TabRights:
    """The grants and denies of a person in one tab, compiled: what rows have in common is worked out once."""

    rights: Rights
    key: TabKey
    own: frozenset[str] = field(init=False)
    granted: tuple[Grant, ...] = field(init=False)

    def __post_init__(self) -> None:
        authority, person = self.rights.authority, self.rights.person
        policy, known = authority.policy, self.key in authority.tabs
        self.tab = authority.tabs.get(self.key)
        self.user = dict(user_values(person))
        self.own = authority.organisation.names((person,))
        self.granted = policy.grants_of(person.role, self.key) if known and person.active else ()
        reaches = Reaches(self.key, person, authority.organisation, self._judge, self._sees)
        self.opens = tuple(_Open(grant, reaches.of(grant), self._changes(grant)) for grant in self.granted)
        self.denies = tuple((deny, reaches.denied(deny)) for deny in policy.denies_of(person.role, self.key) if known)
        self.provenance = authority.provenance(self.key) if self.granted else Provenance()
        self.readable = Readable(
            self.key,
            self.provenance,
            authority.paths,
            lambda tab: policy.grants_of(person.role, tab),
            lambda tab: policy.denies_of(person.role, tab),
            reaches,
            lambda facts, column: self.rights.of_row(facts).level(column),
        )
        self.made: dict[tuple[object, ...], RowRights] = {}
        structure = {CHECK} & self.tab.columns.keys() if self.tab else set[ColumnKey]()
        for column in self.tab.columns.values() if self.tab else ():
            if column.kind in (Kind.WITNESS, Kind.ID):
                structure.add(column.key)
        self.structure = frozenset(structure)
        self.owners = frozenset(authority.paths[self.key].owners) if self.tab else frozenset[ColumnKey]()
        self.told = frozenset(key for key in self.owners if self.tab and not self.tab.columns[key].system)

    # -- rows ------------------------------------------------------------------------------------------------------

    def of(self, facts: RowFacts) -> RowRights:
        reaches = [each.reach(facts) for each in self.opens]
        if not any(reaches):
            return NO_RIGHTS
        readable = self.readable.of(facts)
        kind = (readable, *reaches, *(denied(facts) for _, denied in self.denies))
        made = self.made.get(kind)
        if made is None:
            made = self.made[kind] = self._made(self.match(facts), readable)
        return made

    def match(self, facts: RowFacts) -> _Match:
        reached = ((each, each.reach(facts)) for each in self.opens)
        opens = tuple((each, reach) for each, reach in reached if reach)
        return _Match(opens, tuple(deny for deny, denied in self.denies if denied(facts)))

    def widest(self) -> Mapping[ColumnKey, Level]:
        always = tuple(deny for deny, _ in self.denies if not deny.when)
        levels = self._made(_Match(tuple((each, ALWAYS) for each in self.opens), always), self.readable.every).levels
        return levels or dict.fromkeys(self.tab.columns if self.tab else (), Level.HIDDEN)

    def _made(self, match: _Match, readable: frozenset[Source]) -> RowRights:
        if self.tab is None:
            return NO_RIGHTS
        levels = {}
        for key, column in self.tab.columns.items():
            granted = max((each.level(key, reach) for each, reach in match.opens), default=Level.HIDDEN)
            capped = min(granted, match.cap(key))
            levels[key] = min(capped, Level.READ) if column.system else capped
        levels = caps(self.provenance, levels, readable)
        if not any(level for key, level in levels.items() if key not in self.structure):
            return NO_RIGHTS
        for key in self.told:
            levels[key] = max(levels[key], min(Level.READ, match.cap(key)))
        for key in self.structure:
            levels[key] = max(levels[key], Level.READ)
        deleting = max((min(each.grant.delete, reach) for each, reach in match.opens), default=Level.HIDDEN)
        whole = (deny.cap for deny in match.denies if "*" in deny.columns)
        return RowRights(levels, visible=True, delete=min((deleting, *whole)))

    # -- edits -----------------------------------------------------------------------------------------------------

    def edited(self, column: ColumnKey, before: RowFacts, new: Value) -> Judgement:
        """What the row as it was says of an edit."""
        old = before.values.get(column)
        return self._judged(column, before, lambda change: self._may_become(change, column, old, new))

    def filled(self, column: ColumnKey, made: RowFacts) -> Judgement:
        """What may be done with a cell of a new row."""
        new = made.values.get(column)
        return self._judged(column, made, lambda change: self._may_begin(change, column, new))

    def _judged(self, column: ColumnKey, facts: RowFacts, turn: Callable[[Change], Level]) -> Judgement:
        if self.tab is None or column not in self.tab.columns or self.tab.columns[column].system:
            return Judgement(min(self.of(facts).level(column), Level.READ), Why.OURS)
        match = self.match(facts)
        granted = [(each, each.level(column, reach)) for each, reach in match.opens]
        turned = [(each, min(level, turn(each.changes.get(column, Change())))) for each, level in granted]
        best = max((level for _, level in turned), default=Level.HIDDEN)
        level, cap = min(best, match.cap(column)), match.cap(column)
        if level is Level.EDIT:
            return Judgement(level, Why.GRANTED)
        asked = tuple(dict.fromkeys(each.grant.approve_by for each, may in turned if may >= Level.PROPOSE))
        approvers = tuple(each for each in asked if each) if level is Level.PROPOSE else ()
        most = max((level for _, level in granted), default=Level.HIDDEN)
        why = Why.DENIED if cap < best else Why.CHANGE if best < most else Why.NO_GRANT
        why = Why.GRANTED if level is Level.PROPOSE and why is Why.NO_GRANT else why
        return Judgement(level, why, approvers, match.memo(column) if why is Why.DENIED else "")

    def afterwards(self, column: ColumnKey, judgement: Judgement, before: RowFacts, after: RowFacts) -> Judgement:
        """What the row as it would be says of an edit that the row as it was allows."""
        giving = [each for each, reach in self.match(before).opens if each.level(column, reach) >= judgement.level]
        if not any(each.grant.may_leave_scope for each in giving):
            still = (each.level(column, reach) for each, reach in self.match(after).opens)
            if max(still, default=Level.HIDDEN) < judgement.level:
                return Judgement(Level.READ, Why.LEAVES)
        may_take_over = any(each.grant.may_take_over for each in giving)
        if not may_take_over and self._opens(column, self.of(before), self.of(after)):
            return Judgement(Level.READ, Why.OPENS)
        return judgement

    def _opens(self, column: ColumnKey, before: RowRights, after: RowRights) -> bool:
        """Whether an author gains sight by an edit; by one of whose a row is, whether anything is gained."""
        gained = [key for key, level in after.levels.items() if level > before.level(key)]
        if column in self.owners or column == SHARED_WITH:
            return bool(gained) or after.delete > before.delete
        return any(not before.level(key) for key in gained)

    def _may_become(self, change: Change, column: ColumnKey, old: Value, new: Value) -> Level:
        was, becomes = (self.rights.authority.meaning(self.key, column, value) for value in (old, new))
        if change.before and was not in change.before:
            return Level.READ
        return self._may_be(change, becomes, change.after)

    def _may_begin(self, change: Change, column: ColumnKey, new: Value) -> Level:
        """A new row begins with a value that may be left, or that may be taken; or with none."""
        becomes = self.rights.authority.meaning(self.key, column, new)
        return self._may_be(change, becomes, (*change.before, *change.after, "") if change.after else ())

    @staticmethod
    def _may_be(change: Change, becomes: str, allowed: tuple[str, ...]) -> Level:
        if becomes in change.proposed:
            return Level.PROPOSE
        return Level.EDIT if not allowed or becomes in allowed else Level.READ

    # -- compiling -------------------------------------------------------------------------------------------------

    def _sees(self, customer: RowFacts) -> bool:
        return self.rights.of_row(customer).visible

    def _changes(self, grant: Grant) -> Mapping[ColumnKey, Change]:
        def meant(column: ColumnKey, values: Iterable[str]) -> tuple[str, ...]:
            return tuple(self.rights.authority.meaning(self.key, column, value) for value in values)

        return {
            key: Change(meant(key, change.before), meant(key, change.after), meant(key, change.proposed))
            for column, change in grant.change.items()
            if self.tab is not None and (key := ColumnKey(column)) in self.tab.columns
        }

    def _judge(self, text: str) -> Judge:
        about = self.rights.authority.condition(self.key, text)
        user, own, at = self.user, self.own, self.rights.authority.at
        if OWNS not in about.names:
            return lambda facts: about.judge(facts, user, at)
        return lambda facts: about.judge(facts, {**user, OWNS: facts.owner in own}, at)
