"""Conflict copies: what was typed in them is taken in once, in doubt it is held, and they are never written."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.copied import copy_note
from crm_sheets.guards import Limits
from crm_sheets.permissions import OPEN, Deny, Level, Policy
from crm_sheets.state import EntryKind
from crm_sheets.sync.backends.copies import CopyTold
from crm_sheets.sync.backends.memory import MemoryFile, MemoryShelf
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.setup import Wish, shared_replica
from crm_sheets.tables import ReplicaKey, Stamp
from tests.sync.desks import Crash, Desk, customer, played

TAB = "customers"
NAMES = ("华为技术", "小米通讯", "大疆创新", "比亚迪汽车", "宁德时代")
COPY = "客户 (张三的冲突副本 2026-11-22).xlsx"


def team(desk: Desk) -> None:
    for number, name in enumerate(NAMES):
        customer(desk, name, contact=f"{name[0]}先生", phone=f"1380013{number}{number}0{number}")


class Drive:
    """A book beside which a cloud drive leaves copies."""

    def __init__(self, **settings: object) -> None:
        self.desk = played(team, **settings)
        self.shelf = self.desk.shelf

    def parted(self, name: str = COPY) -> MemoryFile:
        """A copy of the file as it is now."""
        self.shelf.copies[name] = self.desk.backend.file.copied()
        return self.shelf.copies[name]

    def type(self, file: MemoryFile, row: int, column: str, value: CellValue) -> None:
        cells = self.desk.grid(TAB, file)[row + 1]
        place = self.desk.place(TAB, column)
        cells.extend([None] * (place + 1 - len(cells)))
        cells[place] = value

    def add(self, file: MemoryFile, **cells: CellValue) -> None:
        values: dict[str, CellValue] = {"type": "企业客户", "industry": "制造业", **cells}
        self.desk.grid(TAB, file).append(self.desk.row(TAB, **values))

    def sync(self, **wish: bool) -> CycleResult:
        return self.desk.sync(**wish)  # type: ignore[arg-type]  # flags of Wish

    def sync_alone(self) -> None:
        """A cycle before the drive has brought the copy."""
        self.desk.cycle.run(Wish(self.desk.now + timedelta(seconds=9)))
        self.desk.now += timedelta(seconds=10)

    def told(self, **wish: bool) -> list[str]:
        return [told.code for told in self.sync(**wish).copies]

    def value(self, row: int, column: str) -> object:
        return self.desk.records(TAB)[str(self.desk.cell(TAB, row, "id"))].get(column)

    def shown(self, column: str) -> list[object]:
        return [self.desk.cell(TAB, row, column) for row in range(len(self.desk.grid(TAB)) - 1)]

    def journal(self, *kinds: EntryKind) -> list[tuple[str | None, str, str]]:
        lines = (line.entry for line in reversed(self.desk.state.journal()) if line.entry.kind in kinds)
        return [(entry.column, entry.old, entry.new) for entry in lines]


def only(result: CycleResult) -> CopyTold:
    (told,) = result.copies
    return told


# -- merged --------------------------------------------------------------------------------------------------------


def test_edits_of_both_files_are_in_the_book() -> None:
    drive = Drive()
    copy = drive.parted()
    drive.type(copy, 1, "note", "副本里写的")
    drive.desk.type(TAB, 0, "note", "本表里写的")
    before = copy.copied()

    told = only(drive.sync())

    assert (told.code, told.outcome and told.outcome.edited, told.outcome and told.outcome.conflicts) == (
        "merged",
        1,
        0,
    )
    assert drive.shown("note")[:2] == ["本表里写的", "副本里写的"]
    assert drive.value(1, "note") == "副本里写的"
    assert drive.shelf.copies == {}
    assert list(drive.shelf.away.values()) == [before], "nothing is written into a copy"


def test_the_journal_says_where_an_edit_came_from() -> None:
    drive = Drive()
    drive.type(drive.parted(), 1, "note", "副本里写的")
    drive.sync()
    (edit,) = [line.entry for line in drive.desk.state.journal() if line.entry.kind is EntryKind.EDIT]
    assert edit.author == f"shared < {COPY}"


def test_two_values_of_one_cell_are_a_conflict_and_both_are_kept() -> None:
    drive = Drive()
    copy = drive.parted()
    drive.type(copy, 0, "note", "副本")
    drive.desk.type(TAB, 0, "note", "本表")

    told = only(drive.sync())

    assert told.outcome is not None
    assert told.outcome.conflicts == 1
    assert drive.shown("note")[0] == "本表"
    assert drive.journal(EntryKind.CONFLICT) == [("note", '{"note":"本表"}', '{"note":"副本"}')]
    assert "cell-conflict" in drive.desk.codes()
    assert "副本" in str(drive.desk.cell(TAB, 0, "check"))


def test_the_same_edit_in_both_is_one_edit() -> None:
    drive = Drive()
    copy = drive.parted()
    drive.type(copy, 0, "note", "一样")
    drive.desk.type(TAB, 0, "note", "一样")
    drive.sync()
    assert len(drive.journal(EntryKind.EDIT)) == 1
    assert drive.journal(EntryKind.CONFLICT) == []


def test_a_copy_of_an_old_generation_undoes_nothing() -> None:
    drive = Drive()
    copy = drive.parted()
    for text in ("一", "二"):
        drive.desk.type(TAB, 0, "note", text)
        drive.desk.type(TAB, 1, "contact", text)
        drive.sync_alone()
    drive.type(copy, 0, "note", "一")
    drive.type(copy, 2, "note", "迟到的")
    drive.sync()
    assert drive.shown("note")[:3] == ["二", None, "迟到的"]
    assert drive.value(1, "contact") == "二"


def test_the_base_of_the_workbook_itself_stays() -> None:
    """While somebody has the workbook open, a copy is taken in; when it is closed, nothing of either is undone."""
    drive = Drive()
    copy = drive.parted()
    drive.type(copy, 0, "note", "副本")
    drive.desk.backend.held_by = "ann"
    drive.desk.type(TAB, 1, "note", "打开着写的")
    assert drive.told() == ["merged"]
    drive.desk.type(TAB, 2, "note", "又写")
    drive.desk.backend.held_by = None
    for _ in range(2):
        drive.sync()
    assert drive.shown("note")[:3] == ["副本", "打开着写的", "又写"]
    assert drive.journal(EntryKind.CONFLICT) == []


# -- rows ----------------------------------------------------------------------------------------------------------


def test_a_row_that_only_the_copy_has_becomes_one_row() -> None:
    drive = Drive()
    drive.add(drive.parted(), name="新客户", contact="王五", phone="13700137001")

    told = only(drive.sync())

    assert told.outcome is not None
    assert told.outcome.created == 1
    assert drive.shown("name").count("新客户") == 1
    assert drive.shown("id")[-1] in drive.desk.records(TAB)
    assert "row-from-copy" in drive.desk.codes()
    for _ in range(2):
        drive.sync()
    assert len(drive.desk.records(TAB)) == len(NAMES) + 1


def test_a_row_that_both_have_is_one_row() -> None:
    """Typed, saved, and parted before the cycle gave it its key; also when its phone was written otherwise since."""
    drive = Drive()
    drive.desk.add(TAB, name="新客户", type="企业客户", industry="制造业", contact="王五", phone="137 0013 7001")
    drive.parted()
    drive.sync()
    assert drive.shown("name").count("新客户") == 1
    drive.parted("客户 (1).xlsx")
    assert len(drive.desk.records(TAB)) == len(NAMES) + 1


def test_a_row_that_may_be_one_made_since_is_held_and_shown() -> None:
    drive = Drive()
    drive.desk.add(TAB, name="新客户", type="企业客户", industry="制造业", contact="王五", phone="13700137001")
    copy = drive.parted()
    drive.type(copy, 5, "note", "副本里补的")
    drive.sync_alone()

    told = only(drive.sync())

    assert told.outcome is not None
    assert (told.outcome.held, told.outcome.created) == (1, 0)
    assert drive.shown("name").count("新客户") == 1
    assert "副本里补的" in drive.journal(EntryKind.HOLD)[-1][2]
    assert "row-in-doubt-in-copy" in drive.desk.codes()
    assert "第 7 行" in str(drive.desk.cell(TAB, 5, "check"))


def test_a_row_in_doubt_waits_until_the_other_is_a_record() -> None:
    drive = Drive()
    drive.desk.add(TAB, name="新客户", type="企业客户", industry="制造业", contact="王五", phone="13700137001")
    drive.type(drive.parted(), 5, "note", "副本里补的")
    drive.desk.backend.held_by = "ann"
    assert drive.told() == ["waits"]
    drive.desk.backend.held_by = None
    assert drive.told() == ["merged"]
    assert "row-in-doubt-in-copy" in drive.desk.codes()


def test_a_row_deleted_since_does_not_come_back_from_a_copy() -> None:
    drive = Drive()
    copy = drive.parted()
    del drive.desk.grid(TAB)[1]
    drive.sync_alone()
    drive.sync()
    assert NAMES[0] not in drive.shown("name")
    drive.type(copy, 0, "note", "还要的")
    drive.shelf.copies["客户 (1).xlsx"] = copy
    drive.sync()
    assert NAMES[0] in drive.shown("name"), "an edit brings it back"


def test_a_row_that_was_made_and_deleted_since_does_not_come_back() -> None:
    drive = Drive()
    drive.desk.add(TAB, name="新客户", type="企业客户", industry="制造业", contact="王五", phone="13700137001")
    drive.parted()
    drive.sync_alone()
    drive.desk.grid(TAB).pop()
    drive.sync_alone()
    assert len(drive.desk.records(TAB)) == len(NAMES)
    drive.sync()
    assert len(drive.desk.records(TAB)) == len(NAMES)


def test_a_row_missing_in_the_copy_stays_and_says_so() -> None:
    drive = Drive()
    del drive.desk.grid(TAB, drive.parted())[2]
    told = only(drive.sync())
    assert told.outcome is not None
    assert told.outcome.missing == 1
    assert len(drive.desk.records(TAB)) == len(NAMES)
    assert "row-missing-in-copy" in drive.desk.codes()
    assert COPY in str(drive.desk.cell(TAB, 1, "check"))


def test_a_copied_row_of_the_copy_is_a_new_row() -> None:
    drive = Drive()
    copy = drive.parted()
    rows = drive.desk.grid(TAB, copy)
    rows.append(list(rows[1]))
    drive.type(copy, 5, "name", "抄来改的")
    drive.sync()
    assert drive.shown("name")[-1] == "抄来改的"
    assert drive.shown("name").count(NAMES[0]) == 1


def test_a_row_with_the_key_of_another_row_is_held() -> None:
    drive = Drive()
    copy = drive.parted()
    rows = drive.desk.grid(TAB, copy)
    rows.append(list(rows[1]))
    drive.type(copy, 0, "note", "甲改")
    drive.type(copy, 5, "note", "乙改")
    told = only(drive.sync())
    assert told.outcome is not None
    assert told.outcome.held == 2
    kept = " ".join(new for _, _, new in drive.journal(EntryKind.HOLD))
    assert "甲改" in kept
    assert "乙改" in kept


def test_a_cell_that_cannot_be_read_is_kept_and_told() -> None:
    drive = Drive()
    copy = drive.parted()
    drive.type(copy, 0, "phone", "打不通")
    drive.add(copy, name="新客户", contact="王五", phone="也打不通")
    drive.sync()
    kept = " ".join(new for _, _, new in drive.journal(EntryKind.CONFLICT, EntryKind.HOLD))
    assert "打不通" in kept
    assert "也打不通" in kept
    assert drive.value(0, "phone") is not None
    assert "打不通" in str(drive.desk.cell(TAB, 0, "check"))
    assert "也打不通" in str(drive.desk.cell(TAB, 5, "check"))


def test_what_is_typed_in_our_columns_of_a_new_row_is_kept() -> None:
    drive = Drive()
    drive.desk.add(TAB, name="新客户", type="企业客户", industry="制造业", contact="王五", phone="13700137001")
    copy = drive.parted()
    drive.type(copy, 5, "created_at", "上周")
    drive.add(copy, name="又一个", contact="赵六", phone="13700137002", created_at="前天")
    drive.sync()
    kept = " ".join(new for _, _, new in drive.journal(EntryKind.REVERT, EntryKind.HOLD))
    assert "上周" in kept
    assert "前天" in kept
    assert drive.shown("name")[5:] == ["新客户", "又一个"]


def test_what_stood_about_the_row_stays() -> None:
    drive = Drive()
    drive.desk.type(TAB, 0, "phone", "不是电话")
    drive.sync_alone()
    drive.type(drive.parted(), 0, "note", "副本")
    drive.sync()
    assert "not-a-phone" in drive.desk.codes()
    assert drive.shown("phone")[0] == "不是电话"


# -- rights and brakes -----------------------------------------------------------------------------------------------


def test_a_copy_is_no_way_round_the_rights() -> None:
    drive = Drive()
    capped = Policy(OPEN.grants, (Deny("shared", TAB, frozenset({"note"}), Level.READ),))
    drive.desk.cycle.setup = replace(drive.desk.setup, replica=shared_replica(capped, drive.desk.tabs))
    drive.type(drive.parted(), 0, "note", "不许")
    told = only(drive.sync())
    assert told.outcome is not None
    assert told.outcome.put_back == 1
    assert drive.value(0, "note") is None
    assert "不许" in " ".join(new for _, _, new in drive.journal(EntryKind.REVERT))


def test_our_columns_are_ours_in_copies_too() -> None:
    drive = Drive()
    drive.type(drive.parted(), 0, "created_at", "昨天")
    drive.sync()
    assert "昨天" in " ".join(new for _, _, new in drive.journal(EntryKind.REVERT))
    assert "cell-put-back" in drive.desk.codes()


def test_a_copy_that_changes_too_much_is_held_until_somebody_says_so() -> None:
    drive = Drive(limits=Limits(change_cells=3))
    copy = drive.parted()
    for row in range(4):
        drive.type(copy, row, "note", f"改{row}")
    assert drive.told() == ["held"]
    assert drive.shown("note") == [None] * 5
    assert COPY in drive.shelf.copies
    assert drive.told(accept_changes=True) == ["merged"]
    assert drive.shown("note")[:4] == ["改0", "改1", "改2", "改3"]


# -- left alone ------------------------------------------------------------------------------------------------------


def foreign(file: MemoryFile, drive: Drive) -> None:
    file.stamp = Stamp("another", ReplicaKey("shared"), 1)


def unstamped(file: MemoryFile, drive: Drive) -> None:
    file.stamp = None


def of_a_view(file: MemoryFile, drive: Drive) -> None:
    file.stamp = Stamp(drive.desk.cycle.workbook_id, ReplicaKey("view:E01"), 1)


def from_the_future(file: MemoryFile, drive: Drive) -> None:
    file.stamp = Stamp(drive.desk.cycle.workbook_id, ReplicaKey("shared"), 999)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (foreign, "foreign"),
        (unstamped, "foreign"),
        (of_a_view, "other-replica"),
        (from_the_future, "generation-unknown"),
    ],
)
def test_what_is_not_ours_is_left_and_told_once(make: Callable[[MemoryFile, Drive], None], code: str) -> None:
    drive = Drive()
    copy = drive.parted()
    drive.type(copy, 0, "note", "别处的")
    make(copy, drive)
    first, second = only(drive.sync()), only(drive.sync())
    assert (first.code, first.again, second.code, second.again) == (code, False, code, True)
    assert COPY in drive.shelf.copies
    assert drive.value(0, "note") is None


def test_a_copy_of_a_version_of_which_nothing_is_known_is_left() -> None:
    drive = Drive()
    drive.type(drive.parted(), 0, "note", "副本")
    drive.desk.state.forget(ReplicaKey("shared"))
    drive.desk.grid(TAB)[1:] = []
    assert drive.told() == ["generation-unknown"]
    assert COPY in drive.shelf.copies


def test_a_copy_that_somebody_has_open_waits() -> None:
    drive = Drive()
    drive.type(drive.parted(), 0, "note", "副本")
    drive.shelf.busy.add(COPY)
    assert drive.told() == ["busy"]
    drive.shelf.busy.clear()
    assert drive.told() == ["merged"]
    assert drive.sync().copies == ()


def test_a_dry_run_takes_nothing_in() -> None:
    drive = Drive()
    drive.type(drive.parted(), 0, "note", "副本")
    file, lines = drive.desk.backend.file.copied(), len(drive.desk.state.journal())
    told = only(drive.sync(dry_run=True))
    assert (told.code, told.moved, told.outcome and told.outcome.edited) == ("merged", None, 1)
    assert drive.desk.backend.file == file
    assert len(drive.desk.state.journal()) == lines
    assert COPY in drive.shelf.copies


# -- crashes and repetition ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["committed", "written", "confirmed", "copy merged"])
def test_a_crash_at_any_step_loses_and_doubles_nothing(step: str) -> None:
    drive = Drive()
    copy = drive.parted()
    drive.type(copy, 0, "note", "副本")
    drive.add(copy, name="新客户", contact="王五", phone="13700137001")
    drive.desk.crash_at = step
    with pytest.raises(Crash):
        drive.sync()
    drive.sync()
    drive.sync()
    assert drive.shelf.copies == {}
    assert drive.shown("note")[0] == "副本"
    assert drive.shown("name").count("新客户") == 1
    assert len(drive.journal(EntryKind.EDIT)) == 1
    assert len(drive.desk.records(TAB)) == len(NAMES) + 1


def test_the_same_copy_again_changes_nothing() -> None:
    drive = Drive()
    copy = drive.parted()
    drive.type(copy, 0, "note", "副本")
    drive.add(copy, name="新客户", contact="王五", phone="13700137001")
    drive.sync()
    drive.desk.type(TAB, 0, "note", "后来改的")
    drive.sync()
    lines, again = len(drive.desk.state.journal()), copy.copied()
    drive.shelf.copies["客户 (2).xlsx"] = again
    assert drive.told() == ["put-away"]
    drive.type(again, 1, "contact", "李雷")  # another save of it: all that it held before is known
    drive.shelf.copies["客户 (2).xlsx"] = again
    assert drive.told() == ["merged"]
    assert drive.shown("note")[0] == "后来改的"
    assert drive.shown("name").count("新客户") == 1
    assert len(drive.desk.state.journal()) == lines + 1


def test_several_copies_at_once() -> None:
    drive = Drive()
    for number in range(3):
        copy = drive.parted(f"客户 ({number}).xlsx")
        drive.type(copy, number, "note", f"副本{number}")
        drive.add(copy, name="同一个新客户", contact="王五", phone="13700137001")
    assert drive.told() == ["merged"] * 3
    assert drive.shown("note")[:3] == ["副本0", "副本1", "副本2"]
    assert drive.shown("name").count("同一个新客户") == 1


def test_it_is_remembered_what_was_taken_in() -> None:
    drive = Drive()
    drive.type(drive.parted(), 0, "note", "副本")
    digest = MemoryShelf({COPY: drive.shelf.copies[COPY]}).look()[0].mark
    drive.sync()
    note = drive.desk.state.note(copy_note(digest))
    assert json.loads(note or "{}") == {"file": COPY, "edited": 1, "created": 0, "conflicts": 0, "held": 0}
