"""What the search of a whole book compares, and what it leaves out unseen."""

import numpy as np
import pytest

from crm_sheets.rules.duplicates import Subject, candidates, find_links
from crm_sheets.rules.duplicates.columns import Columns, columns_of


def pairs_of(book: Columns) -> list[tuple[int, int]]:
    found = candidates.candidates(candidates.gathered(book))
    return [pair for one, other in found for pair in zip(one.tolist(), other.tolist(), strict=True)]


@pytest.mark.parametrize(("count", "pairs"), [(8, 28), (9, 0)])
def test_a_block_beyond_its_limit_is_left_out(count: int, pairs: int) -> None:
    names = [f"光明日{word}" for word in "报刊米安路网饼酒茶"[:count]]
    assert len(pairs_of(columns_of([(name, name) for name in names]))) == pairs


def test_values_that_differ_in_their_last_bits_only_are_told_apart() -> None:
    values = np.array([8 << 40, 9, (8 << 40) + 1, 9, 0, (8 << 40) + 1], np.uint64)
    places, begins = candidates._by_value(values, np.flatnonzero(values))
    assert values[places].tolist() == sorted(values.tolist())[1:]
    assert begins.tolist() == [True, False, True, True, False]


def test_many_pairs_are_found_in_several_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    book = columns_of([(str(number), f"米岸{number % 7}", "", f"138{number % 5:08}") for number in range(60)])
    whole = pairs_of(book)
    monkeypatch.setattr(candidates, "PAIRS_HELD", 50)
    assert len(whole) > 200
    assert pairs_of(book) == whole == sorted(set(whole))


@pytest.mark.parametrize("portion", [1, 2, 7])
def test_a_pair_is_given_once_wherever_a_portion_ends(portion: int, monkeypatch: pytest.MonkeyPatch) -> None:
    book = columns_of([(str(number), f"米岸{number % 3}", "", "13812345678") for number in range(7)])
    monkeypatch.setattr(candidates, "PAIRS_AT_ONCE", portion)
    assert pairs_of(book) == [(one, other) for one in range(7) for other in range(one + 1, 7)]


def test_one_house_links_strangers_faintly() -> None:
    house = "济宁市市中区和平路7号3室"
    (link,) = find_links(
        [
            Subject("1", "米岸电子有限公司", phone="13812345678", address=house),
            Subject("2", "百味食品", phone="13787654321", address=house),
        ]
    )
    assert link.keys == ("address",)
    assert link.score < 0.5
