"""Commands about requests for approval."""

from datetime import UTC, datetime

from crm_sheets import clock, reports
from crm_sheets.app.finding import find_row
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.approvals import Decision, Verb
from crm_sheets.approving import APPROVALS, open_requests
from crm_sheets.approving.staff import TeamStaff
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.schema.people import PEOPLE
from crm_sheets.state import Source, Values
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, RowKey

FIRST = datetime.min.replace(tzinfo=UTC)


def approvals(settings: Settings, *, everything: bool = False) -> reports.ApprovalsReport:
    """The requests that nobody decided yet, the oldest first; with `everything` the others behind them."""
    with opened(settings) as workspace:
        _require(workspace)
        pending = open_requests(workspace.state)
        found = workspace.state.all_records(APPROVALS).items()
        lines = [_line(workspace, key, dict(record.values), is_open=key in pending) for key, record in found]
        shown = (line for line in lines if everything or line.open)
        return reports.ApprovalsReport(
            tuple(sorted(shown, key=lambda line: (not line.open, line.requested_at or FIRST, line.id)))
        )


def decide_approval(
    settings: Settings, request: str, verb: Verb, person: str, comment: str = "", *, dry_run: bool = False
) -> reports.ApprovalReport:
    """What `person` (name or 工号) says to a request, carried out in one cycle.

    Raises:
        UsageError: there is no such request or it is closed; the person is unknown, or named twice.
    """
    with opened(settings) as workspace:
        _require(workspace)
        words = workspace.words
        _, key = find_row(workspace, request, APPROVALS)
        if key not in open_requests(workspace.state):
            line = _line(workspace, key, dict(workspace.state.records(APPROVALS, [key])[key].values), is_open=False)
            raise UsageError(words.text("error.approval.closed", id=key, state=line.state))
        if _staff(workspace).find(person) is None:
            raise UsageError(words.text("error.approval.person", person=person))
        decision = Decision(key, person, verb, comment, author())
        result, cycle = Reporter(workspace).run(Wish(clock.now(), dry_run=dry_run, decisions=(decision,)))
        if not result.plans:
            raise UsageError(words.text("error.approval.halted", why=cycle.halted or ""))
        draft = result.plans[0].draft
        notices = [each.issue for each in draft.sticky.get((APPROVALS, key), ()) if each.source is Source.NOTICE]
        refused = next((Reporter(workspace).issue(issue).message for issue in notices), "")
        line = _line(workspace, key, dict(draft.values((APPROVALS, key)) or {}), is_open=True)
        return reports.ApprovalReport(line, refused, dry_run, cycle)


def _staff(workspace: Workspace) -> TeamStaff:
    draft = workspace.draft()
    rows = (draft.row(PEOPLE, key) for key in draft.keys(PEOPLE)) if PEOPLE in workspace.tabs else ()
    return TeamStaff((row for row in rows if row is not None), workspace.dictionaries())


def _require(workspace: Workspace) -> None:
    if APPROVALS not in workspace.tabs:
        raise UsageError(workspace.words.text("error.approval.unused"))


def _line(workspace: Workspace, key: RowKey, values: Values, *, is_open: bool) -> reports.ApprovalLine:
    def told(column: str) -> str:
        return str(values.get(ColumnKey(column)) or "")

    def moment(column: str) -> datetime | None:
        value = values.get(ColumnKey(column))
        return Reporter(workspace).moment(value) if isinstance(value, datetime) else None

    return reports.ApprovalLine(
        id=key,
        state=told("state"),
        open=is_open,
        tab=told("in_tab"),
        row=told("row"),
        subject=told("subject"),
        column=told("field"),
        old=told("old"),
        new=told("new"),
        proposer=told("proposer"),
        reason=told("reason"),
        approvers=told("approvers"),
        flow=told("flow"),
        step=told("step"),
        requested_at=moment("requested_at"),
        due=moment("due"),
        decided_by=told("decided_by"),
        decided_at=moment("decided_at"),
        comment=told("comment"),
    )
