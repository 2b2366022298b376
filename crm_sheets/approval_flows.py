"""Which edits somebody must approve, and who: the flows of a team, asked for each edit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.permissions import ANY, SHARED_ROLE, Level
from crm_sheets.tables import ColumnKey, RowKey, TabKey

MANAGER, DEPARTMENT_HEAD, ROLE = "manager", "department_head", "role:"
"""What may stand for an approver, beside a name or 工号: the proposer's manager, the head of the department, a role."""


class Quorum(StrEnum):
    """How many of those who are asked must say yes."""

    ONE = "one"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Step:
    """One level of a flow."""

    approver: str
    quorum: Quorum = Quorum.ONE


@dataclass(frozen=True, slots=True)
class Change:
    """A move of a column from one of some values to one of some others, as text_key; empty for any value."""

    column: ColumnKey
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()

    def covers(self, old: Value, new: Value) -> bool:
        """Whether going from `old` to `new` is this move."""
        return (not self.before or _key(old) in self.before) and (not self.after or _key(new) in self.after)


@dataclass(frozen=True, slots=True)
class Flow:
    """How a kind of edit is approved.

    Attributes:
        steps: levels, asked one after the other.
        columns: whose edits it covers, `*` for all; change: the one move that it covers; deletes: taking rows out.
        roles: whose edits are requests; empty for everybody's. In the shared workbook, where nobody is known,
            everybody's are.
        timeout: how long a level may take; None for ever.
        remind: so long before the end of that time, who has not decided is reminded.
        delegate: who decides when the time is over; "" for nobody.
        escalate: then the managers of those who did not decide do. Without either, the request lapses.
        binds: a computed column that stands for all that is approved with the edit, as it is when the plan with the
            request is made; when it changes before the decision, the request is about something else, and ends.
        stamp: the column into which goes what `binds` was when it was approved.
    """

    name: str
    tab: TabKey
    steps: tuple[Step, ...]
    columns: frozenset[ColumnKey] = frozenset()
    change: Change | None = None
    deletes: bool = False
    roles: frozenset[str] = frozenset()
    timeout: timedelta | None = None
    remind: timedelta | None = None
    delegate: str = ""
    escalate: bool = False
    binds: ColumnKey | None = None
    stamp: ColumnKey | None = None

    def covers(self, tab: TabKey, column: ColumnKey | None, old: Value, new: Value) -> bool:
        """Whether it is about such an edit; `column` is None for a deletion."""
        if tab != self.tab:
            return False
        if column is None:
            return self.deletes
        if self.change is not None and self.change.column == column:
            return self.change.covers(old, new)
        return bool(self.columns & {column, ANY})

    def concerns(self, role: str) -> bool:
        """Whether edits of a role are requests."""
        return not self.roles or role == SHARED_ROLE or role in self.roles


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """An edit that waits for an approval.

    Attributes:
        column: None for a deletion.
        old, new: encoded values (journal.cell_text); "" of a deletion.
        origin: unique for ever; seen again after a crash it is the same.
    """

    tab: TabKey
    row: RowKey
    column: ColumnKey | None
    old: str
    new: str
    flow: Flow
    origin: str


@dataclass(frozen=True, slots=True)
class ApprovalTerms:
    """What a team's config says of approvals.

    Attributes:
        default: as Gate's.
        shared_decides: decisions in the shared workbook count, as those of the person whose name the program that
            saved it gives.
    """

    flows: tuple[Flow, ...] = ()
    default: tuple[Step, ...] = ()
    shared_decides: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """Says which edits are requests.

    Attributes:
        default: steps for what a grant only lets people propose, where no flow covers it; empty: nothing can be
            proposed then, and it is put back.
        by_tab: the flows of each tab.
    """

    flows: tuple[Flow, ...] = ()
    default: tuple[Step, ...] = ()
    by_tab: Mapping[TabKey, tuple[Flow, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_tab: dict[TabKey, tuple[Flow, ...]] = {}
        for flow in self.flows:
            by_tab[flow.tab] = (*by_tab.get(flow.tab, ()), flow)
        object.__setattr__(self, "by_tab", by_tab)

    def flow(
        self,
        tab: TabKey,
        column: ColumnKey | None,
        change: tuple[Value, Value],
        role: str,
        level: Level,
        by: tuple[str, ...] = (),
    ) -> Flow | None:
        """The flow that an edit must take; None for an edit that is none's concern.

        Args:
            tab: that the edit is in.
            column: None for a deletion.
            change: the value before and after.
            role: of whoever edits.
            level: what they may do there by themselves.
            by: whom the grants name that let them only propose it: a flow, or an approver.
        """
        if level < Level.PROPOSE:
            return None
        covering = [flow for flow in self.by_tab.get(tab, ()) if flow.covers(tab, column, *change)]
        chosen = next((flow for flow in covering if flow.concerns(role)), None)
        if chosen is not None or covering or level > Level.PROPOSE or not self.default:
            return chosen
        named = next((flow for flow in self.flows if flow.name in by), None)
        return replace(named, tab=tab) if named else Flow("", tab, (Step(by[0]),) if by else self.default)


def _key(value: Value) -> str:
    return "" if value is None else text_key(str(value))
