"""What was read of a workbook, as tabs."""

from collections.abc import Collection, Mapping

from crm_sheets.changes import Issue, Severity
from crm_sheets.errors import WorkbookChanged
from crm_sheets.outline import Outline
from crm_sheets.plan import Plan
from crm_sheets.reading import CutMemory, TabReading, cut_sheet, cut_tab
from crm_sheets.schema.layout import Layout, find_tabs
from crm_sheets.sync.backends.base import Backend, RowFinder, Skimmer
from crm_sheets.sync.forms import FormLook, NoForms
from crm_sheets.sync.setup import Setup
from crm_sheets.tables import ColumnKey, Sheet, Snapshot, TabKey

_NOTHING: Mapping[TabKey, Outline] = {}


def skimmed(backend: Backend, known: Mapping[str, str], outlines: Mapping[TabKey, Outline]) -> Snapshot:
    """What a back end reads of a workbook: where it can, only what is not remembered."""
    if isinstance(backend, Skimmer):
        return backend.skim(known, {outline.sheet: outline for outline in outlines.values()})
    return backend.read(known)


class View:
    """A snapshot as tabs: which sheet is which, what is wrong with its header, its rows cut into columns."""

    def __init__(
        self,
        setup: Setup,
        backend: Backend,
        cuts: CutMemory,
        snapshot: Snapshot,
        sheets: Mapping[TabKey, str],
        outlines: Mapping[TabKey, Outline] = _NOTHING,
    ) -> None:
        """`sheets`: which sheet was which tab when the workbook was last read; `outlines`: what is remembered of it and
        holds for this file."""
        self.backend, self.cuts, self.snapshot, self.outlines = backend, cuts, snapshot, outlines
        self.codec = setup.codec
        self.tabs = tabs = setup.replica.tabs
        self.stranger: str | None = None
        """Why nothing of the workbook may be taken, as the code of the finding; None when it is ours."""
        known = {tab: name for tab, name in sheets.items() if name in snapshot.unchanged}
        forms = setup.forms.sheets
        self.form: FormLook = NoForms()
        self.typed: frozenset[str] = frozenset()
        """Summaries with rows that somebody typed and that are not taken in yet."""
        found = find_tabs(
            {name: sheet for name, sheet in snapshot.sheets.items() if name not in forms},
            [tab for key, tab in tabs.items() if key not in known],
            words_of=setup.language,
        )
        self.layouts: dict[TabKey, Layout] = dict(found.layouts)
        self.loose: dict[TabKey, tuple[Issue, ...]] = dict(found.issues)
        self.unchanged = known
        self._readings: dict[TabKey, TabReading] = {}
        self.never: dict[TabKey, frozenset[ColumnKey]] = {}
        """Columns that it lacks, and that are not to be added to it."""
        for issues in found.issues.values():
            for issue in issues:
                if issue.code == "header-unknown-similar" and issue.tab and issue.column:
                    self.never[issue.tab] = self.never.get(issue.tab, frozenset()) | {issue.column}

    def refuse(self, issues: Mapping[TabKey, Issue]) -> None:
        """Tabs and columns that it lacks cannot be added."""
        for key, issue in issues.items():
            kept = [each for each in self.loose.get(key, ()) if each.code != "tab-missing"]
            self.loose[key] = (*kept, issue)
            self.never[key] = frozenset(each.key for each in self.tabs[key].columns.values() if each.own)

    def expect(self, tabs: Collection[TabKey]) -> None:
        """Tabs that it lacks will be added by the next cycle that may write: nothing is wrong with that."""
        for key in tabs:
            self.loose[key] = (Issue("tab-to-come", key, severity=Severity.INFO),)

    @property
    def refused(self) -> bool:
        """Whether this is not our workbook, or one from a future that the state store does not know."""
        return self.stranger is not None

    def sheets(self) -> dict[TabKey, str]:
        """Which sheet is which tab."""
        return {**self.unchanged, **{tab: layout.sheet for tab, layout in self.layouts.items()}}

    def readings(self) -> dict[TabKey, TabReading]:
        """The tabs that changed, in the order of the book."""
        tabs = [key for key in self.tabs if key in self.layouts]
        return {key: reading for key in tabs if (reading := self.reading(key)) is not None}

    def reading(self, key: TabKey) -> TabReading | None:
        """A tab, read now if it was not; None when there is no such tab."""
        if key not in self._readings:
            tab = self.tabs[key]
            sheets = self.snapshot.sheets
            if key in self.unchanged:
                sheets = self._read_sheet(self.unchanged[key])
                layout = find_tabs(sheets, [tab]).layouts.get(key)
            else:
                layout = self.layouts.get(key)
            if layout is None:
                return None
            sheet, outline = sheets[layout.sheet], self.outlines.get(key)
            self._readings[key] = cut_sheet(tab, layout, sheet, outline, self.cuts, self.codec)
        return self._readings[key]

    def located(self, key: TabKey, witnesses: Collection[str]) -> TabReading | None:
        """A tab with at least those of its rows that bear one of some hidden keys: all that is asked of one in which
        nobody has changed anything, but in which something is to be written."""
        if key not in self._readings and key in self.unchanged and isinstance(self.backend, RowFinder):
            sheet = self.backend.rows_with(self.unchanged[key], witnesses, self.snapshot.fingerprint)
            layout = find_tabs({sheet.name: sheet}, [self.tabs[key]]).layouts.get(key) if sheet is not None else None
            if sheet is not None and layout is not None:
                return cut_tab(self.tabs[key], layout, sheet.rows, codec=self.codec)
        return self.reading(key)

    def _read_sheet(self, name: str) -> Mapping[str, Sheet]:
        others = {sheet: digest for sheet, digest in self.snapshot.part_digests.items() if sheet != name}
        again = skimmed(self.backend, others, self.outlines)
        if again.fingerprint.digest != self.snapshot.fingerprint.digest:
            raise WorkbookChanged(f"{self.snapshot.name} was saved while it was being read")
        return again.sheets

    def held(self) -> dict[TabKey, Issue]:
        """Tabs that are neither read nor written, with the reason."""
        if self.stranger is not None:
            return {key: Issue(self.stranger, key) for key in self.tabs}
        held: dict[TabKey, Issue] = {}
        for key in self.tabs:
            if key not in self.layouts and key not in self.unchanged:
                found = self.loose.get(key, ())
                broken = [issue for issue in found if issue.severity is Severity.ERROR or issue.code == "tab-to-come"]
                held[key] = broken[0] if broken else Issue("tab-missing", key)
        return held

    def settled_parts(self, plan: Plan, parts: Mapping[str, str]) -> dict[str, str]:
        """Sheets that need not be read again: those of tabs that are held, or have new rows, must be."""
        halted = {issue.tab for issue in plan.halted} | plan.unsettled
        found = self.sheets()
        open_sheets = {name for tab, name in found.items() if tab in halted} | self.form.waiting | self.typed
        if found.keys() != self.tabs.keys():  # a tab was not made out: any sheet may be it
            open_sheets |= parts.keys() - set(found.values())
        return {name: digest for name, digest in parts.items() if name not in open_sheets}
