"""A CSV file cut into columns says what the csv module reads in it, however it is written."""

import csv
import io
import random

import pytest

from crm_sheets.rules.duplicates.tables import FILE_COLUMNS, columns_in

HEADER = ["note", "name", "row_id", "phone"]


def read(text: str, count: int) -> list[tuple[str, ...]]:
    pieces = list(columns_in(io.StringIO(text, newline=""), count))
    assert all(len(piece[0]) == count for piece in pieces[:-1])
    return [row for piece in pieces for row in zip(*piece, strict=True)]


def expected(text: str) -> list[tuple[str, ...]]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [tuple(row.get(name) or "" for name in FILE_COLUMNS) for row in rows]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("signs", ["甲a 1", "甲,", '甲"\n', "甲\x1e\0\r\u2028"])
def test_columns_are_those_of_the_csv_module(signs: str, end: str) -> None:
    chance = random.Random(signs)
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator=end)
    writer.writerow(HEADER)
    for _ in range(40):
        writer.writerow(["".join(chance.choices(signs, k=chance.randrange(4))) for _ in HEADER])
    text = written.getvalue()
    for count in (1, 7, 40, 50):
        assert read(text, count) == expected(text)
        assert read(text.removesuffix(end), count) == expected(text)


@pytest.mark.parametrize(
    "rows",
    [
        "",
        "x,甲,1,2\n\ny,乙,2,3\n",
        "x,甲,1\ny,乙,2,3,4\n",
        "x,甲,1,2,5\ny,乙,2\nz,丙,3,4\n",
        "x,甲,1,2\n\n",
        '"x\ny",甲,1,2\nz,乙,2,3\nz,丙,3,4',
    ],
)
def test_rows_may_be_short_long_blank_or_over_several_lines(rows: str) -> None:
    text = ",".join(HEADER) + "\n" + rows
    for count in (1, 2, 3):
        assert read(text, count) == expected(text)


def test_blank_rows_of_one_column_are_none() -> None:
    assert read("row_id\n1\n\n2\n", 2) == expected("row_id\n1\n\n2\n")


def test_no_header_is_no_rows() -> None:
    assert read("", 3) == []
