"""The machine that plays an office: whatever people do to the book and whenever the daemon dies, nothing typed is lost,
doubled or undone, and in the end the book comes to rest.

Two people edit, insert, copy, sort, delete, blank ids, put old states of the book back; the daemon is stopped between
any two durable steps. In which workbook they do it, a `Workplace` says: in copies of a file that they opened at
different times, or in one spreadsheet that all have open, between any two calls of the daemon.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Protocol

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from crm_sheets.cells import CellValue
from crm_sheets.guards import Limits
from crm_sheets.state import EntryKind
from crm_sheets.tables import Fingerprint
from tests.sync.desks import Desk

SHEET, COLUMNS = "customers", "id key_ name type industry contact phone note created_at check"
PEOPLE = ("ann", "bob")
FREE = ("name", "contact", "note")
STEPS = (None, None, None, "committed", "written", "confirmed")
NO_BRAKE = Limits(delete_rows=99, change_cells=999)

Rows = list[list[CellValue]]


class Words:
    """What people typed: each text is there once, so that it can be followed."""

    def __init__(self) -> None:
        self.typed: set[str] = set()

    def new(self) -> str:
        word = f"t{len(self.typed)}"
        self.typed.add(word)
        return word

    def within(self, rows: Sequence[Sequence[CellValue]]) -> set[str]:
        """Those that stand in cells."""
        return {cell for row in rows for cell in row if isinstance(cell, str) and cell in self.typed}


class Workplace(Protocol):
    """Where an office works. Rows are counted from 0, the header left out; columns go by their keys."""

    @property
    def desk(self) -> Desk:
        """The cycle over it, and what it remembers."""

    # -- what people do ------------------------------------------------------------------------------------------------

    def at(self, moment: int, act: Callable[[], None]) -> None:
        """Lets somebody act now (0), or within the next cycle, if there is anything to be seen of it from there."""

    def rows(self, who: str) -> Rows:
        """The book as somebody has it before them, each row with all its columns."""

    def put(self, who: str, row: int, cells: Mapping[str, str | None]) -> None:
        """Types into a row, or presses Delete."""

    def insert(self, who: str, row: int) -> None:
        """Puts a blank row in, so that it has that number."""

    def copy(self, who: str, row: int) -> int:
        """Copies a row to behind the last one; the number of the copy."""

    def blank(self, who: str, row: int) -> None:
        """Leaves nothing in a row."""

    def delete(self, who: str, row: int) -> None:
        """Takes a row out."""

    def sort(self, who: str, column: str) -> None:
        """Orders all rows."""

    def save(self, who: str, *, close: bool) -> None:
        """What somebody has done is everybody's; `close`: they look at the book anew before they do more."""

    def put_back(self, number: int) -> None:
        """Puts an old state of the book back, if there is any."""

    # -- what the daemon does ------------------------------------------------------------------------------------------

    def cycle(self, step: str | None, *, trouble: bool) -> set[str]:
        """One cycle, which dies after a step, or cannot write as it would; the words that it must have seen."""

    def close(self) -> None:
        """Everybody has done what they had in mind."""

    # -- what is there -------------------------------------------------------------------------------------------------

    def shared(self) -> Rows:
        """The book as it is for everybody."""

    def certain(self) -> set[str]:
        """Words that stood in the book and that no person took out of it."""

    def fingerprint(self) -> Fingerprint:
        """Of the workbook."""

    def asked(self) -> list[str]:
        """Calls that went over the wire so far."""


