"""The office in files: two people work on copies that they opened at different times, and save over each other."""

import contextlib
import os
from collections.abc import Callable, Mapping

from crm_sheets.sync.backends.memory import MemoryFile
from crm_sheets.tables import Fingerprint
from tests.sync.desks import Crash, Desk
from tests.sync.offices import COLUMNS, NO_BRAKE, PEOPLE, SHEET, Office, Rows, Words, played

EXAMPLES = int(os.environ.get("CRM_SHEETS_EXAMPLES", "10"))
"""How many offices are played; a long run: CRM_SHEETS_EXAMPLES=2000 pytest tests/sync."""


class Copies:
    """Implements Workplace over a file in memory."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.desk = Desk(columns={SHEET: COLUMNS}, limits=NO_BRAKE)
        self.open: dict[str, MemoryFile | None] = dict.fromkeys(PEOPLE)
        self.old: list[MemoryFile] = []

    def at(self, moment: int, act: Callable[[], None]) -> None:
        act()  # in a copy of one's own: nobody sees when

    def rows(self, who: str) -> Rows:
        file = self.open[who]
        if file is None:
            file = self.open[who] = self.desk.backend.file.copied()
        return self._filled(file)

    def _filled(self, file: MemoryFile) -> Rows:
        grid = self.desk.grid(SHEET, file)
        for row in grid:
            row.extend([None] * (len(COLUMNS.split()) - len(row)))
        return grid[1:]

    def _grid(self, who: str) -> Rows:
        self.rows(who)
        return self.desk.grid(SHEET, self.open[who])

    def put(self, who: str, row: int, cells: Mapping[str, str | None]) -> None:
        grid = self._grid(who)
        while len(grid) < row + 2:
            grid.append(self.desk.row(SHEET))
        for column, text in cells.items():
            grid[row + 1][self.desk.place(SHEET, column)] = text

    def insert(self, who: str, row: int) -> None:
        self._grid(who).insert(row + 1, self.desk.row(SHEET))

    def copy(self, who: str, row: int) -> int:
        grid = self._grid(who)
        grid.append(list(grid[row + 1]))
        return len(grid) - 2

    def blank(self, who: str, row: int) -> None:
        self._grid(who)[row + 1] = self.desk.row(SHEET)

    def delete(self, who: str, row: int) -> None:
        del self._grid(who)[row + 1]

    def sort(self, who: str, column: str) -> None:
        grid, place = self._grid(who), self.desk.place(SHEET, column)
        grid[1:] = sorted(grid[1:], key=lambda row: str(row[place]))

    def save(self, who: str, *, close: bool) -> None:
        file = self.open[who]
        if file is not None:
            if self.desk.backend.file.stamp is not None:
                self.old.append(self.desk.backend.file)
            self.desk.backend.file = file.copied()
            if close:
                self.open[who] = None

    def put_back(self, number: int) -> None:
        if self.old:
            self.desk.backend.file = self.old[number % len(self.old)].copied()

    def cycle(self, step: str | None, *, trouble: bool) -> set[str]:
        self.desk.crash_at, self.desk.backend.held_by = step, "ann" if trouble else None
        seen = self.words.within(self.shared())
        with contextlib.suppress(Crash):
            self.desk.sync()
        if self.desk.backend.held_by or step == "committed":
            # Taken in, but not written: nothing in the file tells it from what others have open, so whoever saves
            # now undoes it, like any colleague who saves over another. Excel's lock keeps them from it, and the journal
            # has both.
            self.open = dict.fromkeys(PEOPLE)
            self.old.clear()
        self.desk.crash_at = self.desk.backend.held_by = None
        self.old.append(self.desk.backend.file.copied())
        return seen

    def close(self) -> None:
        for who in PEOPLE:
            self.save(who, close=True)

    def shared(self) -> Rows:
        return self._filled(self.desk.backend.file.copied())

    def certain(self) -> set[str]:
        return set()  # what was never saved may go

    def fingerprint(self) -> Fingerprint:
        return self.desk.backend.fingerprint()

    def asked(self) -> list[str]:
        return []


class OfficeWithFiles(Office):
    place: Copies

    def workplace(self, words: Words) -> Copies:
        return Copies(words)


OfficeWithFiles.TestCase.settings = played(EXAMPLES, 25)
TestOffice = OfficeWithFiles.TestCase
