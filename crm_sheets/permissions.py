"""What a team allows whom: grants and denies, order-free: the highest matching grant, capped by every matching deny.

This is the policy as the config has it; whose a row is, and what one person may therefore do with it, says rights.py.
The shared workbook has the rights of the role `shared`: who typed a cell in it cannot be known for certain.
What matches nothing is hidden; on a shared workbook, where nothing can be hidden, hidden means read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final, TypeAlias

from crm_sheets.tables import ColumnKey, TabKey

ANY: Final = "*"


class Level(IntEnum):
    """What a person may do with a cell; each level includes those below it."""

    HIDDEN = 0
    READ = 1
    PROPOSE = 2
    EDIT = 3


class Extent(IntEnum):
    """Which rows a person may make: none, those that are the person's own, any."""

    NONE = 0
    OWN = 1
    ALL = 2


class Scope(StrEnum):
    """Which rows a grant opens, seen from the person.

    A row belongs to its owner, and through its owner to a department and a group (`whose.py`).
    """

    OWN = "own"
    GROUP = "group"
    DEPARTMENT = "department"
    REPORTS = "reports"
    """Rows of those who have the person as manager, directly or through others."""
    SHARED = "shared"
    """Rows that name the person or the department in 共享; the level said there caps the grant."""
    CUSTOMER = "customer"
    """Rows about a customer that the person may see."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Where:
    """Rows of which a condition holds (docs/expressions.md); one that cannot be judged opens nothing."""

    text: str


Rows: TypeAlias = tuple[Scope | Where, ...]
"""A row need only be in one of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """Which values of a column may become which; "" stands for a blank cell.

    Attributes:
        before: values that may be left; none given for any.
        after: values that may be taken; none given for any.
        proposed: values that may only be proposed.
    """

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """Opens columns of some rows of a tab to a role; `*` stands for every role, tab or column.

    A column named beside `*` has the level that is named, be it higher or lower.

    Attributes:
        delete: EDIT for those who may take rows out, PROPOSE for those who may ask for it.
        approve_by: who decides about what is proposed; "" for whoever the approvals of the team say.
        may_leave_scope: an edit may take the row out of what its author may edit.
        may_take_over: an edit may open more of the row to its author.
        memo: why, for whoever asks `crm-sheets access`.
        reveal: sealed columns whose texts may be read, where the level allows to read the column.
    """

    role: str
    tab: str
    columns: Mapping[str, Level]
    create: Extent = Extent.NONE
    delete: Level = Level.HIDDEN
    rows: Rows = (Scope.ALL,)
    change: Mapping[str, Change] = field(default_factory=dict)
    approve_by: str = ""
    may_leave_scope: bool = False
    may_take_over: bool = False
    memo: str = ""
    reveal: Collection[str] = ()

    def level(self, column: str) -> Level:
        """What this grant alone gives on a column."""
        return self.columns.get(column, self.columns.get(ANY, Level.HIDDEN))


@dataclass(frozen=True, slots=True)
class Deny:
    """Caps what any grant gives; `reason` is shown to whoever meets it.

    Attributes:
        spared: roles that it does not concern.
        when: condition on the row; "" for every row. One that cannot be judged denies.
    """

    role: str
    tab: str
    columns: Collection[str]
    cap: Level
    reason: str = ""
    spared: Collection[str] = ()
    when: str = ""

    def concerns(self, role: str, tab: TabKey) -> bool:
        """Whether it caps anything of a role in a tab."""
        return _matches(self.role, role) and role not in self.spared and _matches(self.tab, tab)

    def names(self, column: ColumnKey) -> bool:
        """Whether it caps a column."""
        return ANY in self.columns or column in self.columns


@dataclass(frozen=True, slots=True)
class Decision:
    """A level and why it is not higher."""

    level: Level
    reason: str


