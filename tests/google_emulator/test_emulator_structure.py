"""Rows, columns and cells that come, go and move, and what follows them."""

import pytest

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.json_values import Object, part, parts
from crm_sheets.google_emulator.model.shifts import Deleted, Inserted, Moved, Shift, Span
from tests.google_emulator.conftest import Caller
from tests.google_emulator.telling import told


@pytest.mark.parametrize(
    ("shift", "span", "after"),
    [
        (Inserted(2, 3), (0, 2), (0, 2)),
        (Inserted(2, 3), (2, 4), (5, 7)),
        (Inserted(2, 3), (1, 4), (1, 7)),
        (Inserted(0, 1), (None, None), (None, None)),
        (Inserted(2, 3), (1, None), (1, None)),
        (Deleted(2, 4), (0, 2), (0, 2)),
        (Deleted(2, 4), (2, 4), None),
        (Deleted(2, 4), (1, 3), (1, 2)),
        (Deleted(2, 4), (3, 6), (2, 4)),
        (Deleted(2, 4), (5, None), (3, None)),
        (Moved(0, 1, 3), (0, 1), (2, 3)),
        (Moved(0, 1, 3), (1, 2), (0, 1)),
        (Moved(0, 1, 3), (0, 5), (0, 5)),
        (Moved(3, 4, 0), (0, 2), (1, 3)),
        (Moved(1, 2, 4), (0, 4), (0, 4)),
    ],
)
def test_spans(shift: Shift, span: Span, after: Span | None) -> None:
    assert shift.span(span) == after


def rows(start: int, end: int, sheet: int = 0, dimension: str = "ROWS") -> Object:
    return {"sheetId": sheet, "dimension": dimension, "startIndex": start, "endIndex": end}


def area(name: str, sheet: int = 0) -> Object:
    """A GridRange of "B2:C3"."""
    from crm_sheets.google_emulator.a1 import parse
    from crm_sheets.google_emulator.areas import grid_range
    from crm_sheets.google_emulator.model.book import Book
    from crm_sheets.google_emulator.model.sheet import blank_sheet

    book = Book("", "", "", "", [blank_sheet(sheet, "x")])
    return grid_range(parse(book, name).box())


MOVES = [
    ({"insertDimension": {"range": rows(1, 2)}}, ["a", "", "b", "c", "d"], "=SUM(A1:A5)"),
    ({"insertDimension": {"range": rows(0, 2)}}, ["", "", "a", "b", "c", "d"], "=SUM(A3:A6)"),
    ({"deleteDimension": {"range": rows(1, 3)}}, ["a", "d"], "=SUM(A1:A2)"),
    ({"deleteDimension": {"range": rows(0, 4)}}, [], "=SUM(#REF!)"),
    ({"moveDimension": {"source": rows(0, 1), "destinationIndex": 3}}, ["b", "c", "a", "d"], "=SUM(A1:A4)"),
    ({"moveDimension": {"source": rows(2, 4), "destinationIndex": 0}}, ["c", "d", "a", "b"], "=SUM(A1:A4)"),
    ({"insertRange": {"range": area("A2:A2"), "shiftDimension": "ROWS"}}, ["a", "", "b", "c", "d"], "=SUM(A1:A5)"),
    ({"deleteRange": {"range": area("A1:A2"), "shiftDimension": "ROWS"}}, ["c", "d"], "=SUM(A1:A2)"),
    (
        {"cutPaste": {"source": area("A1:A4"), "destination": {"sheetId": 0, "rowIndex": 5, "columnIndex": 0}}},
        ["", "", "", "", "", "a", "b", "c", "d"],
        "=SUM(A6:A9)",
    ),
]


@pytest.mark.parametrize(("change", "column", "formula"), MOVES)
def test_cells_and_formulas_follow(lead: Caller, change: object, column: list[str], formula: str) -> None:
    lead.write("A1", [["a"], ["b"], ["c"], ["d"]])
    lead.write("客户!A1", [["=SUM(Sheet1!A1:A4)"]])
    assert "error" not in lead.batch(change)
    assert lead.values("A:A", majorDimension="COLUMNS") == ([column] if column else [])
    expected = formula.replace("(A", "(Sheet1!A")
    assert lead.values("客户!A1", valueRenderOption="FORMULA") == [[expected]]


