"""Charts, slicers, tables, bandings, merges, groups, borders, sizes, and tidying up."""

from typing import Any

import pytest

from crm_sheets.google_emulator import discovery
from crm_sheets.google_emulator.requests import HANDLERS
from tests.google_emulator.calling import Said
from tests.google_emulator.team import Team
from tests.google_emulator.telling import told


def area(rows: tuple[int, int], columns: tuple[int, int]) -> dict[str, Any]:
    return {
        "sheetId": 0,
        "startRowIndex": rows[0],
        "endRowIndex": rows[1],
        "startColumnIndex": columns[0],
        "endColumnIndex": columns[1],
    }


def source(column: int, width: int = 1) -> dict[str, Any]:
    return {"sourceRange": {"sources": [area((0, 5), (column, column + width))]}}


def chart_spec(title: str = "", **changed: Any) -> dict[str, Any]:
    basic = {"chartType": "COLUMN", "domains": [{"domain": source(0)}], "series": [{"series": source(1)}], **changed}
    return {"title": title, "basicChart": basic}


HERE = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 2, "columnIndex": 3}}}


def test_a_chart_keeps_the_id_that_it_was_given(team: Team) -> None:
    added = team.robot.one("addChart", {"chart": {"chartId": 42, "spec": chart_spec("a"), "position": HERE}})["chart"]
    assert added["chartId"] == 42
    assert added["position"]["overlayPosition"] == told(
        {**HERE["overlayPosition"], "widthPixels": 600, "heightPixels": 371}
    )
    with pytest.raises(Said, match="42 already exists"):
        team.robot.one("addChart", {"chart": {"chartId": 42, "spec": chart_spec(), "position": HERE}})
    team.robot.one("updateChartSpec", {"chartId": 42, "spec": chart_spec("b")})
    assert [chart["spec"]["title"] for chart in team.robot.sheet("charts")["charts"]] == ["b"]
    border = {"colorStyle": {"rgbColor": {"red": 1}}}
    team.robot.one("updateEmbeddedObjectBorder", {"objectId": 42, "border": border, "fields": "colorStyle"})
    assert team.robot.sheet("charts")["charts"][0]["border"] == border
    moved = {"overlayPosition": {"widthPixels": 300}}
    reply = team.robot.one(
        "updateEmbeddedObjectPosition", {"objectId": 42, "newPosition": moved, "fields": "widthPixels"}
    )
    assert reply["position"]["overlayPosition"]["widthPixels"] == 300
    assert reply["position"]["overlayPosition"]["anchorCell"] == told(HERE["overlayPosition"]["anchorCell"])
    team.robot.one("deleteEmbeddedObject", {"objectId": 42})
    assert team.robot.sheet("charts") == {}


@pytest.mark.parametrize(
    ("chart", "message", "status"),
    [
        ({"position": HERE}, "No chart spec", 400),
        ({"spec": {"title": "t"}, "position": HERE}, "One of basicChart, pieChart", 400),
        ({"spec": {**chart_spec(), "pieChart": {"domain": source(0)}}, "position": HERE}, "One of basicChart", 400),
        ({"spec": chart_spec(domains=[], series=[]), "position": HERE}, "Internal error encountered.", 500),
        (
            {"spec": chart_spec(series=[{"series": source(1, 2)}]), "position": HERE},
            "ChartSourceRange ranges require all rows or all columns to have length of 1",
            400,
        ),
        ({"spec": chart_spec()}, "One of EmbeddedObjectPosition.overlayPosition", 400),
        ({"spec": chart_spec(), "position": {"overlayPosition": {"anchorCell": {"sheetId": 9}}}}, "id: 9", 400),
        ({"spec": chart_spec(), "chartId": -1, "position": HERE}, "non-negative", 400),
    ],
)
def test_charts_that_google_would_not_take(team: Team, chart: dict[str, Any], message: str, status: int) -> None:
    with pytest.raises(Said, match=message) as refused:
        team.robot.one("addChart", {"chart": chart})
    assert refused.value.status == status
    assert team.robot.sheet("charts") == {}


