"""spreadsheets.batchUpdate and get over HTTP."""

import time

import pytest

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.json_values import items, part, parts
from tests.google_emulator.conftest import Caller, message

START = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}


def cells(*values: str) -> list[object]:
    return [{"values": [{"userEnteredValue": {"stringValue": value}} for value in values]}]


def write(*values: str, row: int = 0) -> object:
    body = {"start": START | {"rowIndex": row}, "rows": cells(*values), "fields": "userEnteredValue"}
    return {"updateCells": body}


@pytest.mark.parametrize(
    ("request_body", "refusal"),
    [
        (
            {"addShet": {}},
            "Invalid JSON payload received. Unknown name \"addShet\" at 'requests[0]': Cannot find field.",
        ),
        (
            {"addSheet": {"properties": {"titel": "x"}}},
            "Invalid JSON payload received. Unknown name \"titel\" at 'requests[0].add_sheet.properties': "
            "Cannot find field.",
        ),
        (
            {"deleteSheet": {"sheetId": "abc"}},
            "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), \"abc\"",
        ),
        (
            {"addSheet": {"properties": [1]}},
            "Invalid JSON payload received. Unknown name \"properties\" at 'requests[0].add_sheet': "
            "Proto field is not repeating, cannot start list.",
        ),
        (
            {"addSheet": {}, "deleteSheet": {}},
            "Invalid value at 'requests[0]' (oneof), oneof field 'kind' is already set. Cannot set 'deleteSheet'",
        ),
        (
            {"insertDimension": {"range": {"dimension": "ROW"}}},
            "Invalid value at 'requests[0].insert_dimension.range.dimension' "
            '(type.googleapis.com/google.apps.sheets.v4.Dimension), "ROW"',
        ),
        ({}, "Invalid requests[0]: No request set."),
        (
            {"addSheet": {"properties": {"sheetId": 0}}},
            "Invalid requests[0].addSheet: Sheet with id 0 already exists.",
        ),
        ({"deleteSheet": {"sheetId": 99}}, "Invalid requests[0].deleteSheet: No sheet with id: 99"),
        (
            {"addSheet": {"properties": {"title": "sheet1"}}},
            'Invalid requests[0].addSheet: A sheet with the name "sheet1" already exists. Please enter another name.',
        ),
        (
            {"addSheet": {"properties": {"gridProperties": {"rowCount": 400_000}}}},
            "Invalid requests[0].addSheet: This action would increase the number of cells in the workbook above the "
            "limit of 10000000 cells.",
        ),
        (
            {"updateCells": {"start": START, "rows": []}},
            "Invalid requests[0].updateCells: At least one field must be listed in 'fields'. "
            "(Use '*' to indicate all fields.)",
        ),
        (
            {"updateCells": {"start": START | {"rowIndex": 1000}, "fields": "*"}},
            "Invalid requests[0].updateCells: GridCoordinate.rowIndex[1000] is after last row in grid[999]",
        ),
        (
            {"updateCells": {"start": START | {"columnIndex": 25}, "rows": cells("a", "b"), "fields": "*"}},
            "Invalid requests[0].updateCells: Attempting to write column: 26, beyond the last requested column of: 25",
        ),
    ],
)
def test_what_google_refuses_is_refused_in_its_words(lead: Caller, request_body: object, refusal: str) -> None:
    assert lead.refusal(request_body) == refusal
    assert lead.status == 400


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_json_is_refused(lead: Caller, value: float) -> None:
    assert message(lead.write("A1", [[value]])) == "Invalid JSON payload received. Unexpected token."
    assert lead.values("A1") == []


def test_an_error_has_the_body_of_googles_errors(lead: Caller) -> None:
    error = part(lead.batch({"addShet": {}}), "error")
    assert error["status"] == "INVALID_ARGUMENT"
    detail = parts(error, "details")[0]
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert parts(detail, "fieldViolations")[0]["field"] == "requests[0]"


def test_a_batch_is_applied_as_a_whole_or_not_at_all(lead: Caller) -> None:
    lead.write("A1", [["old"]])
    refusal = lead.refusal(
        write("new"), {"addSheet": {"properties": {"title": "More"}}}, {"deleteSheet": {"sheetId": 5}}
    )
    assert refusal == "Invalid requests[2].deleteSheet: No sheet with id: 5"
    assert lead.values("A1") == [["old"]]
    assert message(lead.sheets("GET", "/values/More")) == "Unable to parse range: More"


def test_replies_stand_in_the_order_of_the_requests(lead: Caller) -> None:
    answer = lead.batch(
        write("a"), {"addSheet": {"properties": {"title": "More", "sheetId": 5}}}, {"deleteSheet": {"sheetId": 5}}
    )
    replies = parts(answer, "replies")
    assert [list(reply) for reply in replies] == [[], ["addSheet"], []]
    assert part(part(replies[1], "addSheet"), "properties")["sheetId"] == 5


