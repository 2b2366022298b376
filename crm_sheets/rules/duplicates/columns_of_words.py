"""Western names, people and addresses of a whole column taken apart, all at once, by the words that they consist of.

Only for texts of ASCII signs; others, and those with brackets and remarks, are read one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.addresses import SHORT_WORDS
from crm_sheets.rules.duplicates.affixes import Words
from crm_sheets.rules.duplicates.hashes import Parts
from crm_sheets.rules.duplicates.names import reads_like_pinyin
from crm_sheets.rules.duplicates.regions import roman_region
from crm_sheets.rules.duplicates.spans import Marks, Spans, gathered, marks
from crm_sheets.rules.duplicates.words import LEGAL_TOKENS, SMALL_WORDS, TRADE_TOKENS, WESTERN_TITLES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Hashes, Numbers
    from crm_sheets.rules.duplicates.spans import Flags

LEGAL, SMALL, TRADE = 1, 2, 4
_LETTERS_COMPARED = 12
"""Letters of a word that fit into one number, five bits each."""
_BLANK = ord(" ")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of texts, in their order.

    Attributes:
        first: where each word begins.
        end: where it ends.
        row: the text that it stands in.
        count: how many words each text has.
    """

    first: "Numbers"
    end: "Numbers"
    row: "Numbers"
    count: "Numbers"

    @property
    def begin(self) -> "Numbers":
        """Which word is the first of each text."""
        return self.count.cumsum() - self.count

    def at(self, which: "Flags") -> "Wording":
        """Some of the words."""
        import numpy as np

        row = self.row[which]
        return Wording(self.first[which], self.end[which], row, np.bincount(row, minlength=len(self.count)))

    def upto(self, lengths: "Numbers") -> "Numbers":
        """The sums of what is told of the words, from 0 on."""
        import numpy as np

        return np.concatenate([[0], np.cumsum(lengths)])


@dataclass(frozen=True, slots=True)
class WesternNames:
    """What `names.Name` says, as columns."""

    whole: Spans
    cut: "Numbers"
    region: "Numbers"
    bare: "Flags"
    romans: dict[int, str]


def western_names(texts: Spans) -> WesternNames:
    """`names.parts_of` of names of ASCII signs without brackets and remarks.

    Args:
        texts: without other texts between them, see spans.gathered.
    """
    import numpy as np

    every = _words_of(texts, "word")
    words, kinds = _known_of_names()
    kind = kinds[words.places(Parts(texts.codes).part(every.first, every.end))]
    stays = kind & SMALL == 0
    own, kind_of_own = every.at(stays), kind[stays]
    left = _without_last(own, own.count, kind_of_own & LEGAL > 0)
    cut = _without_last(own, left, kind_of_own & TRADE > 0)
    begin = own.begin
    kept = np.arange(len(own.row)) - begin[own.row] < left[own.row]
    upto = own.upto(own.end - own.first)
    region = np.zeros(len(texts), np.int64)
    romans = _romanised(texts, every, kind & (LEGAL | SMALL) == 0)
    several = np.array([row for row in romans if left[row] > 1], np.int64)
    heads = begin[several]
    region[several] = [
        roman_region(head).number for head in Spans(texts.codes, own.first[heads], own.end[heads]).texts()
    ]
    return WesternNames(
        texts.kept(_marked(texts, own.at(kept))),
        upto[begin + cut] - upto[begin],
        region,
        (cut == own.count) & (own.count <= 3),
        romans,
    )


def western_people(texts: Spans) -> tuple[Spans, "Flags"]:
    """`fields.contact_in` of cells of ASCII signs without brackets, and for which this does not tell."""
    import numpy as np

    every = _words_of(texts, "letter")
    titles = _titles().places(Parts(texts.codes).part(every.first, every.end)) >= 0
    words = every.at(~titles)
    letters = _first_letters(texts, words)
    order = np.lexsort((letters, words.row))
    doubtful = np.zeros(len(texts), np.bool_)
    doubtful[words.row[1:][np.diff(letters[order]) == 0]] = True  # too long to tell, or twice the same
    put = gathered(texts.codes, words.first[order], words.end[order])
    codes = np.append(put.codes, np.uint32(_BLANK))
    codes[put.end] = _BLANK
    first, end = np.zeros((2, len(texts)), np.int64)
    some = words.count > 0
    begin = words.begin[some]
    first[some], end[some] = put.first[begin], put.end[begin + words.count[some] - 1]
    return Spans(codes, first, end), doubtful


