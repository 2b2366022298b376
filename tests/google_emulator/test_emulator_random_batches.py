"""Batches at random: one that is refused leaves nothing behind, one that moves rows moves all of each."""

import copy
import random
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.json_values import Object
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.spreadsheets import batch_update

SIZE = 8
INDEX = st.integers(0, SIZE - 1)


def span(dimension: str, start: int, count: int) -> Object:
    return {"sheetId": 0, "dimension": dimension, "startIndex": start, "endIndex": start + count}


DIMENSION = st.sampled_from(["ROWS", "COLUMNS"])
COUNT = st.integers(1, 2)
REQUESTS = st.one_of(
    st.builds(lambda d, s, n: {"insertDimension": {"range": span(d, s, n)}}, DIMENSION, INDEX, COUNT),
    st.builds(lambda d, s, n: {"deleteDimension": {"range": span(d, s, n)}}, DIMENSION, INDEX, COUNT),
    st.builds(
        lambda d, s, n, to: {"moveDimension": {"source": span(d, s, n), "destinationIndex": to}},
        DIMENSION,
        INDEX,
        COUNT,
        INDEX,
    ),
    st.builds(
        lambda row, order: {
            "sortRange": {"range": {"sheetId": 0}, "sortSpecs": [{"dimensionIndex": row % 4, "sortOrder": order}]}
        },
        INDEX,
        st.sampled_from(["ASCENDING", "DESCENDING"]),
    ),
    st.builds(
        lambda s, to: {
            "cutPaste": {
                "source": {"sheetId": 0, "startRowIndex": s, "endRowIndex": s + 1},
                "destination": {"sheetId": 0, "rowIndex": to},
            }
        },
        INDEX,
        INDEX,
    ),
    st.builds(lambda title: {"addSheet": {"properties": {"title": title}}}, st.sampled_from("xyz")),
    st.just({"updateSheetProperties": {"properties": {"sheetId": 0, "title": "New"}, "fields": "title"}}),
)


@cache
def filled() -> tuple[Emulator, Book]:
    """A book of eight marked rows, in each its number in four columns, and formulas on another sheet."""
    emulator = Emulator()
    key = emulator.create("Book", owner="lead@example.com", sheets=("Sheet1", "Other"))
    book = emulator.book(key)
    properties: Object = {"sheetId": 0, "gridProperties": {"rowCount": SIZE, "columnCount": 5}}
    send(emulator, book, {"updateSheetProperties": {"properties": properties, "fields": "gridProperties"}})
    rows: list[Object] = [{"values": [{"userEnteredValue": {"numberValue": row}}] * 4} for row in range(SIZE)]
    other = book.sheets[1].sheet_id
    properties = {"sheetId": other, "gridProperties": {"rowCount": 2, "columnCount": 2}}
    send(emulator, book, {"updateSheetProperties": {"properties": properties, "fields": "gridProperties"}})
    start: Object = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
    send(emulator, book, {"updateCells": {"start": start, "rows": [*rows], "fields": "userEnteredValue"}})
    send(emulator, book, *(marked(row) for row in range(SIZE)))
    formula: Object = {"values": [{"userEnteredValue": {"formulaValue": "=SUM(Sheet1!A1:D8)"}}]}
    send(
        emulator,
        book,
        {"updateCells": {"start": start | {"sheetId": other}, "rows": [formula], "fields": "userEnteredValue"}},
    )
    return emulator, book


def marked(row: int) -> Object:
    location: Object = {"dimensionRange": span("ROWS", row, 1)}
    given: Object = {"metadataKey": str(row), "visibility": "DOCUMENT", "location": location}
    return {"createDeveloperMetadata": {"developerMetadata": given}}


def send(emulator: Emulator, book: Book, *requests: Object) -> None:
    batch_update(emulator.session("lead@example.com", book.spreadsheet_id, {"requests": [*requests]}))


@settings(max_examples=40, deadline=None)
@given(st.lists(REQUESTS, max_size=5))
def test_a_refused_batch_leaves_nothing_behind(requests: list[Object]) -> None:
    emulator, book = filled()
    before = copy.deepcopy(book)
    with pytest.raises(Refused):
        send(emulator, book, *requests, {"deleteSheet": {"sheetId": 99}})
    assert book == before


@settings(max_examples=40, deadline=None)
@given(st.lists(REQUESTS, max_size=6), st.integers(0, 99))
def test_rows_move_as_a_whole_and_the_grid_keeps_its_shape(requests: list[Object], seed: int) -> None:
    """Where nothing is written over, a row's four cells stay beside each other and its metadata with it."""
    emulator, book = filled()
    before = book.snapshot()
    moves = [one for one in requests if "moveDimension" in one or "insertDimension" in one]
    random.Random(seed).shuffle(moves)
    rows = [one for one in moves if '"COLUMNS"' not in str(one).replace("'", '"')]
    send(emulator, book, {"addSheet": {}})
    for one in rows:
        with suppress(Refused):  # what begins within the grid may end outside of it
            send(emulator, book, one)
    for row in book.sheets[0].rows:
        values = {cell.value for cell in row.cells if cell is not None}
        assert [float(metadata.key) for metadata in row.metadata] == sorted(map(float, values - {None}))  # type: ignore[arg-type]
        assert not row.cells or row.cells[-1] is not None
    book.restore(before)
