"""What a cycle is given: what stays the same from one to the next, and what one run is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from crm_sheets.approval_flows import ApprovalTerms
from crm_sheets.approvals import Decision
from crm_sheets.change_log import LogTerms
from crm_sheets.commands import Command
from crm_sheets.copied import CopyReading
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes, OpenEyes
from crm_sheets.guards import Limits
from crm_sheets.language import Language
from crm_sheets.merging import MergeRules, MergeWish
from crm_sheets.permissions import SHARED_ROLE, Policy
from crm_sheets.request import LookupTerms
from crm_sheets.rules.base import Rule
from crm_sheets.rules.duplicates.groups import TOGETHER
from crm_sheets.rules.files import FileFacts
from crm_sheets.rules.level_policies import LevelPolicy
from crm_sheets.rules.peace import PeaceTerms
from crm_sheets.rules.reads import Reads
from crm_sheets.rules.summaries.base import SummaryRule
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.headers import SEARCHED_ROWS
from crm_sheets.state import OutboxItem
from crm_sheets.sync.backends.copies import CopyShelf, NoCopies
from crm_sheets.sync.forms import Forms, NoForms
from crm_sheets.tables import SHARED, ReplicaKey, RowKey, TabKey


@dataclass(frozen=True)
class ReplicaSetup:
    """A workbook that shows records, or a part of them.

    Attributes:
        tabs: that it has, with the columns that it shows.
        eyes: what it may show and take, by the records as they stand.
        others: the same of all other workbooks.
        author: whom its edits are put down to; where only a role is known, with the hint that the file gives.
        known: whether the author is a person who is known for certain.
        log: how far back its change log goes; None for none.
        rights: another text whenever `eyes` may answer otherwise for other reasons than a change of a row.
    """

    key: ReplicaKey
    tabs: Mapping[TabKey, Tab]
    eyes: Callable[[Draft], Eyes]
    author: str
    known: bool = False
    rights: str = ""
    others: Callable[[Draft], Mapping[ReplicaKey, Eyes]] = lambda _: {}
    log: LogTerms | None = None


def shared_replica(policy: Policy, tabs: Mapping[TabKey, Tab]) -> ReplicaSetup:
    """The workbook of the whole team: it shows every row, and nobody knows for certain who typed in it."""
    return ReplicaSetup(SHARED, tabs, lambda _: OpenEyes(policy, SHARED_ROLE, tabs), SHARED_ROLE)


@dataclass(frozen=True)
class Setup:
    """What stays the same from cycle to cycle.

    Attributes:
        replica: the workbook that the cycles are of, and what it may show and take.
        random: gives bytes for new ids.
        merge_rules: how the values of merged customers are chosen.
        threshold: likeness from which customers are told as possible duplicates; None for never.
        rules_version: of program and config: when it changes, every row is looked at anew.
        dictionaries: that a book of the team begins with; None for the shipped ones.
        own_reads: what the findings of the team's own rules are made from.
        checkpoint: called after each durable step with its name; a test may stop the process there.
        forms: sheets to which forms append answers.
        approvals: which edits somebody must approve; lookups: who may ask how often whether a customer is known.
        copies: conflict copies that cloud drives leave beside the workbook.
        peace: when people may be written to.
        mail_look: stands for the templates of mails to customers as the rules know them (templates.look_of).
        head: so many rows from the top are always read: headers may stand there.
    """

    tabs: Mapping[TabKey, Tab]
    rules: Mapping[TabKey, tuple[Rule, ...]]
    summaries: tuple[SummaryRule, ...]
    language: Language
    zone: ZoneInfo
    replica: ReplicaSetup
    limits: Limits
    codec: CodecContext
    random: Callable[[int], bytes]
    threshold: float | None = TOGETHER
    merge_rules: MergeRules = field(default_factory=MergeRules)
    rules_version: str = ""
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    files: FileFacts = FileFacts()
    levels: LevelPolicy = LevelPolicy()
    peace: PeaceTerms = PeaceTerms()
    dictionaries: Dictionaries | None = None
    own_reads: Mapping[str, Reads] = field(default_factory=dict)
    checkpoint: Callable[[str], None] = lambda step: None
    forms: Forms = NoForms()
    approvals: ApprovalTerms = ApprovalTerms()
    copies: CopyShelf = NoCopies()
    lookups: LookupTerms = LookupTerms()
    mail_look: str = ""
    head: int = SEARCHED_ROWS


@dataclass(frozen=True, slots=True)
class Wish:
    """What one run of the cycle is asked for.

    Attributes:
        dry_run: plan, and write nothing anywhere.
        accept_deletions, accept_changes: let through what a brake holds.
        since: until when reminders were put into the outbox before this round; None: as the notes say.
        notes: small facts to be kept in the same transaction as the commands; `{run}` in a name becomes the number of
            the run.
    """

    now: datetime
    dry_run: bool = False
    accept_deletions: bool = False
    accept_changes: bool = False
    commands: tuple[Command, ...] = ()
    merges: tuple[MergeWish, ...] = ()
    messages: tuple[OutboxItem, ...] = ()
    decisions: tuple[Decision, ...] = ()
    compare: frozenset[RowKey] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    copies: tuple[CopyReading, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether there is something to do although nobody edited the workbook."""
        return bool(self.commands or self.merges or self.messages or self.decisions or self.compare or self.copies)

    def without_asking(self) -> "Wish":
        """The wish of a later pass: what was asked for is done."""
        return replace(
            self, commands=(), merges=(), messages=(), decisions=(), compare=frozenset(), notes={}, copies=()
        )
