"""Commands that make one customer of two, and two of one again."""

from dataclasses import replace

from crm_sheets import clock, reports
from crm_sheets.app.finding import find_row
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.merging import (
    CUSTOMERS,
    MERGE_INTO,
    Merge,
    MergedCell,
    MergeWish,
    MovedReference,
    decoded,
    plan_unmerge,
    unreadable,
)
from crm_sheets.schema.codecs import display
from crm_sheets.schema.labels import column_label
from crm_sheets.state import EntryKind, JournalEntry
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import RowKey


def merge_duplicates(settings: Settings, keep: str, other: str, *, dry_run: bool) -> reports.MergeReport:
    """Merges the customer `other` into `keep`: values by the rules of the config, references, an alias.

    Raises:
        UsageError: they are one, or a cell of `other` cannot be read.
    """
    with opened(settings) as workspace:
        words = workspace.words
        stays, goes = (find_row(workspace, each, CUSTOMERS)[1] for each in (keep, other))
        if stays == goes:
            raise UsageError(words.text("error.merge.same", row=stays))
        closed = unreadable(workspace.draft(), goes)
        if closed:
            columns = "、".join(column_label(CUSTOMERS, column, words) for column in sorted(closed))
            raise UsageError(words.text("error.merge.unreadable", row=goes, columns=columns))
        wish = Wish(clock.now(), dry_run=dry_run, merges=(MergeWish(stays, goes, author()),))
        result, cycle = Reporter(workspace).run(wish)
        done = [merge for plan in result.plans for merge in plan.merges if merge.other == goes]
        waits = any((each.row, each.column) == (goes, MERGE_INTO) for plan in result.plans for each in plan.asked)
        if waits:
            return reports.MergeReport(stays, goes, False, (), (), 0, cycle, asked=True)
        if not done:
            raise UsageError(words.text("error.merge.halted", why=cycle.halted or ""))
        return _report(workspace, done[0], done[0].cells, done[0].moved, cycle, taken_back=False)


def unmerge(settings: Settings, other: str, *, dry_run: bool) -> reports.MergeReport:
    """Takes the last merge of `other` back: the same row again, with the references that still are as the merge left
    them.

    Raises:
        UsageError: it is not merged, or into a customer that was itself merged later.
    """
    with opened(settings) as workspace:
        workspace.catch_up(clock.now(), dry_run=dry_run)
        entry = _merge_of(workspace, RowKey(other.strip().upper())) or _merge_of(workspace, RowKey(other.strip()))
        words, draft = workspace.words, workspace.draft()
        if entry is None:
            raise UsageError(words.text("error.unmerge.none", row=other))
        if draft.row(CUSTOMERS, entry.row) is not None:
            raise UsageError(words.text("error.unmerge.alive", row=entry.row))
        keep = decoded(entry.new, workspace.tabs[CUSTOMERS]).keep
        if draft.row(CUSTOMERS, keep) is None:
            raise UsageError(words.text("error.unmerge.first", keep=keep))
        back = plan_unmerge(draft, entry, author())
        _, cycle = Reporter(workspace).run(Wish(clock.now(), dry_run=dry_run, commands=back.commands))
        told = _report(workspace, back.merge, back.cells, back.moved, cycle, taken_back=True)
        return replace(told, kept=back.kept)


def _merge_of(workspace: Workspace, other: RowKey) -> JournalEntry | None:
    lines = workspace.state.journal(row=(CUSTOMERS, other))
    return next((line.entry for line in lines if line.entry.kind is EntryKind.MERGE), None)


def _report(
    workspace: Workspace,
    merge: Merge,
    cells: tuple[MergedCell, ...],
    moved: tuple[MovedReference, ...],
    cycle: reports.CycleReport,
    *,
    taken_back: bool,
) -> reports.MergeReport:
    columns, codec = workspace.tabs[CUSTOMERS].columns, Reporter(workspace).codec

    def cell(each: MergedCell) -> reports.MergedCell:
        column = columns[each.column]
        mine, theirs, result = (display(value, column, codec) for value in (each.kept, each.other, each.result))
        return reports.MergedCell(each.column, mine, theirs, result, each.rule)

    return reports.MergeReport(
        keep=merge.keep,
        other=merge.other,
        taken_back=taken_back,
        cells=tuple(map(cell, cells)),
        references=tuple(
            reports.MovedReference(each.tab, each.row, each.column, *_in_order(each, taken_back=taken_back))
            for each in moved
        ),
        kept=0,
        cycle=cycle,
    )


def _in_order(each: MovedReference, *, taken_back: bool) -> tuple[str, str]:
    return (each.new, each.old) if taken_back else (each.old, each.new)