def western_addresses(texts: Spans) -> tuple[Spans, "Hashes", "Hashes"]:
    """`addresses.address_in` of addresses of ASCII signs: whole ones, hashes of places and of house numbers."""
    import numpy as np

    words = _words_of(texts, "word")
    known, lengths, letters = _short_words()
    which = known.places(Parts(texts.codes).part(words.first, words.end))
    stays = _marked(texts, words)
    long = np.flatnonzero(which >= 0)
    for letter, kept in enumerate(letters):
        at = words.first[long] + letter
        within = at < words.end[long]
        stays[at[within]] = kept[which[long[within]]]
    whole = texts.kept(stays)
    begin, upto = words.begin, words.upto(np.where(which >= 0, lengths[which], words.end - words.first))
    sizes = (upto[begin + np.minimum(words.count, some)] - upto[begin] for some in (1, 3))
    head, place = (Spans(whole.codes, whole.first, whole.first + size) for size in sizes)
    digit = _marks().told("digit", _marks().of(whole.codes))
    numbered = (head.counts(digit) == head.lengths) & (words.count > 0)
    return whole, place.hashes() * numbered, head.hashes() * numbered


def _words_of(texts: Spans, sign: str) -> Wording:
    """The words of texts: as many signs of one sort as stand together."""
    import numpy as np

    marked = _marks().told(sign, _marks().of(texts.codes)).astype(np.int8)
    edges = np.diff(marked, prepend=np.int8(0), append=np.int8(0))
    first, end = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    row = texts.rows_with(first)
    return Wording(first, end, row, np.bincount(row, minlength=len(texts)))


def _marked(texts: Spans, words: Wording) -> "Flags":
    """The signs that stand in words."""
    import numpy as np

    edges = np.zeros(len(texts.codes) + 1, np.int8)
    edges[words.first] = 1
    edges[words.end] = -1
    found: Flags = np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)
    return found


def _without_last(words: Wording, count: "Numbers", drop: "Flags") -> "Numbers":
    """How many of the first words of each text are left without those behind that are dropped; one stays at least."""
    left, begin = count.copy(), words.begin
    rows = (left > 1).nonzero()[0]
    while len(rows):
        rows = rows[drop[begin[rows] + left[rows] - 1]]
        left[rows] -= 1
        rows = rows[left[rows] > 1]
    return left


def _romanised(texts: Spans, every: Wording, telling: "Flags") -> dict[int, str]:
    """`names.Name.roman` by row, of those that have one."""
    import numpy as np

    words = every.at(telling)
    some = np.flatnonzero((words.count > 0) & (words.count <= 2))
    last = words.begin[some] + words.count[some] - 1
    found = Spans(texts.codes, words.first[last], words.end[last])
    of = _marks()
    likely = of.told("ends_syllable", of.of(found.at_last()))
    rows = some[likely].tolist()
    return {
        row: word
        for row, word in zip(rows, found.at(np.flatnonzero(likely)).texts(), strict=True)
        if reads_like_pinyin(word)
    }


def _first_letters(texts: Spans, words: Wording) -> "Numbers":
    """A number for the first letters of each word, in the order of the words."""
    import numpy as np

    found = np.zeros(len(words.first), np.int64)
    for place in range(_LETTERS_COMPARED):
        at = words.first + place
        within = at < words.end
        found *= 32
        found += (texts.codes[np.where(within, at, words.first)].astype(np.int64) - (ord("a") - 1)) * within
    return found


@cache
def _marks() -> Marks:
    return marks(
        letter=lambda sign: "a" <= sign <= "z",
        word=lambda sign: "a" <= sign <= "z" or "0" <= sign <= "9",
        digit=lambda sign: "0" <= sign <= "9",
        ends_syllable="aeiouvngr".__contains__,
    )


@cache
def _known_of_names() -> tuple[Words, "NDArray[np.int64]"]:
    """Words that tell no brand, and what each is; the last one is for no word."""
    import numpy as np

    every: Sequence[str] = sorted(LEGAL_TOKENS | SMALL_WORDS | TRADE_TOKENS)
    kinds = [
        LEGAL * (word in LEGAL_TOKENS) + SMALL * (word in SMALL_WORDS) + TRADE * (word in TRADE_TOKENS)
        for word in every
    ]
    return Words(every), np.array([*kinds, 0])


@cache
def _titles() -> Words:
    return Words(sorted(WESTERN_TITLES))


@cache
def _short_words() -> tuple[Words, "Numbers", "tuple[Flags, ...]"]:
    """Words that addresses shorten, how long they are then, and for each place in the word in which it is kept."""
    import numpy as np

    kept = [_kept_of(word, short) for word, short in SHORT_WORDS.items()]
    most = max(map(len, kept))
    table = np.array([[*flags, *[False] * (most - len(flags))] for flags in kept], np.bool_)
    return Words(tuple(SHORT_WORDS)), np.array([*map(len, SHORT_WORDS.values()), 0]), tuple(table.T)


def _kept_of(word: str, short: str) -> list[bool]:
    """Which letters of a word its short form consists of: blvd of boulevard."""
    kept, place = [], 0
    for letter in word:
        kept.append(place < len(short) and letter == short[place])
        place += kept[-1]
    return kept
