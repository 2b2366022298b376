"""The approvals tab 审批: each change that somebody must approve, once. We make its rows, people decide in them."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.cell_matters import CellMatter
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    LongText,
    Moment,
    ShortText,
    Word,
)
from crm_sheets.tables import TabKey


class ApprovalRecord(CellMatter):
    """One request. What it would change is kept by the program in full; the cells only show it.

    `old` and `new` say what; `approvers` are who is to decide now, `trail` is what was said so far. People
    answer in `decision` and `comment`; whoever proposed it may give a `reason`.
    """

    tab: ClassVar[TabKey] = TabKey("approvals")

    old: Annotated[LongText | None, Column(Kind.LONG_TEXT, system=True, width=18)] = None
    new: Annotated[LongText | None, Column(Kind.LONG_TEXT, system=True, width=18)] = None
    proposer: Annotated[ShortText | None, Column(system=True, width=12)] = None
    reason: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=24)] = None
    approvers: Annotated[LongText | None, Column(Kind.LONG_TEXT, system=True, width=16)] = None
    decision: Annotated[Word | None, Column(Kind.CHOICE, dictionary="approval_decision", width=10)] = None
    comment: Annotated[LongText | None, Column(Kind.LONG_TEXT, width=24)] = None
    flow: Annotated[ShortText | None, Column(system=True, width=14)] = None
    step: Annotated[ShortText | None, Column(system=True, width=8)] = None
    requested_at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, width=17)] = None
    due: Annotated[Moment | None, Column(Kind.DATETIME, system=True, width=17)] = None
    decided_by: Annotated[LongText | None, Column(Kind.LONG_TEXT, system=True, width=12)] = None
    decided_at: Annotated[Moment | None, Column(Kind.DATETIME, system=True, width=17)] = None
    trail: Annotated[LongText | None, Column(Kind.LONG_TEXT, system=True, width=30)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