def test_a_series_goes_with_its_column_and_the_chart_stays(team: Team) -> None:
    spec = chart_spec(series=[{"series": source(1)}, {"series": source(2)}])
    team.robot.one("addChart", {"chart": {"chartId": 1, "spec": spec, "position": HERE}})
    team.robot.one("deleteDimension", {"range": span(1, 2)})
    (chart,) = team.robot.sheet("charts")["charts"]
    assert chart["spec"]["basicChart"]["series"] == told([{"series": source(1)}])
    assert chart["position"]["overlayPosition"]["anchorCell"]["columnIndex"] == 2
    team.robot.one("insertDimension", {"range": {**span(0, 2), "dimension": "ROWS"}})
    (chart,) = team.robot.sheet("charts")["charts"]
    (moved,) = chart["spec"]["basicChart"]["domains"][0]["domain"]["sourceRange"]["sources"]
    assert (moved["startRowIndex"], moved["endRowIndex"]) == (2, 7)


def test_what_is_not_there_is_refused(team: Team) -> None:
    for kind, request, message in (
        ("updateChartSpec", {"chartId": 5, "spec": chart_spec()}, "No chart with id: 5"),
        ("deleteEmbeddedObject", {"objectId": 5}, "No embedded object with id: 5"),
        ("deleteBanding", {"bandedRangeId": 5}, "No banded range with id: 5"),
        ("deleteTable", {"tableId": "5"}, "No table with id: 5"),
        ("updateSlicerSpec", {"slicerId": 5, "fields": "title"}, "No slicer with id: 5"),
    ):
        with pytest.raises(Said, match=rf"Invalid requests\[0\]\.{kind}: {message}"):
            team.robot.one(kind, request)


def test_a_chart_may_have_a_sheet_for_itself(team: Team) -> None:
    team.robot.one("addChart", {"chart": {"chartId": 1, "spec": chart_spec(), "position": {"newSheet": True}}})
    alone = team.robot.sheet("properties,charts", 1)
    assert (alone["properties"]["sheetType"], "gridProperties" in alone["properties"]) == ("OBJECT", False)
    assert alone["charts"][0]["position"] == {"sheetId": alone["properties"]["sheetId"]}
    team.robot.one("deleteEmbeddedObject", {"objectId": 1})
    assert len(team.emulator.book(team.spreadsheet).sheets) == 1


def test_slicers(team: Team) -> None:
    spec = {"dataRange": area((0, 5), (0, 2)), "columnIndex": 1, "title": "a"}
    number = team.robot.one("addSlicer", {"slicer": {"spec": spec, "position": HERE}})["slicer"]["slicerId"]
    team.robot.one("updateSlicerSpec", {"slicerId": number, "spec": {"title": "b"}, "fields": "title"})
    assert team.robot.sheet("slicers")["slicers"][0]["spec"] == told({**spec, "title": "b"})
    with pytest.raises(Said, match="already exists"):
        team.robot.one("addChart", {"chart": {"chartId": number, "spec": chart_spec(), "position": HERE}})


def test_bandings_do_not_overlap(team: Team) -> None:
    colours = {"firstBandColorStyle": {"rgbColor": {"red": 1}}, "secondBandColorStyle": {"rgbColor": {"blue": 1}}}
    first = {"range": area((0, 5), (0, 2)), "rowProperties": colours}
    number = team.robot.one("addBanding", {"bandedRange": first})["bandedRange"]["bandedRangeId"]
    with pytest.raises(Said, match="already has alternating background colors"):
        team.robot.one("addBanding", {"bandedRange": {**first, "range": area((4, 6), (1, 3))}})
    new = {"bandedRangeId": number, "range": area((0, 6), (0, 2))}
    team.robot.one("updateBanding", {"bandedRange": new, "fields": "range"})
    assert team.robot.sheet("bandedRanges")["bandedRanges"][0]["range"]["endRowIndex"] == 6
    team.robot.one("deleteBanding", {"bandedRangeId": number})
    assert team.robot.sheet("bandedRanges") == {}


