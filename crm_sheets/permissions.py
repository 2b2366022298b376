"""Who may do what to a cell. Grants and denies, order-free: the highest matching grant, capped by every matching deny.

The shared workbook has the rights of the role `shared`: who typed a cell in it cannot be known for certain.
What matches nothing is hidden; on a shared workbook, where nothing can be hidden, hidden means read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from crm_sheets.tables import ColumnKey, TabKey

ANY: Final = "*"


class Level(IntEnum):
    """What a person may do with a cell; each level includes those below it."""

    HIDDEN = 0
    READ = 1
    PROPOSE = 2
    EDIT = 3


@dataclass(frozen=True, slots=True)
class Grant:
    """Opens columns of a tab to a role; `*` stands for every role, tab or column.

    A column named beside `*` has the level that is named, be it higher or lower.
    """

    role: str
    tab: str
    columns: Mapping[str, Level]
    create: bool = False
    delete: bool = False

    def level(self, column: str) -> Level:
        """What this grant alone gives on a column."""
        return self.columns.get(column, self.columns.get(ANY, Level.HIDDEN))


@dataclass(frozen=True, slots=True)
class Deny:
    """Caps what any grant gives; `reason` is shown to whoever meets it."""

    role: str
    tab: str
    columns: frozenset[str]
    cap: Level
    reason: str = ""
    spared: frozenset[str] = frozenset()
    """Roles that it does not concern."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A level and why it is not higher."""

    level: Level
    reason: str


@dataclass(frozen=True)
class Policy:
    """All grants and denies of a config."""

    grants: tuple[Grant, ...]
    denies: tuple[Deny, ...] = ()

    def decide(self, role: str, tab: TabKey, column: ColumnKey) -> Decision:
        """What `role` may do with `column` of `tab`."""
        matching = [grant for grant in self.grants if _matches(grant.role, role) and _matches(grant.tab, tab)]
        if not matching:
            return Decision(Level.HIDDEN, f"no grant of role {role} names tab {tab}")
        level = max(grant.level(column) for grant in matching)
        reason = f"granted to {role} on {tab}"
        for deny in self.denies:
            if (
                _matches(deny.role, role)
                and role not in deny.spared
                and _matches(deny.tab, tab)
                and deny.columns & {ANY, column}
                and deny.cap < level
            ):
                level, reason = deny.cap, deny.reason or f"denied to {deny.role} on {deny.tab}"
        return Decision(level, reason)

    def may_create(self, role: str, tab: TabKey) -> bool:
        """Whether a new row of `role` enters the records."""
        return any(g.create for g in self.grants if _matches(g.role, role) and _matches(g.tab, tab))

    def may_delete(self, role: str, tab: TabKey) -> bool:
        """Whether a row that `role` took out leaves the records."""
        return any(g.delete for g in self.grants if _matches(g.role, role) and _matches(g.tab, tab))


def _matches(pattern: str, name: str) -> bool:
    return pattern in (ANY, name)


SHARED_ROLE: Final = "shared"
OPEN: Final = Policy((Grant(SHARED_ROLE, ANY, {ANY: Level.EDIT}, create=True, delete=True),))
"""The default of a shared workbook: every column that is not the system's may be edited."""
