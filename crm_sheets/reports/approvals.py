"""The commands about requests for approval."""

from dataclasses import dataclass
from datetime import datetime

from crm_sheets.reports.cycles import CycleReport


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """A request as its row shows it.

    Attributes:
        state: in words; `open` while it is not decided.
        tab, row, subject, column: where, as the sheet says it.
        old, new: the values, as far as they may be shown.
        approvers: who is to decide, or was asked last.
    """

    id: str
    state: str
    open: bool
    tab: str
    row: str
    subject: str
    column: str
    old: str
    new: str
    proposer: str
    reason: str
    approvers: str
    flow: str
    step: str
    requested_at: datetime | None
    due: datetime | None
    decided_by: str
    decided_at: datetime | None
    comment: str


@dataclass(frozen=True, slots=True)
class ApprovalsReport:
    """`approvals`: the open ones first, the oldest first; with `--all` the closed ones behind them."""

    requests: tuple[ApprovalLine, ...]


@dataclass(frozen=True, slots=True)
class ApprovalReport:
    """`approvals approve`, `reject`, `withdraw`.

    Attributes:
        request: as it stands afterwards.
        refused: why the decision does not count; "" when it does.
    """

    request: ApprovalLine
    refused: str
    dry_run: bool
    cycle: CycleReport
