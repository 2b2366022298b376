"""People: what they do to a spreadsheet, what stops them, what their undo takes back."""

from collections.abc import Callable
from typing import Any

import pytest

from crm_sheets.google_emulator.acts import ACTS
from crm_sheets.google_emulator.people import Person
from crm_sheets.google_emulator.refusals import GoogleError, Refused
from tests.google_emulator.team import EDITOR, OWNER, READER, STRANGER, Team

TAB = "Sheet1"


@pytest.fixture
def sales(team: Team) -> Person:
    team.owner.write("A1:C4", ["name", "n", "x"], ["b", 2, "p"], ["a", 1, "q"], ["c", 3, "r"])
    frozen = {"properties": {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}}
    team.owner.one("updateSheetProperties", {**frozen, "fields": "gridProperties.frozenRowCount"})
    return team.emulator.person(EDITOR, team.spreadsheet)


def names(team: Team, tab: str = TAB) -> list[Any]:
    return [row[0] if row else "" for row in team.owner.read(f"{tab}!A1:A20")]


@pytest.mark.parametrize(
    ("act", "after"),
    [
        (lambda who: who.type(TAB, "A3", "z"), ["name", "b", "z", "c"]),
        (lambda who: who.paste(TAB, "A4", [["y"], ["z"]]), ["name", "b", "a", "y", "z"]),
        (lambda who: who.clear(TAB, "A2:A3"), ["name", "", "", "c"]),
        (lambda who: who.insert_rows(TAB, 3, 2), ["name", "b", "", "", "a", "c"]),
        (lambda who: who.delete_rows(TAB, 2, 2), ["name", "c"]),
        (lambda who: who.insert_columns(TAB, "A"), [""] * 0),
        (lambda who: who.delete_columns(TAB, "A"), ["n", 2, 1, 3]),
        (lambda who: who.move_columns(TAB, "C", "A"), ["x", "p", "q", "r"]),
        (lambda who: who.move_rows(TAB, 4, 2), ["name", "c", "b", "a"]),
        (lambda who: who.sort(TAB, "A"), ["name", "a", "b", "c"]),
        (lambda who: who.sort(TAB, "B", descending=True), ["name", "c", "b", "a"]),
        (lambda who: who.copy_rows(TAB, 2, 4), ["name", "b", "a", "b"]),
        (lambda who: who.cut_rows(TAB, 2, 5), ["name", "", "a", "c", "b"]),
        (lambda who: who.replace(TAB, "a", "e"), ["neme", "b", "e", "c"]),
    ],
)
def test_what_people_do_and_undo(team: Team, sales: Person, act: Callable[[Person], None], after: list[Any]) -> None:
    before = team.owner.read("A1:C20")
    act(sales)
    assert names(team) == after
    sales.undo()
    assert team.owner.read("A1:C20") == before
    with pytest.raises(Refused, match="Nothing to undo"):
        sales.undo()


def test_versions_of_the_history(team: Team, sales: Person) -> None:
    sales.name_version("morning")
    sales.delete_rows(TAB, 2)
    sales.add_tab("other")
    sales.restore_version("morning")
    assert names(team) == ["name", "b", "a", "c"]
    assert [sheet.title for sheet in team.emulator.book(team.spreadsheet).sheets] == [TAB]
    sales.delete_rows(TAB, 2)
    sales.restore_version("morning")
    assert names(team) == ["name", "b", "a", "c"], "a version may be put back again and again"
    with pytest.raises(Refused, match="no version"):
        sales.restore_version("noon")
    with pytest.raises(GoogleError):
        team.emulator.person(READER, team.spreadsheet).restore_version("morning")


def test_tabs(team: Team, sales: Person) -> None:
    sales.add_tab("other")
    sales.rename_tab("other", "跟进")
    assert [sheet.title for sheet in team.emulator.book(team.spreadsheet).sheets] == [TAB, "跟进"]
    sales.delete_tab(TAB)
    assert [sheet.title for sheet in team.emulator.book(team.spreadsheet).sheets] == ["跟进"]
    sales.undo()
    assert names(team) == ["name", "b", "a", "c"]


def test_a_filter_of_a_person(team: Team, sales: Person) -> None:
    sales.filter(TAB, "A1:C4", "A", ["a"])
    assert team.owner.sheet("basicFilter")["basicFilter"]["criteria"] == {"0": {"hiddenValues": ["a"]}}
    sales.unfilter(TAB)
    assert team.owner.sheet("basicFilter") == {}


