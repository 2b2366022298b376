"""Conditions, data validation, conditional formats, filters."""

import re
from datetime import date
from typing import Any

import pytest

from crm_sheets.google_emulator import discovery
from crm_sheets.google_emulator.conditions import KINDS, Surroundings, holds
from crm_sheets.google_emulator.json_values import items, part
from crm_sheets.google_emulator.model.cell import Scalar
from tests.google_emulator.calling import Said
from tests.google_emulator.team import Team
from tests.google_emulator.telling import told

AROUND = Surroundings(
    today=date(2026, 11, 22),
    entered=lambda typed: float(typed) if re.fullmatch(r"-?[\d.]+", typed) else typed,
    shown=lambda value: "" if value is None else str(value).removesuffix(".0"),
    listed=lambda name: ["甲", "乙", None] if name == "A:A" else [],
)


def test_the_table_of_conditions_is_that_of_google() -> None:
    """Only what is for filters on data sources is left out, and FILTER_EXPRESSION, of which nothing is told."""
    described = part(discovery.sheets().fields("BooleanCondition"), "type")
    told = dict(zip(items(described, "enum"), items(described, "enumDescriptions"), strict=True))
    for name, description in told.items():
        said = str(description)
        kind = KINDS.get(str(name))
        if kind is None:
            assert name in {"CONDITION_TYPE_UNSPECIFIED", "TEXT_NOT_EQ", "DATE_NOT_EQ", "FILTER_EXPRESSION"}
            continue
        assert ("data validation" in said) == ("V" in kind.uses), name
        assert bool(re.search(r"conditional formatting.*Requires|conditional formatting and", said)) == (
            "C" in kind.uses
        ), name
        assert ("Requires exactly two" in said) == (kind.fewest == 2), name
        assert ("Requires a single ConditionValue" in said) == (kind.fewest == 1), name
    assert KINDS.keys() <= told.keys()


@pytest.mark.parametrize(
    ("kind", "values", "met", "unmet"),
    [
        ("NUMBER_BETWEEN", ["1", "5"], [1.0, 5.0], [0.9, "3", None, True]),
        ("NUMBER_NOT_BETWEEN", ["1", "5"], [0.0], [3.0]),
        ("NUMBER_GREATER", ["2"], [2.5], [2.0]),
        ("NUMBER_NOT_EQ", ["2"], [3.0, "x"], [2.0]),
        ("TEXT_CONTAINS", ["Ab"], ["xaby"], ["xy"]),
        ("TEXT_NOT_CONTAINS", ["ab"], ["xy", None], ["AB"]),
        ("TEXT_STARTS_WITH", ["a"], ["Abc"], ["ba"]),
        ("TEXT_EQ", ["a"], ["A"], ["ab"]),
        ("TEXT_IS_EMAIL", [], ["a@b.cn"], ["a@b", "a b@c.de"]),
        ("TEXT_IS_URL", [], ["https://a.cn/x", "a.cn"], ["a b"]),
        ("DATE_ON_OR_AFTER", ["46000"], [46000.5, 46001.0], [45999.0, "x"]),
        ("DATE_EQ", ["46000"], [46000.9], [46001.0]),
        ("DATE_IS_VALID", [], [1.0], ["x"]),
        ("ONE_OF_LIST", ["甲", "5"], ["甲", 5.0], ["乙", "甲 "]),
        ("ONE_OF_RANGE", ["A:A"], ["乙"], ["丙"]),
        ("BOOLEAN", [], [True, False], ["TRUE"]),
        ("BOOLEAN", ["是"], ["是"], ["否", True]),
        ("BLANK", [], [None, ""], ["x", 0.0]),
        ("NOT_BLANK", [], ["x"], [None]),
        ("CUSTOM_FORMULA", ["=A1>2"], ["anything"], []),
    ],
)
def test_what_meets_a_condition(kind: str, values: list[str], met: list[Scalar], unmet: list[Scalar]) -> None:
    condition: Any = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    assert [holds(condition, value, AROUND) for value in met] == [True] * len(met)
    assert [holds(condition, value, AROUND) for value in unmet] == [False] * len(unmet)


