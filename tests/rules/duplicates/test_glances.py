"""A glance leaves out no pair that a comparison would keep, and most of the others."""

import random

import numpy as np
import pytest

from benchmarks.customers import customers
from crm_sheets.rules.duplicates import glances
from crm_sheets.rules.duplicates.candidates import candidates, gathered
from crm_sheets.rules.duplicates.columns import columns_of
from crm_sheets.rules.duplicates.compare import FAINT, compare, least
from crm_sheets.rules.duplicates.glances import glances_of


def test_nothing_is_overlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    rows = sorted(customers(1500, 5, family=2), key=lambda row: row.true_cluster)
    cells = []
    for row in rows:
        name, code = row.name[: chance.choice((99, 99, 99, 5))], row.credit_code.replace(chance.choice("9137"), "X", 1)
        cells.append(
            (row.row_id, name, row.contact, row.phone, row.email, row.address, code, chance.choice(("", "", code)))
        )
    book = columns_of(cells)
    crowded, near, far = (
        gathered(book).crowds,
        np.arange(len(cells) - 3),
        np.array([chance.randrange(len(cells)) for _ in cells]),
    )
    one, other = np.concatenate([near, near, far]), np.concatenate([near + 1, near + 3, np.arange(len(cells))])
    promising = glances_of(book, crowded).promising(one, other)
    seen = set(zip(*(rows.tolist() for rows in promising[:2]), strict=True))
    monkeypatch.setattr(glances, "_AT_ONCE", 1000)
    in_portions = glances_of(book, crowded).promising(one, other)
    assert [column.tolist() for column in in_portions] == [column.tolist() for column in promising]
    judged = compare(book, crowded, one, other, every=True)
    pairs = zip(one.tolist(), other.tolist(), (judged.total >= least(FAINT)).tolist(), strict=True)
    kept = {(a, b) for a, b, likely in pairs if likely}
    assert kept <= seen
    assert len(kept) > 300
    assert len(seen) < len(one) / 2


def test_most_candidates_are_overlooked() -> None:
    """Strangers under one key: they share their trade and their contact's name, and nothing else."""
    brands = enumerate(("米岸灯", "光明日", "百味和", "东方红"))
    cells = [(f"{brand}电子", "李雷", f"13{at}4567{at}901", f"a{at}@mi.cn") for at, brand in brands]
    book = columns_of((name, name, person, phone, mail, f"{name}路{phone}号") for name, person, phone, mail in cells)
    crowded = gathered(book).crowds
    (pairs,) = candidates(gathered(book))
    assert len(pairs[0]) == 6
    assert len(compare(book, crowded, *pairs).one) == 0
    assert len(glances_of(book, crowded).promising(*pairs)[0]) <= 1  # bytes may be equal by chance
