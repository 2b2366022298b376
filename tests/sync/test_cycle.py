"""What people do to the book, one case each, on a small book in memory."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.permissions import OPEN, Deny, Level, Policy
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.schema.dictionaries import default_entries
from crm_sheets.state import EntryKind
from crm_sheets.sync.backends.memory import MemoryBackend
from crm_sheets.sync.own_sheets import MANY_CHANGED
from crm_sheets.sync.setup import shared_replica
from crm_sheets.sync.store.tables import metadata, outbox
from crm_sheets.tables import SHARED, Snapshot, Stamp, TabKey
from tests.sync.desks import COLUMNS, WORDS, Desk, customer, played

NAMES = ("华为技术", "小米通讯", "大疆创新", "比亚迪汽车", "宁德时代")
ANY = "customers"


def team(desk: Desk) -> None:
    """Five customers that are nobody's duplicates."""
    for number, name in enumerate(NAMES):
        customer(desk, name, contact=f"{name[0]}先生", phone=f"1380013{number}{number}0{number}")


def everything(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    """All that the store holds, but for the random keys, which are made when they are first asked for."""
    with desk.state.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name != "secrets"
        }


def record(desk: Desk, row: int) -> dict[str, object]:
    """The record of row `row` of the customers, 0-based."""
    return desk.records(ANY)[str(desk.cell(ANY, row, "id"))]


def told(desk: Desk, *kinds: EntryKind) -> list[tuple[str, str | None, str, str]]:
    """Entries of the journal of some kinds, the oldest first."""
    lines = [line.entry for line in reversed(desk.state.journal()) if line.entry.kind in kinds]
    return [(entry.kind.value, entry.column, entry.old, entry.new) for entry in lines]


def rests(desk: Desk) -> None:
    """A cycle in which nobody did anything writes nothing and says nothing."""
    before, writes = len(desk.state.journal()), desk.backend.writes
    file = desk.backend.file.copied()
    desk.sync()
    assert desk.backend.file == file
    assert (len(desk.state.journal()), desk.backend.writes) == (before, writes)


# -- rest ----------------------------------------------------------------------------------------------------------


def test_a_second_cycle_does_nothing() -> None:
    desk = played(team)

    assert len(desk.records(ANY)) == 5
    assert desk.sync().plans == [], "it does not even plan"
    rests(desk)


def test_a_dry_run_changes_nothing_anywhere() -> None:
    desk = played(team)
    desk.type(ANY, 0, "note", "新备注")
    desk.type(ANY, 1, "created_at", "昨天")
    customer(desk, "新客户", phone="13700137000")
    file, state = desk.backend.file.copied(), everything(desk)

    result = desk.sync(dry_run=True)

    assert desk.backend.file == file
    assert everything(desk) == state
    assert result.plans[0].edits, "and says what it would have written"


def test_a_dry_run_of_a_first_cycle_changes_nothing_either() -> None:
    desk = Desk()
    team(desk)
    file, state = desk.backend.file.copied(), everything(desk)

    desk.sync(dry_run=True)

    assert desk.backend.file == file
    assert everything(desk) == state


def test_a_dry_run_leaves_a_summary_that_rests_as_due_as_it_was() -> None:
    desk = played(team)
    of_customers = next(rule for rule in SUMMARIES if rule.key == "customers")
    desk.cycle.setup = replace(desk.setup, summaries=(replace(of_customers, rest=timedelta(hours=1)),))
    desk.type(ANY, 0, "industry", "金融")
    state = everything(desk)

    assert "customers" in desk.sync(dry_run=True).summaries
    assert everything(desk) == state
    assert "customers" in desk.sync().summaries
    desk.type(ANY, 1, "industry", "金融")
    assert "customers" not in desk.sync().summaries, "it rests"


def test_an_import_ends_the_rest_of_a_summary() -> None:
    """Somebody took fifty customers in, and looks at the summary: it must not tell of the book before."""
    desk = played(team)
    of_customers = next(rule for rule in SUMMARIES if rule.key == "customers")
    desk.cycle.setup = replace(desk.setup, summaries=(replace(of_customers, rest=timedelta(hours=1)),))
    desk.type(ANY, 0, "industry", "金融")
    assert "customers" in desk.sync().summaries
    for number in range(MANY_CHANGED):
        customer(desk, f"{chr(0x4E00 + number * 7)}{chr(0x6E00 + number * 11)}集团", phone=f"139{number:08}")
    assert "customers" in desk.sync().summaries
    desk.type(ANY, 1, "industry", "金融")
    assert "customers" not in desk.sync().summaries, "it rests"