def test_columns_move_with_their_cells(lead: Caller) -> None:
    lead.write("A1", [["a", "b", "c"], ["1"]])
    lead.batch({"moveDimension": {"source": rows(0, 1, dimension="COLUMNS"), "destinationIndex": 3}})
    assert lead.values("Sheet1") == [["b", "c", "a"], ["", "", "1"]]
    lead.batch({"insertDimension": {"range": rows(1, 2, dimension="COLUMNS")}})
    assert lead.values("Sheet1") == [["b", "", "c", "a"], ["", "", "", "1"]]
    lead.batch({"deleteDimension": {"range": rows(0, 2, dimension="COLUMNS")}})
    assert lead.values("Sheet1") == [["c", "a"], ["", "1"]]


def test_metadata_goes_with_its_row(lead: Caller) -> None:
    body = {"metadataKey": "k", "visibility": "DOCUMENT", "location": {"dimensionRange": rows(2, 3)}}
    lead.batch({"createDeveloperMetadata": {"developerMetadata": body}})
    lead.batch(
        {"insertDimension": {"range": rows(0, 2)}}, {"moveDimension": {"source": rows(4, 5), "destinationIndex": 0}}
    )
    lookup = {"developerMetadataLookup": {"metadataKey": "k"}}
    answer = lead.batch({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    reply = part(parts(answer, "replies")[0], "deleteDeveloperMetadata")
    location = part(parts(reply, "deletedDeveloperMetadata")[0], "location")
    assert part(location, "dimensionRange") == told(rows(0, 1))
    body["location"] = {"dimensionRange": rows(2, 3)}
    lead.batch({"createDeveloperMetadata": {"developerMetadata": body}}, {"deleteDimension": {"range": rows(2, 3)}})
    answer = lead.batch({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    assert part(parts(answer, "replies")[0], "deleteDeveloperMetadata") == {"deletedDeveloperMetadata": []}


def test_objects_on_sheets_follow(emulator: Emulator, lead: Caller) -> None:
    sheet = emulator.book(lead.spreadsheet).sheets[0]
    sheet.features["protectedRanges"] = [{"protectedRangeId": 1, "range": area("B2:C3")}]
    sheet.features["merges"] = [area("A5:B6"), area("A9:B9")]
    rule: Object = {"condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$A5>1"}]}}
    sheet.features["conditionalFormats"] = [{"ranges": [area("A5:A9")], "booleanRule": rule}]
    lead.batch({"insertDimension": {"range": rows(3, 4)}}, {"deleteDimension": {"range": rows(9, 10)}})
    found = parts(lead.sheets("GET", "", fields="sheets(protectedRanges,merges,conditionalFormats)"), "sheets")[0]
    assert parts(found, "protectedRanges")[0]["range"] == told(area("B2:C3"))
    assert parts(found, "merges") == told([area("A6:B7")])
    conditional = parts(found, "conditionalFormats")[0]
    assert parts(conditional, "ranges") == told([area("A6:A9")])
    condition = part(part(conditional, "booleanRule"), "condition")
    assert parts(condition, "values") == [{"userEnteredValue": "=$A6>1"}]


@pytest.mark.parametrize(
    ("request_body", "refusal"),
    [
        (
            {"deleteDimension": {"range": rows(1000, 1001)}},
            "Invalid requests[0].deleteDimension: Cannot delete a row that doesn't exist. "
            "Tried to delete row index 1000 but there are only 1000 rows.",
        ),
        (
            {"deleteDimension": {"range": rows(0, 1000)}},
            "Invalid requests[0].deleteDimension: You can't delete all the rows on the sheet.",
        ),
        (
            {"repeatCell": {"range": {"sheetId": 0, "startRowIndex": 1000, "endColumnIndex": 2}, "fields": "note"}},
            "Invalid requests[0].repeatCell: Range (Sheet1!A1001:B) exceeds grid limits. "
            "Max rows: 1000, max columns: 26",
        ),
        (
            {"insertDimension": {"range": rows(1000, 1001)}},
            "Invalid requests[0].insertDimension: range.startIndex must be less than the grid size (1000) "
            "if inheritFromBefore is false.",
        ),
        (
            {"insertDimension": {"range": rows(1001, 1002)}},
            "Invalid requests[0].insertDimension: range.startIndex is larger than current grid size (1000)",
        ),
        (
            {"sortRange": {"range": {"startRowIndex": 1000}, "sortSpecs": [{}]}},
            "Invalid requests[0].sortRange: range.startRowIndex is larger than current grid size (1000)",
        ),
        ({"duplicateSheet": {"sourceSheetId": 5}}, "Invalid requests[0].duplicateSheet: No sheet with id: 5"),
    ],
)
def test_refusals(lead: Caller, request_body: object, refusal: str) -> None:
    assert lead.refusal(request_body) == refusal


def test_not_all_rows_may_be_frozen_and_the_rest_deleted(lead: Caller) -> None:
    properties = {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}
    lead.batch({"updateSheetProperties": {"properties": properties, "fields": "gridProperties.frozenRowCount"}})
    assert lead.refusal({"deleteDimension": {"range": rows(1, 1000)}}) == (
        "Invalid requests[0].deleteDimension: Sorry, it is not possible to delete all non-frozen rows."
    )


@pytest.mark.parametrize(
    ("order", "shown"),
    [
        ("ASCENDING", [["1", "d"], ["3", "b"], ["x", "a"], ["TRUE", "e"], ["", "c"]]),
        ("DESCENDING", [["TRUE", "e"], ["x", "a"], ["3", "b"], ["1", "d"], ["", "c"]]),
    ],
)
def test_sorting(lead: Caller, order: str, shown: list[list[str]]) -> None:
    lead.write("A1", [["x", "a"], ["3", "b"], ["", "c"], ["1", "d"], ["TRUE", "e"]])
    lead.batch({"sortRange": {"range": area("A1:B5"), "sortSpecs": [{"dimensionIndex": 0, "sortOrder": order}]}})
    assert lead.values("A1:B5") == shown


@pytest.mark.parametrize("follows", [False, True])
def test_metadata_and_a_sort_are_a_switch(emulator: Emulator, lead: Caller, follows: bool) -> None:
    emulator.switches.metadata_follows_sort = follows
    lead.write("A1", [["b", "=A1"], ["a", "=A2"]])
    body = {"metadataKey": "k", "visibility": "DOCUMENT", "location": {"dimensionRange": rows(0, 1)}}
    lead.batch({"createDeveloperMetadata": {"developerMetadata": body}})
    lead.batch({"sortRange": {"range": area("A1:B2"), "sortSpecs": [{"sortOrder": "ASCENDING"}]}})
    assert lead.values("A1:B2") == [["a", "a"], ["b", "b"]]
    held = [len(row.metadata) for row in emulator.book(lead.spreadsheet).sheets[0].rows[:2]]
    assert held == ([0, 1] if follows else [1, 0])


@pytest.mark.parametrize(
    ("kind", "shown", "formula", "note"),
    [
        ("PASTE_NORMAL", "4", "=A3*2", "n"),
        ("PASTE_VALUES", "2", 2, None),
        ("PASTE_FORMULA", "4", "=A3*2", None),
        ("PASTE_FORMAT", "old", "old", None),
    ],
)
def test_copying(emulator: Emulator, lead: Caller, kind: str, shown: str, formula: object, note: str | None) -> None:
    lead.write("A1", [["1", "=A1*2"], [""], ["2", "old"]])
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 1}
    noted = [{"values": [{"note": "n", "userEnteredFormat": {"textFormat": {"bold": True}}}]}]
    lead.batch({"updateCells": {"start": start, "rows": noted, "fields": "note,userEnteredFormat"}})
    lead.batch({"copyPaste": {"source": area("B1:B1"), "destination": area("B3:B3"), "pasteType": kind}})
    assert lead.values("B3") == [[shown]]
    assert lead.values("B3", valueRenderOption="FORMULA") == [[formula]]
    cell = emulator.book(lead.spreadsheet).sheets[0].cell(2, 1)
    assert cell is not None
    assert cell.note == note
    assert (cell.format is not None) == (kind in ("PASTE_NORMAL", "PASTE_FORMAT"))


