"""Commands about single records: explain, duplicates."""

from collections.abc import Iterable

from crm_sheets import clock, reports
from crm_sheets.app.finding import find_column, find_row
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.config import Settings
from crm_sheets.permissions import SHARED_ROLE
from crm_sheets.schema.base import Column
from crm_sheets.schema.codecs import display
from crm_sheets.schema.labels import column_label
from crm_sheets.state import JournalLine, RowId
from crm_sheets.suspects import CUSTOMERS, explain_pair, told_pairs
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.setup import Wish


def explain(settings: Settings, row: str, column: str | None) -> reports.ExplainReport:
    """Why the cells of a row are as they are; `column` by key or label."""
    with opened(settings) as workspace:
        tab_key, key = find_row(workspace, row)
        tab, reporter = workspace.tabs[tab_key], Reporter(workspace)
        wanted = [find_column(workspace, tab, column)] if column else list(tab.columns)
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


def _duplicates(workspace: Workspace) -> reports.DuplicatesReport:
    reporter = Reporter(workspace)
    pairs = reporter.duplicates(CycleResult(), dry_run=False)
    return reports.DuplicatesReport(pairs, workspace.state.count_dismissed(CUSTOMERS))


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
        changed=None if last is None else reporter.told(last),
        why=tuple(issue for issue in issues if issue.column == column.key),
    )
