"""Results of cycles as reports: keys become labels, values become texts."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crm_sheets import reports
from crm_sheets.app.brakes import tell_of_brakes
from crm_sheets.app.policies import codec_of
from crm_sheets.app.workspace import Workspace
from crm_sheets.cells import Address, CellError, CellValue, Formula
from crm_sheets.changes import Issue
from crm_sheets.copied import CopyOutcome
from crm_sheets.history import shown
from crm_sheets.language import in_words
from crm_sheets.permissions import SHARED_ROLE, Level
from crm_sheets.plan import Plan
from crm_sheets.rules.duplicates import TOGETHER
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.rules.findings import message
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.codecs.moments import moment_of
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.schema.sealed import Sealed, mask_in
from crm_sheets.state import EntryKind, JournalEntry, JournalLine, RowId
from crm_sheets.suspects import CUSTOMERS, told_pairs
from crm_sheets.sync.backends.copies import CopyTold
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.round import RoundResult, ViewResult
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, TabKey

CHANGES = frozenset({EntryKind.CREATE, EntryKind.EDIT, EntryKind.COMPUTED, EntryKind.DELETE, EntryKind.RESURRECT})


@dataclass(frozen=True, slots=True)
class Reporter:
    """Turns what the core says into what people read."""

    workspace: Workspace
    _labels: dict[TabKey, Mapping[ColumnKey, str]] = field(default_factory=dict)

    def run(self, wish: Wish) -> tuple[CycleResult, reports.CycleReport]:
        """Runs a round and reports it."""
        begun = time.perf_counter()
        result = self.workspace.run(wish)
        if not wish.dry_run:
            tell_of_brakes(self, result, wish.now)
        return result.shared, self.cycle(result, dry_run=wish.dry_run, seconds=time.perf_counter() - begun)

    def cycle(self, done: RoundResult, *, dry_run: bool, seconds: float) -> reports.CycleReport:
        """The report of one round: what people did in any workbook, and what the shared one says."""
        result = done.shared
        plans = [*result.plans, *(plan for view in done.views.values() for plan in view.plans)]
        journal = [entry for plan in plans for entry in plan.journal]
        reminders = [reminder for plan in plans for reminder in plan.reminders]
        return reports.CycleReport(
            issues=self.issues(result, dry_run=dry_run),
            changes=tuple(self.change(entry) for entry in journal if entry.kind in CHANGES),
            reverted=tuple(self.reverted(entry) for entry in journal if entry.kind is EntryKind.REVERT),
            conflicts=tuple(self.conflict(entry) for entry in journal if entry.kind is EntryKind.CONFLICT),
            duplicates=self.duplicates(result, dry_run=dry_run),
            reminders=tuple(
                reports.PlannedReminder(each.kind, each.tab, each.row, each.person, self.moment(each.instant))
                for each in reminders
            ),
            summaries=tuple(result.summaries),
            cells=tuple(cell for plan in result.plans for cell in self.cells(plan, result.date1904)),
            halted=self.halted(result),
            waiting=result.waiting,
            written=(self.workspace.settings.workbook.place,) if result.written else (),
            views=tuple(self.view(each) for each in done.views.values()),
            copies=tuple(conflict_copy(told) for cycle in done.cycles for told in cycle.copies),
            dry_run=dry_run,
            seconds=round(seconds, 3),
        )

    def view(self, done: ViewResult) -> reports.ViewOutcome:
        """What came of one view."""
        last = done.cycles[-1] if done.cycles else CycleResult()
        return reports.ViewOutcome(
            person=done.view.person,
            path=_place(done.view.name),
            written=any(cycle.written for cycle in done.cycles),
            waiting=last.waiting,
            halted=self.halted(last),
            error=self._trouble(done),
            handled=tuple(each.value for each in done.handled),
            replica=done.view.key,
        )

    def _trouble(self, done: ViewResult) -> str | None:
        """Why the cycle of a view failed, without its path, which is told beside."""
        if done.error is None:
            return None
        said = in_words(done.error, self.workspace.words)
        return said.removeprefix(str(_place(done.view.name))).lstrip(":： ")

    def halted(self, result: CycleResult) -> str | None:
        """Why nothing of the workbook, or of some tab, is applied."""
        return "\n".join(dict.fromkeys(self.issue(issue).message for issue in result.halted)) or None

    # -- findings ------------------------------------------------------------------------------------------------------

    def issues(self, result: CycleResult, *, dry_run: bool) -> tuple[reports.FoundIssue, ...]:
        """Every finding that stands after the cycle, in a dry run every one that would."""
        found = list(self.workspace.state.all_findings())
        if result.plans:
            last = result.plans[-1]
            if dry_run:
                found = _replaced(found, last)
            found += [issue for issue in last.issues if issue not in found]
        return tuple(self.issue(issue, result.place) for issue in found)

    def issue(self, issue: Issue, place: Callable[[RowId], Address | None] | None = None) -> reports.FoundIssue:
        """One finding in the language of the workbook."""
        tab = self.workspace.tabs.get(issue.tab) if issue.tab else None
        words = self.workspace.words
        labels = self._labels_of(tab) if tab else {}
        text = message(issue, words, labels)
        if issue.column and issue.column in labels:
            text = f"{labels[issue.column]}：{text}" if words.locale == "zh-CN" else f"{labels[issue.column]}: {text}"
        cell = ""
        if issue.tab and issue.row and place is not None:
            address = place((issue.tab, issue.row))
            cell = str(address) if address else ""
        return reports.FoundIssue(issue.code, issue.severity, issue.tab, issue.row, issue.column, text, cell)

    def duplicates(self, result: CycleResult, *, dry_run: bool) -> tuple[reports.FoundDuplicate, ...]:
        """Suspected duplicates that stand after the cycle."""
        links = list(self.workspace.state.all_pairs(CUSTOMERS))
        if dry_run and result.plans:
            plan = result.plans[-1]
            commit = plan.commit.tabs.get(CUSTOMERS)
            again = commit.paired if commit else frozenset()
            links = [link for link in links if not {link.one, link.other} & again]
            links += [pair for pair in plan.pairs if pair not in links]
        pairs = sorted(told_pairs(links, self.threshold), key=lambda pair: (-pair.score, pair.one, pair.other))
        return tuple(self.pair(pair) for pair in pairs)

    def pair(self, pair: Pair) -> reports.FoundDuplicate:
        """One pair."""
        return reports.FoundDuplicate("customers", pair.one, pair.other, round(pair.score, 4), pair.keys, pair.certain)

    # -- what happened -------------------------------------------------------------------------------------------------

    def change(self, entry: JournalEntry) -> reports.Change:
        """A change as a line."""
        old, new = self.shown(entry.tab, entry.column, entry.old), self.shown(entry.tab, entry.column, entry.new)
        if entry.kind is EntryKind.MERGE:
            old, new = "", entry.old
        return reports.Change(entry.kind, entry.tab, entry.row, entry.column, old, new)

    def told(self, line: JournalLine) -> reports.HistoryEntry:
        """A line of the journal."""
        change, at = self.change(line.entry), self.moment(line.at)
        return reports.HistoryEntry(
            at, line.run, change.kind, change.tab, change.row, change.column, change.old, change.new, line.entry.author
        )

    def reverted(self, entry: JournalEntry) -> reports.Reverted:
        """An edit that was put back."""
        column = entry.column or ColumnKey("")
        tab = self.workspace.tabs[entry.tab]
        reason = self.reason(tab, column, "reason.this_edit")
        typed, stays = self.shown(entry.tab, column, entry.new), self.shown(entry.tab, column, entry.old)
        return reports.Reverted(entry.tab, entry.row, entry.column, typed, stays, reason)

    def reason(self, tab: Tab, column: ColumnKey, open_to_all: str = "reason.granted") -> str:
        """Why a cell of the column may be changed, or may not; `open_to_all` is what to say where the shared workbook
        may change it: an edit of it that was put back came from somebody who may not."""
        text, policy = self.workspace.words.text, self.workspace.settings.policy
        own = tab.columns.get(column)
        if own is not None and own.system:
            return text("reason.system_column")
        decision = policy.decide(SHARED_ROLE, tab.key, column)
        if any(decision.reason == deny.reason for deny in policy.denies):
            return decision.reason  # in the team's own words
        if decision.level is Level.HIDDEN:
            return text("reason.no_grant")
        return text(open_to_all if decision.level is Level.EDIT else "reason.denied")

    def conflict(self, entry: JournalEntry) -> reports.Conflict:
        """A value that came too late."""
        column = entry.column or ColumnKey("")
        kept, away = self.shown(entry.tab, column, entry.old), self.shown(entry.tab, column, entry.new)
        return reports.Conflict(entry.tab, entry.row, column, kept, away)

    def cells(self, plan: Plan, date1904: bool = False) -> Iterable[reports.CellChange]:
        """The cell diff of one write; a row that goes is told as one."""
        for edits in plan.edits:
            gone = self.workspace.words.text("report.row_goes")
            yield from (reports.CellChange(f"{edits.sheet}!{row}", "", gone) for row in sorted(edits.emptied))
            for cell in (*edits.cells, *edits.appended):
                if cell.kind is Kind.WITNESS:  # hidden, random, and nothing that staff would know
                    continue
                address = str(Address(edits.sheet, cell.row, cell.column))
                old, new = (_plain(_wall(each, cell.kind, date1904)) for each in (cell.old, cell.value))
                if old != new:  # the cells of a row that goes: what stood in them is not known here
                    yield reports.CellChange(address, old, new)

    def shown(self, tab: TabKey, column: ColumnKey | None, text: str) -> str:
        """A journalled value as people read it; a whole row as its first filled columns."""
        known = next(each for each in self.workspace.team.known if each.key == tab)
        return shown(column, text, known, self.codec)

    def moment(self, instant: datetime) -> datetime:
        """The same instant as the team's clocks show it."""
        return instant.astimezone(self.workspace.settings.workbook.zone)

    @property
    def threshold(self) -> float:
        """The likeness from which pairs are told; where none are wanted, none are kept either."""
        return self.workspace.cycle.setup.threshold or TOGETHER

    @property
    def codec(self) -> CodecContext:
        """How values are shown."""
        return codec_of(self.workspace.settings, self.workspace.words)

    def _labels_of(self, tab: Tab) -> Mapping[ColumnKey, str]:
        if tab.key not in self._labels:
            words = self.workspace.words
            self._labels[tab.key] = {key: column_label(tab.key, key, words) for key in tab.columns}
        return self._labels[tab.key]

    def label(self, tab: TabKey) -> str:
        """What a tab is called."""
        return tab_label(tab, self.workspace.words)