@dataclass(frozen=True, slots=True)
class Declassified:
    """A computed column that may be shown although not everything that it is made from may be."""

    tab: TabKey
    column: ColumnKey
    reason: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The policy that was in force before the config was changed, and the columns that there were.

    What a changed config would show that was not shown before waits until somebody confirms it
    (`crm-sheets access apply`); what it hides is hidden at once.
    """

    policy: "Policy"
    columns: Mapping[TabKey, tuple[ColumnKey, ...]]


@dataclass(frozen=True)
class Policy:
    """All grants and denies of a config.

    Attributes:
        limit: nothing is shown that this did not show; None where nothing waits to be confirmed.
    """

    grants: tuple[Grant, ...]
    denies: tuple[Deny, ...] = ()
    declassified: tuple[Declassified, ...] = ()
    limit: Confirmed | None = None

    def grants_of(self, role: str, tab: TabKey) -> tuple[Grant, ...]:
        """The grants that open something of a tab to a role."""
        return tuple(each for each in self.grants if _matches(each.role, role) and _matches(each.tab, tab))

    def denies_of(self, role: str, tab: TabKey) -> tuple[Deny, ...]:
        """The denies that cap something of a tab for a role."""
        return tuple(each for each in self.denies if each.concerns(role, tab))

    def decide(self, role: str, tab: TabKey, column: ColumnKey) -> Decision:
        """What `role` may do with `column` in every row of `tab`, whoever has it: grants of some rows do not count,
        denies of some rows do."""
        matching = self._for_all_rows(role, tab)
        if not matching:
            return Decision(Level.HIDDEN, f"no grant of role {role} names tab {tab}")
        level = max(grant.level(column) for grant in matching)
        reason = f"granted to {role} on {tab}"
        for deny in self.denies_of(role, tab):
            if deny.names(column) and deny.cap < level:
                level, reason = deny.cap, deny.reason or f"denied to {deny.role} on {deny.tab}"
        return Decision(level, reason)

    def may_create(self, role: str, tab: TabKey) -> bool:
        """Whether any new row of `role` enters the records, whoever has it."""
        return any(grant.create is Extent.ALL for grant in self._for_all_rows(role, tab))

    def may_delete(self, role: str, tab: TabKey) -> bool:
        """Whether any row that `role` took out leaves the records."""
        return any(grant.delete is Level.EDIT for grant in self._for_all_rows(role, tab))

    def _for_all_rows(self, role: str, tab: TabKey) -> list[Grant]:
        return [each for each in self.grants_of(role, tab) if Scope.ALL in each.rows]


def _matches(pattern: str, name: str) -> bool:
    return pattern in (ANY, name)


SHARED_ROLE: Final = "shared"
OPEN: Final = Policy((Grant(SHARED_ROLE, ANY, {ANY: Level.EDIT}, create=Extent.ALL, delete=Level.EDIT),))
"""The default of a shared workbook: every column that is not the system's may be edited."""


@dataclass(frozen=True, slots=True)
class RowRights:
    """What a person may do with one row.

    Attributes:
        visible: whether the person's workbook has the row.
        delete: EDIT who may take it out, PROPOSE who may ask for it.
    """

    levels: Mapping[ColumnKey, Level]
    visible: bool
    delete: Level

    def level(self, column: ColumnKey) -> Level:
        """What may be done with a cell; a column that nobody knows is hidden."""
        return self.levels.get(column, Level.HIDDEN)


NO_RIGHTS: Final = RowRights({}, visible=False, delete=Level.HIDDEN)


class Why(StrEnum):
    """Why an edit may be made or not."""

    GRANTED = "granted"
    OURS = "ours"  # only the program writes the column
    NO_GRANT = "no-grant"
    DENIED = "denied"
    CHANGE = "change"  # this value may not become that one
    LEAVES = "leaves"  # the row would leave what its author may edit
    OPENS = "opens"  # the author would see or do more than before
    ASKS = "asks"  # the text asks for what the author may not read


@dataclass(frozen=True, slots=True)
class Judgement:
    """What may be done with one edit.

    Attributes:
        level: EDIT: it is made; PROPOSE: it is asked for; anything below: it is put back.
        approve_by: who decides about what is asked for, as the grants say; none for the team's rule.
        memo: the reason that the team gave.
    """

    level: Level
    why: Why
    approve_by: tuple[str, ...] = ()
    memo: str = ""
