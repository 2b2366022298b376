"""spreadsheets.values over HTTP: small tables of what is written and what is read."""

import pytest

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.json_values import parts
from tests.google_emulator.conftest import Caller, message


@pytest.mark.parametrize(
    ("typed", "shown", "raw", "entered"),
    [
        ("5", "5", 5, 5),
        ("1,234.5", "1,234.50", 1234.5, 1234.5),
        ("50%", "50%", 0.5, 0.5),
        ("$3", "$3", 3, 3),
        ("1e3", "1.00E+03", 1000, 1000),
        ("007", "7", 7, 7),
        ("'007", "007", "007", "007"),
        ("true", "TRUE", True, True),
        ("2026-11-22", "2026-11-22", 46348, 46348),
        ("11/22/2026", "11/22/2026", 46348, 46348),
        ("14:30", "14:30", 0.6041666666666666, 0.6041666666666666),
        ("2026-11-22 14:30", "2026-11-22 14:30:00", 46348.604166666664, 46348.604166666664),
        ("=1+2*3", "7", 7, "=1+2*3"),
        ("=NOSUCH(1)", "#NAME?", "#NAME?", "=NOSUCH(1)"),
        ("=1/0", "#DIV/0!", "#DIV/0!", "=1/0"),
        ("=(", "#ERROR!", "#ERROR!", "=("),
        ("-abc", "-abc", "-abc", "-abc"),
        ("13/13/2026", "13/13/2026", "13/13/2026", "13/13/2026"),
        ("1,23", "1,23", "1,23", "1,23"),
        (" x ", " x ", " x ", " x "),
        (5.5, "5.5", 5.5, 5.5),
        (False, "FALSE", False, False),
    ],
)
def test_typing_into_a_cell(lead: Caller, typed: object, shown: object, raw: object, entered: object) -> None:
    lead.write("A1", [[typed]])
    assert lead.values("A1") == [[shown]]
    assert lead.values("A1", valueRenderOption="UNFORMATTED_VALUE") == [[raw]]
    assert lead.values("A1", valueRenderOption="FORMULA") == [[entered]]


@pytest.mark.parametrize(
    ("locale", "typed", "raw"),
    [
        ("zh_CN", "2026年11月22日", 46348),
        ("zh_CN", "2026/11/22", 46348),
        ("zh_CN", "¥1,234", 1234),
        ("de_DE", "1.234,5", 1234.5),
        ("de_DE", "22.11.2026", 46348),
        ("en_GB", "22/11/2026", 46348),
    ],
)
def test_a_locale_decides_what_is_a_number_and_a_date(
    emulator: Emulator, lead: Caller, locale: str, typed: str, raw: object
) -> None:
    emulator.book(lead.spreadsheet).locale = locale
    lead.write("A1", [[typed]])
    assert lead.values("A1", valueRenderOption="UNFORMATTED_VALUE") == [[raw]]


def test_raw_leaves_text_as_it_is(lead: Caller) -> None:
    lead.write("A1", [["=1+2", "007", "'x", 5, True]], "RAW")
    assert lead.values("A1:E1", valueRenderOption="UNFORMATTED_VALUE") == [["=1+2", "007", "'x", 5, True]]


def test_empty_cells_and_rows_at_the_end_are_cut_off(lead: Caller) -> None:
    lead.write("A1", [["a", "", "c", ""], [], ["", "b"], [""]])
    assert lead.values("A1:D9") == [["a", "", "c"], [], ["", "b"]]
    assert lead.values("A1:D9", majorDimension="COLUMNS") == [["a"], ["", "", "b"], ["c"]]
    assert lead.sheets("GET", "/values/F1:G2") == {"range": "Sheet1!F1:G2", "majorDimension": "ROWS"}


def test_null_skips_and_an_empty_string_clears(lead: Caller) -> None:
    lead.write("A1", [["a", "b", "c"]])
    answer = lead.write("A1", [["x", None, ""]])
    assert answer["updatedCells"] == 2
    assert lead.values("A1:C1") == [["x", "b"]]


def test_ranges_are_echoed_as_cut_to_the_grid(lead: Caller) -> None:
    answer = lead.sheets("GET", "/values:batchGet", ranges=["客户", "Sheet1!B:C", "A5:Z2000"])
    echoed = [found["range"] for found in parts(answer, "valueRanges")]
    assert echoed == ["'客户'!A1:Z1000", "Sheet1!B1:C1000", "Sheet1!A5:Z1000"]


