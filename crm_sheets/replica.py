"""The replica that is taken in, what taking in needs, and what came of one tab of it."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crm_sheets.approval_flows import Gate, ProposedChange
from crm_sheets.cells import Address
from crm_sheets.changes import Issue
from crm_sheets.guards import Limits
from crm_sheets.outline import Standing
from crm_sheets.reading import TabReading
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.validation import ValidatedRow
from crm_sheets.state import BaseRow, IssuedKey, RowId
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey, TabRow


@dataclass(frozen=True, slots=True)
class Replica:
    """The replica that is taken in, and under which rules.

    Attributes:
        generation: that the file carries; 0 for a file that we never wrote.
        stale: a later generation than that reached the file: somebody put an older one in its place.
        overtaken: a later generation was reserved, and nobody knows whether it reached the file.
        author: whom the journal puts its edits down to.
    """

    key: ReplicaKey
    generation: int
    stale: bool
    overtaken: bool
    author: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Means:
    """What taking in needs from outside: time, ids, how cells are read, and what a person has decided.

    Attributes:
        new_key: makes a row key of a tab; asked again when the key is taken.
        witness: the hidden key of a row in this replica.
        means_new: whether staff wrote into the id column that a held row is a new one.
        accept_deletions, accept_changes: the brakes on them are off for this cycle.
        everything: every row is looked at, since what rows mean has changed (config, program).
        fresh: columns of which the base knows nothing yet, by tab: the config has just made them ours, or gave them
            back. What stands in them was typed while they were the team's; a blank cell says nothing.
        gate: which edits are requests.
    """

    now: datetime
    codec: CodecContext
    new_key: Callable[[Tab], RowKey]
    witness: Callable[[TabKey, RowKey], str]
    means_new: Callable[[str], bool]
    accept_deletions: bool = False
    accept_changes: bool = False
    everything: bool = False
    fresh: Mapping[TabKey, frozenset[ColumnKey]] = field(default_factory=dict)
    gate: Gate = Gate()


@dataclass(slots=True)
class Intake:
    """What came of one tab.

    Attributes:
        places: which row of the sheet each record stands in.
        standing: those of them that were known beforehand to be what the base says.
        rows: all rows that were looked at.
        looked_at: values and flaws of rows that were parsed, by key; new rows are among them.
        observed: how the base advances at the generation that was read; None takes a row out.
        put_back: columns of each row that must be written although they hold a formula.
        fresh: keys of rows that got their key in this cycle.
        arrived: keys of rows whose key was read back, records from now on.
        restored: rows that were deleted and must come back.
        evicted: sheet rows that nobody can place and that may hold what their reader may no longer see, to be cleared.
        gone: sheet rows whose remains must be cleared, by key.
        loose: findings about the tab and about rows that have no key, by number of the sheet row where there is one.
        proposed: changes that wait for an approval.
        halted: the brake that was pulled; then nothing of the tab was taken in.
    """

    reading: TabReading
    places: MutableMapping[RowKey, TabRow] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    rows: Sequence[TabRow] = ()
    looked_at: dict[RowKey, ValidatedRow] = field(default_factory=dict)
    observed: dict[RowKey, BaseRow | None] = field(default_factory=dict)
    put_back: dict[RowKey, frozenset[ColumnKey]] = field(default_factory=dict)
    fresh: list[IssuedKey] = field(default_factory=list)
    arrived: list[RowKey] = field(default_factory=list)
    restored: list[RowKey] = field(default_factory=list)
    gone: dict[RowKey, int] = field(default_factory=dict)
    evicted: list[int] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    loose: dict[int, Issue] = field(default_factory=dict)
    touched: set[RowKey] = field(default_factory=set)
    dirty: set[RowId] = field(default_factory=set)
    proposed: list[ProposedChange] = field(default_factory=list)
    halted: Issue | None = None

    def let_go(self) -> None:
        """What was read is planned: from now on only the places of rows are asked for."""
        self.looked_at.clear()
        self.put_back.clear()


@dataclass(frozen=True, slots=True)
class Places:
    """Where the rows of the tabs that were read stand, found out for those that somebody asks about."""

    intakes: Mapping[TabKey, Intake]

    def get(self, row: RowId) -> Address | None:
        """The sheet and the row; None for a row that is nowhere, or in a tab that was not read."""
        tab, key = row
        intake = self.intakes.get(tab)
        if intake is None:
            return None
        number = intake.standing.number_of(key)
        if number is None:
            placed = intake.places.get(key)
            number = placed.number if placed else next((each for each in intake.loose if key == f"#{each}"), None)
        return None if number is None else Address(intake.reading.layout.sheet, number)