def test_merging_keeps_the_first_value_only(team: Team) -> None:
    team.robot.write("A1:B2", [1, 2], [3, 4])
    team.robot.one("mergeCells", {"range": area((0, 2), (0, 2)), "mergeType": "MERGE_ROWS"})
    assert team.robot.read("A1:B2") == [[1], [3]]
    assert team.robot.sheet("merges")["merges"] == told([area((0, 1), (0, 2)), area((1, 2), (0, 2))])
    with pytest.raises(Said, match="You must select all cells in a merged range"):
        team.robot.one("unmergeCells", {"range": area((0, 2), (0, 1))})
    team.robot.one("mergeCells", {"range": area((0, 2), (0, 2)), "mergeType": "MERGE_ALL"})
    assert (team.robot.read("A1:B2"), team.robot.sheet("merges")["merges"]) == ([[1]], told([area((0, 2), (0, 2))]))
    team.robot.one("unmergeCells", {"range": area((0, 2), (0, 2))})
    assert team.robot.sheet("merges") == {}


def test_frozen_rows_are_not_merged_with_others(team: Team) -> None:
    frozen = {"properties": {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}}
    team.robot.one("updateSheetProperties", {**frozen, "fields": "gridProperties.frozenRowCount"})
    with pytest.raises(Said, match="You can't merge frozen and non-frozen rows"):
        team.robot.one("mergeCells", {"range": area((0, 2), (0, 1)), "mergeType": "MERGE_ALL"})


def span(start: int, end: int) -> dict[str, Any]:
    return {"sheetId": 0, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}


@pytest.mark.parametrize(
    ("first", "second", "groups"),
    [
        ((2, 4), (1, 5), [(1, 5, 1), (2, 4, 2)]),
        ((1, 5), (2, 4), [(1, 5, 1), (2, 4, 2)]),
        ((1, 4), (2, 5), [(1, 5, 1), (2, 4, 2)]),
    ],
    ids=["around", "inside", "overlapping"],
)
def test_groups_are_as_the_documentation_shows_them(
    team: Team, first: tuple[int, int], second: tuple[int, int], groups: list[tuple[int, int, int]]
) -> None:
    team.robot.one("addDimensionGroup", {"range": span(*first)})
    reply = team.robot.one("addDimensionGroup", {"range": span(*second)})
    found = [(g["range"]["startIndex"], g["range"]["endIndex"], g["depth"]) for g in reply["dimensionGroups"]]
    assert found == groups
    assert reply["dimensionGroups"] == team.robot.sheet("columnGroups")["columnGroups"]


def test_deleting_a_group_lifts_what_lies_in_it(team: Team) -> None:
    """B:E with C:D inside; deleting over D:E leaves B:D with C:C."""
    for one in ((1, 5), (2, 4)):
        team.robot.one("addDimensionGroup", {"range": span(*one)})
    reply = team.robot.one("deleteDimensionGroup", {"range": span(3, 5)})
    found = [(g["range"]["startIndex"], g["range"]["endIndex"], g["depth"]) for g in reply["dimensionGroups"]]
    assert found == [(1, 4, 1), (2, 3, 2)]


def test_a_collapsed_group_hides_its_columns(team: Team) -> None:
    team.robot.one("addDimensionGroup", {"range": span(1, 3)})
    group = {"range": span(1, 3), "depth": 1, "collapsed": True}
    team.robot.one("updateDimensionGroup", {"dimensionGroup": group, "fields": "collapsed"})
    shown = team.robot.sheet("columnGroups,data.columnMetadata.hiddenByUser")
    assert shown["columnGroups"][0]["collapsed"] is True
    assert [one.get("hiddenByUser", False) for one in shown["data"][0]["columnMetadata"][:4]] == [
        False, True, True, False,
    ]  # fmt: skip
    with pytest.raises(Said, match="No dimension group exists"):
        team.robot.one("updateDimensionGroup", {"dimensionGroup": {**group, "depth": 2}, "fields": "collapsed"})


TABLE = {"name": "客户", "range": area((0, 3), (0, 2))}


