"""What a plan is made from: a replica as it was read, what somebody asks for, and how the team works."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from crm_sheets.approval_flows import ApprovalTerms
from crm_sheets.approvals import Decision
from crm_sheets.changes import Issue
from crm_sheets.commands import Command
from crm_sheets.copied import CopyReading
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.language import Language
from crm_sheets.merging import MergeRules, MergeWish
from crm_sheets.reading import TabReading
from crm_sheets.replica import Means, Replica
from crm_sheets.rules.base import Rule
from crm_sheets.rules.duplicates.groups import TOGETHER
from crm_sheets.rules.files import FileFacts
from crm_sheets.rules.level_policies import LevelPolicy
from crm_sheets.rules.peace import PeaceTerms
from crm_sheets.rules.reads import Reads
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.state import OutboxItem
from crm_sheets.tables import ReplicaKey, RowKey, TabKey


@dataclass(frozen=True, slots=True)
class LookupTerms:
    """What keeps people from asking for one customer after the other.

    Attributes:
        per_day: questions that a person gets answered in a day.
        least: characters that a name must have.
    """

    per_day: int = 20
    least: int = 4


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that a plan is made from, beside the state.

    Attributes:
        eyes: what the replica may show and take, by the records as they stand.
        readings: the tabs whose sheets changed since the last cycle.
        locate: reads of another tab of the same file at least the rows that bear these hidden keys, when they must be
            written; None when the file lacks it.
        loose: findings of the layout, for each tab that was looked at; a tab that is named in `held` with its reason
            is neither read nor written.
        tabs: of the team's book; `eyes` know which of them the replica has.
        others: what other replicas show, so that it is known which of them a change concerns.
        own_reads: what the findings of the team's own rules are made from.
        since: until when reminders were put into the outbox before this cycle; None before the first.
        whole: every row of the replica is compared with its record.
        writable: False while somebody holds the file: everything is planned but its writes.
        goes_on: another pass follows at once when this one gave out keys.
        first: the file carries no stamp of ours, or an old one: it must be written even when no cell differs.
        copies: conflict copies of the replica that are to be taken in after it.
        merges: customers to be merged, beside those of which the sheet says so.
        messages: to be sent with what the commands did.
        decisions: of requests, which people gave outside the workbook; approvals: which edits are requests.
        compare: customers to be compared again although nothing in them changed.
        default_dictionaries: those that a new book of the team begins with.
        threshold: the likeness from which customers are told as possible duplicates; None for never.
        calendar: when the team works, but for the days that it entered in the book.
        peace: when people may be written to.
        levels: how customers are given their level; by RFM, the whole book must be asked once a day.
        lookups: who may ask how often whether a customer is known.
    """

    run: int
    today: date
    zone: tzinfo
    replica: Replica
    eyes: Callable[[Draft], Eyes]
    means: Means
    language: Language
    tabs: Mapping[TabKey, Tab]
    rules: Mapping[TabKey, tuple[Rule, ...]]
    readings: Mapping[TabKey, TabReading]
    locate: Callable[[TabKey, Collection[str]], TabReading | None]
    loose: Mapping[TabKey, tuple[Issue, ...]] = field(default_factory=dict)
    held: Mapping[TabKey, Issue] = field(default_factory=dict)
    commands: tuple[Command, ...] = ()
    copies: tuple[CopyReading, ...] = ()
    merges: tuple[MergeWish, ...] = ()
    merge_rules: MergeRules = field(default_factory=MergeRules)
    messages: tuple[OutboxItem, ...] = ()
    decisions: tuple[Decision, ...] = ()
    approvals: ApprovalTerms = ApprovalTerms()
    compare: frozenset[RowKey] = frozenset()
    threshold: float | None = TOGETHER
    others: Callable[[Draft], Mapping[ReplicaKey, Eyes]] = lambda _: {}
    own_reads: Mapping[str, Reads] = field(default_factory=dict)
    since: datetime | None = None
    whole: bool = False
    writable: bool = True
    must_stamp: bool = False
    goes_on: bool = False
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    files: FileFacts = FileFacts()
    levels: LevelPolicy = LevelPolicy()
    peace: PeaceTerms = PeaceTerms()
    lookups: LookupTerms = LookupTerms()
    default_dictionaries: Dictionaries = field(default_factory=lambda: Dictionaries({}))
