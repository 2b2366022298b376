"""People and a program that write into one tab at the same time, and an account of who typed what.

The account follows each row by a mark that only the model of the emulator knows, whatever becomes of its cells:
so in the end it can be said of every cell whether it holds what people typed last, or what the program meant.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from crm_sheets.cells import CellValue
from crm_sheets.google_emulator.model.sheet import Metadata
from tests.backends.google.rooms import Room

SHEET = "Customers"
HEADER = ("编号", "_key", "客户名称", "状态", "备注", "检查", "区域")
KEY, NAME, STATE, NOTE, CHECK, AREA = "_key", "客户名称", "状态", "备注", "检查", "区域"
THEIRS = (NAME, STATE, NOTE, AREA)
"""Columns in which people type."""

OURS = (STATE, NOTE, CHECK)
"""Columns into which the program writes: also such as people type in."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A cell that the program wants to change, of the row that has a key."""

    key: str
    column: str
    old: CellValue
    new: str


@dataclass(frozen=True, slots=True)
class Work:
    """What the program is to do in one go: cells, and rows to add by key."""

    wishes: tuple[Wish, ...]
    added: tuple[str, ...]


@dataclass
class People:
    """Who types, and what they typed."""

    room: Room
    random: Random
    typed: dict[tuple[str, str], CellValue] = field(default_factory=dict)
    """What a cell held last by the hand of a person, by mark of the row and label of the column."""
    touched: set[tuple[str, str]] = field(default_factory=set)
    """Cells that were typed into since the program began."""
    tainted: set[str] = field(default_factory=set)
    """Rows that were copied while they held what they should not."""
    keys: dict[str, str] = field(default_factory=dict)
    """The key of each row that has one, by its mark."""
    deleted: set[str] = field(default_factory=set)
    count: int = 0

    def new(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def begin(self, rows: int, keyless: int) -> None:
        """Fills the tab."""
        grid: list[Sequence[CellValue]] = [HEADER]
        marks = []
        for number in range(rows + keyless):
            mark = self.new("m")
            key = f"k{number}" if number < rows else None
            marks.append(mark)
            cells = {KEY: key, NAME: f"n{number}", STATE: "新", NOTE: None, AREA: f"r{number}"}
            cells["编号"] = f"C{number}" if key else None
            grid.append([cells.get(label) for label in HEADER])
            self.typed.update({(mark, label): cells.get(label) for label in (*THEIRS, CHECK)})
            if key:
                self.keys[mark] = key
        self.room.fill(SHEET, grid)
        for row, mark in enumerate(marks, 2):
            self.give(row, mark)

    def give(self, row: int, mark: str) -> None:
        """A row gets its mark."""
        with self.room.emulator.lock:
            rows = self.room.sheet(SHEET).rows
            rows[row - 1] = replace(rows[row - 1], metadata=(Metadata(1, "m", mark, "DOCUMENT", "lead@example.com"),))

    # -- what they do --------------------------------------------------------------------------------------------------

    def act(self) -> None:
        """Somebody does something."""
        choices: tuple[tuple[Callable[[], None], int], ...] = (
            (self.edit, 6), (self.insert, 3), (self.delete, 2), (self.sort, 3), (self.move, 2), (self.copy, 1),
            (self.append, 2), (self.insert_column, 1), (self.move_column, 1), (self.clear, 1),
        )  # fmt: skip
        actions, weights = zip(*choices, strict=True)
        self.random.choices(actions, weights)[0]()

    def rows(self) -> list[int]:
        """Numbers of the rows of the table."""
        with self.room.emulator.lock:
            return [number for number, row in enumerate(self.room.sheet(SHEET).rows, 1) if row.metadata]

    def columns(self) -> dict[str, int]:
        header = self.room.grid(SHEET)[0]
        return {str(label): place for place, label in enumerate(header, 1) if label is not None}

    def mark(self, row: int) -> str:
        with self.room.emulator.lock:
            found = self.room.sheet(SHEET).rows[row - 1].metadata
        return found[0].value if found else ""

    def edit(self) -> None:
        if rows := self.rows():
            self.type(self.random.choice(rows), self.random.choice(THEIRS), self.new("h"))

    def type(self, row: int, column: str, value: CellValue) -> None:
        at, cells = self.columns()[column], [*self.room.grid(SHEET), *[[]] * row][row - 1]
        if (cells[at - 1] if at <= len(cells) else None) == value:
            return
        self.typed[self.mark(row), column] = value
        self.touched.add((self.mark(row), column))
        self.room.type(SHEET, row, self.columns()[column], value)

    def _cells(self, cells: dict[str, CellValue]) -> list[CellValue]:
        columns = self.columns()
        made: list[CellValue] = [None] * max(columns.values())
        for label, value in cells.items():
            made[columns[label] - 1] = value
        return made

    def _put_in(self, place: int, cells: dict[str, CellValue]) -> str:
        mark = self.new("m")
        self.typed.update({(mark, label): cells.get(label) for label in (*THEIRS, CHECK)})
        self.room.insert(SHEET, place, self._cells(cells))
        self.give(place, mark)
        return mark

    def _new_row(self) -> dict[str, CellValue]:
        return {NAME: self.new("h"), STATE: self.new("h")}

    def insert(self) -> None:
        place = self.random.randint(2, len(self.room.grid(SHEET)) + 1)
        if self.random.random() < 0.5:
            self._put_in(place, self._new_row())
        else:
            self.room.insert(SHEET, place)

    def append(self) -> None:
        self._put_in(len(self.room.grid(SHEET)) + 1, self._new_row())

    def delete(self) -> None:
        rows = self.rows()
        if len(rows) > 3:
            row = self.random.choice(rows)
            self.deleted.add(self.mark(row))
            self.room.delete(SHEET, row)

    def sort(self) -> None:
        at = self.columns()[self.random.choice((NAME, STATE, AREA))]

        def key(row: Any) -> str:
            cell = row.cell(at - 1)
            return str(cell.value) if cell is not None else "~"

        self.room.order(SHEET, key)

    def move(self) -> None:
        rows = self.rows()
        if len(rows) > 1:
            source, goal = self.random.sample(rows, 2)
            with self.room.emulator.lock:
                sheet = self.room.sheet(SHEET)
                sheet.rows.insert(goal - 1, sheet.rows.pop(source - 1))

    def copy(self) -> None:
        """A row is copied below the others, without its ids."""
        if not (rows := self.rows()):
            return
        row = self.random.choice(rows)
        columns, source = self.columns(), [*self.room.grid(SHEET), *[[]] * row][row - 1]
        cells = {label: source[at - 1] if at <= len(source) else None for label, at in columns.items()}
        old = self.mark(row)
        mark = self._put_in(len(self.room.grid(SHEET)) + 1, cells | {KEY: None, "编号": None})
        if any(cells[label] != self.typed.get((old, label)) for label in (*THEIRS, CHECK)):
            self.tainted.add(mark)

    def clear(self) -> None:
        if rows := self.rows():
            self.type(self.random.choice(rows), self.random.choice(THEIRS), None)

    def insert_column(self) -> None:
        if len(self.columns()) < 12:
            place = self.random.randint(1, max(self.columns().values()) + 1)
            self.room.insert_column(SHEET, place)
            self.room.type(SHEET, 1, place, self.new("own"))

    def move_column(self) -> None:
        places = list(self.columns().values())
        source, goal = self.random.sample(places, 2)
        with self.room.emulator.lock:
            sheet = self.room.sheet(SHEET)
            width = max(max((len(row.cells) for row in sheet.rows), default=0), source, goal)
            for number, row in enumerate(sheet.rows):
                cells = [*row.cells, *[None] * (width - len(row.cells))]
                cells.insert(goal - 1, cells.pop(source - 1))
                sheet.rows[number] = row.with_cells(tuple(cells))

    # -- the account ---------------------------------------------------------------------------------------------------

    def account(self, work: Work) -> Counter[str]:
        """What is wrong in the end: values of the program in rows or columns that they were not meant for, what people
        typed and is gone, keys that changed rows, rows that are there twice or not at all."""
        found: Counter[str] = Counter()
        columns, grid = self.columns(), self.room.grid(SHEET)
        meant = {(wish.key, wish.column): wish for wish in work.wishes}
        there: set[str] = set()
        keys: Counter[str] = Counter()
        for number, row in enumerate(grid[1:], 2):
            cells = {label: row[at - 1] if at <= len(row) else None for label, at in columns.items()}
            key = str(cells[KEY] or "")
            keys[key] += 1
            mark = self.mark(number)
            if mark:
                there.add(mark)
                found += self._row(mark, key, cells, meant)
            elif key not in work.added and any(str(value or "").startswith("d") for value in cells.values()):
                found["wrong row"] += 1
        found["lost rows"] = len(
            {mark for (mark, _), value in self.typed.items() if value is not None} - there - self.deleted
        )
        found["doubled"] = sum(keys[key] > 1 for key in (*work.added, *self.keys.values()))
        found["not added"] = sum(keys[key] == 0 for key in work.added)
        return +found

    def lenient_account(self, work: Work) -> Counter[str]:
        """As account(), of programs that write whole tables: rows are told apart by their keys only, and what people
        typed counts as kept wherever it stands."""
        found: Counter[str] = Counter()
        columns, grid = self.columns(), self.room.grid(SHEET)
        meant = {(wish.key, wish.column, wish.new) for wish in work.wishes}
        shown: set[CellValue] = set()
        keys: Counter[str] = Counter()
        for row in grid[1:]:
            cells = {label: row[at - 1] if at <= len(row) else None for label, at in columns.items()}
            key = str(cells.get(KEY) or "")
            keys[key] += 1
            shown |= {*row}
            ours = {label for label, value in cells.items() if str(value or "").startswith("d")}
            found["wrong row"] += sum(
                key not in work.added and (key, label, cells[label]) not in meant for label in ours
            )  # fmt: skip
        for place in self.touched:
            value = self.typed[place]
            if value is not None and place[0] not in self.deleted | self.tainted and value not in shown:
                found["human edits lost"] += 1
        inserted = {value for (mark, label), value in self.typed.items() if label == NAME and mark not in self.deleted}
        found["lost rows"] = sum(str(value).startswith("h") and value not in shown for value in inserted)
        found["doubled"] = sum(keys[key] > 1 for key in (*work.added, *self.keys.values()))
        found["not added"] = sum(keys[key] == 0 for key in work.added)
        found["deleted rows came back"] = sum(keys[key] > 0 for mark, key in self.keys.items() if mark in self.deleted)
        return +found

    def _row(
        self, mark: str, key: str, cells: dict[str, CellValue], meant: dict[tuple[str, str], Wish]
    ) -> Counter[str]:
        found: Counter[str] = Counter()
        own = self.keys.get(mark, "")
        if own and key != own:
            found["wrong row"] += 1
        for label in (*THEIRS, CHECK):
            value, theirs = cells[label], self.typed.get((mark, label))
            wish = meant.get((own, label)) if own else None
            if value == theirs or (wish is not None and value == wish.new):
                if wish is not None and value == wish.new and (mark, label) in self.touched and theirs != wish.old:
                    found["human edits lost"] += 1
                continue
            kind = "wrong row" if str(value or "").startswith("d") else "human edits lost"
            found["copied while wrong" if mark in self.tainted else kind] += 1
        return found


def some_work(people: People, random: Random, cells: int, added: int) -> Work:
    """Cells of some rows, chosen at random."""
    wishes: dict[tuple[str, str], Wish] = {}
    for number in range(cells):
        mark = random.choice(sorted(people.keys))
        column = random.choice(OURS)
        wishes[mark, column] = Wish(people.keys[mark], column, people.typed[mark, column], f"d{number}")
    return Work(tuple(wishes.values()), tuple(f"a{number}" for number in range(added)))
