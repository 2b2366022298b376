"""The replica in an xlsx file: implements Backend over the reader, the patcher and the safe replacement."""

import contextlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import sleep, time
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from crm_sheets import clock
from crm_sheets.cells import CellValue
from crm_sheets.changes import Value
from crm_sheets.errors import BytesRemain, WorkbookUnreadable, WriteRefused
from crm_sheets.language import Language
from crm_sheets.outline import Outline
from crm_sheets.projection import TabEdits
from crm_sheets.rules.findings import message
from crm_sheets.rules.summaries.base import Summary
from crm_sheets.schema.base import Tab
from crm_sheets.schema.book import tab
from crm_sheets.schema.codecs import CodecContext, render
from crm_sheets.schema.dictionaries import Dictionaries, rows_of
from crm_sheets.schema.headers import SEARCHED_ROWS
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.schema.layout import FoundTabs, find_tabs
from crm_sheets.schema.sealed import Sealed
from crm_sheets.sync.backends.base import Extension, Grid, ReplicaWrite, Written
from crm_sheets.sync.backends.xlsx import lists
from crm_sheets.sync.backends.xlsx.container import fingerprint
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.holders import holder
from crm_sheets.sync.backends.xlsx.lists_sheet import fill_lists
from crm_sheets.sync.backends.xlsx.number_formats import give_formats
from crm_sheets.sync.backends.xlsx.package import Package
from crm_sheets.sync.backends.xlsx.padlock import Padlock
from crm_sheets.sync.backends.xlsx.pieces import PieceMemory
from crm_sheets.sync.backends.xlsx.reader import open_with_status, part_digest, read_workbook
from crm_sheets.sync.backends.xlsx.recalculation import ReachMemory
from crm_sheets.sync.backends.xlsx.replace import Backups, wait_for, write_workbook
from crm_sheets.sync.backends.xlsx.replace import Written as Replaced
from crm_sheets.sync.backends.xlsx.row_search import rows_with
from crm_sheets.sync.backends.xlsx.unpacked import Unpacked
from crm_sheets.sync.logs import Event, log
from crm_sheets.tables import ColumnKey, Fingerprint, Sheet, Snapshot, TabKey

if TYPE_CHECKING:  # what makes and adopts workbooks is imported when one is made: a cycle must start fast
    from crm_sheets.sync.backends.xlsx.adopt import Adoption
    from crm_sheets.sync.backends.xlsx.create import Rows

PATIENCE = 2.0
"""Seconds to wait for a file that is gone: Excel saves by deleting and renaming."""


@dataclass(frozen=True, slots=True)
class XlsxSettings:
    """How a workbook is treated.

    Attributes:
        quiet: a file that was saved more recently is left alone for now.
        keep_count, keep_days: how many backups are kept, and how old they may get.
        protect: `system` locks our columns on the sheets that we make.
        conceal: encrypts backups; None keeps them as they are.
        remember: sheets that were searched, for a process that runs one cycle after another.
        padlock: opens and closes a workbook that has a password.
    """

    tabs: Sequence[Tab]
    words: Language
    backups: Path
    keep_count: int = 50
    keep_days: int = 30
    quiet: timedelta = timedelta(seconds=3)
    protect: Literal["none", "system"] = "none"
    remember: bool = False
    conceal: Callable[[bytes], bytes] | None = None
    padlock: Padlock | None = None


@dataclass(frozen=True, slots=True)
class Adopted:
    """What an adoption found and added."""

    adoption: "Adoption"
    snapshot: Snapshot
    found: FoundTabs


