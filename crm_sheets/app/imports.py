"""The command that brings rows in: all is checked first, good rows come in, the others go to an error workbook."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.commands import Act, Command
from crm_sheets.config import Settings
from crm_sheets.draft import Draft
from crm_sheets.errors import Halted
from crm_sheets.importing.context import ImportContext, Values
from crm_sheets.importing.convert import SourceTable
from crm_sheets.importing.error_workbook import write_error_workbook
from crm_sheets.importing.left_over import left_over
from crm_sheets.importing.mapping import ImportMapping
from crm_sheets.importing.plan import Arrival, ImportPlan, check_import
from crm_sheets.importing.sources import gather
from crm_sheets.reports import Progress, silent
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import RowKey, TabKey

IMPORT_NOTE = "import:"
"""Beginning of the notes that say what each import brought, by the number of its run."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import.

    Attributes:
        sources: files, or folders in which the mapping finds its files.
        error_workbook: None for `<first source>.errors.xlsx` in the folder that the command was called in.
        again: rows that an earlier import took in come in once more.
    """

    sources: tuple[Path, ...]
    mapping: ImportMapping
    error_workbook: Path | None = None
    dry_run: bool = False
    again: bool = False


@dataclass(slots=True)
class BookOfWorkspace:
    """Implements importing.context.BookView over the records of a workspace."""

    workspace: Workspace
    draft: Draft
    _rows: dict[TabKey, dict[RowKey, Values]] = field(default_factory=dict)

    def named(self, tab: TabKey, text: str) -> tuple[RowKey, ...]:
        """See BookView."""
        return tuple(row.key for row in self.draft.named(tab, text)) if tab in self.workspace.tabs else ()

    def rows(self, tab: TabKey) -> Mapping[RowKey, Values]:
        """See BookView."""
        if tab not in self._rows:
            self._rows[tab] = {key: record.values for key, record in self.workspace.state.all_records(tab).items()}
        return self._rows[tab]

    def taken(self, origins: Iterable[str]) -> Mapping[str, RowKey]:
        """See BookView."""
        return {origin: key for origin, (_, key) in self.workspace.state.taken(list(origins)).items()}


def import_files(settings: Settings, request: ImportRequest, *, progress: Progress = silent) -> reports.ImportReport:
    """Takes rows of other files in; what must stay out is written to an error workbook that can be fed back."""
    with opened(settings) as workspace:
        progress(workspace.words.text("progress.reading"), 0, 0)
        given = gather(request.sources, request.mapping, workspace.words)
        sources = given.tables
        plan = checked(workspace, sources, request.mapping, again=request.again, progress=progress)
        errors = None
        if plan.bad and not request.dry_run:
            errors = request.error_workbook or Path(f"{request.sources[0].stem}.errors.xlsx")
            tabs, words, sealing = workspace.tabs, workspace.words, workspace.vault is not None
            write_error_workbook(errors, plan.bad, sources, request.mapping, tabs, words, sealing=sealing)
        progress(workspace.words.text("progress.writing"), 0, 0)
        report = taken_in(workspace, sources, plan, errors=errors, dry_run=request.dry_run)
        return with_what_is_left(report, workspace, sources, request.mapping, given.others)


def with_what_is_left(
    report: reports.ImportReport,
    workspace: Workspace,
    sources: Mapping[int, SourceTable],
    mapping: ImportMapping,
    others: Iterable[SourceTable],
) -> reports.ImportReport:
    """The same report, with the columns that nothing reads, and the sheets (`others`) that were left out."""
    over = left_over(sources, mapping, workspace.tabs, workspace.words)
    return replace(
        report,
        left_over=tuple(reports.LeftColumn(each.source, each.column, each.header, each.rows) for each in over),
        other_sheets=tuple(table.name for table in others),
    )


def checked(
    workspace: Workspace,
    sources: Mapping[int, SourceTable],
    mapping: ImportMapping,
    *,
    again: bool = False,
    progress: Progress = silent,
) -> ImportPlan:
    """What an import of the sources would do."""
    say = workspace.words.text("progress.checking")
    context = replace(import_context(workspace), again=again, tell=lambda done, total: progress(say, done, total))
    return check_import(sources, mapping, context)


def import_context(workspace: Workspace) -> ImportContext:
    """What checking rows against the book of a workspace needs to know."""
    return ImportContext(
        workspace.cycle.setup.codec,
        BookOfWorkspace(workspace, workspace.draft()),
        workspace.words,
        workspace.tabs,
        workspace.dictionaries(),
    )


def taken_in(
    workspace: Workspace,
    sources: Mapping[int, SourceTable],
    plan: ImportPlan,
    *,
    errors: Path | None = None,
    dry_run: bool = False,
    notes: Mapping[str, str] | None = None,
) -> reports.ImportReport:
    """Carries out what was checked, all of it in one transaction, and tells what came of it.

    Args:
        workspace: that the rows come into.
        sources: that they come from, by the place of their table in the mapping.
        plan: of check_import().
        errors: the error workbook that was written.
        dry_run: nothing is written anywhere.
        notes: small facts to be kept in the same transaction.

    Raises:
        Halted: the rows are in the records, but a tab of the workbook is held.
    """
    run, flagged = _carry_out(workspace, sources, plan, dry_run=dry_run, notes=notes or {})
    made = [row for row in plan.good if row.target is None]
    return reports.ImportReport(
        read={source.name: len(source.rows) for source in sources.values()},
        imported=Counter(str(row.tab) for row in made),
        skipped=Counter(str(row.tab) for row in plan.skipped),
        refused=tuple(
            reports.RefusedRow(
                sources[row.table].name,
                row.line,
                row.reasons,
                row.tab,
                tuple(reports.RefusedCell(f.column, f.header, f.rule, f.message) for f in row.faults),
            )
            for row in plan.bad
        ),
        flagged=len(flagged),
        error_workbook=errors,
        dry_run=dry_run,
        updated=Counter(str(row.tab) for row in plan.good if row.target is not None),
        unchanged=Counter(str(row.tab) for row in plan.unchanged),
        taken_before=Counter(str(row.tab) for row in plan.taken),
        merged=Counter(str(row.tab) for row in plan.merged),
        findings=flagged,
        run=run,
    )


def _carry_out(
    workspace: Workspace,
    sources: Mapping[int, SourceTable],
    plan: ImportPlan,
    *,
    dry_run: bool,
    notes: Mapping[str, str],
) -> tuple[int | None, tuple[reports.FoundIssue, ...]]:
    """The number of the run, and the findings of rows that came in."""
    who = author("import")
    commands = tuple(_command(row, who) for row in plan.good)
    if not commands and not notes and not plan.taken:  # of what came in before, some may not stand in the workbook yet
        return None, ()
    kept = dict(notes) if not commands else {**notes, IMPORT_NOTE + "{run}": _told(sources, plan, who)}
    result = workspace.run(Wish(clock.now(), dry_run=dry_run, commands=commands, notes=kept))
    report = Reporter(workspace).cycle(result, dry_run=dry_run, seconds=0)
    if report.halted and not dry_run:
        message = f"the rows are in the records, but a tab is held: {report.halted}"
        raise Halted(message).told("error.halted.import", reason=report.halted)
    touched = {change.row for change in report.changes if change.kind in {"create", "edit"}}
    plans = result.shared.plans
    run = plans[0].commit.run if plans and commands and not dry_run else None
    return run, tuple(issue for issue in report.issues if issue.row in touched) if commands else ()


def _told(sources: Mapping[int, SourceTable], plan: ImportPlan, who: str) -> str:
    facts = {
        "at": clock.now().isoformat(),
        "author": who,
        "sources": [source.name for source in sources.values()],
        "made": sum(row.target is None for row in plan.good),
        "updated": sum(row.target is not None for row in plan.good),
        "refused": len(plan.bad),
    }
    return json.dumps(facts, ensure_ascii=False)


def _command(row: Arrival, who: str) -> Command:
    if row.target is not None:
        return Command(Act.SET, row.tab, row.target, row.values, who)
    return Command(Act.CREATE, row.tab, None, row.values, who, origin=row.origin)
