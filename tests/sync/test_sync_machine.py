"""Whatever people do to the book and whenever the daemon dies: nothing typed is lost, doubled or undone.

Two people work on copies that they opened at different times; they edit, insert, copy, sort, delete, blank ids, put old
files back; the daemon is stopped between any two durable steps. In the end the book comes to rest.
"""

import contextlib
import os

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from crm_sheets.guards import Limits
from crm_sheets.state import EntryKind
from crm_sheets.sync.backends.memory import Grid, MemoryFile
from tests.sync.desks import Crash, Desk, customer

PEOPLE = ("ann", "bob")
FREE = ("name", "contact", "note")
STEPS = (None, None, None, "committed", "written", "confirmed")
EXAMPLES = int(os.environ.get("CRM_SHEETS_EXAMPLES", "10"))
"""How many offices are played; a long run: CRM_SHEETS_EXAMPLES=2000 pytest tests/sync."""

NO_BRAKE = Limits(delete_rows=99, change_cells=999)


class Office(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(columns={"customers": "id key_ name type industry contact phone note created_at check"})
        self.desk = Desk(columns=self.desk.columns, limits=NO_BRAKE)
        self.open: dict[str, MemoryFile | None] = dict.fromkeys(PEOPLE)
        self.old: list[MemoryFile] = []
        self.typed: set[str] = set()
        self.saved: set[str] = set()
        self.copied: set[str] = set()

    @initialize()
    def begin(self) -> None:
        for number in range(4):
            customer(self.desk, f"n{number}", contact=f"c{number}", phone=f"1380013800{number}")
        self.desk.sync()

    # -- what people do --------------------------------------------------------------------------------------------

    def token(self) -> str:
        word = f"t{len(self.typed)}"
        self.typed.add(word)
        return word

    def rows(self, who: str) -> Grid:
        file = self.open[who]
        if file is None:
            file = self.open[who] = self.desk.backend.file.copied()
        return self.desk.grid("customers", file)[1:]

    def pick(self, who: str, number: int) -> list[object]:
        rows = [row for row in self.rows(who) if any(cell is not None for cell in row)]
        assume(rows)
        row = rows[number % len(rows)]
        row.extend([None] * (len(self.desk.columns["customers"].split()) - len(row)))
        return row  # type: ignore[return-value]  # cells

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 9), column=st.sampled_from(FREE))
    def edit(self, who: str, number: int, column: str) -> None:
        self.pick(who, number)[self.desk.place("customers", column)] = self.token()

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 9))
    def edit_ours(self, who: str, number: int) -> None:
        self.pick(who, number)[self.desk.place("customers", "created_at")] = self.token()

    @rule(who=st.sampled_from(PEOPLE), top=st.booleans())
    def insert(self, who: str, top: bool) -> None:
        self.rows(who)
        file = self.open[who]
        assert file is not None
        row = self.desk.row("customers", name=self.token(), type="企业客户", industry="制造业", contact=self.token())
        self.desk.grid("customers", file).insert(1 if top else len(self.desk.grid("customers", file)), row)

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 9), edited=st.booleans())
    def copy_row(self, who: str, number: int, edited: bool) -> None:
        source = self.pick(who, number)
        copy = list(source)
        for column in FREE:
            if edited or str(copy[self.desk.place("customers", column)]).startswith("t"):
                copy[self.desk.place("customers", column)] = self.token()
        file = self.open[who]
        assert file is not None
        self.desk.grid("customers", file).append(copy)  # type: ignore[arg-type]  # cells

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 9), blanked=st.booleans())
    def delete(self, who: str, number: int, blanked: bool) -> None:
        row = self.pick(who, number)
        file = self.open[who]
        assert file is not None
        if blanked:
            row[:] = [None] * len(row)
        else:
            grid = self.desk.grid("customers", file)
            del grid[next(place for place, each in enumerate(grid) if each is row)]

    @rule(who=st.sampled_from(PEOPLE), column=st.sampled_from(FREE))
    def sort(self, who: str, column: str) -> None:
        self.rows(who)
        file = self.open[who]
        assert file is not None
        grid = self.desk.grid("customers", file)
        place = self.desk.place("customers", column)
        grid[1:] = sorted(grid[1:], key=lambda row: str(row[place]) if place < len(row) else "")

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 9), both=st.booleans(), key=st.booleans())
    def blank_id(self, who: str, number: int, both: bool, key: bool) -> None:
        row = self.pick(who, number)
        place = self.desk.place("customers", "key_")
        if sum(each[place : place + 1] == [row[place]] for each in self.rows(who)) > 1:
            # It was copied and the copy keeps the ids: this one is the new row, with the same words.
            self.copied |= {str(cell) for cell in row if str(cell) in self.typed}
        if both or key:
            row[self.desk.place("customers", "key_")] = None
        if both or not key:
            row[self.desk.place("customers", "id")] = None

    @rule(who=st.sampled_from(PEOPLE), close=st.booleans())
    def save(self, who: str, close: bool) -> None:
        file = self.open[who]
        if file is not None:
            self.old.append(self.desk.backend.file)
            self.desk.backend.file = file.copied()
            if close:
                self.open[who] = None

    @rule(number=st.integers(0, 30))
    def put_back_an_old_file(self, number: int) -> None:
        assume(self.old)
        self.desk.backend.file = self.old[number % len(self.old)].copied()

    # -- what the daemon does ----------------------------------------------------------------------------------------

    @rule(step=st.sampled_from(STEPS), held=st.booleans())
    def cycle(self, step: str | None, held: bool) -> None:
        self.desk.crash_at, self.desk.backend.held_by = step, "ann" if held and step is None else None
        self.saved |= self.tokens_in(self.desk.backend.file)
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

    # -- what must hold ----------------------------------------------------------------------------------------------

    def tokens_in(self, file: MemoryFile) -> set[str]:
        cells = (cell for row in self.desk.grid("customers", file)[1:] for cell in row)
        return {cell for cell in cells if isinstance(cell, str) and cell in self.typed}

    def teardown(self) -> None:
        for who in PEOPLE:
            self.save(who, close=True)
        self.saved |= self.tokens_in(self.desk.backend.file)
        for _ in range(4):
            self.desk.sync(accept_deletions=True, accept_changes=True)
        self.comes_to_rest()
        self.nothing_is_lost()
        self.nothing_is_taken_twice_or_undone()
        self.sheet_shows_the_records()
        self.desk.state.close()

    def comes_to_rest(self) -> None:
        before, entries = self.desk.backend.fingerprint(), len(self.desk.state.journal())
        self.desk.sync()
        assert self.desk.backend.fingerprint() == before, "a cycle in which nobody did anything wrote"
        assert len(self.desk.state.journal()) == entries, "a cycle in which nobody did anything journalled"

    def nothing_is_lost(self) -> None:
        kept = " ".join(f"{line.entry.old} {line.entry.new}" for line in self.desk.state.journal())
        words = set(kept.replace('"', " ").split()) | self.tokens_in(self.desk.backend.file)
        assert self.saved <= words, f"lost: {self.saved - words}"

    def nothing_is_taken_twice_or_undone(self) -> None:
        taken: list[str] = []
        left: set[tuple[str, str | None, str]] = set()
        for line in reversed(self.desk.state.journal()):
            entry = line.entry
            if entry.kind is EntryKind.EDIT:
                assert (entry.row, entry.column, entry.new) not in left or entry.new == "{}", f"undone: {entry}"
                left.add((entry.row, entry.column, entry.old))
            if entry.kind in {EntryKind.EDIT, EntryKind.CREATE}:
                taken += [word for word in entry.new.replace('"', " ").split() if word in self.typed]
        taken = [word for word in taken if word not in self.copied]
        assert len(taken) == len(set(taken)), f"taken twice: {sorted(w for w in taken if taken.count(w) > 1)}"

    def sheet_shows_the_records(self) -> None:
        place = {column: self.desk.place("customers", column) for column in ("id", "key_", *FREE)}
        findings = self.desk.state.all_findings()
        held = {int(issue.row[1:]) for issue in findings if issue.row and issue.row.startswith("#")}
        unsure = {issue.parameters.get("candidates") for issue in findings}
        rows = enumerate(self.desk.grid("customers"), 1)
        filled = [row + [None] * (12 - len(row)) for number, row in rows if number > 1 and number not in held]
        keyed = {row[place["id"]]: row for row in filled if row[place["key_"]]}
        records = self.desk.records("customers")
        for key, values in records.items():
            if key not in keyed:
                assert any(key in (ids or "") for ids in unsure), f"{key} is not in the sheet"
                continue
            shown = {column: keyed[key][place[column]] or None for column in FREE}
            assert shown == {column: values.get(column) for column in FREE}, key


Office.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOffice = Office.TestCase
