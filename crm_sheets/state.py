"""What is remembered between cycles, and how the core asks for it. The core reads; the shell commits a plan.

The protocol is small on purpose: everything is asked for by key, so that the cost of a cycle follows what changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from crm_sheets.changes import Issue, Route, Value
from crm_sheets.known import KnownRow, KnownRows
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.schema.base import Entry, Role
from crm_sheets.snapshots import PipelineChange, PipelineHistory, PipelineLine
from crm_sheets.tables import SHARED, ColumnKey, Fingerprint, ReplicaKey, RowKey, TabKey

Values = dict[ColumnKey, Value]
RowId = tuple[TabKey, RowKey]


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A canonical record.

    Attributes:
        values: by column; a column that is not there is blank.
        deleted: a tombstone: the row was taken out, its values are kept for whoever wants it back.
    """

    values: Mapping[ColumnKey, Value]
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class BaseRow:
    """What we know a replica's file held in one row, at one generation.

    Attributes:
        values: canonical values of the cells that hold what the records hold or held.
        flaws: cells that hold something unreadable, with the finding's code and parameters.
    """

    key: RowKey
    witness: str
    digest: str
    content: str
    values: Mapping[ColumnKey, Value]
    flaws: Mapping[ColumnKey, tuple[str, Mapping[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key given to a new row, which becomes a record once the key was read back from the file."""

    key: RowKey
    witness: str
    at: datetime


class EntryKind(StrEnum):
    """What a journal entry tells."""

    CREATE = "create"
    EDIT = "edit"
    COMPUTED = "computed"
    DELETE = "delete"
    RESURRECT = "resurrect"
    REVERT = "revert"
    CONFLICT = "conflict"
    HOLD = "hold"
    MERGE = "merge"
    REVEAL = "reveal"
    PROPOSE = "propose"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing that happened to a cell or a row.

    Attributes:
        column: None for an entry about the row; then `new` (or `old`) is the encoded values of the row.
        old: encoded value before, for a revert, a conflict or a request the value that stays.
        new: encoded value after, for a revert, a conflict or a request the value that was typed and put away; for a
            merge all of it (merging.encoded), and in `old` the key of the customer that stayed.
        dedupe: what makes the entry unique where the same thing may be seen again after a crash; "" when it cannot.
    """

    kind: EntryKind
    tab: TabKey
    row: RowKey
    column: ColumnKey | None
    old: str
    new: str
    author: str
    dedupe: str = ""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """An entry as it stands in the journal; `number` grows with time."""

    number: int
    run: int
    at: datetime
    entry: JournalEntry


class Source(StrEnum):
    """Where a finding comes from, which decides how it goes away again."""

    CELL = "cell"  # the cell cannot be read; goes when the cell is mended
    NOTICE = "notice"  # something was put back; goes with the next edit of the row
    RULE = "rule"  # a rule said so; goes when the rule no longer says so
    REQUEST = "request"  # a change of it waits for an approval; goes when that is decided
    TAB = "tab"  # about a tab, or a row without a key; said anew at each reading of the tab


@dataclass(frozen=True, slots=True)
class Finding:
    """An issue that stands.

    Attributes:
        replica: in which it stands; what a rule says concerns all of them.
    """

    issue: Issue
    source: Source
    replica: ReplicaKey = SHARED


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message to be sent once; `key` is unique for ever.

    Attributes:
        not_before: when it is to go out; later, it is late.
        parameters: what its template shows; texts.
        first_try: when it is sent at the earliest; None: as `not_before`.
        route: how its person is told.
        again: it was taken back before it was sent, and is to go out after all.
    """

    key: str
    kind: str
    person: str
    not_before: datetime
    tab: TabKey | None = None
    row: RowKey | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    first_try: datetime | None = None
    route: Route = Route.MAIL
    again: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of a file of which nothing is left to do.

    Attributes:
        parts: digest of each sheet, as the back end gives it; one that is missing must be read.
        sheets: which sheet is which tab.
    """

    fingerprint: Fingerprint
    parts: Mapping[str, str]
    sheets: Mapping[TabKey, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a replica between two cycles.

    Attributes:
        notes: of the replica, by name; those that were asked for.
        pending: whether planned writes wait to be carried out.
        unsure: whether the last write was not confirmed: then what is known of the file says nothing.
    """

    reading: Reading | None
    notes: Mapping[str, str]
    pending: bool
    unsure: bool


def note_of(name: str, replica: ReplicaKey) -> str:
    """What a note of a replica is called."""
    return name if replica == SHARED else f"{name}@{replica}"


@dataclass(frozen=True, slots=True)
class TabCommit:
    """What one cycle remembers of one tab; mappings are by row key.

    Attributes:
        records: new canonical values; None makes a tombstone.
        last: the values that tombstones keep, where they were edited in the cycle that takes them out.
        entries, findings, wakes: what takes the place of what was kept about a row.
        loose: findings about the tab and about rows without a key; takes the place of what was kept.
        observed: base rows that the file holds at the generation that was read; None takes a row out.
        expected: base rows of the generation that the write will carry, where they differ from what was read.
        issued: keys given to new rows; arrived: keys that were read back.
        pending: rows that the write will change (on the one side), and rows that the file was seen to hold as they
            should be (on the other).
        held: left-overs of an old file, finding code by content digest; takes the place of what was kept.
        pairs: links between suspected duplicates (rules.duplicates) of the rows in `paired`.
        delisted, enlisted: keys of the index of duplicates, with a row that has it no longer, or has it now.
        reindexed: whatever the index of duplicates had goes before.
    """

    records: Mapping[RowKey, Mapping[ColumnKey, Value] | None] = field(default_factory=dict)
    last: Mapping[RowKey, Mapping[ColumnKey, Value]] = field(default_factory=dict)
    entries: Mapping[RowKey, frozenset[Entry]] = field(default_factory=dict)
    findings: Mapping[RowKey, tuple[Finding, ...]] = field(default_factory=dict)
    loose: tuple[Issue, ...] | None = None
    wakes: Mapping[RowKey, datetime | None] = field(default_factory=dict)
    observed: Mapping[RowKey, BaseRow | None] = field(default_factory=dict)
    expected: Mapping[RowKey, BaseRow | None] = field(default_factory=dict)
    issued: tuple[IssuedKey, ...] = ()
    arrived: tuple[RowKey, ...] = ()
    pending: frozenset[RowKey] = frozenset()
    settled: frozenset[RowKey] = frozenset()
    held: Mapping[str, str] | None = None
    pairs: tuple[Pair, ...] = ()
    paired: frozenset[RowKey] = frozenset()
    delisted: frozenset[tuple[int, RowKey]] = frozenset()
    enlisted: frozenset[tuple[int, RowKey]] = frozenset()
    reindexed: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """Everything that one cycle remembers, in one transaction, before the file is written.

    Attributes:
        run: number of the cycle; groups its journal entries so that they can be undone together.
        read: generation that the file carries.
        reserved: generation that the write will carry; None when nothing is written.
        origins: new rows that rules asked for, so that they are made once.
        taken: rows that an import made, by their origin, so that it makes them once.
        forgotten: rows of imports that were undone; they may be made again.
        outbox: messages to send.
        withdrawn: keys of messages that are not to be sent after all, unless they were by now.
        notes: small facts kept by name (the watermark of reminders, the day of the last digest).
        marks: rows of other replicas that may no longer show their records, for each of them.
        pipeline: what the first cycle of a day keeps of the open deals.
    """

    run: int
    now: datetime
    replica: ReplicaKey
    read: int
    reserved: int | None
    tabs: Mapping[TabKey, TabCommit]
    journal: tuple[JournalEntry, ...] = ()
    origins: tuple[str, ...] = ()
    taken: Mapping[str, RowId] = field(default_factory=dict)
    forgotten: tuple[RowId, ...] = ()
    outbox: tuple[OutboxItem, ...] = ()
    withdrawn: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[ReplicaKey, Mapping[TabKey, frozenset[RowKey]]] = field(default_factory=dict)
    pipeline: PipelineChange | None = None


class State(Protocol):
    """What the core may ask of the state store."""

    def records(self, tab: TabKey, keys: Iterable[RowKey]) -> dict[RowKey, StoredRecord]:
        """The records under `keys`, tombstones too; keys that nobody has are left out."""

    def count(self, tab: TabKey) -> int:
        """How many living records a tab has."""

    def all_records(self, tab: TabKey) -> dict[RowKey, StoredRecord]:
        """Every living record of a tab, ordered by key."""

    def columns(self, tab: TabKey, columns: Collection[ColumnKey]) -> tuple[list[RowKey], dict[ColumnKey, list[Value]]]:
        """The keys of all living records of a tab, ordered, and some of their columns, None for blanks."""

    def find(self, name: str, value: str, role: Role) -> tuple[RowId, ...]:
        """Living rows that have the entry, ordered."""

    def find_all(self, name: str, role: Role) -> dict[str, tuple[RowId, ...]]:
        """The whole index of one name and role, for a cycle that looks at most of it."""

    def entries_of(self, tab: TabKey, keys: Iterable[RowKey]) -> dict[RowKey, frozenset[Entry]]:
        """The entries under which rows are kept now."""

    def known_rows(self, replica: ReplicaKey, tab: TabKey, generation: int) -> KnownRows:
        """The base of a generation."""

    def known_among(self, replica: ReplicaKey, tab: TabKey, generation: int, names: Collection[str]) -> list[KnownRow]:
        """Those rows of the base of a generation whose key or hidden key is one of `names`."""

    def base_rows(
        self, replica: ReplicaKey, tab: TabKey, generation: int, keys: Iterable[RowKey]
    ) -> dict[RowKey, BaseRow]:
        """Rows of the base of a generation."""

    def holders(
        self, replicas: Collection[ReplicaKey], tab: TabKey, keys: Iterable[RowKey]
    ) -> dict[ReplicaKey, set[RowKey]]:
        """Which of the replicas hold which of the rows, by their newest base."""

    def issued(self, replica: ReplicaKey, tab: TabKey) -> dict[str, IssuedKey]:
        """Keys that were given out and not yet read back, by witness."""

    def pending(self, replica: ReplicaKey, tab: TabKey) -> frozenset[RowKey]:
        """Rows whose record may differ from what the file holds: planned writes that were not confirmed."""

    def values_since(
        self, replica: ReplicaKey, generation: int, tab: TabKey, row: RowKey
    ) -> dict[ColumnKey, frozenset[str]]:
        """Encoded values that cells of a row had since a generation was written."""

    def values_at(self, replica: ReplicaKey, generation: int, tab: TabKey, row: RowKey) -> dict[ColumnKey, str]:
        """Encoded values that cells of a row had when a generation was written, of those that changed since."""

    def made_since(self, replica: ReplicaKey, generation: int, tab: TabKey) -> frozenset[RowKey]:
        """Rows that became records after a generation was written, those that are gone again too."""

    def edited_since(self, replica: ReplicaKey, generation: int, tab: TabKey, row: RowKey) -> bool:
        """Whether people edited a row after a generation of a replica was written, by way of another replica."""

    def edited_at(self, tab: TabKey, key: RowKey) -> Mapping[ColumnKey | None, datetime]:
        """When people edited each column of a row last; under None, when the row was made or came back."""

    def last_author(self, tab: TabKey, key: RowKey, column: ColumnKey) -> str:
        """Whom the journal names as the last who gave a cell its value; "" when it names nobody."""

    def put_away(self, dedupe: str) -> JournalEntry | None:
        """The journal entry of a value that was put away, by what makes it unique; None when there is none."""

    def findings(self, tab: TabKey, keys: Iterable[RowKey] | None) -> dict[RowKey, tuple[Finding, ...]]:
        """The findings that stand about rows of a tab, about all of them when `keys` is None."""

    def wakes(self, now: datetime) -> tuple[RowId, ...]:
        """Rows that time alone may have changed by `now`."""

    def unsent(self, rows: Collection[RowId]) -> dict[str, bool]:
        """Keys of the reminders about rows that were not sent yet, and whether they were taken back."""

    def held(self, replica: ReplicaKey, tab: TabKey) -> dict[str, str]:
        """Left-overs of old files that are held: finding code by content digest."""

    def born_since(self, replica: ReplicaKey, tab: TabKey, generation: int) -> dict[str, RowKey]:
        """Rows that are in the newest base and were not in the base of `generation`, by content digest."""

    def moved_since(self, replica: ReplicaKey, tab: TabKey, generation: int) -> frozenset[RowKey]:
        """Rows that later generations of the base have otherwise than `generation` had them, or have as new ones."""

    def latest_generation(self, replica: ReplicaKey) -> int:
        """The last generation that was reserved; 0 before the first."""

    def confirmed_generation(self, replica: ReplicaKey) -> int:
        """The last generation that is known to have reached the file; 0 before the first."""

    def note(self, name: str) -> str | None:
        """A small fact kept by name."""

    def made_from(self, origins: Sequence[str]) -> frozenset[str]:
        """Which of the origins already made their row."""

    def taken(self, origins: Sequence[str]) -> dict[str, RowId]:
        """Which of the origins of imported rows already made their row, and which one."""

    def pairs_of(self, tab: TabKey, keys: Iterable[RowKey]) -> tuple[Pair, ...]:
        """Links between suspected duplicates that one of the rows takes part in, dismissed ones left out."""

    def block_sizes(self, blocks: Collection[int], most: int) -> dict[int, int]:
        """How many rows the index of duplicates has under each key, `most` for more; unknown keys are left out."""

    def block_members(self, blocks: Collection[int]) -> dict[int, list[RowKey]]:
        """The rows that the index of duplicates has under each key; unknown keys are left out."""

    def dismissed(self, tab: TabKey, keys: Iterable[RowKey]) -> frozenset[tuple[RowKey, RowKey]]:
        """Pairs of these rows of which a person said that they are two different customers."""

    def pipeline_day(self) -> date | None:
        """The last day of which the pipeline was kept."""

    def standing_pipeline(self) -> tuple[PipelineLine, ...]:
        """The lines that hold still."""

    def pipeline(self) -> PipelineHistory:
        """All that was kept of the pipeline."""