def _replaced(found: list[Issue], plan: Plan) -> list[Issue]:
    """The stored findings with those of the rows that a plan looked at taken from the plan."""
    kept = []
    fresh: list[Issue] = []
    for commit in plan.commit.tabs.values():
        fresh += [finding.issue for findings in commit.findings.values() for finding in findings]
        fresh += commit.loose or ()
    for issue in found:
        commit_of = plan.commit.tabs.get(issue.tab) if issue.tab else None
        if commit_of is None or (issue.row not in commit_of.findings and not _loose(issue, commit_of.loose)):
            kept.append(issue)
    return kept + fresh


def _loose(issue: Issue, loose: tuple[Issue, ...] | None) -> bool:
    return loose is not None and (issue.row is None or issue.row.startswith("#"))


def _wall(value: CellValue, kind: Kind | None, date1904: bool) -> CellValue:
    """The number of a day or a time as it is shown."""
    if kind not in {Kind.DATE, Kind.DATETIME} or not isinstance(value, int | float):
        return value
    moment = moment_of(value, date1904)
    if moment is None:
        return value
    return f"{moment:%Y-%m-%d}" if kind is Kind.DATE else f"{moment:%Y-%m-%d %H:%M}"


def _plain(value: CellValue) -> str:
    if isinstance(value, Formula):
        return f"={value.text}"
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, Sealed):
        return mask_in(value)
    return "" if value is None else str(value)


def conflict_copy(told: CopyTold) -> reports.ConflictCopy:
    """What became of a conflict copy."""
    counts = told.outcome or CopyOutcome(told.name, "")
    return reports.ConflictCopy(
        told.name,
        told.code,
        told.moved,
        counts.edited,
        counts.created,
        counts.conflicts,
        counts.held,
        told.reason,
        told.again,
    )


def _place(name: str) -> Path | str:
    """Where a workbook is: a file, or the address of a spreadsheet."""
    return name if name.startswith("https://") else Path(name)