def test_a_copy_fills_a_range_and_may_be_turned(lead: Caller) -> None:
    lead.write("A1", [["a", "b"]])
    lead.batch({"copyPaste": {"source": area("A1:B1"), "destination": area("A2:B4")}})
    assert lead.values("A1:B4") == [["a", "b"]] * 4
    turned = {"source": area("A1:B1"), "destination": area("D1:D1"), "pasteOrientation": "TRANSPOSE"}
    lead.batch({"copyPaste": turned})
    assert lead.values("D1:E2") == [["a"], ["b"]]


def test_pasted_text_is_as_typed(lead: Caller) -> None:
    place = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
    lead.batch({"pasteData": {"coordinate": place, "data": 'a\t1,5\n"x\ny"\t=1+1', "delimiter": "\t"}})
    assert lead.values("A1:B2") == [["a", "1,5"], ["x\ny", "2"]]
    lead.batch({"pasteData": {"coordinate": place, "data": "<table><tr><td>h<td>7</table>", "html": True}})
    assert lead.values("A1:B1", valueRenderOption="UNFORMATTED_VALUE") == [["h", 7]]


def test_find_and_replace_counts(lead: Caller) -> None:
    lead.write("A1", [["Ab ab", "x"], ['=LEN("ab")', "AB"]])
    body = {"find": "ab", "replacement": "c", "allSheets": True}
    answer = lead.batch({"findReplace": body})
    assert parts(answer, "replies")[0] == {
        "findReplace": {"valuesChanged": 2, "rowsChanged": 2, "sheetsChanged": 1, "occurrencesChanged": 3}
    }
    assert lead.values("A1:B2") == [["c c", "x"], ["2", "c"]]
    body = {"find": "LEN", "replacement": "UPPER", "sheetId": 0, "includeFormulas": True, "matchCase": True}
    lead.batch({"findReplace": body})
    assert lead.values("A2") == [["AB"]]


