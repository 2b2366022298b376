"""People and phones of many pairs compare as those of one pair do."""

from itertools import combinations

import numpy as np
import pytest

from crm_sheets.rules.duplicates.columns import columns_of
from crm_sheets.rules.duplicates.likeness_of_numbers import phones_read
from crm_sheets.rules.duplicates.likeness_of_people import compare_contacts, contacts_read
from crm_sheets.rules.duplicates.weights import Contacts, Phones

PEOPLE = (
    *(
        "",
        "伟",
        "伟明",
        "张伟",
        "章伟",
        "伟张",
        "王芳",
        "欧阳修远",
        "欧阳修元",
        "欧阳修文",
        "欧阳修原野",
        "司马相如",
        "司马想茹",
    ),
    *("司马相如", "司马想茹", "paul clark", "clark p", "paula clarke", "张 paul", "a伟"),
)


def test_people_are_alike_whom_one_pair_says_to_be() -> None:
    pairs = np.array(list(combinations(range(len(PEOPLE)), 2)))
    book = columns_of([(str(at), "米岸", person) for at, person in enumerate(PEOPLE)])
    texts = book.texts["contact"].of(np.arange(len(PEOPLE)))
    expected = [compare_contacts(texts[one], texts[other]).place for one, other in pairs.tolist()]
    assert contacts_read(book, pairs[:, 0], pairs[:, 1]).tolist() == expected
    chinese = [at for at, (one, other) in enumerate(pairs.tolist()) if not (texts[one] + texts[other]).isascii()]
    assert {expected[at] for at in chinese} >= {Contacts.OTHER.place, Contacts.SIMILAR.place}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("020-84061234", "84061234", Phones.SAME),
        ("84061234", "061234", Phones.OTHER),
        ("84061234", "84061235", Phones.SLIP),
        ("84061234", "87654321", Phones.OTHER),
        ("13812345678/84061234", "02084061234", Phones.SAME),
        ("13812345678", "13812345679", Phones.SLIP),
    ],
)
def test_phones_are_alike_where_one_ends_as_the_other(one: str, other: str, expected: Phones) -> None:
    book = columns_of([("1", "米岸", "", one), ("2", "米岸", "", other)])
    first, second = np.array([0]), np.array([1])
    assert phones_read(book, first, second).tolist() == [expected.place]
    assert phones_read(book, second, first).tolist() == [expected.place]
