"""The intake folder: files that people or programs drop are taken in once and put away."""

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

from pydantic import ValidationError

from crm_sheets import reports
from crm_sheets.app.imports import checked, taken_in, with_what_is_left
from crm_sheets.app.mappings import MappingRequest, read_mapping, tab_named, with_wishes
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.cells import text_key
from crm_sheets.config import Settings
from crm_sheets.config_source import problems
from crm_sheets.config_taking_in import IntakeSource
from crm_sheets.errors import ConfigError, Halted, UsageError, WorkbookUnreadable
from crm_sheets.importing.convert import SourceTable
from crm_sheets.importing.error_workbook import write_error_workbook
from crm_sheets.importing.folders import DONE, ERRORS, Dropped, digest_of_file, dropped, place_after
from crm_sheets.importing.mapping import ImportMapping, TableMapping
from crm_sheets.importing.plan import ImportPlan
from crm_sheets.importing.sources import require_headers, sheet_name, tables_of
from crm_sheets.importing.suggest import suggest
from crm_sheets.language import in_words
from crm_sheets.schema.labels import tab_names

INTAKE_NOTE = "intake:"
"""Beginning of the notes that say what became of a file, by the digest of its content."""

KNOWN = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".vcf", ".vcard"})


def intake(settings: Settings) -> reports.IntakeReport:
    """Takes in what lies in the intake folder.

    Raises:
        UsageError: the config names none.
    """
    with opened(settings) as workspace:
        return take_in_folder(workspace)


def take_in_folder(workspace: Workspace) -> reports.IntakeReport:
    """Takes in every file that nobody is writing to any more, one after the other; a bad one stops no other."""
    wish = workspace.settings.intake
    if wish.folder is None:
        raise UsageError('the config names no intake folder: [intake] folder = "intake"').told("error.intake.none")
    wish.folder.mkdir(parents=True, exist_ok=True)
    files: list[reports.IntakeFile] = []
    waiting: list[str] = []
    for file in dropped(wish.folder, wish.quiet.total_seconds()):
        taking = _Taking.of(workspace, wish.folder, file) if file.quiet else None
        if taking is not None:
            files.append(taking.run())
        else:
            waiting.append(file.place)
    return reports.IntakeReport(wish.folder, tuple(files), tuple(waiting))