def test_a_summary_with_nothing_to_tell_does_not_rest() -> None:
    desk = Desk()
    of_customers = next(rule for rule in SUMMARIES if rule.key == "customers")
    desk.cycle.setup = replace(desk.setup, summaries=(replace(of_customers, rest=timedelta(hours=1)),))
    assert "customers" in desk.sync().summaries
    team(desk)
    assert "customers" in desk.sync().summaries
    desk.type(ANY, 1, "industry", "金融")
    assert "customers" not in desk.sync().summaries, "it rests"


# -- cells -----------------------------------------------------------------------------------------------------------


def test_an_unreadable_cell_stays_and_is_flagged_until_it_is_mended() -> None:
    desk = played(team)
    desk.type(ANY, 0, "phone", "打总机")
    desk.sync()

    assert desk.cell(ANY, 0, "phone") == "打总机"
    assert "打总机" in str(desk.cell(ANY, 0, "check"))
    assert desk.issues() == [(ANY, "phone", "not-a-phone")]
    assert record(desk, 0)["phone"] == "13800130000", "the last valid value is kept"
    rests(desk)

    desk.type(ANY, 0, "phone", "13912345678")
    desk.sync()

    assert desk.codes() == []
    assert desk.cell(ANY, 0, "check") is None


def test_an_edit_of_a_column_of_ours_is_put_back_and_kept_in_the_journal() -> None:
    desk = played(team)
    made = desk.cell(ANY, 0, "created_at")
    desk.type(ANY, 0, "created_at", 44000)
    desk.sync()

    assert desk.cell(ANY, 0, "created_at") == made
    assert told(desk, EntryKind.REVERT) == [
        (
            "revert",
            "created_at",
            '{"created_at":"2026-11-22T01:00:30+00:00"}',
            '{"created_at":"2020-06-17T16:00:00+00:00"}',
        )
    ]
    assert desk.issues() == [(ANY, "created_at", "cell-put-back")]
    desk.type(ANY, 0, "note", "下次编辑")
    desk.sync()
    assert desk.codes() == [], "the notice goes with the next edit of the row"


CAPPED = Policy(OPEN.grants, (Deny("shared", ANY, frozenset({"phone"}), Level.READ),))


@pytest.mark.parametrize("typed", ["13912345678", "没有", Formula("A1", "13912345678"), CellError("#REF!")])
def test_a_column_that_the_team_may_not_edit_is_put_back(typed: CellValue) -> None:
    desk = played(team, policy=OPEN)
    desk.setup = desk.cycle.setup = replace(desk.setup, replica=shared_replica(CAPPED, desk.tabs))
    before = desk.cell(ANY, 0, "phone")
    desk.type(ANY, 0, "phone", typed)
    desk.backend.held_by = "王芳"
    desk.sync()
    desk.backend.held_by = None
    desk.sync()

    assert desk.cell(ANY, 0, "phone") == before
    assert desk.codes() == ["cell-put-back"]
    assert len(told(desk, EntryKind.REVERT)) == 1
    rests(desk)


def test_a_formula_of_the_staff_is_read_and_never_written() -> None:
    desk = played(team)
    formula = Formula("C2&D2", "华为技术企业客户")
    desk.type(ANY, 0, "note", formula)
    desk.sync()

    assert desk.cell(ANY, 0, "note") == formula
    assert record(desk, 0)["note"] == "华为技术企业客户"
    desk.type(ANY, 0, "phone", " 139 1234 5678 ")  # another cell of the row is written
    desk.sync()
    assert desk.cell(ANY, 0, "note") == formula
    assert desk.cell(ANY, 0, "phone") == "13912345678"
    rests(desk)


def test_a_formula_in_a_column_of_ours_is_put_back() -> None:
    desk = played(team)
    before = desk.cell(ANY, 0, "created_at")
    assert isinstance(before, float)
    desk.type(ANY, 0, "created_at", Formula("NOW()", before))
    desk.type(ANY, 1, "created_at", Formula("NOW()"))
    desk.sync()

    assert [desk.cell(ANY, row, "created_at") for row in (0, 1)] == [before, before]
    rests(desk)


