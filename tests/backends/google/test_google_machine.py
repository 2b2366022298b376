"""The office in one Google spreadsheet, on the emulator: everybody works in it at the same time, through its control
port, now or before or after any call of the daemon; answers are lost, versions of the history are put back."""

import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests

from crm_sheets.cells import column_letters
from crm_sheets.google_emulator.faults import Fault, FaultKind
from crm_sheets.google_emulator.patterns import CallPattern
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.result import CycleResult
from crm_sheets.tables import SHARED, Fingerprint
from tests.backends.google.rooms import Room, google
from tests.sync.desks import Crash, Desk
from tests.sync.offices import COLUMNS, NO_BRAKE, PEOPLE, SHEET, Office, Rows, Words, played

EXAMPLES = int(os.environ.get("CRM_SHEETS_EXAMPLES", "3"))
"""How many offices are played; a long run: CRM_SHEETS_EXAMPLES=500 pytest tests/backends/google."""

OWNER = "lead@example.com"


@dataclass
class LiveDesk(Desk):
    """A desk whose book is a Google spreadsheet."""

    room: Room | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.live.confirmed = lambda: self.state.confirmed_generation(SHARED)
        self.restart()

    @property
    def live(self) -> Room:
        assert self.room is not None
        return self.room

    def restart(self) -> None:
        """Another process."""
        self.google = self.live.backend()
        self.cycle = Cycle(self.state, self.google, self.setup)

    def sync(self, *, later: timedelta = timedelta(seconds=30), **wish: bool) -> CycleResult:
        self.live.watch.time += later.total_seconds()
        return super().sync(later=later, **wish)


