"""Whatever people do in a shared Google spreadsheet, between any two calls of the daemon and wherever it dies: nothing
typed is lost, doubled or undone.

The machine of tests/sync/test_sync_machine.py, where everybody works in the one live spreadsheet instead of in copies.
"""

import contextlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from crm_sheets.cells import CellValue
from crm_sheets.guards import Limits
from crm_sheets.state import EntryKind
from crm_sheets.sync.cycle import Cycle
from crm_sheets.tables import SHARED
from tests.backends.google.rooms import Room, Rows, google
from tests.sync.desks import Crash, Desk, customer

SHEET, COLUMNS = "customers", "id key_ name type industry contact phone note created_at check"
FREE = ("name", "contact", "note")
STEPS = (None, None, None, "committed", "written", "confirmed")
EXAMPLES = int(os.environ.get("CRM_SHEETS_EXAMPLES", "3"))
"""How many offices are played; a long run: CRM_SHEETS_EXAMPLES=500 pytest tests/backends/google."""


@dataclass
class LiveDesk(Desk):
    """A desk whose book is a Google spreadsheet."""

    room: Room | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.live.confirmed = lambda: self.state.confirmed_generation(SHARED)
        self.live.fill(self.sheet_name(SHEET), [self.header(SHEET)])
        self.restart()

    @property
    def live(self) -> Room:
        assert self.room is not None
        return self.room

    def restart(self) -> None:
        """Another process."""
        self.google = self.live.backend()
        self.cycle = Cycle(self.state, self.google, self.setup)

    def grid(self, tab: str, file: object = None) -> Rows:
        rows = self.live.grid(self.sheet_name(tab))
        return [[*row, *[None] * (len(self.columns[tab].split()) - len(row))] for row in rows]

    def put(self, rows: Rows) -> None:
        """Everything is as somebody has it now."""
        self.live.fill(self.sheet_name(SHEET), rows)

    def add(self, tab: str, **cells: CellValue) -> None:
        self.put([*self.grid(tab), self.row(tab, **cells)])


