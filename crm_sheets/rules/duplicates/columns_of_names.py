"""Company names of a whole column taken apart: `names.parts_of`, for most of them at once."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.affixes import Words, beginning, place_words
from crm_sheets.rules.duplicates.columns_of_words import western_names
from crm_sheets.rules.duplicates.hashes import Parts
from crm_sheets.rules.duplicates.names import CLOSING, MORE_THAN_WORDS, OPENING, parts_of
from crm_sheets.rules.duplicates.regions import MORE_OF_A_PLACE
from crm_sheets.rules.duplicates.spans import CHINESE_FROM, CHINESE_TO, Marks, Spans, counts, gathered, marks
from crm_sheets.rules.duplicates.words import BRANCHES, LEGAL_FORMS, REMARKS, TRADER_FORMS, TRADES

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

    region, start, cut, end, trader = np.zeros((5, len(spans)), np.int64)
    chinese, bare = np.zeros((2, len(spans)), np.bool_)
    whole, inside = _without_brackets(spans)
    found = NameColumns(whole, region, start, cut, end, trader, chinese, bare, {}, {})
    others = spans.lengths > 0
    others[_chinese(found, inside)] = False
    others[_western(found, spans)] = False
    _one_by_one(found, spans, np.flatnonzero(others))
    return found


def _without_brackets(spans: Spans) -> tuple[Spans, "Numbers"]:
    """Chinese names without brackets round a place, a remark or anything else, and the places that stood in them."""
    import numpy as np

    places = np.zeros(len(spans), np.int64)
    known = _marks().of(spans.codes)
    opening, closing = _marks().told("opening", known), _marks().told("closing", known)
    rows = np.flatnonzero((spans.counts(opening) == 1) & (spans.counts(closing) == 1))
    if not len(rows):
        return spans, places
    some = gathered(spans.codes, spans.first[rows], spans.end[rows])
    known = _marks().of(some.codes)
    first, end = (np.flatnonzero(_marks().told(name, known)) for name in ("opening", "closing"))
    ordered = first < end
    first = np.minimum(first + 1, end)
    parts = Parts(some.codes)
    place, length = beginning(parts, first, end)
    whole_place = (length > 0) & (length == end - first)
    gone = ordered & (whole_place | (_remarks().places(parts.part(first, end)) >= 0))
    edges = np.zeros(len(some.codes) + 1, np.int8)
    edges[first[gone]], edges[end[gone]] = 1, -1
    within = np.cumsum(edges[:-1], dtype=np.int8) > 0
    bracket = _marks().told("opening", known) | _marks().told("closing", known)
    clear = (length == 0) | whole_place | ~_marks().told("goes_on", known[first + length])
    clear &= ordered
    places[rows[clear]] = (place * whole_place)[clear]
    return spans.with_(rows[clear], some.kept(~(within | bracket)).at(np.flatnonzero(clear))), places


def _chinese(found: NameColumns, inside: "Numbers") -> "Numbers":
    """Takes Chinese names apart that consist of letters; gives those where it could."""
    import numpy as np

    spans = found.whole
    known = _marks().of(spans.codes)
    parts = Parts(spans.codes)
    first_sign = spans.at_first()
    regular = (first_sign >= CHINESE_FROM) & (first_sign <= CHINESE_TO)
    regular &= spans.counts(_marks().told("letter", known)) == spans.lengths
    rows = np.flatnonzero(regular)
    end = spans.end[rows]
    branch, before = _branches(spans, parts, rows)
    clear = np.ones(len(rows), np.bool_)
    clear[branch] = before.first > 0
    end[branch] = before.first
    done = _regular(found, parts, known, rows[clear], end[clear])
    is_done = np.zeros(len(spans), np.bool_)
    is_done[done] = True
    told = np.flatnonzero(is_done[rows[branch]] & (before.first > 0))
    found.branches |= zip(rows[branch[told]].tolist(), before.at(told).texts(), strict=True)
    found.region[done] = np.where(found.region[done] > 0, found.region[done], inside[done])
    return done


def _branches(spans: Spans, parts: Parts, rows: "Numbers") -> tuple["Numbers", Spans]:
    """Which of some names end with a branch, and the place of it, which begins where the firm ends; 0 if unclear."""
    import numpy as np

    words = _branch_words()
    first, end = spans.first[rows], spans.end[rows]
    word = words.ending(spans, parts, first, end)
    which = np.flatnonzero(word >= 0)
    first, end = first[which], end[which] - words.lengths[word[which]]
    place = place_words().ending(spans, parts, first, end)
    firm = end - place_words().lengths[place]
    clear = (place >= 0) & (firm - first >= 2) & (words.ending(spans, parts, first, firm) < 0)
    city = end - _marks().told("city", _marks().of(spans.codes[end - 1]))
    return which, Spans(spans.codes, np.where(clear, firm, 0), np.where(clear, city, 0))


def _western(found: NameColumns, spans: Spans) -> "Numbers":
    """Takes Western names apart that are of words and nothing else; gives those."""
    import numpy as np

    usual = _marks().told("western", _marks().of(spans.codes))
    rows = np.flatnonzero((spans.counts(usual) == spans.lengths) & (spans.lengths > 0))
    if len(rows):
        names = western_names(gathered(spans.codes, spans.first[rows], spans.end[rows]))
        found.whole = found.whole.with_(rows, names.whole)
        found.region[rows], found.cut[rows], found.end[rows] = names.region, names.cut, names.whole.lengths
        found.bare[rows] = names.bare
        found.romans |= {int(rows[at]): word for at, word in names.romans.items()}
    return rows


def _regular(
    found: NameColumns, parts: Parts, known: "NDArray[np.uint32]", rows: "Numbers", end: "Numbers"
) -> "Numbers":
    """Takes Chinese names apart whose firms end at `end`; gives those where it could."""
    spans = found.whole
    first = spans.first[rows]
    region, length = beginning(parts, first, end)
    start = first + length
    odd = _marks().told("goes_on", known[start]) & (length > 0)
    odd |= counts(_marks().told("place", known), start, end) > 0
    short = end - start < 2
    region[short], start[short] = 0, first[short]
    cut, trader, unsure = _without_forms(spans, parts, known, start, end)
    stays = ~(odd | unsure)
    rows, first, start, size = rows[stays], first[stays], start[stays], cut[stays]
    brand = _without_trades(spans, parts, start, size)
    found.region[rows] = region[stays]
    found.start[rows], found.cut[rows], found.end[rows] = start - first, brand - first, size - first
    found.trader[rows] = trader[stays]
    found.chinese[rows] = True
    found.bare[rows] = (spans.lengths[rows] <= 4) & (brand - start == spans.lengths[rows])
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


def _one_by_one(found: NameColumns, spans: Spans, rows: "Numbers") -> None:
    names = [parts_of(text) for text in spans.at(rows).texts()]
    if not names:
        return
    found.whole = found.whole.replaced(rows, [name.whole for name in names])
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
        city="市省".__contains__,
        opening=OPENING.__contains__,
        closing=CLOSING.__contains__,
        western=lambda sign: sign.isascii() and sign not in MORE_THAN_WORDS,
    )


@cache
def _remarks() -> Words:
    return Words(REMARKS.split("|"))


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
