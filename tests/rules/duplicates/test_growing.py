"""Columns while they grow."""

import numpy as np
import pytest

from crm_sheets.rules.duplicates import growing
from crm_sheets.rules.duplicates.growing import Growing, Texts
from crm_sheets.rules.duplicates.spans import spans_of


@pytest.mark.parametrize("moves", sorted({growing._MOVES, False}), ids="moved={}".format)
def test_a_column_is_all_its_chunks(moves: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "_MOVES", moves)
    chunks = [np.arange(start, start + 9_000, dtype=np.int32) for start in range(0, 180_000, 9_000)]
    column = Growing()
    for chunk in chunks:
        column.extend(chunk)
    assert column.whole().dtype == np.int32
    assert (column.whole() == np.concatenate(chunks)).all()


def test_texts_of_chunks_of_any_size_and_script() -> None:
    chunks = [["a\x1e", "b"], ["米岸"], [], ["é", "", "𠮷野家"], [str(number) for number in range(20_000)]]
    texts = Texts()
    for chunk in chunks:
        texts.extend(spans_of(chunk))
    every = [text for chunk in chunks for text in chunk]
    for some in ([0, 3, 2, 1, 5, 4, 3, len(every) - 1], [1, 5, 3, 4], []):
        rows = np.array(some, np.int64)
        assert texts.of(rows) == [every[row] for row in rows]