@pytest.mark.parametrize("text", ["\ud800半个字", "a\x00b", "=1+1", "_xD800_", "a\r\nb", "e\u0301"])
def test_no_text_stops_a_cycle(text: str) -> None:
    desk = played(team)
    for column in ("phone", "created_at", "note", "check"):
        desk.type(ANY, 0, column, text)
    desk.sync()
    rests(desk)
    desk.type(ANY, 0, "note", "又改了")
    desk.sync()

    assert ("check", "cell-put-back") not in {(column, code) for _, column, code in desk.issues()}, "we wrote it"


# -- rows ------------------------------------------------------------------------------------------------------------


def test_a_new_row_gets_an_id_and_becomes_a_record() -> None:
    desk = played(team)
    customer(desk, "新客户", phone="13700137000")
    desk.sync()

    assert str(desk.cell(ANY, 5, "id")) in desk.records(ANY)
    assert desk.cell(ANY, 5, "key_")
    rests(desk)


@pytest.mark.parametrize(("number", "kept"), [("c001", "C001"), (1001, "1001"), ("Ａ－７", "A-7")])
def test_the_numbers_that_a_team_has_are_kept(number: CellValue, kept: str) -> None:
    desk = played(lambda desk: customer(desk, "华为技术", id=number))

    assert (list(desk.records(ANY)), desk.cell(ANY, 0, "id")) == ([kept], kept)
    for note in ("一", "二"):
        desk.type(ANY, 0, "note", note)
        desk.sync()
    assert desk.codes() == []


def test_a_copied_row_is_a_new_row() -> None:
    desk = played(team)
    desk.grid(ANY).insert(1, list(desk.grid(ANY)[1]))
    desk.type(ANY, 0, "name", "华为软件")
    first = desk.cell(ANY, 1, "id")
    desk.sync()

    assert (len(desk.records(ANY)), desk.cell(ANY, 1, "id")) == (6, first)
    assert desk.cell(ANY, 0, "id") != first
    assert not told(desk, EntryKind.REVERT), "what was copied was typed by nobody"
    rests(desk)


def test_a_blanked_id_is_written_again() -> None:
    desk = played(team)
    ids = [desk.cell(ANY, row, "id") for row in range(3)]
    desk.type(ANY, 0, "id", None)
    desk.type(ANY, 1, "key_", None)
    desk.type(ANY, 2, "id", None)
    desk.type(ANY, 2, "key_", None)
    desk.sync()

    assert [desk.cell(ANY, row, "id") for row in range(3)] == ids
    assert all(desk.cell(ANY, row, "key_") for row in range(3))
    assert not told(desk, EntryKind.DELETE)
    rests(desk)


def test_sorted_rows_are_the_same_rows() -> None:
    desk = played(team)
    desk.grid(ANY)[1:] = desk.grid(ANY)[:0:-1]
    desk.sync()

    rests(desk)
    assert not told(desk, EntryKind.EDIT, EntryKind.DELETE)


def test_a_row_whose_cells_were_erased_is_deleted() -> None:
    desk = played(team)
    gone = str(desk.cell(ANY, 0, "id"))
    for column in ("name", "type", "industry", "contact", "phone"):
        desk.type(ANY, 0, column, None)
    desk.sync()

    assert gone not in desk.records(ANY)
    assert len(desk.grid(ANY)) == len(NAMES), "nothing is left of it, and no gap"
    assert [kind for kind, *_ in told(desk, EntryKind.DELETE)] == ["delete"]
    rests(desk)


def test_what_stood_about_a_row_goes_with_it() -> None:
    desk = played(team)
    desk.type(ANY, 0, "phone", "打总机")
    desk.type(ANY, 0, "contact", None)
    desk.add("follow_ups", customer=NAMES[0], method="电话", content="介绍", planned_at=46360.5)
    desk.sync()
    assert len(desk.codes()) == 2
    del desk.grid(ANY)[1]
    del desk.grid("follow_ups")[1]
    desk.sync()

    left = everything(desk)
    assert (desk.codes(), left["pending"]) == ([], [])
    gone = {row[1] for row in left["records"] if row[3]}
    assert gone.isdisjoint(row[1] for row in left["wakes"])
    assert {row[4] for row in left["entries"]}.isdisjoint(gone)


