"""The rights of one person in the rows of one tab: levels, and what becomes of an edit. See rights.py."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from crm_sheets.changes import Value
from crm_sheets.conditions import OWNS, user_values
from crm_sheets.grounds import Grounds
from crm_sheets.organisation import Person
from crm_sheets.permissions import NO_RIGHTS, Change, Deny, Grant, Judgement, Level, RowRights, Scope, Why
from crm_sheets.provenance import Provenance, Readable, caps, provenance_into
from crm_sheets.reaches import ALWAYS, Judge, Reach, Reaches
from crm_sheets.schema.base import Kind
from crm_sheets.schema.derivations import Source
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.whose import SHARED_WITH, RowFacts

CHECK: Final = ColumnKey("check")


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
class TabRights:
    """The grants and denies of a person in one tab, compiled: what rows have in common is worked out once.

    Attributes:
        of_row: the rights of the person in any row.
        own: what stands for the person as an owner, as text_key.
        granted: what opens anything of the tab to the person.
    """

    grounds: Grounds
    person: Person
    key: TabKey
    of_row: Callable[[RowFacts], RowRights]
    own: frozenset[str] = field(init=False)
    granted: tuple[Grant, ...] = field(init=False)

    def __post_init__(self) -> None:
        grounds, person = self.grounds, self.person
        policy, known = grounds.policy, self.key in grounds.tabs
        self.tab = grounds.tabs.get(self.key)
        self.user = dict(user_values(person))
        self.own = grounds.organisation.names((person,))
        self.granted = policy.grants_of(person.role, self.key) if known and person.active else ()
        reaches = Reaches(self.key, person, grounds.organisation, self._judge, self._sees)
        self.opens = tuple(_Open(grant, reaches.of(grant), self._changes(grant)) for grant in self.granted)
        self.denies = tuple((deny, reaches.denied(deny)) for deny in policy.denies_of(person.role, self.key) if known)
        self.provenance = grounds.provenance(self.key) if self.granted else Provenance()
        self.reaches = reaches
        self.readable = self._readable(self.provenance)
        self.into: dict[frozenset[Source], Readable] = {}
        self.made: dict[tuple[object, ...], RowRights] = {}
        structure = {CHECK} & self.tab.columns.keys() if self.tab else set[ColumnKey]()
        for column in self.tab.columns.values() if self.tab else ():
            if column.kind in (Kind.WITNESS, Kind.ID):
                structure.add(column.key)
        self.structure = frozenset(structure)
        self.owners = frozenset(grounds.paths[self.key].owners) if self.tab else frozenset[ColumnKey]()
        self.told = frozenset(key for key in self.owners if self.tab and not self.tab.columns[key].system)

    @property
    def always_shown(self) -> frozenset[ColumnKey]:
        """The columns that are shown wherever anything else of a row is."""
        return self.structure | self.told

    # -- rows ------------------------------------------------------------------------------------------------------

    def of(self, facts: RowFacts) -> RowRights:
        """What may be done with a row; the same object for all rows of one kind."""
        reaches = [each.reach(facts) for each in self.opens]
        if not any(reaches):
            return NO_RIGHTS
        readable = self.readable.of(facts)
        kind = (readable, *reaches, *(denied(facts) for _, denied in self.denies))
        made = self.made.get(kind)
        if made is None:
            made = self.made[kind] = self._made(self.match(facts), readable)
        return made

    def reads(self, facts: RowFacts, sources: frozenset[Source]) -> bool:
        """Whether the person may read these columns in all other rows that can go into what is told of a row."""
        if sources not in self.into:
            grounds = self.grounds
            made = provenance_into(self.provenance, sources, grounds.tabs, grounds.policy.declassified)
            self.into[sources] = self._readable(made)
        readable = self.into[sources]
        return readable.every <= readable.of(facts)

    def _readable(self, provenance: Provenance) -> Readable:
        policy, person = self.grounds.policy, self.person
        return Readable(
            self.key,
            provenance,
            self.grounds.paths,
            lambda tab: policy.grants_of(person.role, tab),
            lambda tab: policy.denies_of(person.role, tab),
            self.reaches,
            lambda facts, column: self.of_row(facts).level(column),
        )

    def match(self, facts: RowFacts) -> _Match:
        """What opens and caps a row."""
        reached = ((each, each.reach(facts)) for each in self.opens)
        opens = tuple((each, reach) for each, reach in reached if reach)
        return _Match(opens, tuple(deny for deny, denied in self.denies if denied(facts)))

    def may_reveal(self, column: ColumnKey, facts: RowFacts, level: Level) -> bool:
        """Whether a grant that opens a row reveals a sealed column; `level` is what may be done with the cell."""
        return level >= Level.READ and any(column in each.grant.reveal for each, _ in self.match(facts).opens)

    def widest(self) -> Mapping[ColumnKey, Level]:
        """The highest level that any row could give, by column."""
        always = tuple(deny for deny, _ in self.denies if not deny.when)
        levels = self._made(_Match(tuple((each, ALWAYS) for each in self.opens), always), self.readable.every).levels
        return levels or dict.fromkeys(self.tab.columns if self.tab else (), Level.HIDDEN)

    def missing(self, column: ColumnKey) -> tuple[Source, ...]:
        """What a granted column is made from and the person may not read, in all rows or in some."""
        granted = any(grant.level(column) for grant in self.granted)
        if not granted or column not in self.provenance.near:
            return ()
        widest = self.widest()
        near = {(self.key, each) for each in self.provenance.near[column] if not widest.get(each, Level.HIDDEN)}
        return tuple(sorted(near | (self.provenance.far[column] - self.readable.perhaps)))

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
        judged = self._judged(column, before, lambda change: self._may_become(change, column, old, new))
        return self._unless_beyond(column, before, new, judged)

    def filled(self, column: ColumnKey, made: RowFacts) -> Judgement:
        """What may be done with a cell of a new row."""
        new = made.values.get(column)
        judged = self._judged(column, made, lambda change: self._may_begin(change, column, new))
        return self._unless_beyond(column, made, new, judged)

    def _unless_beyond(self, column: ColumnKey, facts: RowFacts, new: Value, judged: Judgement) -> Judgement:
        """What is typed may reach beyond its row: then it needs as much right there."""
        described = self.tab.columns.get(column) if self.tab is not None else None
        if described is None or not new or judged.level < Level.PROPOSE:
            return judged
        if described.asks and described.asks in self.grounds.tabs and not self._may_ask(described.asks, str(new)):
            return Judgement(Level.READ, Why.ASKS)
        if described.folds:
            after = self.grounds.facts(self.key, {**facts.values, column: new}, facts.book)
            into = [self.of_row(each) for each in after.named(described)]
            if len(into) != 1 or not into[0].visible or into[0].level(column) < Level.EDIT:
                return Judgement(Level.READ, Why.NO_GRANT)
        return judged

    def _may_ask(self, of: TabKey, text: str) -> bool:
        """Nobody asks all rows of a tab for what they may not read in all of them."""
        role, policy = self.person.role, self.grounds.policy
        for tab, asked in self.grounds.asked(of, text):
            everywhere = (each for each in policy.grants_of(role, tab) if Scope.ALL in each.rows)
            granted = any(each.level(asked) >= Level.READ for each in everywhere)
            capped = any(each.names(asked) and each.cap < Level.READ for each in policy.denies_of(role, tab))
            if capped or not granted:
                return False
        return True

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
        was, becomes = (self.grounds.meaning(self.key, column, value) for value in (old, new))
        if change.before and was not in change.before:
            return Level.READ
        return self._may_be(change, becomes, change.after)

    def _may_begin(self, change: Change, column: ColumnKey, new: Value) -> Level:
        """A new row begins with a value that may be left, or that may be taken; or with none."""
        becomes = self.grounds.meaning(self.key, column, new)
        return self._may_be(change, becomes, (*change.before, *change.after, "") if change.after else ())

    @staticmethod
    def _may_be(change: Change, becomes: str, allowed: tuple[str, ...]) -> Level:
        if becomes in change.proposed:
            return Level.PROPOSE
        return Level.EDIT if not allowed or becomes in allowed else Level.READ

    # -- compiling -------------------------------------------------------------------------------------------------

    def _sees(self, customer: RowFacts) -> bool:
        return self.of_row(customer).visible

    def _changes(self, grant: Grant) -> Mapping[ColumnKey, Change]:
        def meant(column: ColumnKey, values: Iterable[str]) -> tuple[str, ...]:
            return tuple(self.grounds.meaning(self.key, column, value) for value in values)

        return {
            key: Change(meant(key, change.before), meant(key, change.after), meant(key, change.proposed))
            for column, change in grant.change.items()
            if self.tab is not None and (key := ColumnKey(column)) in self.tab.columns
        }

    def _judge(self, text: str) -> Judge:
        about = self.grounds.condition(self.key, text)
        user, own, at = self.user, self.own, self.grounds.at
        if OWNS not in about.names:
            return lambda facts: about.judge(facts, user, at)
        return lambda facts: about.judge(facts, {**user, OWNS: facts.owner in own}, at)