class XlsxBackend:
    """See Backend."""

    def __init__(self, path: Path, settings: XlsxSettings) -> None:
        self.path, self.settings = path, settings
        self._reach = ReachMemory() if settings.remember else None
        self._pieces = PieceMemory() if settings.remember else None
        self._unpacked = Unpacked()

    @property
    def name(self) -> str:
        """See Backend."""
        return str(self.path)

    def fingerprint(self) -> Fingerprint:
        """See Backend."""
        self._wait()
        self._unpacked.take()
        return fingerprint(self.path)

    def holder(self) -> str | None:
        """See Backend."""
        return holder(self.path)

    def read(self, known: Mapping[str, str]) -> Snapshot:
        """See Backend."""
        return self._read(known, None)

    def skim(self, known: Mapping[str, str], outlines: Mapping[str, Outline]) -> Snapshot:
        """See Skimmer."""
        return self._read(known, outlines)

    def _read(self, known: Mapping[str, str], outlines: Mapping[str, Outline] | None) -> Snapshot:
        self._wait()
        self._unpacked.take()
        padlock = self.settings.padlock
        return read_workbook(self.path, known, outlines=outlines, padlock=padlock, unpacked=self._unpacked)

    def open(self) -> Package:
        """The workbook as it lies there."""
        return open_with_status(self.path, padlock=self.settings.padlock)[0]

    def rows_with(self, sheet: str, texts: Collection[str], expected: Fingerprint) -> Sheet | None:
        """See RowFinder."""
        package = self.open()
        part = package.sheet(sheet)
        if part is None or part.kind != "worksheet" or package.container.digest != expected.digest:
            return None
        content = package.read(part.part)
        self._unpacked.keep(package.container.members[part.part], content)
        return rows_with(package, part, content, texts, SEARCHED_ROWS)

    def write(self, write: ReplicaWrite) -> Written:
        """See Backend."""
        package = self.open()
        edit = PackageEdit(package, self._reach, self._pieces)
        edit.remember(self._unpacked)
        for edits in write.edits:
            self._edit_tab(edit, edits)
        if write.lists is not None:
            self._edit_lists(edit, write.lists)
        if write.summaries:
            from crm_sheets.sync.backends.xlsx.summary_sheets import write_summary

            for summary in write.summaries:
                write_summary(edit, summary, self.settings.words)
        self._scrub_sealed(edit, write.edits)
        if write.log is not None:
            from crm_sheets.sync.backends.xlsx.log_sheet import write_log

            write_log(edit, write.log)
        # After the summaries and the log: what these told of rows that went must go as well.
        private = {edits.sheet: edits.private for edits in write.edits if edits.private}
        if private:
            from crm_sheets.sync.backends.xlsx.scrub import scrub

            scrub(edit, private)
        removed = _take_out(edit, write.edits)
        edit.set_stamp(write.stamp)
        done = self.replace(edit, write.expected)
        written = self.open()
        digests = {sheet.name: part_digest(written, sheet) for sheet in written.sheets}
        return Written(done.fingerprint, digests, done.backup, removed)

    def create(
        self,
        dictionaries: Dictionaries,
        *,
        summaries: Sequence[Summary] = (),
        rows: "Mapping[TabKey, Rows] | None" = None,
        people: Sequence[str] = (),
    ) -> None:
        """Makes the workbook, with the dictionaries that a new team begins with."""
        from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, create_workbook

        words = self.settings.words
        entries = _dictionary_cells([row for rows in rows_of(dictionaries, words).values() for row in rows], words)
        options = WorkbookOptions(dictionaries, people, summaries, protect=self.settings.protect)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        create_workbook(
            self.path, self.settings.tabs, words, {TabKey("dictionaries"): entries, **(rows or {})}, options
        )

    def adopt(self, dictionaries: Dictionaries, summaries: Sequence[Summary], *, all_columns: bool) -> Adopted:
        """Takes over a workbook that a team already has: adds what is missing, touches nothing else.

        Raises:
            WriteRefused: the workbook is of a kind that we do not extend.
            WorkbookBusy: somebody has it open.
        """
        from crm_sheets.sync.backends.xlsx import adopt
        from crm_sheets.sync.backends.xlsx.create import WorkbookOptions

        snapshot = self.read({})
        tabs, words = self.settings.tabs, self.settings.words
        found = find_tabs(snapshot.sheets, tabs, words_of=words, adopting=True)
        self._require_sound(found)
        values = adopt.found_values(snapshot, found.layouts, tabs)
        rows = [row for offered in rows_of(dictionaries, words).values() for row in offered]
        known = {(row.get(ColumnKey("dictionary")), row.get(ColumnKey("value"))) for row in rows}
        for dictionary, texts in values.items():
            label = words.text(f"dictionary.{dictionary}")
            rows += [
                {ColumnKey("dictionary"): label, ColumnKey("value"): text, ColumnKey("active"): True}
                for text in texts
                if (label, text) not in known
            ]
        package = self.open()
        edit = PackageEdit(package)
        self._require_names(edit, summaries)
        wish = adopt.Wish(
            tabs,
            words,
            {TabKey("dictionaries"): _dictionary_cells(rows, words)},
            WorkbookOptions(dictionaries, (), summaries, protect=self.settings.protect),
            all_columns,
        )
        adoption = adopt.adopt(edit, snapshot, found.layouts, wish)
        self.replace(edit, snapshot.fingerprint)
        return Adopted(adoption, snapshot, found)

    def _require_sound(self, found: FoundTabs) -> None:
        """Raises where a tab that the team has cannot be made out: another one beside it would be no help."""
        words = self.settings.words
        said = []
        for each in self.settings.tabs:
            labels = {key: column_label(each.key, key, words) for key in each.columns}
            for issue in found.issues.get(each.key, ()) if each.key not in found.layouts else ():
                column = f"{labels[issue.column]}: " if issue.column in labels else ""
                said.append(f"{tab_label(each.key, words)}: {column}{message(issue, words, labels)}")
        if said:
            text = " ".join(said)
            raise WriteRefused(f"{self.path}: {text}").told("error.adopt.tabs", path=self.path, said=text)

    def _require_names(self, edit: PackageEdit, summaries: Sequence[Summary]) -> None:
        """Raises where a tab of the team has the name of a summary: ours would never come."""
        from crm_sheets.sync.backends.xlsx.summary_sheets import is_anothers

        taken = [summary.title for summary in summaries if is_anothers(edit, summary.title)]
        if taken:
            names = ", ".join(taken)
            raise WriteRefused(f"{self.path}: {names}: the program writes tabs of these names; rename yours").told(
                "error.adopt.names", path=self.path, names=names
            )

    def extend(self, extension: Extension) -> None:
        """See Backend."""
        from crm_sheets.sync.backends.xlsx import adopt
        from crm_sheets.sync.backends.xlsx.create import WorkbookOptions

        words, dictionaries = self.settings.words, extension.dictionaries
        package = self.open()
        edit = PackageEdit(package)
        rows = [row for offered in rows_of(dictionaries, words).values() for row in offered]
        options = WorkbookOptions(dictionaries, protect=self.settings.protect)
        wish = adopt.Wish(self.settings.tabs, words, {TabKey("dictionaries"): _dictionary_cells(rows, words)}, options)
        adopt.extend(edit, extension.snapshot, extension.layouts, wish, extension.columns, extension.tabs)
        self.replace(edit, extension.snapshot.fingerprint)

    def replace(self, edit: PackageEdit, expected: Fingerprint, *, anew: bool = False) -> Replaced:
        """Writes what was drafted, as `write_workbook` does; `anew` even if nothing in it changes."""
        told = self.settings
        kept = Backups(told.backups, clock.now(), told.keep_count, told.keep_days, told.conceal)
        quiet = self.settings.quiet.total_seconds()
        self._let_it_rest(expected, quiet)
        padlock = self.settings.padlock
        return write_workbook(self.path, expected, edit, backups=kept, quiet_seconds=quiet, padlock=padlock, anew=anew)

    def _let_it_rest(self, expected: Fingerprint, quiet: float) -> None:
        """Waits until the file that was read has been left alone for long enough; who saves in between is found out."""
        rested = time() - expected.modified_ns / 1e9
        if 0 <= rested < quiet:
            sleep(quiet - rested + 0.05)

    def _wait(self) -> None:
        if not self.path.exists() and not wait_for(self.path, PATIENCE):
            raise WorkbookUnreadable(
                f"{self.path}: there is no such workbook; check [workbook] path, or make one with `crm-sheets init`",
                "missing",
            )

    # -- editing -------------------------------------------------------------------------------------------------------

    def _edit_tab(self, edit: PackageEdit, edits: TabEdits) -> None:
        """Cells of rows that are there, and rows below them."""
        writes = (*edits.cells, *edits.appended)
        values: dict[tuple[int, int], CellValue] = {(cell.row, cell.column): cell.value for cell in writes}
        edit.set_cells(
            edits.sheet,
            values,
            append_after=edits.rows_before if edits.appended else None,
            overwrite=frozenset(values),
        )
        give_formats(edit, edits.sheet, writes)

    def _scrub_sealed(self, edit: PackageEdit, written: Sequence[TabEdits]) -> None:
        """Masks have taken the place of texts; the copies of these that programs keep in the file go, too."""
        cells = {
            edits.sheet: places
            for edits in written
            if (places := {(cell.row, cell.column) for cell in edits.cells if isinstance(cell.old, Sealed)})
        }
        if not cells:
            return
        from crm_sheets.sync.backends.xlsx.scrub import scrub

        try:
            scrub(edit, cells, gently=True)
        except BytesRemain as error:  # the cell is masked all the same: the file is no worse than it was
            log(Event("a sealed text has a copy in the workbook", message=str(error)), logging.WARNING)

    def _edit_lists(self, edit: PackageEdit, content: Grid) -> None:
        """The hidden sheet that feeds the drop-downs; a workbook without one has none to feed."""
        if edit.package.sheet(lists.SHEET) is None:
            return
        others = [sheet for sheet in edit.package.sheets if sheet.name != lists.SHEET]
        known = {sheet.name: part_digest(edit.package, sheet) for sheet in others}
        snapshot = read_workbook(self.path, known, padlock=self.settings.padlock)
        fill_lists(edit, snapshot.sheets[lists.SHEET], content)


def _take_out(edit: PackageEdit, written: Sequence[TabEdits]) -> dict[str, tuple[int, ...]]:
    """Takes rows out in which nothing stands any more; where something stands in the way, they stay as blank rows."""
    emptied = [edits for edits in written if edits.emptied]
    if not emptied:
        return {}
    from crm_sheets.sync.backends.xlsx.remove_rows import remove_rows

    removed: dict[str, tuple[int, ...]] = {}
    for edits in emptied:
        with contextlib.suppress(WriteRefused):
            removed[edits.sheet] = remove_rows(edit, edits.sheet, edits.emptied)
    return removed


def _dictionary_cells(rows: Iterable[Mapping[ColumnKey, Value]], words: Language) -> list[dict[ColumnKey, CellValue]]:
    """Rows of the dictionaries tab as staff see them: 是 and not TRUE. No column of it depends on the zone."""
    columns = tab(TabKey("dictionaries")).columns
    codec = CodecContext(ZoneInfo("UTC"), language=words)
    return [{key: render(value, columns[key], codec) for key, value in row.items()} for row in rows]
