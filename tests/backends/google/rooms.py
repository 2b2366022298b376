"""A spreadsheet on the emulator, the back end over it, and people who work in it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from crm_sheets.cells import CellValue, Formula
from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.calls import Answer, Call
from crm_sheets.google_emulator.model.cell import Cell
from crm_sheets.google_emulator.model.sheet import EMPTY_ROW, Row, Sheet
from crm_sheets.sync.backends.google.backend import GoogleBackend, GoogleSettings
from crm_sheets.sync.backends.google.budget import Budget
from crm_sheets.sync.backends.google.connect import Account, connect
from crm_sheets.sync.backends.google.http import Terms
from crm_sheets.sync.backends.google.spreadsheet import Spreadsheet
from tests.backends.google.watches import Watch

Rows = list[list[CellValue]]
SERVICE = "_crm"


@dataclass
class Actors:
    """People who do something just before the Nth call from now on; and what becomes of the answers.

    Attributes:
        due: what is done before which call.
        waiting: what is done before the next call that writes.
        lost: calls whose answer never arrives, though what they ask for is done.
        answer: what is said to everything, nothing being done.
        told: who wants to know of each call.
    """

    due: dict[int, list[Callable[[], None]]] = field(default_factory=dict)
    waiting: list[Callable[[], None]] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)
    answer: Answer | None = None
    told: Callable[[Call], object] = lambda _: None
    seen: int = 0

    def at(self, nth: int, action: Callable[[], None]) -> None:
        self.due.setdefault(self.seen + nth, []).append(action)

    def before(self, call: Call) -> Answer | None:
        if call.method_id != "token":
            self.seen += 1
            actions = self.due.pop(self.seen, [])
            if call.method != "GET":
                actions += self.waiting
                self.waiting = []
            for action in actions:
                action()
            self.told(call)
            return self.answer
        return None

    def after(self, call: Call, answer: Answer) -> Answer:
        return Answer(503, lost=True) if call.method_id != "token" and self.seen in self.lost else answer


@dataclass
class Room:
    """One spreadsheet."""

    emulator: Emulator
    id: str
    account: Account
    watch: Watch
    random: Random
    actors: Actors
    confirmed: Callable[[], int] | None = None

    def backend(self, *, fresh: float = 3.0) -> GoogleBackend:
        spreadsheet = Spreadsheet(self.account, self.id, "表")
        return GoogleBackend(
            spreadsheet,
            GoogleSettings(self.watch.now, self.random.randbytes, confirmed=self.confirmed, fresh=fresh),
        )

    def another(self, titles: Sequence[str], seed: int) -> "Room":
        """A new spreadsheet in place of this one, and nobody who waits to do something."""
        with self.emulator.lock:
            self.emulator.files.held.clear()
            self.emulator.requests.clear()
        self.actors.due.clear()
        self.actors.waiting.clear()
        self.actors.seen = 0
        made = self.emulator.create("客户管理", sheets=titles)
        self.emulator.share(made, ROBOT, "writer")
        return replace(self, id=made, random=Random(seed))

    def sheet(self, title: str) -> Sheet:
        found = self.emulator.book(self.id).titled(title)
        assert found is not None, title
        return found

    def fill(self, title: str, rows: Sequence[Sequence[CellValue]]) -> None:
        """What stands in a tab, from A1 on; all else is blank."""
        with self.emulator.lock:
            sheet = self.sheet(title)
            filled = [EMPTY_ROW.with_cells(tuple(map(_cell, row))) for row in rows]
            sheet.rows = [*filled, *[EMPTY_ROW] * max(0, len(sheet.rows) - len(filled))]

    def type(self, title: str, row: int, column: int, value: CellValue) -> None:
        with self.emulator.lock:
            self.sheet(title).put(row - 1, {column - 1: _cell(value)})

    def insert(self, title: str, row: int, cells: Sequence[CellValue] = ()) -> None:
        """A row is put in, so that it has that number."""
        with self.emulator.lock:
            self.sheet(title).rows.insert(row - 1, EMPTY_ROW.with_cells(tuple(map(_cell, cells))))

    def delete(self, title: str, row: int) -> None:
        with self.emulator.lock:
            del self.sheet(title).rows[row - 1]

    def order(self, title: str, key: Callable[[Row], str], first: int = 2) -> None:
        """The rows from `first` on are sorted, those that are filled."""
        with self.emulator.lock:
            sheet = self.sheet(title)
            end = sheet.content_end()
            sheet.rows[first - 1 : end] = sorted(sheet.rows[first - 1 : end], key=key)

    def insert_column(self, title: str, column: int) -> None:
        with self.emulator.lock:
            sheet = self.sheet(title)
            sheet.columns.insert(column - 1, sheet.columns[0])
            sheet.rows = [
                row.with_cells((*row.cells[: column - 1], None, *row.cells[column - 1 :])) for row in sheet.rows
            ]

    def grid(self, title: str) -> Rows:
        """The rows of a tab, without blanks at the end of each and below."""
        with self.emulator.lock:
            sheet = self.sheet(title)
            rows = [[_value(cell) for cell in row.cells] for row in sheet.rows[: sheet.content_end()]]
        for row in rows:
            while row and row[-1] is None:
                row.pop()
        return rows

    @property
    def calls(self) -> list[str]:
        """What was asked so far, without tokens."""
        return [
            call.method_id.rpartition("spreadsheets.")[2]
            for call in self.emulator.requests
            if call.method_id != "token"
        ]


def _cell(value: CellValue) -> Cell | None:
    if value is None or value == "":
        return None
    if isinstance(value, Formula):
        return Cell(formula=f"={value.text}")
    if isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    assert isinstance(value, (str, float, bool)), value
    return Cell(value)


def _value(cell: Cell | None) -> CellValue:
    if cell is None:
        return None
    if cell.formula is not None:
        return Formula(cell.formula.removeprefix("="))
    value = cell.value
    return int(value) if isinstance(value, float) and value.is_integer() else value


_KEYS: list[Any] = []
"""The key of the service account: made once, for it takes half a second."""

ROBOT = "robot@emulated.iam.gserviceaccount.com"


@contextmanager
def google(titles: Sequence[str], *, reads: int = 10**6, writes: int = 10**6) -> Iterator[Room]:
    """An emulator with one spreadsheet that is shared with us."""
    watch = Watch()
    with Emulator() as emulator:
        emulator.tokens.shared_key = _KEYS[0] if _KEYS else None
        key = emulator.service_account(ROBOT)
        _KEYS[:] = [emulator.tokens.shared_key]
        emulator.interceptors.append(actors := Actors())
        made = emulator.create("客户管理", sheets=titles)
        emulator.share(made, ROBOT, "writer")
        terms = Terms(watch.now, watch.sleep, lambda: 1.0, base=emulator.url, timeout=(5.0, 5.0))
        account = connect(key, terms, Budget(watch.now, watch.sleep, reads=reads, writes=writes))
        account.client.session.trust_env = False
        yield Room(emulator, made, account, watch, Random(5), actors)
        account.client.session.close()