@pytest.mark.parametrize(
    ("range_name", "values", "refusal"),
    [
        ("A1:B1", [["a", "b", "c"]], "Requested writing within range [Sheet1!A1:B1], but tried writing to column [C]"),
        ("A1:B1", [["a"], ["b"]], "Requested writing within range [Sheet1!A1:B1], but tried writing to row [2]"),
        (
            "A999",
            [["a"], ["b"], ["c"]],
            "Requested writing within range [Sheet1!A999], but tried writing to row [1001]",
        ),
        ("A1001", [["a"]], "Range (Sheet1!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("Nowhere!A1", [["a"]], "Unable to parse range: Nowhere!A1"),
        ("A1", ["x"], "Invalid value at 'data.values[0]' (type.googleapis.com/google.protobuf.ListValue), \"x\""),
        ("A1", [["x" * 50_001]], "Your input contains more than the maximum of 50000 characters in a single cell."),
    ],
)
def test_what_does_not_fit_is_refused(lead: Caller, range_name: str, values: object, refusal: str) -> None:
    assert message(lead.write(range_name, values)) == refusal
    assert lead.status == 400
    assert lead.values("Sheet1") == []


def test_a_write_without_input_option_is_refused(lead: Caller) -> None:
    answer = lead.sheets("PUT", "/values/A1", {"values": [["a"]]})
    assert message(answer) == "'valueInputOption' is required but not specified"
    wrong = lead.sheets("PUT", "/values/A1", {"values": [["a"]]}, valueInputOption="Text")
    assert message(wrong) == (
        "Invalid value at 'value_input_option' (type.googleapis.com/google.apps.sheets.v4.ValueInputOption), \"Text\""
    )


def test_a_batch_of_values_is_written_as_a_whole_or_not_at_all(lead: Caller) -> None:
    data = [{"range": "A1", "values": [["a"]]}, {"range": "Nowhere!A1", "values": [["b"]]}]
    answer = lead.sheets("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data})
    assert message(answer) == "Invalid data[1]: Unable to parse range: Nowhere!A1"
    assert lead.values("Sheet1") == []


@pytest.mark.parametrize(
    ("range_name", "written", "table"),
    [
        ("Sheet1", "Sheet1!B7:C7", "Sheet1!B4:D6"),
        ("B4", "Sheet1!B7:C7", "Sheet1!B4:D6"),
        ("C5:D5", "Sheet1!B7:C7", "Sheet1!B4:D6"),
        ("A1:A2", "Sheet1!A3:B3", "Sheet1!A1:C2"),
        ("A3:G10", "Sheet1!B7:C7", "Sheet1!B4:D6"),
        ("F1", "Sheet1!F1:G1", None),
    ],
)
def test_append_finds_the_table(lead: Caller, range_name: str, written: str, table: str | None) -> None:
    """The two tables of Google's guide: A1:C2 and B4:D6."""
    lead.write("A1", [["x", "y", "z"], ["x", "y", "z"]])
    lead.write("B4", [["x", "y", "z"], ["x", "y", "z"], ["x", "y", "z"]])
    path = f"/values/{range_name.replace(':', '%3A')}:append"
    answer = lead.sheets("POST", path, {"values": [["n", "m"]]}, valueInputOption="RAW")
    updates = answer["updates"]
    assert isinstance(updates, dict)
    assert (updates["updatedRange"], answer.get("tableRange")) == (written, table)


def test_append_adds_the_rows_that_are_missing(emulator: Emulator, lead: Caller) -> None:
    lead.write("A1000", [["last"]])
    lead.sheets("POST", "/values/A1000:append", {"values": [["a"], ["b"]]}, valueInputOption="RAW")
    assert lead.values("A1000:A1002") == [["last"], ["a"], ["b"]]
    assert len(emulator.book(lead.spreadsheet).sheets[0].rows) == 1002


def test_clearing_keeps_formats(emulator: Emulator, lead: Caller) -> None:
    lead.write("A1", [["2026-11-22", "x"]])
    assert lead.sheets("POST", "/values/A1:clear", {})["clearedRange"] == "Sheet1!A1"
    assert lead.values("A1:B1") == [["", "x"]]
    cell = emulator.book(lead.spreadsheet).sheets[0].cell(0, 0)
    assert cell is not None
    assert cell.format == {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}
    answer = lead.sheets("POST", "/values:batchClear", {"ranges": ["B1", "Nowhere"]})
    assert message(answer) == "Invalid range[1]: Unable to parse range: Nowhere"
    assert lead.values("B1") == [["x"]]


def test_dates_may_be_read_as_text(lead: Caller) -> None:
    lead.write("A1", [["2026-11-22", 5]])
    options = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}
    assert lead.values("A1:B1", **options) == [["2026-11-22", 5]]


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("=SUM(A1:A3)", "6"),
        ("=AVERAGE(A:A)", "2"),
        ("=COUNT(A1:B3)", "3"),
        ("=COUNTA(A1:B3)", "4"),
        ('=IF(A1>0,"yes","no")', "yes"),
        ('=CONCATENATE(B1,"-",A2)', "x-2"),
        ('=B1&"!"', "x!"),
        ('=IFERROR(1/0,"none")', "none"),
        ("=客户!A1*2", "20"),
        ("='客户'!A1%", "0.1"),
        ("=VLOOKUP(2,A1:A3,1)", "2"),
        ("=-2^2", "-4"),
        ("=B1+1", "#VALUE!"),
        ("=D1", "#REF!"),
        ('=COUNTIF(A1:A3,">=2")', "2"),
    ],
)
def test_formulas(lead: Caller, formula: str, shown: str) -> None:
    lead.write("A1", [["1", "x"], ["2"], ["3"]])
    lead.write("客户!A1", [["10"]])
    lead.write("D1", [[formula]])
    assert lead.values("D1") == [[shown]]


def test_append_may_insert_rows_and_what_is_below_gives_way(lead: Caller) -> None:
    lead.write("A1", [["a"], [""], ["=A1"], ["below"]])
    options = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
    lead.sheets("POST", "/values/A1:append", {"values": [["b"], ["c"]]}, **options)
    assert lead.values("A1:A6") == [["a"], ["b"], ["c"], [], ["a"], ["below"]]
