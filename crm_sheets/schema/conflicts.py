"""The conflicts tab 冲突: each cell that two people changed, once. We make its rows, people decide in them."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.cell_matters import CellMatter
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    LongText,
    Moment,
    RowId,
    ShortText,
    Word,
)
from crm_sheets.tables import TabKey


class ConflictRecord(CellMatter):
    """One conflict: where it is, the value that stays and the one that was put away, and by whom each was typed.

    `decider` is who ought to decide. The values are shown; what is put in the cell comes from the journal, where
    `entry` finds it.
    """

    tab: ClassVar[TabKey] = TabKey("conflicts")

    kept: Annotated[LongText | None, Column(Kind.LONG_TEXT, system=True, width=22)] = None
    kept_by: Annotated[ShortText | None, Column(system=True, width=14)] = None
    put_away: Annotated[LongText | None, Column(Kind.LONG_TEXT, system=True, width=22)] = None
    put_away_by: Annotated[ShortText | None, Column(system=True, width=14)] = None
    at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, width=17)] = None
    decider: Annotated[ShortText | None, Column(system=True, width=12)] = None
    decision: Annotated[Word | None, Column(Kind.CHOICE, dictionary="conflict_decision", width=14)] = None
    comment: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=24)] = None
    decided_by: Annotated[ShortText | None, Column(system=True, width=14)] = None
    decided_at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, width=17)] = None
    entry: Annotated[RowId | None, Column(system=True, hidden=True, width=12)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
