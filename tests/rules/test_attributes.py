"""Numbers in the attributes of 字典."""

import pytest

from crm_sheets.rules.attributes import whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("30", 30), (" 007 ", 7), ("0", 0), ("9" * 5_000, 100_000), ("1.5", None), ("-1", None), ("三", None),
     ("３", None), ("", None), (None, None)],
)  # fmt: skip
def test_a_whole_number(text: str | None, number: int | None) -> None:
    assert whole(text) == number