def test_what_is_typed_is_read_as_the_locale_reads_it(team: Team, sales: Person) -> None:
    sales.type(TAB, "B2", "2026/11/22")
    sales.type(TAB, "B3", "=B4+1")
    assert team.owner.read("B2:B4") == [[46348], [4], [3]]


def test_strict_rules_stop_typing_and_not_pasting(team: Team, sales: Person) -> None:
    condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "甲"}]}
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 2, "endColumnIndex": 3}
    team.robot.one("setDataValidation", {"range": area, "rule": {"condition": condition, "strict": True}})
    with pytest.raises(Refused, match="violates the data validation rules"):
        sales.type(TAB, "C2", "乙")
    sales.type(TAB, "C2", "甲")
    sales.paste(TAB, "C3", [["乙"]])
    assert team.owner.read("C2:C3") == [["甲"], ["乙"]]
    team.robot.one("setDataValidation", {"range": area, "rule": {"condition": condition}})
    sales.type(TAB, "C2", "乙")


def test_protection_stops_people(team: Team, sales: Person) -> None:
    column = {"sheetId": 0, "startColumnIndex": 0, "endColumnIndex": 1}
    team.robot.one("addProtectedRange", {"protectedRange": {"range": column, "editors": {"users": [OWNER]}}})
    before = team.owner.read("A1:C4")
    acts: list[Callable[[], None]] = [
        lambda: sales.type(TAB, "A2", "mine"),
        lambda: sales.sort(TAB, "B"),
        lambda: sales.insert_rows(TAB, 3),
        lambda: sales.delete_rows(TAB, 3),
        lambda: sales.cut_rows(TAB, 2, 3),
        lambda: sales.delete_tab(TAB),
    ]
    for act in acts:
        with pytest.raises(Refused, match="You are trying to edit a protected cell or object"):
            act()
    assert team.owner.read("A1:C4") == before
    sales.type(TAB, "B2", "9")
    assert team.owner.read("B2") == [[9]]


@pytest.mark.parametrize("email", [READER, STRANGER])
def test_who_may_not_edit_does_not(team: Team, sales: Person, email: str) -> None:
    with pytest.raises(GoogleError, match="does not have permission"):
        team.emulator.person(email, team.spreadsheet).type(TAB, "A2", "x")
    assert names(team)[1] == "b"


def test_access_is_given_and_taken(team: Team, sales: Person) -> None:
    boss = team.emulator.person(OWNER, team.spreadsheet)
    boss.share(STRANGER, "writer")
    team.emulator.person(STRANGER, team.spreadsheet).type(TAB, "A2", "new")
    boss.revoke(EDITOR)
    with pytest.raises(GoogleError, match="does not have permission"):
        sales.type(TAB, "A2", "x")
    assert names(team)[1] == "new"


def test_undo_leaves_what_others_typed_since(team: Team, sales: Person) -> None:
    sales.type(TAB, "A2", "mine")
    team.owner.write("B2", [7])
    team.owner.write("A3", ["theirs"])
    sales.undo()
    assert team.owner.read("A2:B3") == [["b", 7], ["theirs", 1]]
    sales.delete_rows(TAB, 2)
    team.owner.write("A2", ["theirs again"])
    sales.undo()
    assert names(team) == ["name", "b", "theirs again", "c"]


def test_undo_is_refused_when_rows_moved_since(team: Team, sales: Person) -> None:
    sales.insert_rows(TAB, 2)
    team.owner.one("deleteDimension", {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}})
    before = team.owner.read("A1:C9")
    with pytest.raises(Refused, match="rows or columns were added or deleted since"):
        sales.undo()
    assert team.owner.read("A1:C9") == before


def test_pasting_lets_the_grid_grow(team: Team, sales: Person) -> None:
    sales.paste(TAB, "A1000", [["last", "x"], ["new", "y"]])
    assert team.owner.read("A1000:B1001") == [["last", "x"], ["new", "y"]]


def test_every_act_of_the_control_port_is_a_method() -> None:
    acts = {name for name in vars(Person) if not name.startswith("_")}
    assert acts - set(ACTS) == {"emulator", "email", "spreadsheet", "file"}
    assert set(ACTS) <= acts
