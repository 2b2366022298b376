"""Three people in workbooks of their own, one of them dishonest, and an administrator in the shared one.

They edit, insert, delete, sort, copy and save at different times; customers are given to others. Bob forges ids, pastes
rows of others, edits what is hidden or not his, renames headers, puts old files back. The daemon is stopped between any
two durable steps. In the end all workbooks come to rest; nothing typed is lost or taken twice; and no workbook ever
holds a word that its person may not see. Who may see and edit what is written out here anew, without anything of the
program's: a mistake in its rights, and one in its views, must not be a mistake of the judge as well.
"""

import contextlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from crm_sheets.guards import Limits
from crm_sheets.state import EntryKind
from crm_sheets.sync.backends.memory import MemoryBackend, MemoryFile
from crm_sheets.tables import RowKey, TabKey
from tests.sync.desks import Crash, customer
from tests.sync.galleries import TeamDesk, columns_in, grid_of, sales_team

NUMBERS = {"ann": "E1", "bob": "E2", "eve": "E3"}
SELLERS = {"ann": "安妮", "bob": "包博"}
WHO = (*NUMBERS, "admin")
WORDS = ("name", "contact", "note", "private_note")
MISCHIEF = ("closed column", "row of another", "give away", "take over", "new row of another", "delete", "old file")
STEPS = (None, None, None, None, "committed", "written", "confirmed")
EXAMPLES = int(os.environ.get("CRM_SHEETS_EXAMPLES", "5"))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing story is not shortened: that takes longer than reading it."""

NO_BRAKE = Limits(delete_rows=99, change_cells=999)
TOKEN = re.compile(r"\bt[0-9]+\b")
ANY = "customers"
HELD = "这份文件是较早的版本"
"""So begins what a row says of itself that was not taken in from an old file."""
TAKEN = (EntryKind.CREATE, EntryKind.EDIT, EntryKind.RESURRECT)
Told = frozenset[tuple[str, str]]
"""A row: its columns and what stands in them."""
OURS = {"id", "key_", "department", "created_at", "check"}


@dataclass(frozen=True)
class Judge:
    """Who may see and do what in this team: sellers have their own customers, the manager all of the department, in
    which everybody is, but for what is private.

    Attributes:
        nosy: sellers see the name and the note of the others' customers, too.
    """

    nosy: bool

    def has(self, who: str, owner: object) -> bool:
        """Whether the row is one of those that somebody works on."""
        return owner in {*SELLERS.values(), "伊娃"} if who == "eve" else owner == SELLERS[who]

    def sees(self, who: str, owner: object) -> bool:
        return self.has("eve" if self.nosy else who, owner)

    def reads(self, who: str, owner: object, column: str) -> bool:
        if who == "eve":
            return self.has(who, owner) and column != "private_note"
        return self.has(who, owner) or (self.sees(who, owner) and column in {"id", "key_", "owner", "name", "note"})

    def edits(self, who: str, owner: object, column: str) -> bool:
        closed = {"private_note"} if who == "eve" else {"contact"}
        return self.has(who, owner) and column not in closed | OURS


def told(row: dict[str, object]) -> Told:
    return frozenset((name, str(value)) for name, value in row.items())


class Team(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.open: dict[str, MemoryFile | None] = dict.fromkeys(WHO)
        self.old: dict[str, list[MemoryFile]] = {who: [] for who in WHO}
        self.count = 0
        self.typed: dict[str, set[str]] = {who: set() for who in WHO}
        self.known: dict[str, set[str]] = {who: set() for who in WHO}
        self.saved: set[str] = set()
        self.put: dict[str, set[Told]] = {who: set() for who in WHO}
        self.copied: set[str] = set()
        self.forged: set[str] = set()
        self.header: str | None = None

    @initialize(nosy=st.booleans())
    def begin(self, nosy: bool) -> None:
        self.desk = TeamDesk(policy=sales_team(nosy=nosy), limits=NO_BRAKE)
        self.judge = Judge(nosy)
        self.desk.person("E1", "安妮", "销售专员")
        self.desk.person("E2", "包博", "销售专员")
        self.desk.person("E3", "伊娃", "部门经理")
        for number in range(4):
            owner = ("安妮", "包博")[number % 2]
            cells = {"contact": self.token("admin"), "note": self.token("admin"), "private_note": self.token("admin")}
            customer(self.desk, f"n{number}", phone=f"1380013800{number}", owner=owner, **cells)
        self.desk.go()

    # -- what people do --------------------------------------------------------------------------------------------

    def token(self, who: str) -> str:
        word = f"t{self.count}"
        self.count += 1
        self.typed[who].add(word)
        return word

    def backend(self, who: str) -> MemoryBackend:
        return self.desk.backend if who == "admin" else self.desk.view(NUMBERS[who])

    def puts(self, who: str, file: MemoryFile) -> None:
        """A file takes the place of theirs: what stands in its rows then is what they have put there."""
        self.backend(who).file = file
        self.put[who] |= {told(row) for row in self.rows_of(file)}

    @staticmethod
    def rows_of(file: MemoryFile) -> list[dict[str, object]]:
        """What stands in the cells of each customer, without what the program says of it."""
        if not file.sheets:
            return []
        names = {place: name for name, place in columns_in(file, ANY).items() if name != "check"}
        names |= {place: "name" for place, label in enumerate(grid_of(file, ANY)[0]) if label == "xyz"}
        rows = (dict(enumerate(row)) for row in grid_of(file, ANY)[1:])
        return [{name: row[place] for place, name in names.items() if row.get(place) is not None} for row in rows]

    @staticmethod
    def is_unread(file: MemoryFile) -> bool:
        """Whether the tab has lost a header that it must have."""
        return "xyz" in grid_of(file, ANY)[0] if file.sheets else False

    def opened(self, who: str) -> MemoryFile:
        file = self.open[who]
        if file is None:
            file = self.open[who] = self.backend(who).file.copied()
            self.known[who] |= self.tokens_in(file)
        return file

    def place(self, who: str, column: str) -> int:
        return columns_in(self.opened(who), ANY).get(column, 99)

    def pick(self, who: str, number: int) -> list[object]:
        rows = [row for row in grid_of(self.opened(who), ANY)[1:] if any(cell is not None for cell in row)]
        assume(rows)
        row = rows[number % len(rows)]
        row.extend([None] * (len(grid_of(self.opened(who), ANY)[0]) - len(row)))
        return row  # type: ignore[return-value]  # cells

    def type(self, who: str, row: list[object], column: str, value: object) -> None:
        place = self.place(who, column)
        assume(place < 99)
        if self.is_held(who, row):
            self.releases(row)  # what was held is a row of its own once somebody has edited it
        row.extend([None] * (place + 1 - len(row)))
        row[place] = value

    def is_held(self, who: str, row: Sequence[object]) -> bool:
        """Whether a row says of itself that it was not taken in, being a left-over of an old file."""
        place = self.place(who, "check")
        return place < len(row) and HELD in str(row[place])

    def releases(self, row: Sequence[object]) -> None:
        """Somebody wants a row taken in that was held: what it has of another row's words they have copied."""
        self.copied |= set(TOKEN.findall(" ".join(map(str, row))))

    @rule(who=st.sampled_from(WHO), number=st.integers(0, 9), column=st.sampled_from(WORDS))
    def edit(self, who: str, number: int, column: str) -> None:
        self.type(who, self.pick(who, number), column, self.token(who))

    @rule(number=st.integers(0, 9), owner=st.sampled_from(("安妮", "包博", None)))
    def give_to(self, number: int, owner: str | None) -> None:
        self.type("admin", self.pick("admin", number), "owner", owner)

    @rule(who=st.sampled_from(("ann", "bob", "eve")), number=st.integers(0, 9), owner=st.sampled_from(("安妮", "包博")))
    def take_over(self, who: str, number: int, owner: str) -> None:
        self.type(who, self.pick(who, number), "owner", owner)

    @rule(who=st.sampled_from(WHO), owner=st.sampled_from((None, "安妮", "包博")))
    def insert(self, who: str, owner: str | None) -> None:
        header = grid_of(self.opened(who), ANY)[0]
        row: list[object] = [None] * len(header)
        cells = {
            "name": self.token(who),
            "type": "企业客户",
            "industry": "制造业",
            "note": self.token(who),
            "owner": owner,
        }
        for column, value in cells.items():
            self.type(who, row, column, value)
        grid_of(self.opened(who), ANY).append(row)  # type: ignore[arg-type]  # cells

    @rule(who=st.sampled_from(WHO), number=st.integers(0, 9), blanked=st.booleans())
    def delete(self, who: str, number: int, blanked: bool) -> None:
        row = self.pick(who, number)
        grid = grid_of(self.opened(who), ANY)
        place = self.place(who, "id")
        for other in grid[1:]:
            # Of a row and what is held beside it under the same number, they leave what was held: they want that one.
            if other is not row and place < len(other) and other[place] == row[place] and self.is_held(who, other):
                self.releases(other)
        if self.is_unread(self.opened(who)):  # nothing was taken in: he takes it out again
            self.saved -= set(TOKEN.findall(" ".join(map(str, row))))
        if blanked:
            row[:] = [None] * len(row)
        else:
            del grid[next(place for place, each in enumerate(grid) if each is row)]

    @rule(who=st.sampled_from(WHO))
    def sort(self, who: str) -> None:
        grid = grid_of(self.opened(who), ANY)
        place = self.place(who, "name")
        grid[1:] = sorted(grid[1:], key=lambda row: str(row[place]) if place < len(row) else "")

    @rule(who=st.sampled_from(WHO), close=st.booleans())
    def save(self, who: str, close: bool) -> None:
        file = self.open[who]
        if file is not None:
            self.old[who].append(self.backend(who).file)
            self.puts(who, file.copied())
            if close:
                self.open[who] = None

    # -- what a dishonest one does -----------------------------------------------------------------------------------

    @rule(number=st.integers(0, 9), victim=st.sampled_from(("ann", "eve", "admin")), edited=st.booleans())
    def forge_a_row(self, number: int, victim: str, edited: bool) -> None:
        """A row with the id and the hidden key of one in the workbook of somebody else; he got to know them somehow."""
        theirs, places = self.pick(victim, number), columns_in(self.opened(victim), ANY)
        row: list[object] = [None] * len(grid_of(self.opened("bob"), ANY)[0])
        self.forged.add(str(theirs[places["id"]]))
        for column in ("id", "key_", "type", "industry"):
            self.type("bob", row, column, theirs[places[column]] if column in places else None)
        if edited:
            self.type("bob", row, "name", self.token("bob"))
        grid_of(self.opened("bob"), ANY).append(row)  # type: ignore[arg-type]  # cells

    @rule(number=st.integers(0, 9), other=st.integers(0, 9), column=st.sampled_from(("id", "key_")))
    def forge_an_id(self, number: int, other: int, column: str) -> None:
        theirs, places = self.pick("ann", other), columns_in(self.opened("ann"), ANY)
        row = self.pick("bob", number)
        self.copied |= set(TOKEN.findall(" ".join(map(str, row))))  # without its own ids it may count as a copy
        self.forged |= {str(row[self.place("bob", "id")]), str(theirs[places["id"]])}
        self.type("bob", row, column, theirs[places[column]])

    @rule(number=st.integers(0, 9))
    def copy_a_row(self, number: int) -> None:
        row = list(self.pick("bob", number))
        for column in WORDS:
            self.type("bob", row, column, self.token("bob"))
        grid_of(self.opened("bob"), ANY).append(row)  # type: ignore[arg-type]  # cells

    @rule()
    def rename_a_header(self) -> None:
        header = grid_of(self.opened("bob"), ANY)[0]
        place = self.place("bob", "name")
        if self.header is None and place < 99:
            self.header, header[place] = str(header[place]), "xyz"
        elif self.header is not None and "xyz" in header:
            header[header.index("xyz")] = self.header
            self.header = None

    @rule(who=st.sampled_from(WHO), number=st.integers(0, 30))
    def put_back_an_old_file(self, who: str, number: int) -> None:
        assume(self.old[who])
        self.puts(who, self.old[who][number % len(self.old[who])].copied())

    @rule(victim=st.sampled_from(("ann", "eve", "admin")))
    def put_another_file_in_his_place(self, victim: str) -> None:
        self.old["bob"].append(self.backend("bob").file)
        self.backend("bob").file = self.backend(victim).file.copied()
        self.open["bob"] = None

    def at_once(self, who: str, what: str, number: int) -> None:
        """Something that is not for them, saved and taken in before anything else happens."""
        self.open[who] = None
        if what == "old file":
            self.put_back_an_old_file(who, number)
        elif what == "new row of another":
            self.insert(who, "安妮" if who == "bob" else None)
        else:
            place, own = self.place(who, "owner"), SELLERS.get(who)
            there = [row for row in grid_of(self.opened(who), ANY)[1:] if place < len(row) and row[place] is not None]
            if what not in {"closed column", "give away"}:
                there = [row for row in there if row[place] != own]
            assume(there)
            row: list[object] = there[number % len(there)]  # type: ignore[assignment]  # cells
            if what == "give away":
                self.type(who, row, "owner", "安妮" if who == "bob" else "外人")
            elif what == "take over":
                self.type(who, row, "owner", SELLERS.get(who, "伊娃"))
            elif what == "delete":
                grid = grid_of(self.opened(who), ANY)
                del grid[next(place for place, each in enumerate(grid) if each is row)]
            else:
                self.type(who, row, "contact" if what == "closed column" else "note", self.token(who))
        if what != "old file":
            self.save(who, close=True)
        self.round(None, None)

    @rule(
        who=st.sampled_from(("ann", "bob", "admin")), number=st.integers(0, 9), column=st.sampled_from(("name", "note"))
    )
    def both_at_once(self, who: str, number: int, column: str) -> None:
        """The manager and somebody else change one cell before either sees what the other did."""
        mine = self.pick(who, number)
        key = mine[self.place(who, "id")]
        place = self.place("eve", "id")
        theirs = [row for row in grid_of(self.opened("eve"), ANY)[1:] if place < len(row) and row[place] == key]
        assume(key and theirs)
        self.type(who, mine, column, self.token(who))
        self.type("eve", theirs[0], column, self.token("eve"))  # type: ignore[arg-type]  # cells
        self.save(who, close=True)
        self.save("eve", close=True)
        self.round(None, None)

    MISCHIEVOUS = rule(
        who=st.sampled_from(("bob", "bob", "eve")), what=st.sampled_from(MISCHIEF), number=st.integers(0, 9)
    )
    bold = MISCHIEVOUS(at_once)
    bolder = MISCHIEVOUS(at_once)
    boldest = MISCHIEVOUS(at_once)

    # -- what the daemon does ----------------------------------------------------------------------------------------

    @rule(step=st.sampled_from(STEPS), held=st.sampled_from((None, None, *WHO)))
    def round(self, step: str | None, held: str | None) -> None:
        self.desk.crash_at = step
        if held and step is None:
            self.backend(held).held_by = "somebody"
        for who in WHO:
            # Another's file in its place is refused as a whole; the keeper of files puts it aside (tests/app).
            if who not in NUMBERS or not self.foreign(who):
                self.saved |= self.tokens_in(self.backend(who).file)
        crashed = True
        with contextlib.suppress(Crash):
            self.desk.go()
            crashed = False
        for who in WHO:
            if self.backend(who).held_by or step == "committed":
                # Taken in, not written: see test_sync_machine.
                self.open = dict.fromkeys(WHO)
                self.old = {each: [] for each in WHO}
            self.backend(who).held_by = None
        self.desk.crash_at = None
        for who in WHO:
            self.old[who].append(self.backend(who).file.copied())
        if not crashed and held is None:
            self.nobody_sees_what_is_not_theirs()

    # -- what must hold ----------------------------------------------------------------------------------------------

    def tokens_in(self, file: MemoryFile) -> set[str]:
        cells = (str(cell) for row in grid_of(file, ANY)[1:] for cell in row if cell is not None)
        known = set().union(*self.typed.values())
        return {word for cell in cells if TOKEN.fullmatch(cell) for word in [cell] if word in known}

    def nobody_sees_what_is_not_theirs(self) -> None:
        for who in NUMBERS:
            allowed = set(self.typed[who])
            for values in self.desk.records(ANY).values():
                cells = (
                    str(value) for each, value in values.items() if self.judge.reads(who, values.get("owner"), each)
                )
                allowed |= set(TOKEN.findall(" ".join(cells)))
            allowed |= self.told(who) | self.kept_aside(who)
            file = self.backend(who).file
            if self.is_unread(file):  # nor is it written: what others changed since stands there as he put it
                allowed |= set(TOKEN.findall(" ".join(text for row in self.put[who] for _, text in row)))
            if file.stamp is not None and str(file.stamp.replica) not in str(self.desk.gallery.files.keys()):
                continue
            if self.foreign(who):
                continue  # he put another's file there himself: it is refused, and put right by the keeper of files
            cells = (str(cell) for grid in file.sheets.values() for row in grid for cell in row if cell is not None)
            seen = {word for cell in cells for word in TOKEN.findall(cell)}
            assert seen <= allowed, f"{who} sees {seen - allowed}"
            self.every_cell_is_theirs(who)

    def every_cell_is_theirs(self, who: str) -> None:
        """Each cell of a customer is one that they may read, or the row is one that they put there just so."""
        records = self.desk.records(ANY)
        for row in self.rows_of(self.backend(who).file):
            record = records.get(str(row.get("id")))
            owner = (record or {}).get("owner")
            closed = {name for name in row if record is None or not self.judge.reads(who, owner, name)}
            assert not closed or told(row) in self.put[who], f"{who} has {closed} of {row}"

    def told(self, who: str) -> set[str]:
        """What notices of the person's own edits tell of cells that the person may see."""
        words: set[str] = set()
        records = self.desk.records(ANY)
        findings = self.desk.state.findings(TabKey(ANY), [RowKey(key) for key in records])
        for key, standing in findings.items():
            owner = records[key].get("owner")
            for each in standing:
                column = each.issue.column
                seen = column is not None and self.judge.reads(who, owner, column)
                if seen and each.replica == self.replica(who):
                    words |= set(TOKEN.findall(" ".join(each.issue.parameters.values())))
        return words

    def kept_aside(self, who: str) -> set[str]:
        """What stands in rows that are held, as the person put them there: in an old file of their own, say."""
        name = SELLERS.get(who, "伊娃")
        lines = (line.entry for line in self.desk.state.journal())
        held = (entry.new for entry in lines if entry.kind is EntryKind.HOLD and entry.author == name)
        return set(TOKEN.findall(" ".join(held))) & self.known[who]

    def replica(self, who: str) -> str:
        readers = self.desk.gallery.readership.readers
        return next(key for key, reader in readers.items() if reader.person.id == NUMBERS[who])

    def foreign(self, who: str) -> bool:
        own = self.replica(who)
        stamp = self.backend(who).file.stamp
        return stamp is not None and stamp.replica != own

    def teardown(self) -> None:
        if not hasattr(self, "desk") or not self.desk.gallery.files:
            return
        for who in WHO:
            self.save(who, close=True)
            if who in NUMBERS and self.foreign(who):
                self.backend(who).file = MemoryFile()
        bob = self.backend("bob").file
        if bob.sheets and self.header is not None:
            header = grid_of(bob, ANY)[0]
            header[:] = [self.header if cell == "xyz" else cell for cell in header]
        for who in WHO:
            if self.backend(who).file.sheets:
                self.saved |= self.tokens_in(self.backend(who).file)
        for _ in range(4):
            self.desk.go(accept_deletions=True, accept_changes=True)
        self.comes_to_rest()
        self.nobody_sees_what_is_not_theirs()
        self.nothing_is_lost()
        self.nothing_is_taken_twice()
        self.everybody_did_only_what_they_may()
        self.views_show_the_records()
        self.desk.state.close()

    def comes_to_rest(self) -> None:
        before = [self.backend(who).fingerprint() for who in WHO]
        entries = len(self.desk.state.journal())
        self.desk.go()
        assert [self.backend(who).fingerprint() for who in WHO] == before, "a round in which nobody did anything wrote"
        assert len(self.desk.state.journal()) == entries, "a round in which nobody did anything journalled"

    def nothing_is_lost(self) -> None:
        words = set(TOKEN.findall(" ".join(f"{line.entry.old} {line.entry.new}" for line in self.desk.state.journal())))
        for file in (*(self.backend(who).file for who in WHO), *self.desk.gallery.aside):
            words |= self.tokens_in(file)
        assert self.saved <= words, f"lost: {self.saved - words}"

    def nothing_is_taken_twice(self) -> None:
        taken: list[str] = []
        for line in self.desk.state.journal():
            if line.entry.kind in {EntryKind.EDIT, EntryKind.CREATE}:
                taken += TOKEN.findall(line.entry.new)
        taken = [word for word in taken if word not in self.copied]
        assert len(taken) == len(set(taken)), f"taken twice: {sorted(w for w in taken if taken.count(w) > 1)}"

    def everybody_did_only_what_they_may(self) -> None:
        """Every edit that the records took from a view, judged on the row as it was before that cycle and after it."""
        whose: dict[str, object] = {}
        persons = {**{name: who for who, name in SELLERS.items()}, "伊娃": "eve"}
        lines = [line for line in reversed(self.desk.state.journal()) if line.entry.tab == ANY]
        for _, together in groupby(lines, lambda line: (line.run, line.entry.author)):
            before = dict(whose)
            for entry in (line.entry for line in together):
                new = json.loads(entry.new) if entry.new.startswith("{") else {}
                if entry.kind in TAKEN and ("owner" in new or entry.kind is EntryKind.CREATE):
                    whose[entry.row] = new.get("owner")
                who = persons.get(entry.author)
                if who is None or entry.kind not in (*TAKEN, EntryKind.DELETE):
                    continue
                if entry.kind is EntryKind.CREATE:
                    assert self.judge.has(who, new.get("owner")), f"{who} made a row of {new.get('owner')}"
                    assert all(self.judge.edits(who, new["owner"], each) for each in new.keys() - {"owner"} - OURS), (
                        who,
                        new,
                    )
                elif entry.kind is EntryKind.EDIT:
                    assert self.judge.edits(who, before.get(entry.row), str(entry.column)), (who, entry)
                    assert self.judge.has(who, whose.get(entry.row)), (who, entry)
                    unseen = set(TOKEN.findall(entry.old)) - self.known[who] - self.typed[who]
                    assert not unseen, f"{who} replaced {unseen} without having seen it: {entry}"
                else:
                    assert self.judge.has(who, before.get(entry.row)), (who, entry)

    def views_show_the_records(self) -> None:
        findings = self.desk.state.all_findings()
        for who in NUMBERS:
            file = self.backend(who).file
            places = columns_in(file, ANY)
            width = len(grid_of(file, ANY)[0])
            rows = [[*row, *[None] * (width - len(row))] for row in grid_of(file, ANY)[1:]]
            shown: dict[object, list[Sequence[object]]] = {}
            for row in rows:
                if row[places["key_"]]:
                    shown.setdefault(row[places["id"]], []).append(row)
            for key, values in self.desk.records(ANY).items():
                owner = values.get("owner")
                if not self.judge.sees(who, owner):
                    # A row whose number or hidden key he typed himself is held as he typed it: every_cell_is_theirs.
                    held = who == "bob" and key in self.forged
                    assert key not in shown or held, f"{who} still has {key}"
                    continue
                unsure = any(key in (issue.parameters.get("candidates") or "") for issue in findings)
                assert key in shown or unsure, f"{who} lacks {key}"
                if key in shown and not unsure:
                    # What is left of an old file may be held beside the row.
                    standing = [row for row in shown[key] if not self.is_held(who, row)] or shown[key]
                    columns = [column for column in WORDS if column in places]
                    wanted = {
                        each: values.get(each) if self.judge.reads(who, owner, each) else None for each in columns
                    }
                    found = [{column: row[places[column]] for column in columns} for row in standing]
                    # Beside it there may be a row whose number he typed himself.
                    forged = who == "bob" and key in self.forged
                    assert wanted in found if forged else found == [wanted], (who, key)


Team.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=PHASES,
)
TestTeam = Team.TestCase
