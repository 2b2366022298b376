"""How the names of many pairs of customers compare, by their brands, trades, sounds and letters."""

from functools import lru_cache
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.hashes import Parts
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.rules.duplicates.likeness_words import slips, slips_between, words_like
from crm_sheets.rules.duplicates.spans import Spans, gathered
from crm_sheets.rules.duplicates.text import sound, voices_of
from crm_sheets.rules.duplicates.weights import AT_MOST, UNSURE, Names

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Numbers
    from crm_sheets.rules.duplicates.likeness_words import Rows, Words


HALF_CHINESE, HALF_WESTERN = 1.0, 0.6
"""How many slips, doubled, two names may have for each sign of the longer one and still be half the same."""


def names_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Names: those of one brand are judged by their trades."""
    import numpy as np

    brand = columns.keys[Shared.BRAND][0]
    chinese = columns.truths["chinese"]
    found = words_like(one, UNSURE)
    same = (brand[one] == brand[other]) & (chinese[one] == chinese[other])
    found[(brand[one] == 0) | (brand[other] == 0)] = Names.MISSING.place
    at = np.flatnonzero(same & (found == UNSURE))
    trade, count = columns.numbers["trade"], len(columns.trades)
    codes, back = np.unique(trade[one[at]].astype(np.int64) * count + trade[other[at]], return_inverse=True)
    pairs = (divmod(code, count) for code in codes.tolist())
    verdicts = [compare_trades(columns.trades[a], columns.trades[b]).place for a, b in pairs]
    found[at] = np.array(verdicts, np.uint8)[back]
    unsure = np.flatnonzero((found == UNSURE) & (chinese[one] == chinese[other]))
    found[unsure] = _at_best(columns, one[unsure], other[unsure])
    return found


def _at_best(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """What two names in one script may be at best, by the signs that only one of them has: a slip changes one of each.

    Of Western names both signatures tell of the whole name, see columns.
    """
    import numpy as np

    of, western = columns.numbers, ~columns.truths["chinese"][one]
    core, whole = (_only_in(of[name][one], of[name][other]) for name in ("core_signs", "name_signs"))
    own = np.where(western, core[0] + whole[0], core[0]), np.where(western, core[1] + whole[1], core[1])
    least = np.where(western, np.maximum(*own), np.minimum(np.maximum(*core), np.maximum(*whole)))
    lengths = (of["end"][rows] - of["start"][rows] for rows in (one, other))
    halves = np.where(western, HALF_WESTERN, HALF_CHINESE) * np.maximum(*lengths)
    found = np.where(2 * least <= halves, AT_MOST + Names.CLOSE.place, Names.OTHER.place)
    found[least == 2] = AT_MOST + Names.SLIPS.place
    found[(least <= 1) | (np.minimum(*own) == 0)] = UNSURE  # one may be the beginning of the other
    return found.astype(np.uint8)


def _only_in(one: "Numbers", other: "Numbers") -> "tuple[Words, Words]":
    """How many bits only one of two numbers has, and how many only the other."""
    import numpy as np

    both = one & other
    return np.bitwise_count((one ^ both).view(np.uint64)), np.bitwise_count((other ^ both).view(np.uint64))


@lru_cache(maxsize=16_384)
def compare_trades(one: str, other: str) -> Names:
    """Two names of one brand, by their trades: of these there are few."""
    if one == other:
        return Names.SAME
    if not one or not other:
        return Names.SHORT
    if sound(one) == sound(other):
        return Names.SAME
    if one.startswith(other) or other.startswith(one):
        return Names.SHORT
    return Names.OTHER_TRADE


def names_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Names of two brands: the strongest way in which they are alike."""

    chinese = columns.truths["chinese"]
    mixed = chinese[one] != chinese[other]
    found = words_like(one, Names.OTHER.place)
    for of, read in ((mixed, _scripts), (~mixed & chinese[one], _chinese_names), (~mixed & ~chinese[one], _western)):
        if of.any():
            found[of] = read(columns, one[of], other[of])
    return found


def _scripts(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """A Chinese name and a Western one that may be its pinyin."""
    import numpy as np

    first = columns.truths["chinese"][one]
    chinese, western = np.where(first, one, other), np.where(first, other, one)
    found = words_like(one, Names.OTHER.place)
    romans = columns.texts["roman"].of(western)
    telling = [at for at, roman in enumerate(romans) if roman]
    rows = chinese[telling]
    brands = _cores(columns, rows, columns.texts["name"].spans(rows), "cut").texts()
    for at, brand in zip(telling, brands, strict=True):
        heard, roman = sound(brand), romans[at]
        if heard.startswith(roman) or roman.startswith(heard) or slips()(heard, roman, score_cutoff=1) <= 1:
            found[at] = Names.ROMAN.place
    return found


def _chinese_names(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    import numpy as np

    names = [columns.texts["name"].spans(rows) for rows in (one, other)]
    cores = [_cores(columns, rows, spans) for rows, spans in zip((one, other), names, strict=True)]
    heard = (gathered(voices_of(core.codes), core.first, core.end) for core in cores)
    apart = slips_between(*(spans.side_by_side_texts() for spans in heard), most=255)
    far = np.flatnonzero(apart > 1)
    whole = (gathered(spans.codes, spans.first[far], spans.end[far]) for spans in names)
    apart_in_all = slips_between(*(spans.side_by_side_texts() for spans in whole), most=255)
    apart[far] = np.minimum(apart[far], apart_in_all)  # a place may be misspelt, or a form of company
    return _by_distance(apart, *cores, shortest=2, close=HALF_CHINESE)


def _western(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    names = [columns.texts["name"].spans(rows) for rows in (one, other)]
    apart = slips_between(*(spans.side_by_side_texts() for spans in names), most=255)
    return _by_distance(apart, *names, shortest=6, close=HALF_WESTERN)


def _by_distance(apart: "NDArray[np.uint8]", one: Spans, other: Spans, *, shortest: int, close: float) -> "Words":
    """The word for each distance; names that are the beginning of the other are SHORT."""
    import numpy as np

    longer, shorter = np.maximum(one.lengths, other.lengths), np.minimum(one.lengths, other.lengths)
    found = np.where(2 * apart.astype(np.int64) <= close * longer, Names.CLOSE.place, Names.OTHER.place)
    found[apart == 2] = Names.SLIPS.place
    found[apart <= 1] = Names.SLIP.place
    a, b = (Parts(spans.codes).part(spans.first, spans.first + shorter) for spans in (one, other))
    found[(a == b) & (shorter >= shortest)] = Names.SHORT.place
    return found.astype(np.uint8)


def _cores(columns: Columns, rows: "Rows", names: Spans, upto: str = "end") -> Spans:
    """Names from where the name proper begins."""
    start, end = (names.first + columns.numbers[name][rows] for name in ("start", upto))
    return Spans(names.codes, start, end)
