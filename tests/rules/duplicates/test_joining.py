"""What is put together: trades under one number, and customers that hang together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.rules.duplicates.compare import MOST
from crm_sheets.rules.duplicates.components import components
from crm_sheets.rules.duplicates.links import Links
from crm_sheets.rules.duplicates.spans import spans_of
from crm_sheets.rules.duplicates.trades import Trades

CUSTOMERS = 12
POSITIONS = st.integers(0, CUSTOMERS - 1)


@given(st.lists(st.lists(st.text("科技贸易ab", max_size=3), max_size=8), max_size=6))
def test_a_trade_has_one_number_in_all_chunks_and_no_other_has_it(chunks: list[list[str]]) -> None:
    trades = Trades()
    numbers = [(text, number) for chunk in chunks for text, number in zip(chunk, _numbers(trades, chunk), strict=True)]
    assert all(trades.texts[number] == text for text, number in numbers)
    assert len(set(trades.texts)) == len(trades.texts)
    assert trades.texts[0] == ""


def _numbers(trades: Trades, chunk: list[str]) -> list[int]:
    found: list[int] = trades.numbers_of(spans_of(chunk)).tolist()
    return found


@given(st.sets(st.tuples(POSITIONS, POSITIONS).filter(lambda pair: pair[0] < pair[1])))
def test_customers_have_the_label_of_the_first_that_they_hang_together_with(pairs: set[tuple[int, int]]) -> None:
    groups = [{each} for each in range(CUSTOMERS)]
    for one, other in pairs:
        together = groups[one] | groups[other]
        for each in together:
            groups[each] = together
    label = components(_strong(sorted(pairs)), CUSTOMERS).label
    assert label.tolist() == [min(group) for group in groups]


def _strong(pairs: list[tuple[int, int]]) -> Links:
    count = len(pairs)
    one, other = np.array(pairs, np.int32).reshape(-1, 2).T
    total = np.full(count, MOST, np.int16)
    return Links(one, other, total, np.zeros(count, np.uint16), np.zeros(count, np.bool_))