def test_a_table_names_its_columns_after_its_header(team: Team) -> None:
    team.robot.write("A1", ["名称"])
    table = team.robot.one("addTable", {"table": TABLE})["table"]
    assert [column["columnName"] for column in table["columnProperties"]] == ["名称", "Column 2"]
    assert team.robot.read("A1:B1") == [["名称", "Column 2"]]
    for wrong, message in (
        ({"name": "other", "range": area((2, 5), (1, 4))}, "overlap"),
        ({"name": "客户", "range": area((6, 9), (0, 2))}, "name 客户 already exists"),
    ):
        with pytest.raises(Said, match=message):
            team.robot.one("addTable", {"table": wrong})
    columns = [{"columnName": "甲"}, {"columnIndex": 1, "columnName": "乙", "columnType": "DATE"}]
    changed = {"tableId": table["tableId"], "columnProperties": columns}
    team.robot.one("updateTable", {"table": changed, "fields": "columnProperties"})
    assert team.robot.read("A1:B1") == [["甲", "乙"]]
    nameless = {**changed, "columnProperties": [{"columnIndex": 1, "columnType": "TEXT"}]}
    with pytest.raises(Said, match=r"updateTable: Table header row cell must have a value\."):
        team.robot.one("updateTable", {"table": nameless, "fields": "columnProperties"})
    with pytest.raises(Said, match="This operation is not allowed on cells in typed columns"):
        team.robot.one("setDataValidation", {"range": area((1, 2), (1, 2))})
    team.robot.one("deleteTable", {"tableId": table["tableId"]})
    assert (team.robot.read("A1:B3"), team.robot.sheet("tables")) == ([], {})


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"columnType": "DROPDOWN"}, "Condition must be set for dropdown column type."),
        (
            {"columnType": "TEXT", "dataValidationRule": {"condition": {"type": "ONE_OF_LIST"}}},
            "Cannot set condition for non-dropdown column type.",
        ),
        ({"columnIndex": 2}, "outside of the table"),
    ],
)
def test_columns_of_tables_that_google_would_not_take(team: Team, column: dict[str, Any], message: str) -> None:
    with pytest.raises(Said, match=message):
        team.robot.one("addTable", {"table": {**TABLE, "columnProperties": [column]}})


def test_borders_are_drawn_round_and_inside(team: Team) -> None:
    line = {"style": "SOLID", "width": 1}
    team.robot.one("updateBorders", {"range": area((0, 2), (0, 1)), "top": line, "innerHorizontal": line})
    rows = team.robot.sheet("data.rowData.values.userEnteredFormat.borders")["data"][0]["rowData"]
    drawn = [set(row["values"][0]["userEnteredFormat"]["borders"]) for row in rows]
    assert drawn == [{"top", "bottom"}, {"top"}]
    team.robot.one("updateBorders", {"range": area((0, 2), (0, 1)), "top": {"style": "NONE"}})
    rows = team.robot.sheet("data.rowData.values.userEnteredFormat.borders")["data"][0]["rowData"]
    assert [set(row["values"][0]["userEnteredFormat"]["borders"]) for row in rows] == [{"bottom"}, {"top"}]


def test_columns_become_as_wide_as_what_they_hold(team: Team) -> None:
    team.robot.write("A1:B1", ["x", "a very long text that needs room"])
    team.robot.one("autoResizeDimensions", {"dimensions": span(0, 2)})
    narrow, wide = (
        one["pixelSize"] for one in team.robot.sheet("data.columnMetadata")["data"][0]["columnMetadata"][:2]
    )
    assert narrow < 100 < wide


def test_blanks_round_text_are_trimmed(team: Team) -> None:
    team.robot.write("A1:B2", ["  a   b ", 5], ["c", " "])
    assert team.robot.one("trimWhitespace", {"range": area((0, 2), (0, 2))}) == {"cellsChangedCount": 2}
    assert team.robot.read("A1:B2") == [["a b", 5], ["c"]]


