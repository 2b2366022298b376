"""Customers of a CSV cut into columns are those that the csv module reads."""

import csv
import io
import random

import pytest

from crm_sheets.rules.duplicates import chunks
from crm_sheets.rules.duplicates.chunks import Chunk, chunks_of_csv, chunks_of_rows

COLUMNS = ("row_id", "name", "address")
FIELDS = (
    "",
    "7",
    "米岸电子",
    "Mi An, Ltd.",
    '"Mi An"',
    "路1号\n2室",
    "a\rb",
    " x ",
    "ﬁ Ａ",
    'six" pipe',
    "a\x1eb",
    "𠮷野家",
)


def texts_of(chunks: list[Chunk]) -> list[tuple[str, ...]]:
    return [row for chunk in chunks for row in zip(*(column.texts() for column in chunk), strict=True)]


def as_read_by_csv(data: bytes, encoding: str) -> list[tuple[str, ...]]:
    rows = csv.DictReader(io.TextIOWrapper(io.BytesIO(data), encoding, newline=""))
    return texts_of(list(chunks_of_rows([tuple(row.get(column) or "" for column in COLUMNS) for row in rows])))


def written(chance: random.Random, encoding: str) -> bytes:
    """A file of up to forty records, most of them regular."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator=chance.choice(("\n", "\r\n")))
    header = chance.sample(("row_id", "name", "address", "extra"), k=chance.randrange(3, 5))
    writer.writerow(header)
    odd = chance.choice((0.0, 0.0, 0.02, 0.3))
    for number in range(chance.randrange(40)):
        fields = FIELDS if chance.random() < odd else FIELDS[:4]
        row = [str(number), *chance.choices(fields, k=len(header) - 1)]
        writer.writerow(row[: chance.randrange(1, 5)] if chance.random() < odd else row)
        if chance.random() < odd / 4:
            target.write(chance.choice(('7,six" pipe,a\n', "\n", '8,"a"b,c\r\n')))
    text = target.getvalue()
    return (text if chance.random() < 0.7 else text.rstrip("\r\n")).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_cut_as_the_csv_module_reads(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    for _ in range(300):
        data = written(chance, encoding)
        monkeypatch.setattr(chunks, "BLOCK", chance.choice((40, 200, 1 << 21)))
        found = texts_of(list(chunks_of_csv(io.BytesIO(data), encoding, COLUMNS)))
        assert found == as_read_by_csv(data, encoding), data


def test_regular_blocks_are_not_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("read row by row")

    monkeypatch.setattr(chunks, "_by_rows", refused)
    data = 'name,row_id\r\n"Mi An, Ltd.",1\r\n"路1号\r\n2室",2\r\n,3'.encode()
    found = texts_of(list(chunks_of_csv(io.BytesIO(data), "utf-8", COLUMNS)))
    assert found == [("1", "mi an, ltd.", ""), ("2", "路1号\r\n2室", ""), ("3", "", "")]
    with pytest.raises(AssertionError, match="row by row"):
        list(chunks_of_csv(io.BytesIO(data.replace(b"Mi", b'""')), "utf-8", COLUMNS))


def test_a_block_that_ends_within_quotation_marks_is_cut_before_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunks, "_by_rows", None)
    record = '"Mi\nAn",7\n'
    monkeypatch.setattr(chunks, "BLOCK", 2 * len(record) + 5)
    found = texts_of(list(chunks_of_csv(io.BytesIO(f"name,row_id\n{record * 9}".encode()), "utf-8", COLUMNS)))
    assert found == [("7", "mi\nan", "")] * 9


@pytest.mark.parametrize("data", [b"", b"\n", b"row_id,name\n", b"row_id,name", b"\n1,a\n"])
def test_files_without_customers(data: bytes) -> None:
    assert texts_of(list(chunks_of_csv(io.BytesIO(data), "utf-8", COLUMNS))) in ([], [("", "", "")])