def test_a_batch_may_bring_the_cells_back(lead: Caller) -> None:
    answer = lead.batch(
        write("a", "b"),
        includeSpreadsheetInResponse=True,
        responseRanges=["Sheet1!A1:B1"],
        responseIncludeGridData=True,
    )
    sheets = parts(part(answer, "updatedSpreadsheet"), "sheets")
    assert [part(sheet, "properties")["title"] for sheet in sheets] == ["Sheet1"]
    row = parts(parts(sheets[0], "data")[0], "rowData")[0]
    assert [cell["formattedValue"] for cell in parts(row, "values")] == ["a", "b"]


def test_only_fields_of_the_mask_are_written(lead: Caller) -> None:
    data = {"userEnteredValue": {"stringValue": "x"}, "note": "n"}
    body = {"start": START, "rows": [{"values": [data]}]}
    lead.batch({"updateCells": body | {"fields": "userEnteredValue,note"}})
    lead.batch({"updateCells": {"start": START, "rows": cells("y"), "fields": "userEnteredValue"}})
    fields = "sheets.data.rowData.values(note,formattedValue)"
    answer = lead.sheets("GET", "", fields=fields, ranges="Sheet1!A1")
    assert answer == {"sheets": [{"data": [{"rowData": [{"values": [{"note": "n", "formattedValue": "y"}]}]}]}]}


def test_a_range_of_update_cells_is_cleared_where_nothing_is_given(lead: Caller) -> None:
    lead.write("A1", [["a", "b"], ["c", "d"]])
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    lead.batch({"updateCells": {"range": area, "rows": cells("x"), "fields": "userEnteredValue"}})
    assert lead.values("Sheet1") == [["x"]]


def test_append_cells_writes_below_the_last_row_and_grows_the_grid(emulator: Emulator, lead: Caller) -> None:
    lead.write("C999", [["a"]])
    body = {"sheetId": 0, "rows": [*cells("b"), *cells("c")], "fields": "userEnteredValue"}
    lead.batch({"appendCells": body})
    assert lead.values("A999:C1001") == [["", "", "a"], ["b"], ["c"]]
    assert len(emulator.book(lead.spreadsheet).sheets[0].rows) == 1001


def test_text_in_a_string_value_is_never_a_formula(lead: Caller) -> None:
    lead.batch(write("=1+2", "007"))
    assert lead.values("A1:B1") == [["=1+2", "007"]]


def test_properties_of_a_sheet_change_by_the_mask(lead: Caller) -> None:
    properties = {"sheetId": 0, "title": "Renamed", "index": 9, "gridProperties": {"frozenRowCount": 1, "rowCount": 5}}
    lead.batch({"updateSheetProperties": {"properties": properties, "fields": "title,gridProperties.frozenRowCount"}})
    found = parts(lead.sheets("GET", "", fields="sheets.properties"), "sheets")
    assert part(found[0], "properties") == {
        "sheetId": 0,
        "title": "Renamed",
        "index": 0,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": 1000, "columnCount": 26, "frozenRowCount": 1},
    }


def test_a_mask_that_names_what_is_not_there_is_refused(lead: Caller) -> None:
    error = part(lead.sheets("GET", "", fields="sheets.titel"), "error")
    assert error["message"] == "Request contains an invalid argument."
    violation = parts(parts(error, "details")[0], "fieldViolations")[0]
    path = "sheets.titel"
    assert violation["description"] == (
        f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    )


def metadata(key: str, row: int, number: int) -> object:
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": row, "endIndex": row + 1}
    body = {"metadataId": number, "metadataKey": key, "visibility": "DOCUMENT", "location": {"dimensionRange": span}}
    return {"createDeveloperMetadata": {"developerMetadata": body}}


def test_an_id_of_metadata_serves_once(lead: Caller) -> None:
    lead.batch(metadata("k", 3, 17))
    assert lead.refusal(metadata("k", 3, 17), write("never")) == (
        "Invalid requests[0].createDeveloperMetadata: Cannot add developer metadata with ID [17] because developer "
        "metadata with that ID already exists."
    )
    assert lead.values("A1") == []
    answer = lead.batch({"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataKey": "k"}}}})
    gone = items(part(parts(answer, "replies")[0], "deleteDeveloperMetadata"), "deletedDeveloperMetadata")
    assert len(gone) == 1


def test_metadata_has_its_limit(lead: Caller) -> None:
    refusal = lead.refusal(*(metadata("k" * 10_000, row, row + 1) for row in range(4)))
    assert refusal.startswith("Invalid requests[3].createDeveloperMetadata: ")


def test_a_small_batch_on_a_large_book_takes_little(emulator: Emulator, lead: Caller) -> None:
    """Far under 0.2 s of CPU, whatever the size: rows are shared with the snapshot."""
    from crm_sheets.google_emulator.model.cell import Cell
    from crm_sheets.google_emulator.model.sheet import EMPTY_ROW

    row = EMPTY_ROW.with_cells(tuple(Cell(value="x") for _ in range(20)))
    emulator.book(lead.spreadsheet).sheets[0].rows = [row] * 20_000
    start = time.process_time()
    for _ in range(5):
        lead.batch(write("a", row=19_999))
    assert (time.process_time() - start) / 5 < 0.1