def test_too_many_deletions_wait_for_a_person() -> None:
    desk = played(team)
    del desk.grid(ANY)[1:5]
    left = desk.backend.file.copied()
    result = desk.sync()

    assert [issue.code for issue in result.halted] == ["too-many-deleted"]
    assert (len(desk.records(ANY)), desk.backend.file) == (5, left)
    desk.sync(accept_deletions=True)
    assert (len(desk.records(ANY)), desk.codes()) == (1, [])
    rests(desk)


def test_what_is_computed_while_a_tab_is_held_is_written_when_it_is_released() -> None:
    columns = {**COLUMNS, ANY: COLUMNS[ANY].replace("note", "note last_contact")}
    desk = played(team, columns=columns)
    rows = [list(row) for row in desk.grid(ANY)]
    del desk.grid(ANY)[2:]
    desk.add(
        "follow_ups", customer=NAMES[0], method="电话", content="介绍", planned_at=46347.5, done_at=46347.5, result="好"
    )
    desk.sync()
    assert desk.state.pending(SHARED, TabKey(ANY)), "it waits"
    desk.backend.file.sheets[desk.sheet_name(ANY)] = rows
    desk.sync()

    assert desk.cell(ANY, 0, "last_contact") == 46347.5
    assert not desk.state.has_pending(SHARED)
    rests(desk)


# -- other tabs ------------------------------------------------------------------------------------------------------

DICTIONARY = {**COLUMNS, "dictionaries": "key_ dictionary value order attributes active check"}


def with_dictionaries(desk: Desk) -> None:
    team(desk)
    for entry in default_entries(WORDS):
        cells = {str(key): value for key, value in entry.items() if isinstance(value, (str, int, bool))}
        desk.add("dictionaries", **cells)


def test_a_dictionary_that_changes_in_its_tab_changes_the_checks() -> None:
    desk = played(with_dictionaries, columns=DICTIONARY)
    desk.type(ANY, 0, "industry", "低空经济")
    desk.sync()
    assert [code for _, column, code in desk.issues() if column == "industry"], "not in the dictionary yet"

    desk.add("dictionaries", dictionary=WORDS.text("dictionary.industry"), value="低空经济", active="是")
    desk.sync()

    assert desk.codes() == []
    assert desk.cell(ANY, 0, "check") is None
    rests(desk)


def done(desk: Desk) -> None:
    team(desk)
    desk.add(
        "follow_ups", customer=NAMES[0], method="电话", content="介绍", planned_at=46347.5, done_at=46347.5,
        result="有兴趣", next_step="报价", next_at=46352.5,
    )  # fmt: skip


def test_the_next_follow_up_is_made_once() -> None:
    desk = played(done)

    assert [desk.cell("follow_ups", row, "content") for row in (0, 1)] == ["介绍", "报价"]
    rests(desk)
    desk.type("follow_ups", 0, "next_at", 46353.5)  # moving it makes no other
    desk.sync()
    assert len(desk.records("follow_ups")) == 2
    del desk.grid("follow_ups")[2]  # and whoever deletes it does not want it
    desk.sync()
    desk.sync(later=timedelta(days=1))
    assert len(desk.records("follow_ups")) == 1


PEOPLE = {**COLUMNS, "people": "key_ id name department role email active check"}


def planned(at: float) -> Callable[[Desk], None]:
    def build(desk: Desk) -> None:
        team(desk)
        desk.add("people", id="E1", name="王芳", department="销售部", role="销售专员", email="w@example.com")
        desk.add(
            "follow_ups", customer=NAMES[0], method="电话", content="介绍", planned_at=at, owner="王芳"
        )  # fmt: skip

    return build


def mails(desk: Desk) -> list[str]:
    with desk.state.engine.connect() as connection:
        return sorted(connection.scalars(select(outbox.c.kind)))


def test_a_reminder_is_put_out_once_when_its_time_comes() -> None:
    desk = played(planned(46348.5), columns=PEOPLE)  # noon, three hours from now

    assert mails(desk) == []
    desk.sync(later=timedelta(hours=4))
    desk.sync()
    desk.sync(later=timedelta(hours=1))
    assert mails(desk) == ["due"]
    desk.sync(later=timedelta(days=2))
    assert mails(desk) == ["due", "overdue"]


