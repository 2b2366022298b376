"""gspread's own public API on the emulator: each name behaves as gspread's documentation says.

Which names are covered, and why a few are not, stands in `gspread_table.py`. Requests and answers are checked against
Google's discovery documents by the emulator itself; that this is on is asserted at the end of every test.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import gspread
import pytest
from google.oauth2.credentials import Credentials
from gspread.cell import Cell
from gspread.exceptions import APIError, SpreadsheetNotFound, WorksheetNotFound
from gspread.spreadsheet import Spreadsheet
from gspread.utils import DateTimeOption, Dimension, MergeType, ValidationConditionType, ValueRenderOption
from gspread.worksheet import Worksheet

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.files import Comment
from tests.google_emulator.conftest import NOON
from tests.google_emulator.gspread_table import CLASSES, NOT_COVERED, claimed, public_names, uses, watched

ROBOT, LEAD, SALES = "robot@emulated.iam.gserviceaccount.com", "lead@example.com", "sales@example.com"


@pytest.fixture
def client(emulator: Emulator, gspread_at: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[gspread.Client]:
    for title, owner in CLASSES.items():
        for name, member in list(vars(owner).items()):
            if not name.startswith("_") and (callable(member) or isinstance(member, property)):
                monkeypatch.setattr(owner, name, watched(title, name, member))
    found = gspread.service_account_from_dict(emulator.service_account(ROBOT))
    yield found
    found.http_client.session.close()
    assert emulator.switches.check_answers
    assert emulator.api.defects == []


@pytest.fixture
def book(emulator: Emulator, client: gspread.Client) -> Spreadsheet:
    key = emulator.create("客户", owner=LEAD)
    emulator.share(key, ROBOT)
    return client.open_by_key(key)


@pytest.fixture
def sheet(book: Spreadsheet) -> Worksheet:
    found = book.sheet1
    found.update([["name", "n"], ["b", 2], ["a", 1], ["c", 3]], "A1")
    return found


def test_every_public_name_is_covered_or_has_a_reason() -> None:
    assert public_names() - claimed() == set(NOT_COVERED)
    assert claimed() <= public_names()


@uses("Client.open", "Client.open_by_key", "Client.open_by_url", "Client.openall", "Client.list_spreadsheet_files")
def test_spreadsheets_are_found_by_title_key_and_address(client: gspread.Client, book: Spreadsheet) -> None:
    assert client.open("客户").id == book.id
    assert client.open_by_url(f"https://docs.google.com/spreadsheets/d/{book.id}/edit#gid=0").id == book.id
    assert [found.id for found in client.openall()] == [book.id]
    assert [entry["name"] for entry in client.list_spreadsheet_files("客户")] == ["客户"]
    with pytest.raises(SpreadsheetNotFound):
        client.open("another")
    with pytest.raises(SpreadsheetNotFound):
        client.open_by_key("1" + "x" * 43)


@uses("Client.copy")
def test_a_person_copies_a_spreadsheet_and_its_comments(emulator: Emulator, book: Spreadsheet) -> None:
    person = gspread.Client(Credentials(emulator.user_token(LEAD)))
    for text in ("核对过", "价格待定"):
        emulator.files.held[book.id].comments.append(Comment(text, LEAD, text, NOON, NOON))
    copy = person.copy(book.id, "客户（副本）", copy_comments=True)
    person.http_client.session.close()
    assert [sheet.title for sheet in copy.worksheets()] == ["Sheet1"]
    assert sorted(comment.content for comment in emulator.files.held[copy.id].comments) == ["价格待定", "核对过"]


@uses("Client.open_by_key")
def test_what_is_not_shared_is_not_opened(emulator: Emulator, client: gspread.Client) -> None:
    key = emulator.create("secret", owner=LEAD)
    with pytest.raises(PermissionError):
        client.open_by_key(key)


@uses("Client.create", "Client.del_spreadsheet")
def test_people_create_spreadsheets_and_service_accounts_have_no_room_for_any(
    emulator: Emulator, client: gspread.Client
) -> None:
    with pytest.raises(APIError, match="Service Accounts do not have storage quota"):
        client.create("mine")
    person = gspread.authorize(Credentials(token=emulator.user_token(LEAD)))
    created = person.create("ours")
    assert (created.title, created.sheet1.title) == ("ours", "Sheet1")
    person.del_spreadsheet(created.id)
    with pytest.raises(SpreadsheetNotFound):
        person.open_by_key(created.id)
    person.http_client.session.close()


@uses(
    "Client.insert_permission", "Client.list_permissions", "Client.remove_permission",
    "Spreadsheet.share", "Spreadsheet.list_permissions", "Spreadsheet.remove_permissions",
)  # fmt: skip
def test_sharing(client: gspread.Client, book: Spreadsheet) -> None:
    book.share(SALES, perm_type="user", role="reader", notify=False)
    client.insert_permission(book.id, "guest@example.com", perm_type="user", role="writer", notify=False)
    roles = {str(one["emailAddress"]): str(one["role"]) for one in book.list_permissions()}
    assert roles == {LEAD: "owner", ROBOT: "writer", SALES: "reader", "guest@example.com": "writer"}
    book.remove_permissions(SALES, role="reader")
    numbers = [str(one["id"]) for one in client.list_permissions(book.id) if one["emailAddress"] == "guest@example.com"]
    client.remove_permission(book.id, numbers[0])
    assert {str(one["emailAddress"]) for one in book.list_permissions()} == {LEAD, ROBOT}


@uses(
    "Client.get_file_drive_metadata", "Client.expiry", "Client.set_timeout", "Spreadsheet.creationTime",
    "Spreadsheet.lastUpdateTime", "Spreadsheet.get_lastUpdateTime", "Spreadsheet.update_drive_metadata",
)  # fmt: skip
def test_times(client: gspread.Client, book: Spreadsheet) -> None:
    client.set_timeout(10)
    assert client.get_file_drive_metadata(book.id)["name"] == "客户"
    assert client.expiry is not None
    book.update_drive_metadata()
    created = datetime.fromisoformat(book.creationTime)
    assert created.tzinfo == UTC
    assert book.lastUpdateTime == book.get_lastUpdateTime()


@uses(
    "Spreadsheet.id", "Spreadsheet.title", "Spreadsheet.url", "Spreadsheet.locale", "Spreadsheet.timezone",
    "Spreadsheet.update_title", "Spreadsheet.update_locale", "Spreadsheet.update_timezone",
    "Spreadsheet.fetch_sheet_metadata",
)  # fmt: skip
def test_properties_of_a_spreadsheet(client: gspread.Client, book: Spreadsheet) -> None:
    assert (book.title, book.locale, book.timezone) == ("客户", "zh_CN", "Asia/Shanghai")
    assert book.url == f"https://docs.google.com/spreadsheets/d/{book.id}"
    book.update_title("商机")
    book.update_locale("en_US")
    book.update_timezone("Europe/Berlin")
    told = client.open_by_key(book.id).fetch_sheet_metadata()["properties"]
    assert (told["title"], told["locale"], told["timeZone"]) == ("商机", "en_US", "Europe/Berlin")


@uses(
    "Spreadsheet.add_worksheet", "Spreadsheet.worksheet", "Spreadsheet.worksheets", "Spreadsheet.get_worksheet",
    "Spreadsheet.get_worksheet_by_id", "Spreadsheet.sheet1", "Spreadsheet.del_worksheet",
    "Spreadsheet.del_worksheet_by_id", "Spreadsheet.duplicate_sheet", "Spreadsheet.reorder_worksheets",
    "Worksheet.title", "Worksheet.id", "Worksheet.index", "Worksheet.url", "Worksheet.row_count", "Worksheet.col_count",
    "Worksheet.column_count", "Worksheet.spreadsheet",
)  # fmt: skip
def test_worksheets_come_go_and_change_places(book: Spreadsheet) -> None:
    added = book.add_worksheet("跟进", rows=5, cols=3)
    assert (added.row_count, added.col_count, added.column_count, added.index) == (5, 3, 3, 1)
    assert added.url == f"{book.url}#gid={added.id}"
    assert added.spreadsheet.id == book.id
    copy = book.duplicate_sheet(added.id, insert_sheet_index=0, new_sheet_name="copy")
    assert [one.title for one in book.worksheets()] == ["copy", "Sheet1", "跟进"]
    book.reorder_worksheets([added, book.worksheet("Sheet1"), copy])
    assert [one.title for one in book.worksheets()] == ["跟进", "Sheet1", "copy"]
    assert (book.get_worksheet(0).id, book.get_worksheet_by_id(added.id).title) == (added.id, "跟进")
    book.del_worksheet(copy)
    book.del_worksheet_by_id(added.id)
    assert [one.id for one in book.worksheets()] == [book.sheet1.id]
    with pytest.raises(WorksheetNotFound):
        book.worksheet("跟进")
    with pytest.raises(APIError, match="can't remove all"):
        book.del_worksheet(book.sheet1)


@uses(
    "Spreadsheet.values_get", "Spreadsheet.values_update", "Spreadsheet.values_append", "Spreadsheet.values_clear",
    "Spreadsheet.values_batch_get", "Spreadsheet.values_batch_update", "Spreadsheet.values_batch_clear",
    "Spreadsheet.batch_update",
)  # fmt: skip
def test_values_through_the_spreadsheet(book: Spreadsheet) -> None:
    book.values_update("Sheet1!A1", {"valueInputOption": "RAW"}, {"values": [["a", "1"], ["b"]]})
    assert book.values_get("Sheet1!A1:C3")["values"] == [["a", "1"], ["b"]]
    appended = book.values_append("Sheet1!A1", {"valueInputOption": "USER_ENTERED"}, {"values": [["c", "3"]]})
    assert (appended["tableRange"], appended["updates"]["updatedRange"]) == ("Sheet1!A1:B2", "Sheet1!A3:B3")
    data = [{"range": "Sheet1!D1", "values": [["x"]]}, {"range": "Sheet1!D2:D3", "values": [["y"], ["z"]]}]
    assert book.values_batch_update({"valueInputOption": "RAW", "data": data})["totalUpdatedCells"] == 3
    ranges = book.values_batch_get(["Sheet1!A3:B3", "Sheet1!D:D"])["valueRanges"]
    assert [one["values"] for one in ranges] == [[["c", "3"]], [["x"], ["y"], ["z"]]]
    assert book.values_clear("Sheet1!D1")["clearedRange"] == "Sheet1!D1"
    assert book.values_batch_clear(body={"ranges": ["Sheet1!D2", "Sheet1!D3"]})["clearedRanges"] == [
        "Sheet1!D2", "Sheet1!D3",
    ]  # fmt: skip
    assert "values" not in book.values_get("Sheet1!D:D")
    assert book.batch_update({"requests": [{"addSheet": {"properties": {"title": "b"}}}]})["replies"]


@uses("Worksheet.get", "Worksheet.get_values", "Worksheet.get_all_values", "Worksheet.batch_get", "Worksheet.update")
def test_reading_as_shown_as_it_is_and_as_formula(sheet: Worksheet) -> None:
    sheet.update([["2026/11/22", "1,234.5", "=B2+1", "'007", True]], "D1", raw=False)
    assert sheet.get("D1:H1") == [["2026/11/22", "1,234.50", "3", "007", "TRUE"]]
    plain = sheet.get("D1:H1", value_render_option=ValueRenderOption.unformatted)
    assert plain == [[46348, 1234.5, 3, "007", True]]
    shown = sheet.get(
        "D1:E1",
        value_render_option=ValueRenderOption.unformatted,
        date_time_render_option=DateTimeOption.formatted_string,
    )
    assert shown == [["2026/11/22", 1234.5]]
    assert sheet.get("F1", value_render_option=ValueRenderOption.formula) == [["=B2+1"]]
    assert sheet.get("A2:B3", major_dimension=Dimension.cols) == [["b", "a"], ["2", "1"]]
    assert sheet.get_values("A1:B2") == [["name", "n"], ["b", "2"]]
    assert sheet.get_all_values()[1] == ["b", "2", "", "", "", "", "", ""]
    first, second = sheet.batch_get(["A1:A2", "B4"])
    assert (first.first(), second.first()) == ("name", "3")


@uses(
    "Worksheet.acell", "Worksheet.cell", "Worksheet.range", "Worksheet.get_all_cells", "Worksheet.row_values",
    "Worksheet.col_values", "Worksheet.get_all_records", "Worksheet.find", "Worksheet.findall", "Worksheet.expand",
)  # fmt: skip
def test_finding_cells(sheet: Worksheet) -> None:
    assert (sheet.acell("B2").value, sheet.cell(3, 1).value) == ("2", "a")
    assert [cell.value for cell in sheet.range("A1:B2")] == ["name", "n", "b", "2"]
    sheet.resize(rows=4, cols=2)
    assert [cell.value for cell in sheet.get_all_cells()] == ["name", "n", "b", "2", "a", "1", "c", "3"]
    assert (sheet.row_values(2), sheet.col_values(1)) == (["b", "2"], ["name", "b", "a", "c"])
    assert sheet.get_all_records()[0] == {"name": "b", "n": 2}
    found = sheet.find("a", in_column=1)
    assert found is not None
    assert (found.row, found.col) == (3, 1)
    assert sheet.find("nobody") is None
    assert [cell.address for cell in sheet.findall("b")] == ["A2"]
    assert sheet.expand("A1") == [["name", "n"], ["b", "2"], ["a", "1"], ["c", "3"]]


@uses(
    "Worksheet.update_acell", "Worksheet.update_cell", "Worksheet.update_cells", "Worksheet.batch_update",
    "Worksheet.append_row", "Worksheet.append_rows", "Worksheet.insert_row", "Worksheet.insert_rows",
    "Worksheet.insert_cols", "Worksheet.clear", "Worksheet.batch_clear",
)  # fmt: skip
def test_writing_cells_and_rows(sheet: Worksheet) -> None:
    sheet.update_acell("B2", 20)
    sheet.update_cell(3, 2, "=B2*2")
    sheet.update_cells([Cell(4, 1, "C"), Cell(4, 2, "30")])
    sheet.batch_update([{"range": "C1:C2", "values": [["x"], ["y"]]}])
    assert sheet.get("A2:C4") == [["b", "20", "y"], ["a", "40"], ["C", "30"]]
    sheet.append_row(["d", "=1+1"], value_input_option=gspread.utils.ValueInputOption.user_entered)
    sheet.append_rows([["e", "5"], ["f", "6"]])
    assert sheet.get("A5:B7") == [["d", "2"], ["e", "5"], ["f", "6"]]
    sheet.insert_row(["top", "row"], index=2)
    sheet.insert_rows([["two"], ["three"]], row=3)
    assert sheet.col_values(1) == ["name", "top", "two", "three", "b", "a", "C", "d", "e", "f"]
    assert sheet.cell(6, 2, value_render_option=ValueRenderOption.formula).value == "=B5*2"
    sheet.insert_cols([["new", "col"]], col=2)
    assert sheet.get("A1:D2") == [["name", "new", "n", "x"], ["top", "col", "row"]]
    sheet.batch_clear(["A1:B1", "D1"])
    assert sheet.row_values(1) == ["", "", "n"]
    sheet.clear()
    assert sheet.get_all_values() == [[]]


@uses(
    "Worksheet.add_rows", "Worksheet.add_cols", "Worksheet.resize", "Worksheet.delete_rows", "Worksheet.delete_columns",
    "Worksheet.delete_dimension", "Worksheet.sort", "Worksheet.copy_range", "Worksheet.cut_range",
)  # fmt: skip
def test_rows_and_columns_move(sheet: Worksheet) -> None:
    sheet.resize(rows=10, cols=5)
    sheet.add_rows(2)
    sheet.add_cols(1)
    assert (sheet.row_count, sheet.col_count) == (12, 6)
    sheet.sort((1, "asc"), range="A2:B4")
    assert sheet.get("A2:B4") == [["a", "1"], ["b", "2"], ["c", "3"]]
    sheet.copy_range("A2:B2", "D2")
    sheet.cut_range("A3:B3", "D3")
    assert sheet.get("A2:E4") == [["a", "1", "", "a", "1"], ["", "", "", "b", "2"], ["c", "3"]]
    sheet.delete_rows(2, 3)
    sheet.delete_columns(1)
    sheet.delete_dimension(Dimension.rows, 1)
    assert sheet.get_all_values() == [["3"]]
    with pytest.raises(APIError, match="exceeds grid limits"):
        sheet.get("A1000")


@uses(
    "Worksheet.update_title", "Worksheet.update_index", "Worksheet.update_tab_color", "Worksheet.get_tab_color",
    "Worksheet.tab_color", "Worksheet.clear_tab_color", "Worksheet.freeze", "Worksheet.frozen_row_count",
    "Worksheet.frozen_col_count", "Worksheet.hide", "Worksheet.show", "Worksheet.isSheetHidden",
    "Worksheet.hide_gridlines", "Worksheet.show_gridlines", "Worksheet.is_gridlines_hidden", "Worksheet.duplicate",
    "Worksheet.copy_to",
)  # fmt: skip
def test_properties_of_a_worksheet(emulator: Emulator, client: gspread.Client, book: Spreadsheet) -> None:
    sheet = book.add_worksheet("b", 10, 10)
    sheet.update_title("renamed")
    sheet.update_index(0)
    sheet.update_tab_color("#ff8000")
    sheet.freeze(rows=1, cols=2)
    sheet.hide_gridlines()
    told = client.open_by_key(book.id).get_worksheet(0)
    assert (told.title, told.get_tab_color(), told.tab_color) == ("renamed", "#FF8000", "#FF8000")
    assert (told.frozen_row_count, told.frozen_col_count, told.is_gridlines_hidden) == (1, 2, True)
    told.show_gridlines()
    told.clear_tab_color()
    told.hide()
    assert book.worksheets()[0].isSheetHidden
    assert [one.title for one in book.worksheets(exclude_hidden=True)] == ["Sheet1"]
    told.show()
    assert not book.worksheets()[0].isSheetHidden
    assert book.worksheets()[0].get_tab_color() is None
    assert told.duplicate(new_sheet_name="twice").frozen_col_count == 2
    other = emulator.create("other", owner=LEAD)
    emulator.share(other, ROBOT)
    assert told.copy_to(other)["title"] == "Copy of renamed"


@uses(
    "Worksheet.format", "Worksheet.batch_format", "Worksheet.merge_cells", "Worksheet.unmerge_cells",
    "Worksheet.batch_merge", "Worksheet.columns_auto_resize", "Worksheet.rows_auto_resize",
)  # fmt: skip
def test_looks(sheet: Worksheet) -> None:
    sheet.format("A1:B1", {"textFormat": {"bold": True}})
    sheet.batch_format([{"range": "B2:B4", "format": {"numberFormat": {"type": "NUMBER", "pattern": "0.00"}}}])
    assert sheet.get("A1:B2") == [["name", "n"], ["b", "2.00"]]
    sheet.merge_cells("A2:B2")
    sheet.batch_merge([{"range": "D1:E2"}], merge_type=MergeType.merge_rows)
    merges = sheet.spreadsheet.fetch_sheet_metadata()["sheets"][0]["merges"]
    assert len(merges) == 3
    sheet.unmerge_cells("A1:E4")
    assert "merges" not in sheet.spreadsheet.fetch_sheet_metadata()["sheets"][0]
    sheet.columns_auto_resize(0, 2)
    sheet.rows_auto_resize(0, 2)


@uses(
    "Worksheet.update_note", "Worksheet.update_notes", "Worksheet.insert_note", "Worksheet.insert_notes",
    "Worksheet.get_note", "Worksheet.get_notes", "Worksheet.clear_note", "Worksheet.clear_notes",
)  # fmt: skip
def test_notes(sheet: Worksheet) -> None:
    sheet.update_note("A2", "first")
    sheet.insert_note("B2", "second")
    sheet.update_notes({"A3": "third"})
    sheet.insert_notes({"B3": "fourth"})
    assert sheet.get_note("A2") == "first"
    assert sheet.get_notes()[1:3] == [["first", "second"], ["third", "fourth"]]
    sheet.clear_note("A2")
    sheet.clear_notes(["B2", "A3"])
    assert [note for row in sheet.get_notes() for note in row if note] == ["fourth"]
    assert sheet.get("A2:B3") == [["b", "2"], ["a", "1"]]


@uses(
    "Worksheet.define_named_range", "Worksheet.delete_named_range", "Spreadsheet.list_named_ranges",
    "Spreadsheet.named_range", "Worksheet.add_protected_range", "Worksheet.delete_protected_range",
    "Spreadsheet.list_protected_ranges", "Worksheet.add_validation", "Worksheet.set_basic_filter",
    "Worksheet.clear_basic_filter",
)  # fmt: skip
def test_names_protection_rules_and_filters(book: Spreadsheet, sheet: Worksheet) -> None:
    sheet.define_named_range("A2:B3", "people")
    assert [cell.value for cell in book.named_range("people")] == ["b", "2", "a", "1"]
    sheet.delete_named_range(book.list_named_ranges()[0]["namedRangeId"])
    assert book.list_named_ranges() == []
    sheet.add_protected_range("A1:A4", [ROBOT], description="ours")
    protected = book.list_protected_ranges(sheet.id)
    assert [(one["description"], set(one["editors"]["users"])) for one in protected] == [("ours", {ROBOT, LEAD})]
    sheet.delete_protected_range(protected[0]["protectedRangeId"])
    assert book.list_protected_ranges(sheet.id) == []
    sheet.add_validation("B2:B4", ValidationConditionType.number_greater, ["0"], strict=True, inputMessage="> 0")
    sheet.set_basic_filter("A1:B4")
    told = book.fetch_sheet_metadata()["sheets"][0]
    assert told["basicFilter"]["range"]["endRowIndex"] == 4
    sheet.clear_basic_filter()
    assert "basicFilter" not in book.fetch_sheet_metadata()["sheets"][0]


@uses(
    "Worksheet.add_dimension_group_columns", "Worksheet.add_dimension_group_rows",
    "Worksheet.delete_dimension_group_columns", "Worksheet.delete_dimension_group_rows",
    "Worksheet.list_dimension_group_columns", "Worksheet.list_dimension_group_rows",
    "Worksheet.hide_columns", "Worksheet.hide_rows", "Worksheet.unhide_columns", "Worksheet.unhide_rows",
)  # fmt: skip
def test_groups_and_hidden_rows(sheet: Worksheet) -> None:
    sheet.add_dimension_group_rows(1, 3)
    sheet.add_dimension_group_columns(0, 2)
    assert sheet.list_dimension_group_rows()[0]["range"]["endIndex"] == 3
    assert sheet.list_dimension_group_columns()[0]["depth"] == 1
    sheet.delete_dimension_group_rows(1, 3)
    sheet.delete_dimension_group_columns(0, 2)
    assert (sheet.list_dimension_group_rows(), sheet.list_dimension_group_columns()) == ([], [])
    for change in (sheet.hide_rows, sheet.unhide_rows, sheet.hide_columns, sheet.unhide_columns):
        change(1, 2)
    sheet.hide_rows(1, 2)
    fields = "sheets.data.rowMetadata.hiddenByUser"
    rows = sheet.spreadsheet.fetch_sheet_metadata({"fields": fields})["sheets"][0]["data"][0]["rowMetadata"]
    assert [row.get("hiddenByUser", False) for row in rows[:3]] == [False, True, False]


@uses("Worksheet.update")
def test_what_does_not_fit_is_refused(sheet: Worksheet) -> None:
    with pytest.raises(APIError, match="exceeds grid limits"):
        sheet.update([["x"]], "A1001")
    with pytest.raises(APIError, match="Unable to parse range"):
        sheet.spreadsheet.values_get("Nowhere!A1")
