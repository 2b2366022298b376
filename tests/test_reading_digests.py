"""Digests of rows: equal for what people see as equal, different for what they may have edited."""

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.reading import digest_of


@pytest.mark.parametrize(
    ("one", "other"),
    [(46085.416666666664, 46085.41666666666), (0.1 + 0.2, 0.3), (1e-9 / 3, 3.333333333333333e-10)],
)
def test_a_save_by_another_program_that_rounds_numbers_is_no_edit(one: float, other: float) -> None:
    assert digest_of(["甲", one, None]) == digest_of(["甲", other, None])


@pytest.mark.parametrize(
    ("one", "other"),
    [(46085.41667, 46085.41666), (1, True), (1, "1"), (None, ""), (0.5, "0.5"), (100000000000.01, 100000000000.02)],
)
def test_an_edit_is_seen(one: CellValue, other: CellValue) -> None:
    assert digest_of([one]) != digest_of([other])