class Hands:
    """People at their browsers: each thing they do goes over the control port."""

    def __init__(self, room: Room, tab: str) -> None:
        self.room, self.tab = room, tab
        self.session = requests.Session()
        self.session.trust_env = False
        for who in PEOPLE:
            self.ask("POST", "/shares", email=f"{who}@example.com")

    def ask(self, verb: str, path: str, **told: Any) -> Any:
        where = {"params": told} if verb == "GET" else {"json": told}
        told["spreadsheet"] = self.room.id
        answer = self.session.request(verb, self.room.emulator.control_url + path, **where, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def do(self, who: str, *acts: Mapping[str, Any]) -> None:
        self.ask("POST", "/acts", user=f"{who}@example.com", acts=[{"tab": self.tab, **act} for act in acts])

    def values(self) -> list[list[Any]]:
        return self.ask("GET", "/values", range=self.tab)["values"]  # type: ignore[no-any-return]


class Live:
    """Implements Workplace over a spreadsheet."""

    def __init__(self, words: Words, room: Room) -> None:
        self.words, self.room = words, room
        self.desk = LiveDesk(columns={SHEET: COLUMNS}, limits=NO_BRAKE, room=room)
        tab = self.desk.sheet_name(SHEET)
        room.fill(tab, [self.desk.header(SHEET)])
        self.hands = Hands(room, tab)
        properties = {"gridProperties": {"frozenRowCount": 1}}
        request = {"properties": properties, "fields": "gridProperties.frozenRowCount"}
        self.hands.do(PEOPLE[0], {"do": "send", "kind": "updateSheetProperties", "request": request})
        self.versions = 0
        self.since = 0
        """The first version that may be put back."""
        self.gone: set[str] = set()
        self.waiting: list[Callable[[], None]] = []
        self.broken: list[Exception] = []

    # -- what people do ------------------------------------------------------------------------------------------------

    def at(self, moment: int, act: Callable[[], None]) -> None:
        def do() -> None:
            if do not in self.waiting:
                return
            self.waiting.remove(do)
            before = self.words.within(self.shared())
            try:
                act()
            except Exception as error:  # raised in a thread of the server, where nobody sees it
                self.broken.append(error)
            self.gone |= before - self.words.within(self.shared())

        self.waiting.append(do)
        hooks = self.room.emulator.trouble.hooks
        if moment == 0:
            do()
        elif moment <= 6:
            hooks.before(do, nth=moment)
        else:
            hooks.after(do, nth=moment - 6)

    def rows(self, who: str) -> Rows:
        return self.shared()

    def put(self, who: str, row: int, cells: Mapping[str, str | None]) -> None:
        acts = []
        for column, text in cells.items():
            cell = f"{column_letters(self.desk.place(SHEET, column) + 1)}{row + 2}"
            clear = {"do": "clear", "cells": cell}
            acts.append(clear if text is None else {"do": "type", "cell": cell, "text": text})
        self.hands.do(who, *acts)

    def insert(self, who: str, row: int) -> None:
        self.hands.do(who, {"do": "insert_rows", "row": row + 2})

    def copy(self, who: str, row: int) -> int:
        last = len(self.shared())
        self.hands.do(who, {"do": "copy_rows", "row": row + 2, "to": last + 2})
        return last

    def blank(self, who: str, row: int) -> None:
        self.hands.do(who, {"do": "clear", "cells": f"A{row + 2}:{column_letters(len(COLUMNS.split()))}{row + 2}"})

    def delete(self, who: str, row: int) -> None:
        self.hands.do(who, {"do": "delete_rows", "row": row + 2})

    def sort(self, who: str, column: str) -> None:
        if self.shared():
            self.hands.do(who, {"do": "sort", "column": column_letters(self.desk.place(SHEET, column) + 1)})

    def save(self, who: str, *, close: bool) -> None:
        self.versions += 1
        self.hands.do(who, {"do": "name_version", "name": str(self.versions)})

    def put_back(self, number: int) -> None:
        count = self.versions - self.since
        if count:
            self.hands.do(PEOPLE[0], {"do": "restore_version", "name": str(self.since + 1 + number % count)})

    # -- what the daemon does ------------------------------------------------------------------------------------------

    def cycle(self, step: str | None, *, trouble: bool) -> set[str]:
        self.desk.crash_at = step
        if trouble:
            lost = Fault(FaultKind.CLOSED, CallPattern("spreadsheets.batchUpdate"), applied=True)
            self.room.emulator.trouble.faults.add(lost)
        seen, gone = self.words.within(self.shared()), set(self.gone)
        taken_in = True
        try:
            taken_in = bool(self.desk.sync().plans)
        except Crash:
            self.desk.restart()
            if step == "committed":  # taken in, but not written: see the office with files
                self.since = self.versions
        self.desk.crash_at = None
        self.room.emulator.trouble.faults.clear()
        assert not self.broken, self.broken
        return seen - (self.gone - gone) if taken_in else set()

    def close(self) -> None:
        for act in list(self.waiting):
            act()
        self.room.emulator.trouble.hooks.clear()
        assert not self.broken, self.broken

    # -- what is there -------------------------------------------------------------------------------------------------

    def shared(self) -> Rows:
        width = len(COLUMNS.split())
        return [[cell or None for cell in row[:width]] for row in self.hands.values()[1:]]

    def certain(self) -> set[str]:
        return self.words.typed - self.gone

    def fingerprint(self) -> Fingerprint:
        return self.desk.google.fingerprint()

    def asked(self) -> list[str]:
        return self.room.calls


class OfficeWithASpreadsheet(Office):
    WHEN_IDLE = ("values.batchGet",)

    def workplace(self, words: Words) -> Live:
        logging.getLogger("crm_sheets").setLevel(logging.ERROR)
        self.stack = contextlib.ExitStack()
        return Live(words, self.stack.enter_context(google(("客户",))))

    def teardown(self) -> None:
        with self.stack:
            super().teardown()


OfficeWithASpreadsheet.TestCase.settings = played(EXAMPLES, 15)
TestOfficeWithASpreadsheet = OfficeWithASpreadsheet.TestCase