def test_named_ranges_follow_and_are_listed(lead: Caller) -> None:
    named = {"name": "Prices", "namedRangeId": "p", "range": area("A1:A2")}
    lead.batch({"addNamedRange": {"namedRange": named}}, {"insertDimension": {"range": rows(0, 1)}})
    assert parts(lead.sheets("GET", "", fields="namedRanges"), "namedRanges") == told(
        [named | {"range": area("A2:A3")}]
    )
    lead.write("Prices", [["1"], ["2"]])
    lead.write("C1", [["=SUM(Prices)"]])
    assert lead.values("C1") == [["3"]]
    lead.batch({"updateNamedRange": {"namedRange": {"namedRangeId": "p", "name": "Costs"}, "fields": "name"}})
    assert lead.values("Costs") == [["1"], ["2"]]
    lead.batch({"deleteNamedRange": {"namedRangeId": "p"}})
    assert lead.values("C1") == [["#NAME?"]]


def test_a_copy_of_a_sheet(lead: Caller) -> None:
    lead.write("A1", [["a", "=A1"]])
    answer = lead.batch({"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 9, "insertSheetIndex": 1}})
    properties = part(part(parts(answer, "replies")[0], "duplicateSheet"), "properties")
    assert (properties["title"], properties["index"]) == ("Copy of Sheet1", 1)
    lead.write("'Copy of Sheet1'!A1", [["b"]])
    assert lead.values("'Copy of Sheet1'") == [["b", "b"]]
    assert lead.values("Sheet1") == [["a", "a"]]


def test_formulas_know_a_sheet_by_its_new_title_and_not_when_it_is_gone(lead: Caller) -> None:
    lead.write("客户!A1", [["7"]])
    lead.write("A1", [["=客户!A1"]])
    sheet = parts(lead.sheets("GET", "", fields="sheets.properties"), "sheets")[1]
    properties = {"sheetId": part(sheet, "properties")["sheetId"], "title": "New ones"}
    lead.batch({"updateSheetProperties": {"properties": properties, "fields": "title"}})
    assert lead.values("A1", valueRenderOption="FORMULA") == [["='New ones'!A1"]]
    lead.batch({"deleteSheet": {"sheetId": properties["sheetId"]}})
    assert lead.values("A1") == [["#REF!"]]


def test_a_repeated_formula_shifts(lead: Caller) -> None:
    lead.write("A1", [["1"], ["2"]])
    cell = {"userEnteredValue": {"formulaValue": "=A1+$A$1"}}
    lead.batch({"repeatCell": {"range": area("B1:B2"), "cell": cell, "fields": "userEnteredValue"}})
    assert lead.values("B1:B2", valueRenderOption="FORMULA") == [["=A1+$A$1"], ["=A2+$A$1"]]


def test_properties_of_lines_and_of_the_book(lead: Caller) -> None:
    lead.batch(
        {"updateDimensionProperties": {"range": rows(0, 1), "properties": {"hiddenByUser": True}, "fields": "*"}},
        {"updateSpreadsheetProperties": {"properties": {"title": "T", "locale": "de_DE"}, "fields": "title,locale"}},
        {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 3}},
    )
    fields = "properties(title,locale),sheets(properties.gridProperties.rowCount,data.rowMetadata)"
    answer = lead.sheets("GET", "", fields=fields, ranges="Sheet1!A1:A2")
    assert part(answer, "properties") == {"title": "T", "locale": "de_DE"}
    sheet = parts(answer, "sheets")[0]
    assert part(part(sheet, "properties"), "gridProperties") == {"rowCount": 1003}
    assert parts(parts(sheet, "data")[0], "rowMetadata") == [{"pixelSize": 21, "hiddenByUser": True}, {"pixelSize": 21}]
    assert "Unsupported locale" in lead.refusal(
        {"updateSpreadsheetProperties": {"properties": {"locale": "xx_YY"}, "fields": "locale"}}
    )


def test_hidden_rows_stay_where_they_are_when_the_others_are_sorted(lead: Caller) -> None:
    lead.write("A1", [["c"], ["b"], ["a"]])
    hide = {"range": rows(1, 2), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    lead.batch({"updateDimensionProperties": hide})
    lead.batch({"sortRange": {"range": area("A1:A3"), "sortSpecs": [{"sortOrder": "DESCENDING"}]}})
    lead.batch({"sortRange": {"range": area("A1:A3"), "sortSpecs": [{"sortOrder": "ASCENDING"}]}})
    assert lead.values("A1:A3") == [["a"], ["b"], ["c"]]
    lead.batch({"sortRange": {"range": area("A1:A3"), "sortSpecs": [{"sortOrder": "DESCENDING"}]}})
    assert lead.values("A1:A3") == [["c"], ["b"], ["a"]]


def test_merges_stop_sorting_and_moving(lead: Caller) -> None:
    lead.batch({"mergeCells": {"range": area("A2:A3"), "mergeType": "MERGE_ALL"}})
    assert lead.refusal({"sortRange": {"range": area("A1:B4"), "sortSpecs": [{}]}}) == (
        "Invalid requests[0].sortRange: You can't sort a range containing vertical merges. "
        "There is a vertical merge at A2:A3"
    )
    move = {"source": rows(1, 2), "destinationIndex": 5}
    assert lead.refusal({"moveDimension": move}) == (
        "Invalid requests[0].moveDimension: Sorry, it is not possible to move a row to a position that crosses a "
        "merged cell. Please unmerge and try again."
    )


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ("=sum( sheet1!a3:a3 )", "=sum( Sheet1!A3 )"),
        ("='Sheet1'!B3:a2", "=Sheet1!A2:B3"),
        ("=sheet1!$d$3 + 1", "=Sheet1!$D$3 + 1"),
        ("=SUM(  A9 ,  '客户'!a1:a1  )", "=SUM(  A9 ,  '客户'!A1  )"),
        ('=if(true,"a3:a3",Sheet1!A9)', '=if(true,"a3:a3",Sheet1!A9)'),
        ("=Sheet1!3:3", "=Sheet1!3:3"),
    ],
)
def test_formulas_are_kept_as_google_writes_them(lead: Caller, entered: str, kept: str) -> None:
    lead.write("客户!B1", [[entered]])
    cell = {"userEnteredValue": {"formulaValue": entered}}
    lead.batch({"repeatCell": {"range": area("D1:D1"), "cell": cell, "fields": "userEnteredValue"}})
    assert lead.values("客户!B1", valueRenderOption="FORMULA") == [[kept]]
    assert lead.values("D1", valueRenderOption="FORMULA") == [[kept]]
