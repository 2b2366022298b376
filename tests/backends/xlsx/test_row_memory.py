"""What is remembered of a sheet never changes what is read of it."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.sync.backends.xlsx.row_memory import RowMemory
from crm_sheets.sync.backends.xlsx.rows_fast import read_sheet
from crm_sheets.tables import SheetRow

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Row = tuple[int, str]
"""The number of a row, and the markup of what is in it."""


def markup(number: int, text: str) -> str:
    if text == "blank":
        return f'<row r="{number}"/>'
    if text == "formats only":
        return f'<row r="{number}"><c r="A{number}" s="3"/></row>'
    if text == "odd":  # the quick reader does not know it, the XML parser does
        return f"<row r='{number}'><c r='A{number}' t='str'><v>odd</v></c></row>".replace("row r='", 'row r="').replace(
            f"{number}'><c", f'{number}"><c'
        )
    return f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def sheet(texts: list[str]) -> bytes:
    rows = "".join(markup(number, text) for number, text in enumerate(texts, 1))
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def read(content: bytes, memory: RowMemory | None = None) -> list[SheetRow]:
    return read_sheet(content, [], False, "sheet", memory=memory).rows


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
    memory = RowMemory()
    texts = [text for _ in range(repeat) for text in texts]
    assert read(sheet(texts), memory) == read(sheet(texts))
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
        assert read(sheet(texts), memory) == read(sheet(texts))


@pytest.mark.parametrize("place", [0, 31, 32, 500, 999])
def test_only_rows_around_an_edit_are_new(place: int) -> None:
    memory, texts = RowMemory(), [f"行{number}" for number in range(1000)]
    before = read(sheet(texts), memory)
    texts[place] = "改"
    after = read(sheet(texts), memory)
    new = [number for number, (was, now) in enumerate(zip(before, after, strict=True)) if was is not now]
    assert new == [place]
    assert read(sheet(texts), memory)[place] is after[place]


def test_rows_below_an_inserted_one_keep_their_cells() -> None:
    memory, texts = RowMemory(), [f"行{number}" for number in range(1000)]
    before = read(sheet(texts), memory)
    after = read(sheet(["新", *texts]), memory)
    assert [row.number for row in after] == list(range(1, 1002))
    assert all(moved.cells == row.cells for moved, row in zip(after[1:], before, strict=True))
