"""Data filters, developer metadata, new spreadsheets and copies of sheets."""

import pytest

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.json_values import Json, Object, part, parts, text
from tests.google_emulator.conftest import Caller, message
from tests.google_emulator.telling import told


def row(index: int, sheet: int = 0) -> Object:
    return {"sheetId": sheet, "dimension": "ROWS", "startIndex": index, "endIndex": index + 1}


def create(key: str, location: Object, number: int, visibility: str = "DOCUMENT") -> Object:
    body: Object = {"metadataId": number, "metadataKey": key, "visibility": visibility, "location": location}
    return {"createDeveloperMetadata": {"developerMetadata": body}}


def lookup(**wanted: Json) -> Object:
    return {"developerMetadataLookup": wanted}


@pytest.fixture
def marked(lead: Caller) -> Caller:
    """Rows 2 and 3 and column B are marked, and the sheet, and the book."""
    lead.write("A1", [["h1", "h2"], ["a", "1"], ["b", "2"]])
    column: Object = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    lead.batch(
        create("row", {"dimensionRange": row(1)}, 1),
        create("row", {"dimensionRange": row(2)}, 2),
        create("column", {"dimensionRange": column}, 3),
        create("sheet", {"sheetId": 0}, 4),
        create("book", {"spreadsheet": True}, 5),
        create("mine", {"spreadsheet": True}, 6, "PROJECT"),
    )
    assert lead.status == 200
    return lead


@pytest.mark.parametrize(
    ("data_filter", "numbers"),
    [
        (lookup(metadataKey="row"), [1, 2]),
        (lookup(metadataId=3), [3]),
        (lookup(locationType="SHEET"), [4]),
        (lookup(visibility="PROJECT"), [6]),
        (lookup(metadataKey="none"), []),
        (lookup(metadataLocation={"dimensionRange": row(1)}), [1, 3, 4]),
        (lookup(metadataLocation={"dimensionRange": row(1)}, locationMatchingStrategy="EXACT_LOCATION"), [1]),
        (lookup(metadataLocation={"sheetId": 0}, locationType="ROW"), [1, 2]),
        ({"a1Range": "Sheet1!A2:B2"}, [1, 3]),
        ({"gridRange": {"sheetId": 0, "startRowIndex": 2}}, [2, 3]),
    ],
)
def test_metadata_is_found(marked: Caller, data_filter: Object, numbers: list[int]) -> None:
    answer = marked.sheets("POST", "/developerMetadata:search", {"dataFilters": [data_filter]})
    found = parts(answer, "matchedDeveloperMetadata")
    assert sorted(str(part(entry, "developerMetadata")["metadataId"]) for entry in found) == list(map(str, numbers))
    assert all(told(entry["dataFilters"]) == told([data_filter]) for entry in found)


def test_metadata_of_a_program_is_its_own(emulator: Emulator, marked: Caller) -> None:
    emulator.share(marked.spreadsheet, "other@example.com")
    other = Caller(emulator, marked.spreadsheet, "other@example.com")
    assert other.sheets("POST", "/developerMetadata:search", {"dataFilters": [lookup(metadataKey="mine")]}) == {}
    assert message(other.sheets("GET", "/developerMetadata/6")) == "No developer metadata with ID 6."
    assert other.status == 404
    assert marked.sheets("GET", "/developerMetadata/6")["metadataKey"] == "mine"
    other.close()


def test_values_are_read_written_and_cleared_by_filters(marked: Caller) -> None:
    answer = marked.sheets("POST", "/values:batchGetByDataFilter", {"dataFilters": [lookup(metadataKey="row")]})
    found = [part(entry, "valueRange") for entry in parts(answer, "valueRanges")]
    assert sorted((entry["range"], entry["values"]) for entry in found) == [
        ("Sheet1!A2:Z2", [["a", "1"]]),
        ("Sheet1!A3:Z3", [["b", "2"]]),
    ]
    data = [{"dataFilter": lookup(metadataId=2), "values": [["c"]]}]
    answer = marked.sheets("POST", "/values:batchUpdateByDataFilter", {"valueInputOption": "RAW", "data": data})
    assert parts(answer, "responses")[0]["updatedRange"] == "Sheet1!A3"
    answer = marked.sheets("POST", "/values:batchClearByDataFilter", {"dataFilters": [lookup(metadataId=1)]})
    assert answer["clearedRanges"] == ["Sheet1!A2:Z2"]
    assert marked.values("A1:B3") == [["h1", "h2"], [], ["c", "2"]]


def test_a_filter_goes_with_its_row(marked: Caller) -> None:
    marked.batch({"insertDimension": {"range": row(0)}})
    answer = marked.sheets("POST", "/values:batchGetByDataFilter", {"dataFilters": [lookup(metadataId=1)]})
    assert part(parts(answer, "valueRanges")[0], "valueRange")["range"] == "Sheet1!A3:Z3"


@pytest.mark.parametrize("error", [False, True])
def test_a_filter_without_match_is_a_switch(emulator: Emulator, marked: Caller, error: bool) -> None:
    emulator.switches.filter_without_match_is_error = error
    marked.sheets("POST", "/values:batchGetByDataFilter", {"dataFilters": [lookup(metadataKey="none")]})
    assert marked.status == (400 if error else 200)


def test_sheets_are_got_by_filter(marked: Caller) -> None:
    body = {"dataFilters": [lookup(metadataId=2)], "includeGridData": True}
    answer = marked.sheets(
        "POST", ":getByDataFilter", body, fields="sheets.data(startRow,rowData.values.formattedValue)"
    )
    data = [{"startRow": 2, "rowData": [{"values": [{"formattedValue": "b"}, {"formattedValue": "2"}]}]}]
    assert answer == {"sheets": [{"data": data}]}


def test_people_make_spreadsheets_and_service_accounts_do_not(emulator: Emulator, lead: Caller) -> None:
    sheets = [{"properties": {"title": "One", "gridProperties": {"rowCount": 5, "columnCount": 2}}}]
    body = {"properties": {"title": "New", "locale": "zh_CN"}, "sheets": sheets}
    lead.spreadsheet = text(lead.call("POST", "/v4/spreadsheets", body), "spreadsheetId")
    found = lead.sheets("GET", "", fields="properties(title,locale),sheets.properties(title,gridProperties)")
    grid = {"rowCount": 5, "columnCount": 2}
    assert found["properties"] == {"title": "New", "locale": "zh_CN"}
    assert found["sheets"] == [{"properties": {"title": "One", "gridProperties": grid}}]
    robot = Caller(emulator, "", "robot@emulated.iam.gserviceaccount.com")
    assert message(robot.call("POST", "/v4/spreadsheets", {})) == "The caller does not have permission"
    robot.close()


def test_a_sheet_is_copied_into_another_spreadsheet(emulator: Emulator, lead: Caller) -> None:
    lead.write("A1", [["x"]])
    other = emulator.create("Other", sheets=("Copy of Sheet1",))
    answer = lead.sheets("POST", "/sheets/0:copyTo", {"destinationSpreadsheetId": other})
    assert (answer["title"], answer["index"]) == ("Copy of Sheet1 2", 1)
    lead.spreadsheet = other
    assert lead.values("Copy of Sheet1 2!A1") == [["x"]]
    foreign = emulator.create("Foreign", owner="other@example.com")
    assert "error" in lead.sheets("POST", "/sheets/0:copyTo", {"destinationSpreadsheetId": foreign})
    assert lead.status == 403
