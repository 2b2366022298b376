"""Commands about cells that two people changed."""

from datetime import UTC, datetime

from crm_sheets import clock, reports
from crm_sheets.app.finding import find_row
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.commands import Act, Command
from crm_sheets.config import Settings
from crm_sheets.conflicts import CONFLICTS, DECIDED_AT, DECISION, Verb, decision_word
from crm_sheets.errors import UsageError
from crm_sheets.state import Values
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, RowKey


def conflicts(settings: Settings, *, everything: bool = False) -> reports.ConflictsReport:
    """The conflicts that nobody decided yet; with `everything` the others as well."""
    with opened(settings) as workspace:
        _require(workspace)
        found = workspace.state.all_records(CONFLICTS).items()
        lines = [_line(workspace, key, dict(record.values)) for key, record in found]
        shown = [line for line in lines if everything or line.decided_at is None]
        latest = datetime.min.replace(tzinfo=UTC)
        shown.sort(key=lambda line: line.at or latest, reverse=True)
        return reports.ConflictsReport(tuple(sorted(shown, key=lambda line: line.decided_at is not None)))


def decide_conflict(settings: Settings, row: str, verb: Verb, *, dry_run: bool = False) -> reports.DecisionReport:
    """Keeps the value that stands, or puts the other one in its place if the cell did not change since.

    Raises:
        UsageError: there is no such conflict, or it was decided already.
    """
    with opened(settings) as workspace:
        _require(workspace)
        _, key = find_row(workspace, row, CONFLICTS)
        line = _line(workspace, key, dict(workspace.state.records(CONFLICTS, [key])[key].values))
        if line.decided_at is not None:
            raise UsageError(workspace.words.text("error.conflicts.closed", id=line.id, state=line.state))
        word = decision_word(verb, workspace.dictionaries(), workspace.words)
        command = Command(Act.SET, CONFLICTS, key, {DECISION: word}, author())
        result, cycle = Reporter(workspace).run(Wish(clock.now(), dry_run=dry_run, commands=(command,)))
        planned = result.plans[0].draft.values((CONFLICTS, key)) if result.plans else None
        return reports.DecisionReport(_line(workspace, key, dict(planned or {})), cycle, dry_run)


def _require(workspace: Workspace) -> None:
    if CONFLICTS not in workspace.tabs:
        raise UsageError(workspace.words.text("error.conflicts.tab"))


def _line(workspace: Workspace, key: RowKey, values: Values) -> reports.ConflictLine:
    def told(column: str) -> str:
        return str(values.get(ColumnKey(column)) or "")

    def moment(column: str) -> datetime | None:
        value = values.get(ColumnKey(column))
        return Reporter(workspace).moment(value) if isinstance(value, datetime) else None

    return reports.ConflictLine(
        id=key,
        state=told("state"),
        tab=told("in_tab"),
        row=told("row"),
        subject=told("subject"),
        column=told("field"),
        kept=told("kept"),
        kept_by=told("kept_by"),
        put_away=told("put_away"),
        put_away_by=told("put_away_by"),
        at=moment("at"),
        decider=told("decider"),
        decided_by=told("decided_by"),
        decided_at=moment(DECIDED_AT),
    )
