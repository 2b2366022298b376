"""Blocks of a sheet that are known again: what is read and what is not is together what a whole reading finds."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.sync.backends.xlsx.row_blocks import ROWS, Meaning
from crm_sheets.sync.backends.xlsx.rows_fast import read_sheet
from crm_sheets.tables import SheetRow

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def markup(number: int, text: str) -> str:
    if text == "blank":
        return f'<row r="{number}"/>'
    if text == "formats only":
        return f'<row r="{number}"><c r="A{number}" s="3"/></row>'
    if text == "odd":  # the quick reader does not know it, the XML parser does
        return f'<row r="{number}"><c r=\'A{number}\' t="str"><v>odd</v></c></row>'
    return f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def sheet(texts: list[str]) -> bytes:
    rows = "".join(markup(number, text) for number, text in enumerate(texts, 1))
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def read(content: bytes, marks: Sequence[bytes] | None = None) -> tuple[list[SheetRow], list[bytes], int]:
    """All rows, what the blocks are known by, and how many rows were not read."""
    found = read_sheet(content, [], False, "sheet", marks=marks)
    if marks is None:
        return found.rows, [], 0
    assert found.rows == [row for block in found.blocks if block.read for row in block.rows()]
    rows = [row for block in found.blocks for row in block.rows()]
    assert found.rows[-1:] == rows[-1:], "the last row is always read"
    return rows, [block.mark for block in found.blocks], len(rows) - len(found.rows)


TEXTS = st.sampled_from(["blank", "formats only", "odd", "甲", "乙", "丙", "丁"])


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=40),
    repeat=st.integers(1, 12),
    steps=st.lists(
        st.tuples(st.sampled_from(["type", "insert", "delete", "sort", "append", "cut"]), st.integers()), max_size=5
    ),
)
def test_a_sheet_that_is_known_reads_as_one_that_is_not(
    texts: list[str], repeat: int, steps: list[tuple[str, int]]
) -> None:
    texts = [text for _ in range(repeat) for text in texts]
    rows, marks, _ = read(sheet(texts), ())
    assert rows == read(sheet(texts))[0]
    for what, seed in steps:
        dice = random.Random(seed)
        place = dice.randrange(len(texts) + 1)
        match what:
            case "type":
                texts[place : place + 1] = [f"新{seed}"]
            case "insert":
                texts.insert(place, f"插{seed}")
            case "delete":
                del texts[place : place + 1]
            case "sort":
                texts.sort()
            case "append":
                texts += ["甲", "blank", "丁"] * dice.randrange(20)
            case "cut":
                del texts[place:]
        kept = [mark for mark in marks if dice.random() < 0.8]  # not every block may be remembered
        rows, marks, _ = read(sheet(texts), kept)
        assert rows == read(sheet(texts))[0]


@pytest.mark.parametrize("place", [0, ROWS - 1, ROWS, 500, 999])
def test_only_rows_around_an_edit_are_read(place: int) -> None:
    texts = [f"行{number}" for number in range(1000)]
    _, marks, _ = read(sheet(texts), ())
    texts[place] = "改"
    _, _, unread = read(sheet(texts), marks)

    # The block of the edit, and the last one.
    assert unread in {1000 - ROWS - 1000 % ROWS, 1000 - 1000 % ROWS}


STRINGS = "<sst xmlns='x' count='{count}'>{items}</sst>"


def meaning(*texts: str, date1904: bool = False) -> Meaning:
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return Meaning(STRINGS.format(count=len(texts), items=items).encode(), date1904)


def test_numbers_of_strings_mean_the_same_as_long_as_strings_are_only_added() -> None:
    told = meaning("甲", "乙").told()

    assert meaning("甲", "乙").keeps(told)
    assert meaning("甲", "乙", "丙").keeps(told)
    assert not meaning("甲", "丙").keeps(told)
    assert not meaning("甲").keeps(told)
    assert not meaning("新", "甲", "乙").keeps(told)
    assert not meaning("甲", "乙", date1904=True).keeps(told)
    assert not meaning("甲", "乙").keeps(b"")
    assert not meaning("甲", "乙").keeps(b"0 99 no digest")


def test_a_workbook_without_shared_strings_keeps_its_meaning() -> None:
    assert Meaning(b"", False).keeps(Meaning(b"", False).told())
    assert not Meaning(b"", False).keeps(meaning("甲").told())
    assert meaning("甲").keeps(Meaning(b"", False).told()), "numbers of strings stood in no cell"