def test_days_may_be_relative_to_today() -> None:
    condition: Any = {"type": "DATE_BEFORE", "values": [{"relativeDate": "TODAY"}]}
    today = (date(2026, 11, 22) - date(1899, 12, 30)).days
    assert [holds(condition, float(day), AROUND) for day in (today - 1, today)] == [True, False]


def one_of(*values: str) -> dict[str, Any]:
    condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": value} for value in values]}
    return {"condition": condition, "strict": True, "showCustomUi": True}


def test_a_rule_is_on_each_cell_and_stops_no_program(team: Team) -> None:
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 1}
    team.robot.one("setDataValidation", {"range": area, "rule": one_of("甲", "乙")})
    team.robot.write("A2", ["丙"])
    data = team.robot.sheet("data.rowData.values(dataValidation,formattedValue)")["data"][0]["rowData"]
    assert data[0] == {}
    assert data[1]["values"][0] == {"formattedValue": "丙", "dataValidation": one_of("甲", "乙")}
    team.robot.one("setDataValidation", {"range": area})
    assert "dataValidation" not in str(team.robot.sheet("data.rowData.values(dataValidation)"))


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"type": "NUMBER_BETWEEN", "values": [{"userEnteredValue": "1"}]}, "must have exactly 2 ConditionValues"),
        ({"type": "BLANK"}, "'BLANK' is not supported for data validation"),
        ({}, "Condition type is required"),
        ({"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "=Nowhere!A1"}]}, "Unable to parse range"),
        ({"type": "WISH"}, r"Invalid value at 'requests\[0\].set_data_validation.rule.condition.type'"),
    ],
)
def test_rules_that_google_would_not_take(team: Team, condition: dict[str, Any], message: str) -> None:
    with pytest.raises(Said, match=message):
        team.robot.one("setDataValidation", {"range": {"sheetId": 0}, "rule": {"condition": condition}})


def painted(column: int, kind: str = "NOT_BLANK") -> dict[str, Any]:
    area = {"sheetId": 0, "startColumnIndex": column, "endColumnIndex": column + 1}
    rule = {"condition": {"type": kind}, "format": {"textFormat": {"bold": True}}}
    return {"ranges": [area], "booleanRule": rule}


def columns(team: Team) -> list[int]:
    rules = team.robot.sheet("conditionalFormats").get("conditionalFormats", [])
    return [rule["ranges"][0]["startColumnIndex"] for rule in rules]


def test_conditional_formats_are_called_by_their_rank(team: Team) -> None:
    for column in (5, 1, 2):
        team.robot.one("addConditionalFormatRule", {"rule": painted(column), "index": 0})
    assert columns(team) == [2, 1, 5]
    moved = team.robot.one("updateConditionalFormatRule", {"sheetId": 0, "index": 0, "newIndex": 1})
    assert (moved["oldIndex"], moved["newIndex"], columns(team)) == (0, 1, [1, 2, 5])
    replaced = team.robot.one("updateConditionalFormatRule", {"index": 1, "rule": painted(3)})
    assert (replaced["oldRule"], columns(team)) == (told(painted(2)), [1, 3, 5])
    gone = team.robot.one("deleteConditionalFormatRule", {"sheetId": 0, "index": 0})
    assert (gone["rule"], columns(team)) == (told(painted(1)), [3, 5])
    with pytest.raises(Said, match="No conditional format on sheet: 0 at index: 2"):
        team.robot.one("deleteConditionalFormatRule", {"sheetId": 0, "index": 2})


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"ranges": [{"sheetId": 0}]}, "One of booleanRule or gradientRule"),
        ({"booleanRule": {"condition": {"type": "NOT_BLANK"}}}, "At least one range"),
        (painted(0, "TEXT_IS_URL"), "'TEXT_IS_URL' is not supported for conditional formatting"),
        ({"ranges": [{"sheetId": 5}], **painted(0), "ranges_": 0}, 'Unknown name "ranges_"'),
        (
            {"ranges": [{}], "gradientRule": {"minpoint": {"type": "NUMBER"}, "maxpoint": {"type": "MAX"}}},
            "InterpolationPoint.value is required.",
        ),
        ({"ranges": [{}], "gradientRule": {"minpoint": {"type": "MIN"}}}, "No interpolationPointType specified."),
        (
            {
                "ranges": [{}],
                "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"numberFormat": {"type": "TEXT"}}},
            },
            "does not support the field: numberFormat",
        ),
    ],
)
def test_conditional_formats_that_google_would_not_take(team: Team, rule: dict[str, Any], message: str) -> None:
    with pytest.raises(Said, match=message):
        team.robot.one("addConditionalFormatRule", {"rule": rule})
    assert columns(team) == []


