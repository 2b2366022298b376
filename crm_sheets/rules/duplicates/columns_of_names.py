"""Company names of a whole column taken apart: `names.parts_of`, for most of them at once."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.affixes import Words, beginning
from crm_sheets.rules.duplicates.hashes import Parts
from crm_sheets.rules.duplicates.names import parts_of
from crm_sheets.rules.duplicates.regions import MORE_OF_A_PLACE
from crm_sheets.rules.duplicates.spans import CHINESE_FROM, CHINESE_TO, Marks, Spans, counts, marks
from crm_sheets.rules.duplicates.words import BRANCHES, LEGAL_FORMS, TRADER_FORMS, TRADES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Numbers

    Flags = NDArray[np.bool_]

TRADER_NUMBERS = {form: number for number, form in enumerate(("", *sorted(TRADER_FORMS)))}


@dataclass(slots=True)
class NameColumns:
    """What `names.Name` says of one name, as columns; `trader` as in TRADER_NUMBERS.

    Attributes:
        branches: by row, of those that have one.
        romans: likewise.
    """

    whole: Spans
    region: "Numbers"
    start: "Numbers"
    cut: "Numbers"
    end: "Numbers"
    trader: "Numbers"
    chinese: "Flags"
    bare: "Flags"
    branches: dict[int, str]
    romans: dict[int, str]


def names_of(spans: Spans) -> NameColumns:
    """Names that are plain already, taken apart."""
    import numpy as np

    known = _marks().of(spans.codes)
    parts = Parts(spans.codes)
    first_sign = spans.at_first()
    regular = (first_sign >= CHINESE_FROM) & (first_sign <= CHINESE_TO)
    regular &= spans.counts(_marks().told("letter", known)) == spans.lengths
    rows = np.flatnonzero(regular)
    rows = rows[_branch_words().ending(spans, parts, spans.first[rows], spans.end[rows]) < 0]
    region, start, cut, end, trader = np.zeros((5, len(spans)), np.int64)
    chinese, bare = np.zeros((2, len(spans)), np.bool_)
    found = NameColumns(spans, region, start, cut, end, trader, chinese, bare, {}, {})
    done = _regular(found, parts, known, rows)
    others = spans.lengths > 0
    others[done] = False
    _one_by_one(found, np.flatnonzero(others))
    return found


def _regular(found: NameColumns, parts: Parts, known: "NDArray[np.uint32]", rows: "Numbers") -> "Numbers":
    """Takes Chinese names apart that consist of letters and tell no branch; gives those where it could."""
    spans = found.whole
    first, end = spans.first[rows], spans.end[rows]
    region, length = beginning(parts, first, end)
    start = first + length
    odd = _marks().told("goes_on", known[start]) & (length > 0)
    odd |= counts(_marks().told("place", known), start, end) > 0
    short = end - start < 2
    region[short], start[short] = 0, first[short]
    cut, trader, unsure = _without_forms(spans, parts, known, start, end)
    stays = ~(odd | unsure)
    rows, first, start, end, size = rows[stays], first[stays], start[stays], end[stays], cut[stays]
    brand = _without_trades(spans, parts, start, size)
    found.region[rows] = region[stays]
    found.start[rows], found.cut[rows], found.end[rows] = start - first, brand - first, size - first
    found.trader[rows] = trader[stays]
    found.chinese[rows] = True
    found.bare[rows] = (end - first <= 4) & (brand - start == end - first)
    return rows


def _without_forms(
    spans: Spans, parts: Parts, known: "NDArray[np.uint32]", start: "Numbers", end: "Numbers"
) -> tuple["Numbers", "Numbers", "Flags"]:
    """`names._without_form`: where the form begins, that of a sole trader, and whether it may be misspelt."""
    import numpy as np

    words, traders, misspelt_as = _form_words()
    found, trader = end.copy(), np.zeros(len(end), np.int64)
    firm = _marks().told("firm", known)
    form = words.ending(spans, parts, start, found)
    unsure = ((form < 0) & (counts(firm, np.maximum(start, end - 3), end) > 0)) | (form == misspelt_as)
    left = np.flatnonzero(~unsure)
    form = form[left]
    while len(left):
        before = found[left] - words.lengths[form]
        fits = (form >= 0) & (before - start[left] >= 2)
        left, form, before = left[fits], form[fits], before[fits]
        trader[left] = np.where(traders[form] > 0, traders[form], trader[left])
        found[left] = before
        form = words.ending(spans, parts, start[left], before)
    return found, trader, unsure


def _without_trades(spans: Spans, parts: Parts, start: "Numbers", end: "Numbers") -> "Numbers":
    """`names._without_trade`."""
    import numpy as np

    words = _trade_words()
    found = end.copy()
    left = np.flatnonzero(found - start > 3)
    while len(left):
        trade = words.ending(spans, parts, start[left] + 2, found[left])
        left, trade = left[trade >= 0], trade[trade >= 0]
        found[left] -= words.lengths[trade]
        left = left[found[left] - start[left] > 3]
    return found


def _one_by_one(found: NameColumns, rows: "Numbers") -> None:
    spans = found.whole
    names = [parts_of(text) for text in spans.at(rows).texts()]
    if not names:
        return
    found.whole = spans.replaced(rows, [name.whole for name in names])
    found.region[rows] = [name.region.number for name in names]
    found.start[rows] = [name.start for name in names]
    found.cut[rows] = [name.cut for name in names]
    found.end[rows] = [name.end for name in names]
    found.trader[rows] = [TRADER_NUMBERS[name.trader] for name in names]
    found.chinese[rows] = [name.chinese for name in names]
    found.bare[rows] = [name.bare for name in names]
    found.branches |= {row: name.branch for row, name in zip(rows.tolist(), names, strict=True) if name.branch}
    found.romans |= {row: name.roman for row, name in zip(rows.tolist(), names, strict=True) if name.roman}


@cache
def _marks() -> Marks:
    return marks(
        letter=str.isalpha,
        place="省市县".__contains__,
        goes_on=MORE_OF_A_PLACE.__contains__,
        firm="公司".__contains__,
    )


@cache
def _branch_words() -> Words:
    return Words(BRANCHES.split("|"))


@cache
def _trade_words() -> Words:
    return Words(sorted(TRADES))


@cache
def _form_words() -> tuple[Words, "Numbers", int]:
    """The forms of company, the number of each among those of sole traders, and the place of 公司."""
    import numpy as np

    return (
        Words(LEGAL_FORMS),
        np.array([*(TRADER_NUMBERS.get(form, 0) for form in LEGAL_FORMS), 0]),
        LEGAL_FORMS.index("公司"),
    )
