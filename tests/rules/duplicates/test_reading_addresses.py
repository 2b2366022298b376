"""What two addresses say, read for many pairs at once."""

import numpy as np
import pytest
from numpy.typing import NDArray

from crm_sheets.rules.duplicates.columns import Columns, columns_of
from crm_sheets.rules.duplicates.likeness_of_addresses import addresses_read, addresses_told
from crm_sheets.rules.duplicates.weights import AT_MOST, Addresses

PAIRS = [
    ("济宁市市中区和平路7号3室", "山东省济宁市市中区和平路7号3室", Addresses.SAME),
    ("济宁市市中区和平路7号", "市中区和平路7号3室", Addresses.SAME),
    ("济宁市市中区和平路7号3室", "济宁市市中区和平路7号5室", Addresses.SAME_STREET),
    ("济宁市市中区和平路7号", "山西省市中区和平路7号", Addresses.OTHER),
    ("云南省红河哈尼族彝族自治州个旧市和平路7号", "云南省红河州个旧市和平路7号", Addresses.SAME),
    ("济宁市市中区和平路7号", "济宁市市中区和平街7号", Addresses.SIMILAR),
    ("济宁市市中区和平路7号", "济宁市市中区和平路8号", Addresses.SIMILAR),
    ("济宁市市中区和平路7号", "泰安市岱岳区长江大道12号院", Addresses.OTHER),
    ("山东省济宁市任城区", "济宁市任城区和平路7号", Addresses.PART),
    ("济宁市任城区和平路7号", "山东省任城区", Addresses.PART),
    ("山东省济宁市邹城市", "济宁市任城区和平路7号", Addresses.OTHER),
    ("红河哈尼族彝族自治州", "云南省红河州个旧市和平路7号", Addresses.PART),
]


@pytest.mark.parametrize("turned", [False, True])
def test_words(turned: bool) -> None:
    book, one, other = _of_pairs()
    found = addresses_read(book, other, one) if turned else addresses_read(book, one, other)
    words = tuple(Addresses)
    assert [words[place] for place in found.tolist()] == [word for _, _, word in PAIRS]


def test_numbers_tell_nothing_that_texts_would_not() -> None:
    book, one, other = _of_pairs()
    told = addresses_told(book, one, other)
    known = told < AT_MOST
    assert known.any()
    assert (told[known] == addresses_read(book, one, other)[known]).all()


def _of_pairs() -> tuple[Columns, NDArray[np.int64], NDArray[np.int64]]:
    cells = [(str(at), "", "", "", "", text) for pair in PAIRS for at, text in enumerate(pair[:2])]
    return columns_of(cells), np.arange(0, len(cells), 2), np.arange(1, len(cells), 2)
