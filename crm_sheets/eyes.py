"""What a replica may show and take: the shared workbook everything, a person's view what that person may.

Everything that asks whether something may be seen or done in a workbook asks its Eyes: the intake of edits, the
projection of records, and the question which other workbooks a change concerns.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crm_sheets.changes import Value
from crm_sheets.permissions import Level, Policy
from crm_sheets.schema.base import Tab
from crm_sheets.schema.derivations import Source
from crm_sheets.state import RowId, Values
from crm_sheets.tables import ColumnKey, TabKey


class RowRights(Protocol):
    """What may be done with one row."""

    @property
    def visible(self) -> bool:
        """Whether it is shown at all."""

    @property
    def delete(self) -> Level:
        """EDIT: it goes when it is taken out; PROPOSE: somebody must agree; below: it comes back."""

    def level(self, column: ColumnKey) -> Level:
        """What may be done with a cell; what the program writes is never above READ."""


class Eyes(Protocol):
    """What a replica may show and take.

    Rows are judged by their values; a person's eyes also look at the rows that these name.
    """

    @property
    def tabs(self) -> Mapping[TabKey, Tab]:
        """The tabs that the replica has, with the columns that any row may show."""

    @property
    def sees_all(self) -> bool:
        """Whether nothing is hidden."""

    @property
    def role(self) -> str:
        """The role of whoever edits the workbook."""

    def rights(self, tab: TabKey, values: Mapping[ColumnKey, Value]) -> RowRights:
        """What may be done with a row of these values."""

    def shown(self, row: RowId, values: Values, said: Mapping[ColumnKey, Value]) -> Values | None:
        """What the cells of a row hold; None when it is not shown.

        Args:
            row: which one.
            values: of its record.
            said: what the sheet says of the row to its reader, by column; of the shared workbook the record has it.
        """

    def everywhere(self, row: RowId, sources: Collection[Source]) -> bool:
        """Whether these columns may be read in every other row that can go into what is told of a row."""

    def may_create(self, tab: TabKey) -> bool:
        """Whether a row that somebody typed may become a record."""

    def made(self, tab: TabKey, values: Values) -> Values | None:
        """What a new row is made with: whose it is may be given. None when it may not be made."""

    def steering(self, tab: TabKey) -> frozenset[ColumnKey]:
        """Columns of a tab that decide what is seen of rows which name one of its rows."""

    def judged(
        self,
        tab: TabKey,
        before: Mapping[ColumnKey, Value],
        after: Mapping[ColumnKey, Value],
        columns: Collection[ColumnKey],
    ) -> Mapping[ColumnKey, Level]:
        """What may be done with each edit of a row, judged on the row before and after it. EDIT: it is made; PROPOSE:
        it is asked for; below: it is put back."""

    def approve_by(
        self, tab: TabKey, before: Mapping[ColumnKey, Value], column: ColumnKey, new: Value
    ) -> tuple[str, ...]:
        """Who decides about an edit that may only be proposed, as the grants say; none for whoever the team says."""


@dataclass(frozen=True, slots=True)
class SameRights:
    """The same for every row."""

    levels: Mapping[ColumnKey, Level]
    delete: Level
    visible: bool = True

    def level(self, column: ColumnKey) -> Level:
        """See RowRights."""
        return self.levels.get(column, Level.HIDDEN)


@dataclass(frozen=True)
class OpenEyes:
    """Those of the shared workbook: it shows every row, and what may be edited is said by column. See Eyes."""

    policy: Policy
    role: str
    tabs: Mapping[TabKey, Tab]
    _rights: dict[TabKey, SameRights] = field(default_factory=dict, repr=False, compare=False)

    @property
    def sees_all(self) -> bool:
        """See Eyes."""
        return True

    def rights(self, tab: TabKey, values: Mapping[ColumnKey, Value]) -> RowRights:
        """See Eyes."""
        if tab not in self._rights:
            levels = {
                key: Level.READ if column.system else self.policy.decide(self.role, tab, key).level
                for key, column in self.tabs[tab].columns.items()
            }
            delete = Level.EDIT if self.policy.may_delete(self.role, tab) else Level.READ
            self._rights[tab] = SameRights(levels, delete)
        return self._rights[tab]

    def shown(self, row: RowId, values: Values, said: Mapping[ColumnKey, Value]) -> Values | None:
        """See Eyes."""
        return values

    def everywhere(self, row: RowId, sources: Collection[Source]) -> bool:
        """See Eyes."""
        return True

    def may_create(self, tab: TabKey) -> bool:
        """See Eyes."""
        return self.policy.may_create(self.role, tab)

    def made(self, tab: TabKey, values: Values) -> Values | None:
        """See Eyes."""
        rights = self.rights(tab, values)
        return {column: value for column, value in values.items() if rights.level(column) >= Level.PROPOSE}

    def steering(self, tab: TabKey) -> frozenset[ColumnKey]:
        """See Eyes."""
        return frozenset()

    def judged(
        self,
        tab: TabKey,
        before: Mapping[ColumnKey, Value],
        after: Mapping[ColumnKey, Value],
        columns: Collection[ColumnKey],
    ) -> Mapping[ColumnKey, Level]:
        """See Eyes."""
        rights = self.rights(tab, before)
        return {column: rights.level(column) for column in columns}

    def approve_by(
        self, tab: TabKey, before: Mapping[ColumnKey, Value], column: ColumnKey, new: Value
    ) -> tuple[str, ...]:
        """See Eyes."""
        return ()