class Office(RuleBasedStateMachine):
    """Implementations say where it works: `workplace`."""

    WHEN_IDLE: ClassVar[Sequence[str]] = ()
    """What a cycle may ask in which nobody did anything."""

    def __init__(self) -> None:
        super().__init__()
        self.words = Words()
        self.place = self.workplace(self.words)
        self.desk = self.place.desk
        self.saved: set[str] = set()
        self.copied: set[str] = set()

    def workplace(self, words: Words) -> Workplace:
        """Where this office works, with a header and nothing below it."""
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        for number in range(4):
            cells = {"type": "企业客户", "industry": "制造业", "phone": f"1380013800{number}"}
            self.place.put(PEOPLE[0], number, {"name": f"n{number}", "contact": f"c{number}", **cells})
        self.place.save(PEOPLE[0], close=True)
        self.desk.sync()

    # -- what people do ------------------------------------------------------------------------------------------------

    def column(self, key: str) -> int:
        return self.desk.place(SHEET, key)

    def pick(self, who: str, number: int) -> tuple[int, list[CellValue]] | None:
        """One of the rows that are not blank."""
        filled = [(place, row) for place, row in enumerate(self.place.rows(who)) if any(cell for cell in row)]
        return filled[number % len(filled)] if filled else None

    def on_a_row(self, moment: int, who: str, number: int, act: Callable[[int, list[CellValue]], None]) -> None:
        """Something is done to one of the rows as they are at that moment."""

        def do() -> None:
            found = self.pick(who, number)
            if found is not None:
                act(*found)

        self.place.at(moment, do)

    MOMENTS: ClassVar = st.sampled_from((0, 0, 0, *range(1, 13)))

    def types(self, moment: int, who: str, number: int, column: str) -> None:
        self.on_a_row(moment, who, number, lambda row, _: self.place.put(who, row, {column: self.words.new()}))

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 9), column=st.sampled_from(FREE), moment=MOMENTS)
    def edit(self, who: str, number: int, column: str, moment: int) -> None:
        self.types(moment, who, number, column)

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 9), moment=MOMENTS)
    def edit_ours(self, who: str, number: int, moment: int) -> None:
        self.types(moment, who, number, "created_at")

    @rule(number=st.integers(0, 9), column=st.sampled_from((*FREE, "created_at")), moment=MOMENTS)
    def both_edit(self, number: int, column: str, moment: int) -> None:
        for who, when in zip(PEOPLE, (0, moment), strict=True):
            self.types(when, who, number, column)

    @rule(who=st.sampled_from(PEOPLE), top=st.booleans(), moment=MOMENTS)
    def insert(self, who: str, top: bool, moment: int) -> None:
        def act() -> None:
            row = 0 if top else len(self.place.rows(who))
            self.place.insert(who, row)
            cells = {"name": self.words.new(), "type": "企业客户", "industry": "制造业", "contact": self.words.new()}
            self.place.put(who, row, cells)

        self.place.at(moment, act)

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 9), edited=st.booleans(), moment=MOMENTS)
    def copy_row(self, who: str, number: int, edited: bool, moment: int) -> None:
        def act(row: int, cells: list[CellValue]) -> None:
            copy = self.place.copy(who, row)
            new = [key for key in FREE if edited or str(cells[self.column(key)]).startswith("t")]
            if new:
                self.place.put(who, copy, {key: self.words.new() for key in new})

        self.on_a_row(moment, who, number, act)

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 9), blanked=st.booleans(), moment=MOMENTS)
    def delete(self, who: str, number: int, blanked: bool, moment: int) -> None:
        act = self.place.blank if blanked else self.place.delete
        self.on_a_row(moment, who, number, lambda row, _: act(who, row))

    @rule(who=st.sampled_from(PEOPLE), column=st.sampled_from(FREE), moment=MOMENTS)
    def sort(self, who: str, column: str, moment: int) -> None:
        self.place.at(moment, lambda: self.place.sort(who, column))

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(0, 9), both=st.booleans(), key=st.booleans(), moment=MOMENTS)
    def blank_id(self, who: str, number: int, both: bool, key: bool, moment: int) -> None:
        def act(row: int, cells: list[CellValue]) -> None:
            at = self.column("key_")
            if sum(each[at] == cells[at] for each in self.place.rows(who)) > 1:
                # It was copied and the copy keeps the ids: this one is the new row, with the same words.
                self.copied |= self.words.within([cells])
            gone = ("key_", "id") if both else ("key_",) if key else ("id",)
            self.place.put(who, row, dict.fromkeys(gone))

        self.on_a_row(moment, who, number, act)

    @rule(who=st.sampled_from(PEOPLE), close=st.booleans())
    def save(self, who: str, close: bool) -> None:
        self.place.save(who, close=close)

    @rule(number=st.integers(0, 30), moment=MOMENTS)
    def put_back_an_old_state(self, number: int, moment: int) -> None:
        self.place.at(moment, lambda: self.place.put_back(number))

    # -- what the daemon does ------------------------------------------------------------------------------------------

    @rule(step=st.sampled_from(STEPS), trouble=st.booleans())
    def cycle(self, step: str | None, trouble: bool) -> None:
        self.saved |= self.place.cycle(step, trouble=trouble and step is None)

    # -- what must hold ------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        self.place.close()
        self.saved |= self.words.within(self.place.shared())
        for _ in range(4):
            self.desk.sync(accept_deletions=True, accept_changes=True)
        self.comes_to_rest()
        self.nothing_is_lost()
        self.nothing_is_taken_twice_or_undone()
        self.sheet_shows_the_records()
        self.desk.state.close()

    def comes_to_rest(self) -> None:
        before, entries = self.place.fingerprint(), len(self.desk.state.journal())
        calls = len(self.place.asked())
        self.desk.sync()
        assert self.place.asked()[calls:] == [*self.WHEN_IDLE], "a cycle in which nobody did anything asked for more"
        assert self.place.fingerprint() == before, "a cycle in which nobody did anything wrote"
        assert len(self.desk.state.journal()) == entries, "a cycle in which nobody did anything journalled"

    def nothing_is_lost(self) -> None:
        kept = " ".join(f"{line.entry.old} {line.entry.new}" for line in self.desk.state.journal())
        words = set(kept.replace('"', " ").split()) | self.words.within(self.place.shared())
        lost = (self.saved | self.place.certain()) - words
        assert not lost, f"lost: {lost}"

    def nothing_is_taken_twice_or_undone(self) -> None:
        taken: list[str] = []
        left: set[tuple[str, str | None, str]] = set()
        for line in reversed(self.desk.state.journal()):
            entry = line.entry
            if entry.kind is EntryKind.EDIT:
                assert (entry.row, entry.column, entry.new) not in left or entry.new == "{}", f"undone: {entry}"
                left.add((entry.row, entry.column, entry.old))
            if entry.kind in {EntryKind.EDIT, EntryKind.CREATE}:
                taken += [word for word in entry.new.replace('"', " ").split() if word in self.words.typed]
        taken = [word for word in taken if word not in self.copied]
        assert len(taken) == len(set(taken)), f"taken twice: {sorted(w for w in taken if taken.count(w) > 1)}"

    def sheet_shows_the_records(self) -> None:
        place = {column: self.column(column) for column in ("id", "key_", *FREE)}
        findings = self.desk.state.all_findings()
        held = {int(issue.row[1:]) for issue in findings if issue.row and issue.row.startswith("#")}
        unsure = {issue.parameters.get("candidates") for issue in findings}
        rows = [row for number, row in enumerate(self.place.shared(), 2) if number not in held]
        keyed = {row[place["id"]]: row for row in rows if row[place["key_"]]}
        for key, values in self.desk.records(SHEET).items():
            if key not in keyed:
                assert any(key in (ids or "") for ids in unsure), f"{key} is not in the sheet"
                continue
            shown = {column: keyed[key][place[column]] or None for column in FREE}
            assert shown == {column: values.get(column) for column in FREE}, key


def played(examples: int, steps: int) -> settings:
    """How often an office is played, and for how long."""
    return settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