TABLE = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 2}


def hidden(team: Team) -> list[bool]:
    data = team.robot.sheet("data.rowMetadata.hiddenByFilter")["data"][0]["rowMetadata"]
    return [row.get("hiddenByFilter", False) for row in data[:4]]


def test_a_filter_hides_rows_and_shows_them_when_it_goes(team: Team) -> None:
    team.robot.write("A1:B4", ["name", "n"], ["a", 1], ["b", 2], ["c", 3])
    spec = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["2"]}}
    team.editor.one("setBasicFilter", {"filter": {"range": TABLE, "filterSpecs": [spec]}})
    assert hidden(team) == [False, False, True, False]
    told = team.robot.sheet("basicFilter")["basicFilter"]
    assert told["criteria"] == {"1": spec["filterCriteria"]}
    assert told["filterSpecs"] == [spec]
    above = {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "1"}]}
    team.editor.one("setBasicFilter", {"filter": {"range": TABLE, "criteria": {"1": {"condition": above}}}})
    assert hidden(team) == [False, True, False, False]
    team.editor.one("clearBasicFilter", {"sheetId": 0})
    assert hidden(team) == [False] * 4
    assert team.robot.read("B1:B4") == [["n"], [1], [2], [3]]


def test_a_filter_that_sorts_sorts_for_good(team: Team) -> None:
    team.robot.write("A1:B4", ["name", "n"], ["a", 2], ["b", 3], ["c", 1])
    order = [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
    team.editor.one("setBasicFilter", {"filter": {"range": TABLE, "sortSpecs": order}})
    assert team.robot.read("A1:A4") == [["name"], ["b"], ["a"], ["c"]]


def test_filters_that_google_would_not_take(team: Team) -> None:
    spec = {"columnIndex": 2, "filterCriteria": {"hiddenValues": ["2"]}}
    with pytest.raises(Said, match="outside of the range of the filter"):
        team.editor.one("setBasicFilter", {"filter": {"range": TABLE, "filterSpecs": [spec]}})
    team.editor.one("mergeCells", {"range": {**TABLE, "startRowIndex": 1}, "mergeType": "MERGE_COLUMNS"})
    with pytest.raises(Said, match="You can't create a filter over a range containing vertical merges"):
        team.editor.one("setBasicFilter", {"filter": {"range": TABLE}})


def test_filter_views_hide_nothing_for_others(team: Team) -> None:
    spec = {"columnIndex": 0, "filterCriteria": {"hiddenValues": ["a"]}}
    view = team.editor.one("addFilterView", {"filter": {"title": "mine", "range": TABLE, "filterSpecs": [spec]}})
    number = view["filter"]["filterViewId"]
    copy = team.editor.one("duplicateFilterView", {"filterId": number})["filter"]
    assert copy["filterViewId"] != number
    team.editor.one("updateFilterView", {"filter": {"filterViewId": number, "title": "ours"}, "fields": "title"})
    team.editor.one("deleteFilterView", {"filterId": copy["filterViewId"]})
    views = team.robot.sheet("filterViews")["filterViews"]
    assert [(one["title"], one["filterViewId"], one["filterSpecs"]) for one in views] == [("ours", number, [spec])]
    assert hidden(team) == [False] * 4
    with pytest.raises(Said, match="No filter view with id: 1"):
        team.editor.one("deleteFilterView", {"filterId": 1})
