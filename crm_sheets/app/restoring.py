"""Commands about what was: history, undo, restore."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from crm_sheets import clock, reports
from crm_sheets.app.finding import find_column, find_row, find_tab
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.cells import text_key
from crm_sheets.change_log import Sight
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.history import MayRead, about_cell, readable
from crm_sheets.restoring import Restored, Restoring
from crm_sheets.restoring import restore as plan_restore
from crm_sheets.state import EntryKind, JournalLine, RowId
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.store.journal_queries import MADE, Past, Question
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.undoing import undo as plan_undo

PEOPLE, NAME, NUMBER = TabKey("people"), ColumnKey("name"), ColumnKey("id")


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """What is asked of the history; what is None is not asked about.

    Attributes:
        row: 编号; column: key or label of a column of that row.
        by: name or 工号 of a person.
        since, until: aware.
        person: whose eyes it is told to, 工号 or name: of rows and columns that they may read now; None for all of it.
    """

    row: str | None = None
    column: str | None = None
    by: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    run: int | None = None
    limit: int = 50
    person: str | None = None


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """What is to become what it was.

    Attributes:
        row: 编号; None for the whole book. column: key or label of a column of that row.
        at: when it was as it shall be again, aware; None for the value before, for a row before it was deleted.
        run: the run whose changes are put back, instead of a time.
        only, skip: keys or labels of tabs.
    """

    row: str | None = None
    column: str | None = None
    at: datetime | None = None
    run: int | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


def history(settings: Settings, asked: HistoryRequest, may_read: MayRead | None = None) -> reports.HistoryReport:
    """What happened, newest first, as far as a reader may know it; without `may_read`, all of it."""
    with opened(settings) as workspace:
        row = None if asked.row is None else find_row(workspace, asked.row)
        column = None
        if asked.column is not None and row is not None:
            column = find_column(workspace, workspace.tabs[row[0]], asked.column)
        question = Question(
            row=row,
            column=column,
            run=asked.run,
            since=asked.since,
            until=asked.until,
            authors=_names(workspace, asked.by) if asked.by else (),
        )
        lines: Iterable[JournalLine] = workspace.state.telling(question)
        if asked.person is not None:
            from crm_sheets.app.seeing import person_eyes

            sight = Sight(workspace.draft(), person_eyes(workspace, asked.person))
            lines = readable(sight.looking_up(lines), sight.may_read)
        if may_read is not None:
            lines = readable(lines, may_read)
        if column is not None:
            lines = about_cell(lines, column)
        reporter = Reporter(workspace)
        return reports.HistoryReport(tuple(reporter.told(line) for line in islice(lines, asked.limit)))


def undo(settings: Settings, run: int, *, dry_run: bool) -> reports.UndoReport:
    """Puts back what one run took over; what was changed since stays."""
    with opened(settings) as workspace:
        reporter, cycle = Reporter(workspace), None
        workspace.catch_up(clock.now(), dry_run=dry_run)
        undoing = plan_undo(_of_run(workspace, run), workspace.state, workspace.tabs, author())
        if undoing.commands:
            _, cycle = reporter.run(Wish(clock.now(), dry_run=dry_run, commands=tuple(undoing.commands)))
        undone = tuple(reporter.change(line.entry) for line in undoing.undone)
        return reports.UndoReport(undone, tuple(reporter.change(line.entry) for line in undoing.kept), cycle, dry_run)


def restore(
    settings: Settings,
    asked: RestoreRequest,
    *,
    dry_run: bool = False,
    agreed: Callable[[reports.RestoreReport], bool] = lambda plan: True,
) -> reports.RestoreReport:
    """Makes a cell, a row, what a run changed, or the whole book what it was.

    Args:
        settings: of the team.
        asked: what, and to which time.
        dry_run: show the plan and what the cycle would write; write nothing.
        agreed: shown the plan before anything is done; nothing is done unless it says yes.

    Raises:
        UsageError: no such row, column, tab or run; or the book changed while the plan was looked at.
    """
    with opened(settings) as workspace:
        workspace.catch_up(clock.now(), dry_run=dry_run)
        plan, kept = _plan(workspace, asked)
        report = _report(workspace, plan, kept)
        if not plan.commands or not (dry_run or agreed(report)):
            return report
        workspace.catch_up(clock.now(), dry_run=dry_run)
        if _plan(workspace, asked)[0].commands != plan.commands:
            raise UsageError(workspace.words.text("error.restore.changed"))
        wish = Wish(clock.now(), dry_run=dry_run, commands=tuple(plan.commands))
        _, cycle = Reporter(workspace).run(wish)
        return reports.RestoreReport(report.restored, report.kept, cycle, dry_run, done=not dry_run)


def _plan(workspace: Workspace, asked: RestoreRequest) -> tuple[Restoring, list[JournalLine]]:
    """What is done, and which changes of a run stay since somebody changed them again."""
    state = workspace.state
    tabs = {key: workspace.tabs[key] for key in _wanted_tabs(workspace, asked)}
    if asked.run is not None:
        lines = _of_run(workspace, asked.run)
        undoing = plan_undo(lines, state, tabs, author())
        cells = [Restored(line.entry, line.entry.author, line.at) for line in undoing.undone]
        return Restoring(undoing.commands, [_turned(each) for each in cells]), undoing.kept
    if asked.row is None:
        if asked.at is None:
            raise UsageError(workspace.words.text("error.restore.what"))
        return plan_restore(state.changed_since(asked.at, tabs=tabs), state, tabs, author()), []
    row = find_row(workspace, asked.row)
    column = find_column(workspace, tabs[row[0]], asked.column) if asked.column and row[0] in tabs else None
    pasts = state.changed_since(asked.at, row=row) if asked.at is not None else _before(workspace, row, column)
    return plan_restore(pasts, state, tabs, author(), column), []


def _turned(cell: Restored) -> Restored:
    """A change told the other way round: what it is now, and what it becomes."""
    entry = cell.entry
    kinds = {EntryKind.CREATE: EntryKind.DELETE, EntryKind.DELETE: EntryKind.RESURRECT}
    back = type(entry)(
        kinds.get(entry.kind, entry.kind), entry.tab, entry.row, entry.column, entry.new, entry.old, author()
    )
    return Restored(back, cell.by, cell.at)


def _before(workspace: Workspace, row: RowId, column: ColumnKey | None) -> list[Past]:
    """The last change of a cell, or the deletion of a row.

    Raises:
        UsageError: the cell was never changed; the row is there.
    """
    words = workspace.words
    for line in workspace.state.telling(Question(row=row, column=column, kinds=MADE)):
        if line.entry.column == column and (column is not None or line.entry.kind is EntryKind.DELETE):
            return [Past(line, line.number, line.entry.author, line.at)]
        if column is None and line.entry.column is None:
            break
    raise UsageError(words.text("error.restore.row_there" if column is None else "error.restore.no_value", row=row[1]))


def _report(workspace: Workspace, plan: Restoring, kept: Iterable[JournalLine]) -> reports.RestoreReport:
    reporter = Reporter(workspace)
    restored = []
    for cell in plan.cells:
        change = reporter.change(cell.entry)
        at = reporter.moment(cell.at)
        restored.append(
            reports.RestoredCell(
                change.kind, change.tab, change.row, change.column, change.old, change.new, cell.by, at
            )
        )
    return reports.RestoreReport(tuple(restored), tuple(reporter.change(line.entry) for line in kept))


def _of_run(workspace: Workspace, run: int) -> tuple[JournalLine, ...]:
    lines = workspace.state.journal(run=run)
    if not lines:
        raise UsageError(f"there is no run {run} in the journal; `crm-sheets history` lists runs").told(
            "error.history.run", run=run
        )
    return lines


def _wanted_tabs(workspace: Workspace, asked: RestoreRequest) -> list[TabKey]:
    only = [find_tab(workspace, name) for name in asked.only]
    skip = [find_tab(workspace, name) for name in asked.skip]
    return [key for key in workspace.tabs if (not only or key in only) and key not in skip]


def _names(workspace: Workspace, person: str) -> tuple[str, ...]:
    """What the journal may call a person: by name, or by 工号."""
    wanted = text_key(person)
    names = {person.strip(): None}
    for record in workspace.state.all_records(PEOPLE).values() if PEOPLE in workspace.tabs else ():
        known = [str(record.values[column]) for column in (NUMBER, NAME) if record.values.get(column)]
        if wanted in map(text_key, known):
            names |= dict.fromkeys(known)
    return tuple(names)
