"""Sheets that hold no records and are written as a whole: summaries, what drop-downs offer, the change log."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from crm_sheets.change_log import ChangeLog, LogWords
from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.figures import compute, concerned, content_digest
from crm_sheets.plan import Plan
from crm_sheets.reading import digest_of
from crm_sheets.rules.summaries.base import Summary, SummaryContext, SummaryRule
from crm_sheets.rules.summaries.review import KEY as REVIEW
from crm_sheets.seen import SeenBook
from crm_sheets.sync.backends.base import Grid
from crm_sheets.sync.backends.xlsx.lists import lists_content
from crm_sheets.sync.backends.xlsx.summary_layout import layout_digest
from crm_sheets.sync.entered import Desk, Entered
from crm_sheets.sync.logbook import LOG_NOTE, Logbook
from crm_sheets.sync.notes import DUE, LISTS_NOTE, MOVED_NOTE, SUMMARIES_NOTE, Notes
from crm_sheets.sync.setup import Setup
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.view import View
from crm_sheets.tables import SHARED, ColumnKey, TabKey

PEOPLE = TabKey("people")
LAYOUTS_NOTE = "layouts"
"""Note: by summary, which layout its tab has (layout_digest)."""
COMPUTED_NOTE = "computed-"
"""When a summary that rests was last computed: the beginning of the note, its key follows."""
MANY_CHANGED = 50
"""Records that change at once, as in an import, from which on nothing rests: what was computed before them tells of
another book, and whoever took them in looks at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be written of them.

    Attributes:
        summaries: those of which a figure changed, or whose sheet is missing.
        lists: what the drop-downs offer, when it is not what the file says; None when it is. `log` likewise.
        entered: what people typed into a summary.
        rested: summaries that were computed now and may rest for a while, by key.
    """

    summaries: tuple[Summary, ...] = ()
    lists: Grid | None = None
    log: ChangeLog | None = None
    entered: Entered = Entered()
    rested: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.summaries or self.lists or self.log)


class OwnSheets:
    """Finds out which of them must be written in one replica, and remembers what was."""

    def __init__(self, state: SqlState, setup: Setup) -> None:
        self.state, self.setup = state, setup
        self.replica = setup.replica.key
        self.notes = Notes(state, self.replica)

    @property
    def logbook(self) -> Logbook:
        """When the change log of this replica is written."""
        return Logbook(self.state, self.notes.called(LOG_NOTE), self.setup.replica.log)

    def today(self, now: datetime) -> date:
        """The day that the team has."""
        return now.astimezone(self.setup.zone).date()

    def entered(self, view: View, author: str, now: datetime, *, writable: bool) -> Entered:
        """What people typed into a summary."""
        setup = self.setup
        if not any(rule.key == REVIEW for rule in setup.summaries):
            return Entered()
        eyes = setup.replica.eyes(Draft(self.state, setup.tabs))
        codec = replace(setup.codec, date1904=view.snapshot.date1904)
        return Desk(setup, eyes, codec, author, self.today(now)).look(view.snapshot, writable=writable)

    def wanted(self, plan: Plan, view: View, now: datetime, *, everything: bool, entered: Entered) -> Wanted:
        """What must be written with a plan that is not carried out yet."""
        lists_due = plan.lists_changed or everything or self.replica != SHARED or self.notes.get(LISTS_NOTE) == DUE
        lists = self._lists(plan) if lists_due else None
        if lists is not None and self.notes.get(LISTS_NOTE) == digest_of(lists):
            lists = None
        summaries, rested = self._summaries(plan, view, now, entered)
        return Wanted(summaries, lists, self._log(plan, view), entered, rested)

    def before(self, wanted: Wanted, now: datetime) -> dict[str, str]:
        """Notes to be kept before the file is written: from then on nobody knows what it holds."""
        lists = {self.notes.called(LISTS_NOTE): DUE} if wanted.lists is not None else {}
        due = DUE if wanted.summaries or wanted.entered.waits else self.today(now).isoformat()
        rested = {self.notes.called(COMPUTED_NOTE + key): now.isoformat() for key in wanted.rested}
        moved = {MOVED_NOTE: ""} if self.replica == SHARED and self.notes.get(MOVED_NOTE) else {}
        return {**lists, **rested, **moved, self.notes.called(SUMMARIES_NOTE): due}

    def elsewhere(self, plan: Plan) -> dict[str, str]:
        """Notes of what a plan of another workbook changes for the sheets of the shared one, which is not read when its
        records change: to be kept in the transaction in which they do."""
        if self.replica == SHARED:
            return {}
        moved = self._moved()
        for tab, columns in plan.changed.items():
            moved[tab] = moved.get(tab, frozenset()) | columns
        text = json.dumps({tab: sorted(columns) for tab, columns in moved.items()}, sort_keys=True)
        return ({MOVED_NOTE: text} if plan.changed else {}) | ({LISTS_NOTE: DUE} if plan.lists_changed else {})

    def _moved(self) -> dict[TabKey, frozenset[ColumnKey]]:
        told = self.state.note(MOVED_NOTE)
        found = json.loads(told) if told else {}
        return {TabKey(tab): frozenset(map(ColumnKey, columns)) for tab, columns in found.items()}

    def are_unsure(self, wanted: Wanted) -> None:
        """What the file says of them is unknown until the write is confirmed."""
        self.state.keep_summaries({self.notes.called(each.key): "" for each in wanted.summaries})

    def are_written(self, wanted: Wanted, now: datetime) -> None:
        """The file holds what was wanted of them."""
        figures = {self.notes.called(each.key): content_digest(each) for each in wanted.summaries}
        self.state.keep_summaries(figures)
        if wanted.summaries:
            made = {each.key: layout_digest(each) for each in wanted.summaries}
            self.notes.set(LAYOUTS_NOTE, json.dumps(self._layouts() | made, sort_keys=True))
        self.notes.set(SUMMARIES_NOTE, self.today(now).isoformat())
        if wanted.lists is not None:
            self.notes.set(LISTS_NOTE, digest_of(wanted.lists))
        self.logbook.is_written(wanted.log)

    def _summaries(
        self, plan: Plan, view: View, now: datetime, entered: Entered
    ) -> tuple[tuple[Summary, ...], tuple[str, ...]]:
        """Those that must be rewritten, and the keys of those that were computed and may rest for a while."""
        setup, today = self.setup, self.today(now)
        current = self.notes.get(SUMMARIES_NOTE) == today.isoformat()
        wanted = setup.summaries
        if self.replica == SHARED:
            # After a pass that gives out keys comes one that knows more.
            ripe = not plan.again
            awake = not current or sum(len(change.records) for change in plan.commit.tabs.values()) >= MANY_CHANGED
            wanted = tuple(r for r in wanted if not r.rest or (ripe and (awake or self._has_rested(r, now))))
        moved = concerned(wanted, plan.changed)
        lists = plan.lists_changed
        lacking: set[str] = set()
        if self.replica == SHARED:
            moved = moved or concerned(wanted, self._moved())
            lists = lists or self.notes.get(LISTS_NOTE) == DUE
        else:  # what it shows changes by way of other workbooks, too: then cells of it are written
            names, text = view.snapshot.sheet_names, setup.language.text
            lacking = {rule.key for rule in setup.summaries if text(f"tab.summary_{rule.key}") not in names}
            moved = moved or bool(plan.edits or lacking)
        lacking |= {REVIEW} if entered.seen else set()
        if not wanted or (current and not moved and not lists and not lacking):
            return (), ()
        eyes = setup.replica.eyes(plan.draft)
        context = SummaryContext(today, setup.zone, plan.dictionaries, setup.language, calendar=setup.calendar)
        context = replace(context, entries=entered.rows)
        known, named = self.state.summaries(), self.notes.called
        records = plan.draft if eyes.sees_all else SeenBook(plan.draft, eyes, eyes.tabs)
        layouts = self._layouts()
        found = [
            replace(
                each, remake=known.get(named(each.key)) is not None and layouts.get(each.key) != layout_digest(each)
            )
            for each in compute(wanted, records, context)
        ]
        rewritten = tuple(
            each
            for each in found
            if each.remake or each.key in lacking or known.get(named(each.key)) != content_digest(each)
        )
        # What has nothing to tell cost nothing, and must not keep the first rows from being told.
        return rewritten, tuple(
            rule.key for rule, each in zip(wanted, found, strict=True) if rule.rest and each.conclusion
        )

    def _layouts(self) -> dict[str, str]:
        """With which layout each summary tab was made or last written."""
        kept = self.notes.get(LAYOUTS_NOTE)
        return {} if kept is None else {str(key): str(told) for key, told in json.loads(kept).items()}

    def _has_rested(self, rule: SummaryRule, now: datetime) -> bool:
        last = self.notes.get(COMPUTED_NOTE + rule.key)
        return last is None or not timedelta(0) <= now - datetime.fromisoformat(last) < rule.rest

    def _log(self, plan: Plan, view: View) -> ChangeLog | None:
        setup, title = self.setup, self.setup.language.text("tab.change_log")
        words = LogWords(setup.tabs, setup.language, setup.codec)
        there = title in view.snapshot.sheet_names
        return self.logbook.wanted(plan, lambda: setup.replica.eyes(plan.draft), words, there=there)

    def _lists(self, plan: Plan) -> Grid:
        """What the drop-downs offer; in a view, only people whom its reader may see in 组织."""
        eyes, name = self.setup.replica.eyes(plan.draft), ColumnKey("name")
        people: list[Mapping[ColumnKey, Value]] = []
        for key in plan.draft.keys(PEOPLE) if PEOPLE in eyes.tabs else ():
            values = plan.draft.values((PEOPLE, key)) or {}
            if values.get(ColumnKey("active")) is not False:
                people.append(eyes.shown((PEOPLE, key), dict(values), {}) or {})
        names = {str(row[name]) for row in people if row.get(name)}
        names |= set() if eyes.sees_all else {self.setup.replica.author}
        return lists_content(self.setup.replica.tabs.values(), plan.dictionaries, sorted(names))
