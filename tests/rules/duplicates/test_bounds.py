"""What numbers say of two customers before their texts are read is never less than what the texts say."""

import random

import numpy as np
import pytest

from benchmarks.customers import customers
from crm_sheets.rules.duplicates.columns import columns_of
from crm_sheets.rules.duplicates.compare import COLUMNS, comparison_of
from crm_sheets.rules.duplicates.weights import AT_MOST, tenths_of


@pytest.mark.parametrize("column", COLUMNS)
def test_numbers_promise_enough(column: str) -> None:
    chance = random.Random(3)
    rows = sorted(customers(900, 3, family=2), key=lambda row: row.true_cluster)
    cells = []
    for row in rows:
        name, code = row.name[: chance.choice((99, 99, 5))], row.credit_code.replace(chance.choice("9137"), "X", 1)
        cells.append((row.row_id, name, row.contact, row.phone, row.email, row.address, code, code[:17]))
    book = columns_of(cells)
    near = np.array([chance.randrange(len(cells) - 3) for _ in range(2500)])
    one = np.concatenate([near, near])
    other = np.concatenate([near + 1, np.array([chance.randrange(len(cells)) for _ in near])])
    comparison = comparison_of(column)
    told, read = comparison.told(book, one, other), comparison.read(book, one, other)
    weight = tenths_of(comparison.kind)[0]
    unsure = told >= AT_MOST
    assert unsure.any()
    assert (weight[told[unsure]] >= weight[read[unsure]]).all()
    if column == "name":
        other_word = told == comparison.kind["OTHER"].place
        assert other_word.any()
        assert (read[other_word] == comparison.kind["OTHER"].place).all()
