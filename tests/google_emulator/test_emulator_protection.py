"""Protected ranges: who may edit what, and who may change the protection."""

from typing import Any

import pytest

from tests.google_emulator.calling import Said
from tests.google_emulator.team import EDITOR, OWNER, ROBOT, Team

FIRST_COLUMN = {"sheetId": 0, "startColumnIndex": 0, "endColumnIndex": 1}
REFUSED = "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection"


def protect(team: Team, **protected: Any) -> int:
    given = {"range": FIRST_COLUMN, "editors": {"users": [ROBOT]}, **protected}
    reply = team.robot.one("addProtectedRange", {"protectedRange": given})
    found: int = reply["protectedRange"]["protectedRangeId"]
    return found


def rows(start: int, end: int) -> dict[str, Any]:
    return {"sheetId": 0, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def test_only_editors_and_the_owner_write_into_a_protected_range(team: Team) -> None:
    protect(team)
    for caller in (team.robot, team.owner):
        caller.write("A1:B1", ["id", "name"])
    team.editor.write("B2", ["free"])
    with pytest.raises(Said, match=REFUSED) as refused:
        team.editor.write("A2:B2", ["mine", "free"])
    assert refused.value.status == 400
    assert team.owner.read("A1:B2") == [["id", "name"], ["", "free"]]


def test_a_batch_with_one_protected_cell_is_refused_whole(team: Team) -> None:
    protect(team)
    cell = {"userEnteredValue": {"stringValue": "x"}}
    update = {"rows": [{"values": [cell]}], "fields": "userEnteredValue"}
    with pytest.raises(Said, match=r"Invalid requests\[1\]\.updateCells: You are trying"):
        team.editor.batch(
            {"updateCells": {**update, "start": {"sheetId": 0, "rowIndex": 0, "columnIndex": 1}}},
            {"updateCells": {**update, "start": {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}}},
        )
    assert team.owner.read("A1:B1") == []


@pytest.mark.parametrize(
    "request_",
    [
        {"repeatCell": {"range": FIRST_COLUMN, "cell": {"note": "n"}, "fields": "note"}},
        {"mergeCells": {"range": {"sheetId": 0, "endRowIndex": 1, "endColumnIndex": 2}, "mergeType": "MERGE_ALL"}},
        {"setDataValidation": {"range": FIRST_COLUMN}},
        {"updateBorders": {"range": FIRST_COLUMN, "top": {"style": "SOLID"}}},
        {"trimWhitespace": {"range": FIRST_COLUMN}},
        {"deleteDuplicates": {"range": FIRST_COLUMN}},
        {"deleteSheet": {"sheetId": 0}},
    ],
    ids=lambda request: next(iter(request)),
)
def test_every_kind_that_changes_cells_asks(team: Team, request_: dict[str, Any]) -> None:
    protect(team)
    team.owner.one("addSheet", {"properties": {"title": "other"}})
    with pytest.raises(Said, match=REFUSED):
        team.editor.batch(request_)
    team.robot.batch(request_)


def test_rows_are_not_inserted_through_what_is_protected_unless_google_turns_out_to_allow_it(team: Team) -> None:
    protect(team, range={**FIRST_COLUMN, "startRowIndex": 1, "endRowIndex": 5})
    team.editor.one("insertDimension", {"range": rows(1, 2)})
    team.editor.one("insertDimension", {"range": rows(6, 7)})
    with pytest.raises(Said, match=REFUSED):
        team.editor.one("insertDimension", {"range": rows(3, 4)})
    with pytest.raises(Said, match=REFUSED):
        team.editor.one("deleteDimension", {"range": rows(3, 4)})
    team.emulator.switches.protection_stops_insertion = False
    team.editor.one("insertDimension", {"range": rows(3, 4)})
    protected = team.owner.sheet("protectedRanges")["protectedRanges"][0]["range"]
    assert (protected["startRowIndex"], protected["endRowIndex"]) == (2, 7)


def test_unprotected_ranges_of_a_protected_sheet_are_free(team: Team) -> None:
    free = {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 3}
    protect(team, range={"sheetId": 0}, unprotectedRanges=[free])
    team.editor.write("B2:C2", ["a", "b"])
    for outside in ("A2", "C2:D2"):
        with pytest.raises(Said, match=REFUSED):
            team.editor.write(outside, ["x", "y"][: 1 + outside.count(":")])


def test_unprotected_ranges_need_a_protected_sheet(team: Team) -> None:
    with pytest.raises(Said, match="Unprotected ranges are only supported on protected sheets"):
        protect(team, unprotectedRanges=[FIRST_COLUMN])


def test_a_warning_stops_nobody_and_takes_no_editors(team: Team) -> None:
    with pytest.raises(Said, match=r"ProtectedRange is warningOnly\. Editors cannot be set on it"):
        protect(team, warningOnly=True)
    team.robot.one("addProtectedRange", {"protectedRange": {"range": FIRST_COLUMN, "warningOnly": True}})
    team.editor.write("A1", ["x"])


def test_without_editors_everybody_goes_on_editing(team: Team) -> None:
    reply = team.robot.one("addProtectedRange", {"protectedRange": {"range": FIRST_COLUMN}})
    assert set(reply["protectedRange"]["editors"]["users"]) == {OWNER, EDITOR, ROBOT}
    team.editor.write("A1", ["x"])


def test_colleagues_of_the_domain_may_be_let_in(team: Team) -> None:
    protect(team, editors={"users": [ROBOT], "domainUsersCanEdit": True})
    team.editor.write("A1", ["x"])


def test_the_protection_itself_is_protected(team: Team) -> None:
    number = protect(team)
    update = {"protectedRange": {"protectedRangeId": number, "description": "d"}, "fields": "description"}
    with pytest.raises(Said, match=REFUSED):
        team.editor.one("updateProtectedRange", update)
    with pytest.raises(Said, match=REFUSED):
        team.editor.one("deleteProtectedRange", {"protectedRangeId": number})
    team.owner.one("updateProtectedRange", update)
    assert team.robot.sheet("protectedRanges")["protectedRanges"][0]["description"] == "d"
    team.robot.one("deleteProtectedRange", {"protectedRangeId": number})
    team.editor.write("A1", ["x"])


def test_who_may_not_edit_is_not_told_who_may(team: Team) -> None:
    protect(team)
    seen, known = (caller.sheet("protectedRanges")["protectedRanges"][0] for caller in (team.editor, team.robot))
    assert "editors" not in seen
    assert "requestingUserCanEdit" not in seen
    assert known["requestingUserCanEdit"] is True
    assert set(known["editors"]["users"]) == {ROBOT, OWNER}


def test_ids_are_not_given_twice_and_unknown_ones_are_refused(team: Team) -> None:
    protect(team, protectedRangeId=7)
    with pytest.raises(Said, match="already exists"):
        protect(team, protectedRangeId=7)
    with pytest.raises(Said, match=r"Invalid requests\[0\].deleteProtectedRange: No protected range with id: 8"):
        team.robot.one("deleteProtectedRange", {"protectedRangeId": 8})
    with pytest.raises(Said, match="At least one field must be listed in 'fields'"):
        team.robot.one("updateProtectedRange", {"protectedRange": {"protectedRangeId": 7}})


def test_a_range_that_is_set_anew_is_protected_there(team: Team) -> None:
    number = protect(team)
    moved = {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2}
    team.robot.one(
        "updateProtectedRange", {"protectedRange": {"protectedRangeId": number, "range": moved}, "fields": "range"}
    )
    team.editor.write("A1", ["x"])
    with pytest.raises(Said, match=REFUSED):
        team.editor.write("B1", ["x"])