def test_a_first_cycle_has_no_past() -> None:
    desk = played(planned(46300.5), columns=PEOPLE)
    desk.sync(later=timedelta(hours=1))
    desk.sync(later=timedelta(days=3))

    assert mails(desk) == []


# -- files -----------------------------------------------------------------------------------------------------------


def test_a_held_file_is_read_and_written_later() -> None:
    desk = played(team)
    file = desk.backend.file
    desk.backend.held_by = "王芳"
    desk.type(ANY, 0, "phone", "打总机")
    desk.type(ANY, 1, "note", "新备注")
    before = file.copied()
    result = desk.sync()

    assert (result.waiting, desk.codes(), desk.backend.file) == ("王芳", ["not-a-phone"], before)
    assert "新备注" in str(desk.records(ANY))
    desk.backend.held_by = None
    desk.sync()
    assert "打总机" in str(desk.cell(ANY, 0, "check"))
    assert not desk.state.has_pending(SHARED)
    rests(desk)


def test_an_old_file_that_comes_back_undoes_nothing() -> None:
    desk = played(team)
    old = desk.backend.file.copied()
    desk.type(ANY, 0, "note", "后来写的")
    customer(desk, "新客户", phone="13700137000")
    desk.sync()
    ids = [desk.cell(ANY, row, "id") for row in range(6)]
    desk.backend.file = old
    desk.type(ANY, 1, "note", "旧文件里写的")
    desk.sync()

    assert [desk.cell(ANY, row, "note") for row in (0, 1)] == ["后来写的", "旧文件里写的"]
    assert [desk.cell(ANY, row, "id") for row in range(6)] == ids
    rests(desk)


def test_a_late_edit_of_a_row_that_was_changed_and_deleted_is_in_the_journal() -> None:
    desk = played(team)
    old = desk.backend.file.copied()
    desk.type(ANY, 1, "note", "别的")
    desk.sync()
    desk.type(ANY, 0, "note", "先写的")
    desk.sync()
    del desk.grid(ANY)[1]
    desk.sync()
    desk.backend.file = old
    desk.type(ANY, 0, "note", "后写的")
    desk.sync()

    assert "后写的" in str(told(desk, EntryKind.CONFLICT, EntryKind.EDIT, EntryKind.RESURRECT))
    rests(desk)


@pytest.mark.parametrize(("stamp", "code"), [("another", "workbook-foreign"), ("ours", "generation-unknown")])
def test_a_workbook_that_is_not_ours_is_not_touched(stamp: str, code: str) -> None:
    desk = played(team)
    book = "0" * 16 if stamp == "another" else desk.cycle.workbook_id
    desk.backend.file.stamp = Stamp(book, SHARED, 99)
    del desk.grid(ANY)[1:]
    before = desk.backend.file.copied()
    desk.sync()

    assert set(desk.codes()) == {code}
    assert (len(desk.records(ANY)), desk.backend.file) == (5, before)


class Signed(MemoryBackend):
    """A file whose properties say at length who saved it."""

    def read(self, known: Mapping[str, str]) -> Snapshot:
        return replace(super().read(known), saved_by="王" * 500)


def test_the_journal_names_who_saved_the_file() -> None:
    desk = Desk()
    team(desk)
    desk.backend = desk.cycle.backend = Signed(desk.backend.file)
    desk.sync()

    assert {line.entry.author for line in desk.state.journal()} == {f"shared ({'王' * 60})"}


class Busy(MemoryBackend):
    """A file that somebody saves between our reading of two of its sheets."""

    saves = 0

    def read(self, known: Mapping[str, str]) -> Snapshot:
        found = super().read(known)
        if self.saves:
            self.saves -= 1
            self.file.sheets["别的"] = [[f"第{self.saves}次"]]
        return found


def test_somebody_saves_between_the_reading_of_two_sheets() -> None:
    columns = {**COLUMNS, ANY: COLUMNS[ANY].replace("note", "note last_contact")}
    desk = played(team, columns=columns)
    desk.sync()
    busy = Busy(desk.backend.file)
    desk.backend = desk.cycle.backend = busy
    desk.add(
        "follow_ups", customer=NAMES[0], method="电话", content="谈", planned_at=46347.5, done_at=46347.5, result="好"
    )
    busy.saves = 1
    desk.sync()

    assert desk.cell(ANY, 0, "last_contact") == 46347.5
    rests(desk)