class _Taking:
    """One file on its way from the folder to `done` or `errors`."""

    def __init__(self, workspace: Workspace, folder: Path, file: Dropped, digest: str) -> None:
        self.workspace, self.folder, self.file, self.digest = workspace, folder, file, digest
        self.others: list[SourceTable] = []

    @classmethod
    def of(cls, workspace: Workspace, folder: Path, file: Dropped) -> "_Taking | None":
        """None of a file that cannot be read now: some program lets nobody else have it, or it is gone again."""
        try:
            return cls(workspace, folder, file, digest_of_file(file.path))
        except OSError:
            return None

    def run(self) -> reports.IntakeFile:
        """The order makes a crash harmless: error workbook, one transaction that also keeps the digest, move."""
        known = self.workspace.state.note(INTAKE_NOTE + self.digest)
        if known is not None:
            outcome = str(json.loads(known)["outcome"])
            return self._told("known", self._move(outcome))
        try:
            sources, mapping = self._read()
            plan = checked(self.workspace, sources, mapping)
        except ConfigError as error:  # the file is not to blame: it stays until the mapping is mended
            return self._told("unreadable", None, reason=in_words(error, self.workspace.words))
        except (UsageError, WorkbookUnreadable) as error:
            return self._refused(in_words(error, self.workspace.words))
        errors = self._error_workbook(sources, mapping, plan)
        outcome = ERRORS if errors else DONE
        kept = json.dumps({"file": self.file.place, "outcome": outcome}, ensure_ascii=False)
        try:
            report = taken_in(self.workspace, sources, plan, errors=errors, notes={INTAKE_NOTE + self.digest: kept})
        except Halted as held:  # the rows are in the records; the workbook follows when the tab is released
            return self._told("taken", self._move(outcome), reason=in_words(held, self.workspace.words), errors=errors)
        report = with_what_is_left(report, self.workspace, sources, mapping, self.others)
        return self._told("taken", self._move(outcome), report=report, errors=errors)

    def _read(self) -> tuple[dict[int, SourceTable], ImportMapping]:
        """The sheets of the file, each with the mapping that fits it.

        Raises:
            UsageError: none fits, or the file is of no kind that is read.
        """
        if self.file.path.suffix.lower() not in KNOWN:
            raise UsageError(f"{self.file.place}: {', '.join(sorted(KNOWN))} are read, and nothing else").told(
                "error.intake.kind", path=self.file.place, kinds=", ".join(sorted(KNOWN))
            )
        rule = next((each for each in self.workspace.settings.intake.source if _fits(each, self.file.place)), None)
        found = tables_of(self.file.path, self.workspace.words)
        if not found:
            raise UsageError(f"{self.file.place}: no sheet with a header").told(
                "error.file.no_header", path=self.file.place
            )
        if rule is None:
            fitting = self._by_headers(found)
            found, tables = tuple(source for source, _ in fitting), [table.model_dump() for _, table in fitting]
        else:
            tables = [self._table(source, rule) for source in found]
        try:
            mapping = ImportMapping.model_validate({"table": tables}, context={"tabs": self.workspace.tabs})
        except ValidationError as error:
            raise ConfigError(problems(error, ImportMapping, self.file.place)) from None
        for source, table in zip(found, mapping.table, strict=True):
            require_headers(source, table)
        return dict(enumerate(found)), mapping

    def _by_headers(self, found: Sequence[SourceTable]) -> list[tuple[SourceTable, TableMapping]]:
        """The sheets whose headers fit a tab, each with its mapping; hidden ones and those that fit none are left out
        and told, as by the command.

        Raises:
            UsageError: none fits.
        """
        fitting = [(each, table) for each in found if not each.hidden and (table := self._fitting(each, None))]
        if not fitting:
            raise _fits_nothing(next((each for each in found if not each.hidden), found[0]))
        taken = {source.name for source, _ in fitting}
        self.others = [each for each in found if each.rows and each.name not in taken]
        return fitting

    def _table(self, source: SourceTable, rule: IntakeSource) -> dict[str, object]:
        tabs = self.workspace.tabs
        request = MappingRequest(
            rule.mapping, rule.tab, rule.mode, rule.match, rule.blank, rule.duplicates, rule.unknown
        )
        if rule.mapping is not None:
            table = _table_for(source, read_mapping(rule.mapping, tabs))
        else:
            found = self._fitting(source, rule.tab, with_numbers=rule.mode in {"update", "both"})
            if found is None:
                raise _fits_nothing(source)
            table = found
        return with_wishes(table, request, tabs)

    def _fitting(self, source: SourceTable, tab: str | None, *, with_numbers: bool = False) -> TableMapping | None:
        """What its headers suggest; None where they fit no tab."""
        tabs = self.workspace.tabs
        wanted = tab or self._tab_of_folder()
        found = suggest(source, [tab_named(wanted, tabs)] if wanted else tabs.values(), with_numbers=with_numbers)
        return found.mapping.table[0] if found is not None else None

    def _tab_of_folder(self) -> str | None:
        """The sub-folder that the file lies in, where that is called like a tab."""
        tabs = self.workspace.tabs
        first, below, _ = self.file.place.partition("/")
        return first if below and text_key(first) in {*tab_names(tuple(tabs)), *tabs} else None

    def _error_workbook(
        self, sources: Mapping[int, SourceTable], mapping: ImportMapping, plan: ImportPlan
    ) -> Path | None:
        if not plan.bad:
            return None
        path = place_after(self.folder, self.file, self.digest, ERRORS, ".errors.xlsx")
        path.parent.mkdir(parents=True, exist_ok=True)
        tabs, words, sealing = self.workspace.tabs, self.workspace.words, self.workspace.vault is not None
        write_error_workbook(path, plan.bad, sources, mapping, tabs, words, sealing=sealing)
        return path

    def _refused(self, reason: str) -> reports.IntakeFile:
        """A file of which nothing can be read: the reason stands beside it."""
        told = place_after(self.folder, self.file, self.digest, ERRORS, ".reason.txt")
        told.parent.mkdir(parents=True, exist_ok=True)
        told.write_text(reason + "\n", encoding="utf-8")
        return self._told("unreadable", self._move(ERRORS), reason=reason)

    def _move(self, outcome: str) -> Path | None:
        """Puts the file away; None when it is not what was read any more, or is held: the next look takes it."""
        target = place_after(self.folder, self.file, self.digest, outcome)
        if not self.file.unchanged():
            return None
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.file.path.replace(target)
        except OSError:  # somebody has it open: what came in is known by its digest
            return None
        return target

    def _told(
        self,
        outcome: str,
        moved: Path | None,
        *,
        reason: str = "",
        report: reports.ImportReport | None = None,
        errors: Path | None = None,
    ) -> reports.IntakeFile:
        return reports.IntakeFile(self.file.place, outcome, moved, reason, errors, report)


def _fits_nothing(source: SourceTable) -> UsageError:
    header = ", ".join(filter(None, source.header))
    return UsageError(
        f"{source.name}: its headers ({header}) fit no tab; write an [[intake.source]] with a mapping for it"
    ).told("error.intake.headers", path=source.name, header=header)


def _fits(source: IntakeSource, place: str) -> bool:
    return fnmatch(place, source.files) or fnmatch(place.rpartition("/")[2], source.files)


def _table_for(source: SourceTable, mapping: ImportMapping) -> TableMapping:
    """The table of a mapping that is meant for a sheet: by its name, that of its file (whatever its suffix), or the
    only one that there is."""
    for called in (source.name, source.sheet, sheet_name(source.name)):
        for table in mapping.table:
            if text_key(called) in {text_key(table.source), text_key(sheet_name(table.source))}:
                return table
    if len(mapping.table) == 1:
        return mapping.table[0]
    wanted = ", ".join(table.source for table in mapping.table)
    raise UsageError(f"{source.name}: the mapping has no table for it; it has {wanted}").told(
        "error.intake.table", path=source.name, wanted=wanted
    )