class LiveOffice(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        logging.getLogger("crm_sheets").setLevel(logging.ERROR)
        self.stack = contextlib.ExitStack()
        room = self.stack.enter_context(google(("客户",)))
        self.desk = LiveDesk(columns={SHEET: COLUMNS}, limits=Limits(delete_rows=99, change_cells=999), room=room)
        self.room = room
        self.versions: list[object] = []
        self.typed: set[str] = set()
        self.gone: set[str] = set()
        self.copied: set[str] = set()
        self.queue: list[tuple[int, Callable[[], None]]] = []

    @initialize()
    def begin(self) -> None:
        for number in range(4):
            customer(self.desk, f"n{number}", contact=f"c{number}", phone=f"1380013800{number}")
        self.desk.sync()

    # -- what people do ------------------------------------------------------------------------------------------------

    def human(self, change: Callable[[Rows], object], now: int) -> None:
        """Somebody changes the rows now, or just before the Nth call from the next cycle's first."""

        def act() -> None:
            rows = self.desk.grid(SHEET)
            before = self.tokens_in(rows)
            body = rows[1:]
            if change(body) is not False:
                self.desk.put([rows[0], *body])
                self.gone |= before - self.tokens_in(self.desk.grid(SHEET))

        if now:
            self.queue.append((now, act))
        else:
            act()

    def token(self) -> str:
        word = f"t{len(self.typed)}"
        self.typed.add(word)
        return word

    def at(self, column: str) -> int:
        return self.desk.place(SHEET, column)

    @staticmethod
    def pick(rows: Rows, number: int) -> int | None:
        filled = [place for place, row in enumerate(rows) if any(cell is not None for cell in row)]
        return filled[number % len(filled)] if filled else None

    @rule(number=st.integers(0, 9), column=st.sampled_from((*FREE, "created_at")), now=st.integers(0, 6))
    def edit(self, number: int, column: str, now: int) -> None:
        def change(rows: Rows) -> bool:
            if (place := self.pick(rows, number)) is None:
                return False
            rows[place][self.at(column)] = self.token()
            return True

        self.human(change, now)

    @rule(top=st.booleans(), now=st.integers(0, 6))
    def insert(self, top: bool, now: int) -> None:
        def change(rows: Rows) -> None:
            cells = {"name": self.token(), "type": "企业客户", "industry": "制造业", "contact": self.token()}
            rows.insert(0 if top else len(rows), self.desk.row(SHEET, **cells))

        self.human(change, now)

    @rule(number=st.integers(0, 9), edited=st.booleans(), now=st.integers(0, 6))
    def copy_row(self, number: int, edited: bool, now: int) -> None:
        def change(rows: Rows) -> bool:
            if (place := self.pick(rows, number)) is None:
                return False
            copy = list(rows[place])
            for column in FREE:
                if edited or str(copy[self.at(column)]).startswith("t"):
                    copy[self.at(column)] = self.token()
            rows.append(copy)
            return True

        self.human(change, now)

    @rule(number=st.integers(0, 9), blanked=st.booleans(), now=st.integers(0, 6))
    def delete(self, number: int, blanked: bool, now: int) -> None:
        def change(rows: Rows) -> bool:
            if (place := self.pick(rows, number)) is None:
                return False
            if blanked:
                rows[place] = [None] * len(rows[place])
            else:
                del rows[place]
            return True

        self.human(change, now)

    @rule(column=st.sampled_from(FREE), now=st.integers(0, 6))
    def sort(self, column: str, now: int) -> None:
        self.human(lambda rows: rows.sort(key=lambda row: str(row[self.at(column)])), now)

    @rule(number=st.integers(0, 9), both=st.booleans(), key=st.booleans(), now=st.integers(0, 6))
    def blank_id(self, number: int, both: bool, key: bool, now: int) -> None:
        def change(rows: Rows) -> bool:
            if (place := self.pick(rows, number)) is None:
                return False
            row, at = rows[place], self.at("key_")
            if sum(each[at] == row[at] for each in rows) > 1:
                self.copied |= {str(cell) for cell in row if str(cell) in self.typed}
            if both or key:
                row[at] = None
            if both or not key:
                row[self.at("id")] = None
            return True

        self.human(change, now)

    @rule()
    def keep_a_version(self) -> None:
        with self.room.emulator.lock:
            self.versions.append(self.room.emulator.book(self.room.id).snapshot())

    @rule(number=st.integers(0, 30))
    def put_back_a_version(self, number: int) -> None:
        assume(self.versions)
        before = self.tokens_in(self.desk.grid(SHEET))
        with self.room.emulator.lock:
            version = self.versions[number % len(self.versions)]
            self.room.emulator.book(self.room.id).restore(version.snapshot())  # type: ignore[attr-defined]
        self.gone |= before - self.tokens_in(self.desk.grid(SHEET))

    # -- what the daemon does ------------------------------------------------------------------------------------------

    @rule(step=st.sampled_from(STEPS))
    def cycle(self, step: str | None) -> None:
        self.desk.crash_at = step
        for nth, action in self.queue:
            self.room.actors.at(nth, action)
        self.queue.clear()
        try:
            self.desk.sync()
        except Crash:
            self.desk.restart()
            if step == "committed":
                self.versions.clear()
        self.desk.crash_at = None

    # -- what must hold ------------------------------------------------------------------------------------------------

    def tokens_in(self, rows: Rows) -> set[str]:
        return {cell for row in rows[1:] for cell in row if isinstance(cell, str) and cell in self.typed}

    def teardown(self) -> None:
        with self.stack:
            for actions in self.room.actors.due.values():
                for action in actions:
                    action()
            self.room.actors.due.clear()
            for _ in range(4):
                self.room.watch.time += 10
                self.desk.sync(accept_deletions=True, accept_changes=True)
            self.comes_to_rest()
            self.nothing_is_lost()
            self.nothing_is_taken_twice()
            self.sheet_shows_the_records()
            self.desk.state.close()

    def comes_to_rest(self) -> None:
        before, entries, calls = self.desk.google.fingerprint(), len(self.desk.state.journal()), len(self.room.calls)
        self.desk.sync()
        assert self.room.calls[calls:] == ["values.batchGet"], "a cycle in which nobody did anything asked for more"
        assert self.desk.google.fingerprint() == before, "a cycle in which nobody did anything wrote"
        assert len(self.desk.state.journal()) == entries, "a cycle in which nobody did anything journalled"

    def nothing_is_lost(self) -> None:
        kept = " ".join(f"{line.entry.old} {line.entry.new}" for line in self.desk.state.journal())
        words = set(kept.replace('"', " ").split()) | self.tokens_in(self.desk.grid(SHEET))
        lost = self.typed - self.gone - words
        assert not lost, f"lost: {lost}"

    def nothing_is_taken_twice(self) -> None:
        taken: list[str] = []
        for line in self.desk.state.journal():
            if line.entry.kind in {EntryKind.EDIT, EntryKind.CREATE}:
                taken += [word for word in line.entry.new.replace('"', " ").split() if word in self.typed]
        taken = [word for word in taken if word not in self.copied]
        assert len(taken) == len(set(taken)), f"taken twice: {sorted(w for w in taken if taken.count(w) > 1)}"

    def sheet_shows_the_records(self) -> None:
        place = {column: self.at(column) for column in ("id", "key_", *FREE)}
        findings = self.desk.state.all_findings()
        unsure = {issue.parameters.get("candidates") for issue in findings}
        held = {int(issue.row[1:]) for issue in findings if issue.row and issue.row.startswith("#")}
        rows = [row for number, row in enumerate(self.desk.grid(SHEET), 1) if number > 1 and number not in held]
        keyed = {row[place["id"]]: row for row in rows if row[place["key_"]]}
        for key, values in self.desk.records(SHEET).items():
            if key not in keyed:
                assert any(key in (ids or "") for ids in unsure), f"{key} is not in the sheet"
                continue
            shown = {column: keyed[key][place[column]] for column in FREE}
            assert shown == {column: values.get(column) for column in FREE}, key


LiveOffice.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLiveOffice = LiveOffice.TestCase