def test_somebody_saves_while_we_plan() -> None:
    desk = played(team)
    desk.type(ANY, 0, "phone", " 139 1234 5678 ")

    def save(step: str) -> None:
        if step == "committed" and desk.cell(ANY, 1, "note") is None:
            desk.type(ANY, 1, "note", "刚刚保存")

    desk.setup = desk.cycle.setup = type(desk.setup)(**{**vars(desk.setup), "checkpoint": save})
    desk.sync()

    assert (desk.cell(ANY, 0, "phone"), desk.cell(ANY, 1, "note")) == ("13912345678", "刚刚保存")
    assert "刚刚保存" in str(desk.records(ANY))
    rests(desk)


# -- headers ---------------------------------------------------------------------------------------------------------


def test_columns_may_move_and_be_called_otherwise() -> None:
    desk = played(team)
    grid = desk.grid(ANY)
    for row in grid:
        row.insert(0, row.pop(5) if len(row) > 5 else None)
    grid[0][0] = "联系人姓名"
    desk.sync()

    assert not told(desk, EntryKind.EDIT, EntryKind.DELETE, EntryKind.CREATE)[5:]
    assert len(desk.records(ANY)) == 5
    grid[1][0] = "任先生"
    desk.sync()
    assert "任先生" in str(desk.records(ANY))


def test_a_missing_column_holds_its_tab_only() -> None:
    desk = played(team)
    desk.grid(ANY)[0][desk.place(ANY, "phone")] = "电话号码在别处"
    desk.type(ANY, 0, "note", "不读")
    desk.add("follow_ups", customer=NAMES[0], method="电话", content="介绍", planned_at=46360.5)
    result = desk.sync()

    assert [issue.tab for issue in result.halted] == [ANY]
    assert "不读" not in str(desk.records(ANY))
    assert desk.cell("follow_ups", 0, "id"), "the others go on"
    desk.grid(ANY)[0][desk.place(ANY, "phone")] = "联系电话"
    desk.sync()
    assert "不读" in str(desk.records(ANY))
    assert desk.codes() == []


# -- the team's choice of tabs -------------------------------------------------------------------------------------


def test_a_tab_that_the_config_no_longer_names_has_no_rows() -> None:
    """Its records rest in the store: nobody looks at them, and they come back with the tab."""

    def build(desk: Desk) -> None:
        customer(desk, "华为技术")
        desk.add("follow_ups", customer="华为技术", method="电话", content="问候", planned_at="2026-11-22 15:00")

    desk = played(build)
    assert record(desk, 0)["next_contact"]
    kept = desk.records("follow_ups")

    desk.cycle.setup = desk.using({TabKey(ANY): desk.tabs[TabKey(ANY)]}, "without follow-ups")
    desk.type(ANY, 0, "note", "老客户")
    desk.sync()
    assert (record(desk, 0)["note"], record(desk, 0).get("next_contact")) == ("老客户", None)
    desk.sync(later=timedelta(days=2))  # the follow-up has become overdue meanwhile, and wakes nobody
    rests(desk)

    desk.cycle.setup = desk.setup
    desk.sync()
    assert record(desk, 0)["next_contact"]
    assert desk.records("follow_ups").keys() == kept.keys()


def test_a_tab_of_ours_takes_no_rows_and_no_edits_of_people() -> None:
    desk = Desk()
    tab = desk.tabs[TabKey(ANY)]
    ours = replace(tab, columns={key: replace(column, system=True) for key, column in tab.columns.items()})
    customer(desk, "华为技术")
    desk.sync()

    desk.cycle.setup = desk.using({**desk.tabs, tab.key: ours}, "ours")
    desk.type(ANY, 0, "name", "中兴通讯")
    customer(desk, "小米通讯")
    desk.sync()
    assert [values["name"] for values in desk.records(ANY).values()] == ["华为技术"]
    assert [desk.cell(ANY, row, "name") for row in (0, 1)] == ["华为技术", "小米通讯"]
    assert "不能新增行" in str(desk.cell(ANY, 1, "check"))

    del desk.grid(ANY)[1:]
    desk.sync()
    assert [values["name"] for values in desk.records(ANY).values()] == ["华为技术"]
    assert desk.cell(ANY, 0, "name") == "华为技术"