def test_rows_that_are_there_twice_go_and_what_stands_beside_stays(team: Team) -> None:
    team.robot.write("A1:C4", ["a", 1, "x"], ["A", 1, "y"], ["b", 1, "z"], ["a", 1, "w"])
    reply = team.robot.one("deleteDuplicates", {"range": area((0, 4), (0, 2))})
    assert reply == {"duplicatesRemovedCount": 2}
    assert team.robot.read("A1:C4") == [["a", 1, "x"], ["b", 1, "y"], ["", "", "z"], ["", "", "w"]]
    columns = [{"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}]
    reply = team.robot.one("deleteDuplicates", {"range": area((0, 2), (0, 2)), "comparisonColumns": columns})
    assert reply == {"duplicatesRemovedCount": 1}


def test_text_is_split_as_if_it_were_typed(team: Team) -> None:
    team.robot.write("A1:A2", ["甲,5,2026/1/2"], ["乙"])
    team.robot.one("textToColumns", {"source": area((0, 2), (0, 1)), "delimiterType": "COMMA"})
    assert team.robot.read("A1:C2") == [["甲", 5, 46024], ["乙"]]
    with pytest.raises(Said, match="must span exactly one column"):
        team.robot.one("textToColumns", {"source": area((0, 2), (0, 2))})


def test_the_rows_of_a_range_in_any_order(team: Team) -> None:
    team.robot.write("A1:B9", *[[number, number] for number in range(9)])
    team.robot.one("randomizeRange", {"range": area((0, 9), (0, 2))})
    rows = team.robot.read("A1:B9")
    assert rows != sorted(rows)
    assert sorted(rows) == [[number, number] for number in range(9)]


@pytest.mark.parametrize(
    ("source", "alternate", "after"),
    [
        ([1, 3], False, [5, 7, 9]),
        ([1, 2, 4], False, [5.333333333333333, 6.833333333333333, 8.333333333333332]),
        ([5], False, [5, 5, 5]),
        ([5], True, [6, 7, 8]),
        ([1, 3], True, [1, 3, 1]),
        (["一"], False, ["一", "一", "一"]),
        (["甲", "乙"], False, ["甲", "乙", "甲"]),
        (["第 8", "第 10"], False, ["第 12", "第 14", "第 16"]),
        ([True, "x"], False, [True, "x", True]),
    ],
)
def test_series_go_on(team: Team, source: list[Any], alternate: bool, after: list[Any]) -> None:
    size = len(source)
    team.robot.write(f"A1:A{size}", *[[each] for each in source])
    fill: dict[str, Any] = {"source": area((0, size), (0, 1)), "dimension": "ROWS", "fillLength": 3}
    team.robot.one("autoFill", {"sourceAndDestination": fill, "useAlternateSeries": alternate})
    assert [row[0] for row in team.robot.read(f"A{size + 1}:A9")] == pytest.approx(after)


def test_series_of_dates_and_formulas_and_whole_ranges(team: Team) -> None:
    team.robot.write("B2:C3", ["2026-01-30", "=B2+1"], ["2026-01-31", "=B3+1"], typed=True)
    team.robot.one("autoFill", {"range": area((1, 5), (1, 3))})
    days = [46052, 46053, 46054, 46055]
    assert team.robot.read("B2:C9") == [[day, day + 1] for day in days]
    back = {"source": area((1, 2), (1, 3)), "dimension": "ROWS", "fillLength": -1}
    team.robot.one("autoFill", {"sourceAndDestination": back})
    assert team.robot.read("B1:C1") == [[46051, 46052]]
    for wrong in ({}, {"sourceAndDestination": {**back, "fillLength": -2}}):
        with pytest.raises(Said) as refused:
            team.robot.one("autoFill", wrong)
        assert refused.value.status == 400


def test_only_what_the_document_says_is_not_known_yet(team: Team) -> None:
    """docs/google-emulator.md: comments, data sources."""
    missing = discovery.sheets().fields("Request").keys() - HANDLERS.keys()
    assert {kind for kind in missing if "Comment" not in kind and "DataSource" not in kind} == set()
    with pytest.raises(Said, match="The emulator does not know deleteComment yet") as refused:
        team.robot.one("deleteComment", {"commentId": "x"})
    assert refused.value.status == 501
