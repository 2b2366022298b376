"""Commands about single records: history, undo, restore, explain, duplicates."""

from collections.abc import Iterable
from datetime import datetime

from crm_sheets import clock, reports
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.cells import text_key
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.permissions import SHARED_ROLE
from crm_sheets.schema.base import Column, Tab
from crm_sheets.schema.codecs import display
from crm_sheets.schema.labels import column_label
from crm_sheets.state import JournalLine, RowId
from crm_sheets.suspects import CUSTOMERS, explain_pair, told_pairs
from crm_sheets.sync.cycle import CycleResult
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from crm_sheets.undoing import Undoing
from crm_sheets.undoing import restore as plan_restore
from crm_sheets.undoing import undo as plan_undo


def history(settings: Settings, row: str | None, *, limit: int) -> reports.HistoryReport:
    """What happened to a row, newest first; of all rows when `row` is None."""
    with opened(settings) as workspace:
        row_id = None if row is None else find_row(workspace, row)
        lines = workspace.state.journal(row=row_id, limit=limit)
        return reports.HistoryReport(tuple(_entry(Reporter(workspace), line) for line in lines))


def undo(settings: Settings, run: int, *, dry_run: bool) -> reports.UndoReport:
    """Puts back what one run took over; what was changed since stays."""
    with opened(settings) as workspace:
        lines = workspace.state.journal(run=run)
        if not lines:
            raise UsageError(f"there is no run {run} in the journal; `crm-sheets history` lists runs")
        undoing = plan_undo(lines, workspace.state, workspace.tabs, author())
        return _carry_out(workspace, undoing, dry_run=dry_run)


def restore(settings: Settings, at: datetime, *, row: str | None, dry_run: bool) -> reports.UndoReport:
    """Puts the records (or one) back to what they were at an instant."""
    with opened(settings) as workspace:
        row_id = None if row is None else find_row(workspace, row)
        lines = workspace.state.journal(row=row_id, since=at)
        undoing = plan_restore(lines, workspace.state, workspace.tabs, author())
        return _carry_out(workspace, undoing, dry_run=dry_run)


def explain(settings: Settings, row: str, column: str | None) -> reports.ExplainReport:
    """Why the cells of a row are as they are; `column` by key or label."""
    with opened(settings) as workspace:
        tab_key, key = find_row(workspace, row)
        tab, reporter = workspace.tabs[tab_key], Reporter(workspace)
        wanted = [_column(workspace, tab, column)] if column else list(tab.columns)
        issues = [
            reporter.issue(finding.issue)
            for findings in workspace.state.findings(tab_key, [key]).values()
            for finding in findings
        ]
        pairs = told_pairs(workspace.state.pairs_of(tab_key, [key]), reporter.threshold) if tab_key == CUSTOMERS else ()
        lines = workspace.state.journal(row=(tab_key, key))
        record = workspace.state.records(tab_key, [key])[key]
        name = tab.record.name_column
        return reports.ExplainReport(
            tab=tab_key,
            row=key,
            title=str(record.values.get(name, key)) if name else key,
            cells=tuple(
                _cell(reporter, tab.columns[each], record.values.get(each), (tab_key, key), lines, issues)
                for each in wanted
                if not tab.columns[each].hidden
            ),
            issues=tuple(issues),
            duplicates=tuple(reporter.pair(pair) for pair in pairs),
        )


def duplicates(settings: Settings) -> reports.DuplicatesReport:
    """Rows of the workbook that may be the same customer, as of the last cycle."""
    with opened(settings) as workspace:
        return _duplicates(workspace)


def explain_duplicates(settings: Settings, one: str, other: str) -> reports.ExplainedPair:
    """Why two customers are called duplicates, or are not: by which keys they meet, and what each column weighs."""
    with opened(settings) as workspace:
        first, second = (find_row(workspace, each, CUSTOMERS)[1] for each in (one, other))
        found = explain_pair(workspace.state, workspace.draft(), first, second)
        reasons = tuple((reason.what, reason.found, reason.weight) for reason in found.reasons)
        return reports.ExplainedPair(first, second, found.score, found.certain, found.compared, found.met, reasons)


def dismiss_duplicate(settings: Settings, one: str, other: str) -> reports.DuplicatesReport:
    """Remembers that two rows are two customers; returns the pairs that are left."""
    with opened(settings) as workspace:
        keys = [find_row(workspace, each, CUSTOMERS)[1] for each in (one, other)]
        workspace.state.dismiss(CUSTOMERS, keys[0], keys[1], clock.now(), author())
        workspace.run(Wish(clock.now(), compare=frozenset(keys)))
        return _duplicates(workspace)


def find_row(workspace: Workspace, text: str, tab: TabKey | None = None) -> RowId:
    """The record whose 编号 is `text`, in whatever case it was typed.

    Raises:
        UsageError: there is none.
    """
    for key in dict.fromkeys((text.strip(), text.strip().upper())):
        for found in workspace.state.tabs_of(key):
            if found in workspace.tabs and (tab is None or found == tab):
                return found, RowKey(key)
    raise UsageError(f"no row {text!r}; write the 编号 as it stands in the sheet, such as C-7K3Q9XM")


def _duplicates(workspace: Workspace) -> reports.DuplicatesReport:
    reporter = Reporter(workspace)
    pairs = reporter.duplicates(CycleResult(), dry_run=False)
    return reports.DuplicatesReport(pairs, workspace.state.count_dismissed(CUSTOMERS))


def _carry_out(workspace: Workspace, undoing: Undoing, *, dry_run: bool) -> reports.UndoReport:
    reporter = Reporter(workspace)
    cycle = None
    if undoing.commands:
        _, cycle = reporter.run(Wish(clock.now(), dry_run=dry_run, commands=tuple(undoing.commands)))
    undone = tuple(reporter.change(line.entry) for line in undoing.undone)
    return reports.UndoReport(undone, tuple(reporter.change(line.entry) for line in undoing.kept), cycle, dry_run)


def _entry(reporter: Reporter, line: JournalLine) -> reports.HistoryEntry:
    change = reporter.change(line.entry)
    at, author = reporter.moment(line.at), line.entry.author
    return reports.HistoryEntry(
        at, line.run, change.kind, change.tab, change.row, change.column, change.old, change.new, author
    )


def _cell(
    reporter: Reporter,
    column: Column,
    value: object,
    row: RowId,
    lines: Iterable[JournalLine],
    issues: Iterable[reports.FoundIssue],
) -> reports.ExplainedCell:
    workspace = reporter.workspace
    decision = workspace.settings.policy.decide(SHARED_ROLE, row[0], column.key)
    last = next((line for line in lines if line.entry.column == column.key), None)
    words = workspace.words
    source = "computed" if column.computed else "system" if column.system else "staff"
    return reports.ExplainedCell(
        column=column.key,
        label=column_label(row[0], column.key, words),
        value=display(value, column, reporter.codec),
        source=source,
        level="read" if column.system else decision.level.name.lower(),
        reason=reporter.reason(workspace.tabs[row[0]], column.key),
        changed=None if last is None else _entry(reporter, last),
        why=tuple(issue for issue in issues if issue.column == column.key),
    )


def _column(workspace: Workspace, tab: Tab, text: str) -> ColumnKey:
    for key in tab.columns:
        if text_key(text) in {text_key(key), text_key(column_label(tab.key, key, workspace.words))}:
            return key
    known = "、".join(
        column_label(tab.key, key, workspace.words) for key, column in tab.columns.items() if not column.hidden
    )
    raise UsageError(f"{tab.key} has no column {text!r}; it has {known}")
