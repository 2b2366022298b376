"""How credit codes, ID numbers and phone cells of many pairs of customers compare."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.rules.duplicates.likeness_words import by_key, slipped, slips, slips_between
from crm_sheets.rules.duplicates.weights import UNSURE, UNSURE_BUT_CLOSE, Codes, Ids, Phones

if TYPE_CHECKING:
    from crm_sheets.rules.duplicates.hashes import Numbers
    from crm_sheets.rules.duplicates.likeness_words import Flags, Rows, Words


def codes_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Credit codes: the same where the organisation code is."""
    import numpy as np

    found = by_key(columns.keys[Shared.CODE][0], one, other, Codes)
    thirds = [columns.numbers[f"code_{at}"] for at in range(3)]
    alike = np.logical_or.reduce([third[one] == third[other] for third in thirds])
    found[(found == UNSURE) & ~alike] = Codes.OTHER.place
    return found


def codes_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Credit codes: alike but for two signs."""
    texts = [columns.texts["code"].of(rows) for rows in (one, other)]
    return slipped(slips_between(*texts, most=2) <= 2, [len(text) > 12 for text in texts[0]], Codes)


def ids_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """ID numbers of persons."""
    return by_key(columns.keys[Shared.ID_NUMBER][0], one, other, Ids)


def ids_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """ID numbers: alike but for one sign."""
    texts = [columns.texts["id_number"].of(rows) for rows in (one, other)]
    return slipped(slips_between(*texts, most=1) <= 1, [True] * len(one), Ids)


def phones_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Phone cells: alike where they share a number."""
    import numpy as np

    found = by_key(columns.keys[Shared.PHONE][0], one, other, Phones)
    a, b = columns.numbers["number"][one], columns.numbers["number"][other]
    ten = (a >= 0) & (b >= 0)
    unsure = np.flatnonzero((found == UNSURE) & ten)
    found[unsure[~_may_slip(a[unsure], b[unsure])]] = Phones.OTHER.place
    found[(found == UNSURE) & ~ten] = UNSURE_BUT_CLOSE
    return found


def _may_slip(one: "Numbers", other: "Numbers") -> "Flags":
    """Whether two numbers may differ by one digit, or by two neighbours that changed places.

    The difference is a digit, or nine times one, and zeros.
    """
    import numpy as np

    left = np.abs(one - other)
    for power in (10**8, 10**4, 10**2, 10):
        left = np.where(left % power == 0, left // power, left)
    found: Flags = (left < 10) | (left % 9 == 0) & (left <= 81)
    return found


def phones_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Phone cells: the best of all numbers."""
    texts = [columns.texts["phones"].of(rows) for rows in (one, other)]
    found = slipped(slips_between(*texts, most=1) <= 1, [True] * len(one), Phones)
    for at, (a, b) in enumerate(zip(*texts, strict=True)):
        if len(a) == len(b) == 10:
            continue
        if " " in a or " " in b:
            found[at] = _compare_phones(a.split(), b.split()).place
        elif _one_ends_other(a, b):
            found[at] = Phones.SAME.place
    return found


def _one_ends_other(a: str, b: str) -> bool:
    """Whether one of two numbers is the other without what stands before it, such as its area."""
    return len(a) != len(b) and min(len(a), len(b)) >= 7 and (a.endswith(b) or b.endswith(a))


def _compare_phones(one: Iterable[str], other: Sequence[str]) -> Phones:
    best = Phones.OTHER
    for a in one:
        for b in other:
            if a == b or _one_ends_other(a, b):
                return Phones.SAME
            if slips()(a, b, score_cutoff=1) <= 1:
                best = Phones.SLIP
    return best
