"""A1 notation: what it names, and how Google echoes it."""

import pytest

from crm_sheets.google_emulator.a1 import column_index, column_letters, parse, quoted_title
from crm_sheets.google_emulator.areas import Area
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import blank_sheet
from crm_sheets.google_emulator.refusals import Refused


def book() -> Book:
    sheets = [blank_sheet(0, "Sheet1"), blank_sheet(7, "客户"), blank_sheet(8, "It's me"), blank_sheet(9, "A1")]
    found = Book("id", "t", "en_US", "UTC", sheets)
    found.named_ranges = [
        {"namedRangeId": "n", "name": "Prices", "range": {"sheetId": 7, "startRowIndex": 1, "endRowIndex": 3}}
    ]
    return found


@pytest.mark.parametrize(
    ("given", "sheet", "area", "echo"),
    [
        ("Sheet1", 0, Area(), "Sheet1"),
        ("A1", 0, Area(0, 1, 0, 1), "Sheet1!A1"),
        ("b2:a1", 0, Area(0, 2, 0, 2), "Sheet1!A1:B2"),
        ("客户!A:C", 7, Area(None, None, 0, 3), "'客户'!A:C"),
        ("'客户'!2:3", 7, Area(1, 3, None, None), "'客户'!2:3"),
        ("'客户'", 7, Area(), "'客户'"),
        ("客户!B5:B", 7, Area(4, None, 1, 2), "'客户'!B5:B"),
        ("'It''s me'!$A$1:$C$2", 8, Area(0, 2, 0, 3), "'It''s me'!A1:C2"),
        ("'A1'", 9, Area(), "'A1'"),
        ("sheet1!AA10", 0, Area(9, 10, 26, 27), "Sheet1!AA10"),
        ("Prices", 7, Area(1, 3, None, None), "'客户'!2:3"),
        ("Sheet1!R2C3", 0, Area(1, 2, 2, 3), "Sheet1!C2"),
        ("Sheet1!R1C1:R2C2", 0, Area(0, 2, 0, 2), "Sheet1!A1:B2"),
    ],
)
def test_a_range_is_parsed_and_echoed(given: str, sheet: int, area: Area, echo: str) -> None:
    found = parse(book(), given)
    assert (found.sheet.sheet_id, found.area, found.name) == (sheet, area, echo)


@pytest.mark.parametrize("given", ["Nowhere!A1", "A1:B2:C3", "Sheet1!", "A0", "A", "1", "'客户", "Sheet1!A1:[5", ""])
def test_what_is_no_range_is_refused(given: str) -> None:
    with pytest.raises(Refused, match=r"^Unable to parse range: "):
        parse(book(), given)


def test_ranges_that_begin_outside_are_refused_in_words_of_google() -> None:
    """Measured on the live service: https://developers.google.com/sheets/api (repeatCell past the grid)."""
    for area, name in (
        (Area(1000, None, 0, 2), "Sheet1!A1001:B"),
        (Area(0, 2, 26, 27), "Sheet1!AA1:AA2"),
        (Area(0, 2, 26, None), "Sheet1!AA1:2"),
    ):
        found = parse(book(), "Sheet1")
        with pytest.raises(Refused) as refused:
            type(found)(found.sheet, area).box()
        assert str(refused.value) == f"Range ({name}) exceeds grid limits. Max rows: 1000, max columns: 26"


@pytest.mark.parametrize("title", ["Sales", "Sheet_1", "TRUE", "x.y", "Sales2"])
def test_plain_titles_are_not_quoted(title: str) -> None:
    assert quoted_title(title) == title


@pytest.mark.parametrize("title", ["Probe Tab", "A1", "ABC1234", "R1C1", "2026", "Ünï", "a-b", "客户"])
def test_all_other_titles_are(title: str) -> None:
    assert quoted_title(title) == f"'{title}'"


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_column_letters_go_both_ways(index: int, letters: str) -> None:
    assert column_letters(index) == letters
    assert column_index(letters) == index
