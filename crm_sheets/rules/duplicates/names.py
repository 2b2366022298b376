"""Company names taken apart: place, branch, name proper, trade, form of company."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from crm_sheets.rules.duplicates.regions import NOWHERE, Region, leading_region, roman_region, trailing_region
from crm_sheets.rules.duplicates.text import CHINESE_END, CHINESE_START, is_chinese, plain
from crm_sheets.rules.duplicates.words import (
    BRANCHES,
    LEGAL_FORMS,
    LEGAL_TOKENS,
    REMARKS,
    SMALL_WORDS,
    TRADE_TOKENS,
    TRADER_FORMS,
    TRADES,
)


class Name(NamedTuple):
    """A company name in parts, each plain text, "" where the name has none.

    A tuple rather than a dataclass: a search makes one for each customer, and tuples are made four times as fast.

    Attributes:
        whole: the name without blanks, punctuation and remarks.
        region: the place that it begins with (or has in brackets).
        branch: what stands between the firm and 分公司, "上海" in 米支付有限公司上海分公司.
        start, cut, end: where the name proper begins and ends within the whole, and where the trade behind it ends.
        trader: the form of a sole trader, 经营部, which tells businesses apart; 有限公司 does not.
        chinese: whether it is written in Chinese.
        bare: nothing stands round the brand: it may be the name of a person, which many bear.
        roman: the last word of a Western name where it reads like pinyin: 帝威斯 may stand as Sichuan Diweisi Co., Ltd.
    """

    whole: str
    region: Region
    branch: str
    start: int
    cut: int
    end: int
    trader: str
    chinese: bool
    bare: bool
    roman: str

    @property
    def brand(self) -> str:
        """The name proper, without place, trade and form: 米支付."""
        return self.whole[self.start : self.cut]

    @property
    def trade(self) -> str:
        """What follows the brand: 智能科技."""
        return self.whole[self.cut : self.end]

    @property
    def core(self) -> str:
        """Brand and trade, what is left when place and form are gone."""
        return self.whole[self.start : self.end]


def _by_ending(words: Iterable[str], length: int) -> dict[str, tuple[str, ...]]:
    """The words by their last characters, the longest first."""
    found: dict[str, tuple[str, ...]] = {}
    for word in sorted(words, key=len, reverse=True):
        found[word[-length:]] = (*found.get(word[-length:], ()), word)
    return found


NOTHING = Name("", NOWHERE, "", 0, 0, 0, "", False, False, "")

OPENING, CLOSING = "([{【<《「", ")]}】>》」"
MORE_THAN_WORDS = OPENING + "_/|-"
"""What a name may have beside its words."""
_BRACKETED = re.compile(f"[{re.escape(OPENING)}](.*?)[{re.escape(CLOSING)}]")
_OPENING = re.compile(f"[{re.escape(OPENING)}]")
_REMARK = re.compile(f"^(?:{REMARKS})$")
_TRAILING_REMARK = re.compile(f"[-—–_/|·]+(?:{REMARKS})$")
_NOT_A_LETTER = re.compile(r"[\W_]+")
_BRANCH_ENDINGS = frozenset(BRANCHES.split("|"))
_BRANCH = re.compile(f"^(.{{2,}}?(?:公司|厂|经营部|工作室|合伙|集团|店|商行))((?:[^公司]{{1,10}}?(?:{BRANCHES}))+)$")
_LOOSE_BRANCH = re.compile(f"^(.{{2,}}?)(.{{2,3}}(?:{BRANCHES}))$")
_BRANCH_WORD = re.compile(f"[市省]?(?:{BRANCHES})")
_UNKNOWN_PLACE = re.compile(
    "^(?:[^省市县]{2,3}省)?(?:[^省市县]{1,2}[^省市县超城都门菜夜股上集]市)?(?:[^省市县]{2,3}县)?(?<=[省市县])"
)
"""Places that are not in the list of cities, or misspelt: 慈溪市, 诚都市; but 家家超市 is none."""
_BRANCH_ENDING = re.compile(f"(?:{BRANCHES})$")
_CITY_WORD = re.compile("[市省]$")
_MISSPELT_FORM = re.compile(
    "(?:股份|集团|控股)*(?:有.?限|有.|.限)(?:责.?任|.任|责.)?.?(?:公.?司?|.司|司公)$|公.司$|公司.$"
)
_MAYBE_MISSPELT = frozenset({"", "公司"})
_FORMS = _by_ending(LEGAL_FORMS, 1)
_TRADES = _by_ending(TRADES, 2)
_WORDS = re.compile(r"[^\W_]+")
_MORE_THAN_WORDS = re.compile(f"[{re.escape(MORE_THAN_WORDS)}]")


def name_of(text: str | None) -> Name:
    """The parts of a company name; NOTHING for an empty one."""
    return parts_of(plain(text))


def parts_of(written: str) -> Name:
    """`name_of` for what is plain already."""
    if not written:
        return NOTHING
    if CHINESE_START <= written[0] <= CHINESE_END or (is_chinese(written) and is_chinese(_without_remark(written))):
        return _chinese_name(written)
    return _western_name(written)


def _without_remark(written: str) -> str:
    """The name without what staff wrote behind it: a Western name with a Chinese remark is a Western one."""
    bare = _BRACKETED.sub(lambda match: "" if _REMARK.match(match[1].strip()) else match[0], written)
    return _TRAILING_REMARK.sub("", bare)


def _chinese_name(written: str) -> Name:
    region = NOWHERE
    whole = written
    if not written.isalpha():
        if _OPENING.search(written):
            written, region = _open_brackets(written)
        whole = _NOT_A_LETTER.sub("", _TRAILING_REMARK.sub("", written))
    if not whole:
        return NOTHING
    firm, branch = whole, ""
    if whole[-3:] in _BRANCH_ENDINGS or whole[-2:] in _BRANCH_ENDINGS:
        firm, branch = _without_branch(whole)
    leading, rest = leading_region(firm)
    if (unknown := _UNKNOWN_PLACE.match(rest)) is not None:
        below, rest = leading_region(rest[unknown.end() :])
        leading = leading if below is NOWHERE else below
    if len(rest) < 2:
        leading, rest = NOWHERE, firm
    start = len(firm) - len(rest)
    size, trader = _without_form(rest)
    cut = _without_trade(rest, size)
    place = leading if leading is not NOWHERE else region
    bare = len(whole) <= 4 and cut == len(whole)
    return Name(whole, place, branch, start, start + cut, start + size, trader, True, bare, "")


def _open_brackets(written: str) -> tuple[str, Region]:
    """The name with what is in brackets taken out where it is a remark or a place, and that place."""
    region = NOWHERE

    def kept(match: re.Match[str]) -> str:
        nonlocal region
        inside = _NOT_A_LETTER.sub("", match[1])
        place, rest = leading_region(inside)
        if place != NOWHERE and not rest:
            region = place
            return ""
        return "" if _REMARK.match(inside) else inside

    return _BRACKETED.sub(kept, written), region


def _without_branch(whole: str) -> tuple[str, str]:
    before = _BRANCH_ENDING.sub("", whole)
    place = trailing_region(before)
    firm = before.removesuffix(place)
    if place and len(firm) >= 2 and not _BRANCH_ENDING.search(firm):
        return firm, _CITY_WORD.sub("", place)
    match = _BRANCH.match(whole) or _LOOSE_BRANCH.match(whole)
    if match is None:
        return whole, ""
    branch = _BRANCH_WORD.sub("", match[2])
    return match[1], branch or match[2]


def _without_form(rest: str) -> tuple[int, str]:
    """How long the name is without its forms of company, and the form where it is a sole trader's."""
    trader = ""
    end = len(rest)
    found = False
    while True:
        form = ""
        for known in _FORMS.get(rest[end - 1], ()):
            if rest.endswith(known, 0, end):
                form = known
                break
        if not found and form in _MAYBE_MISSPELT and (match := _MISSPELT_FORM.search(rest, 0, end)):
            form = match[0]
        if not form or end - len(form) < 2:
            return end, trader
        if form in TRADER_FORMS:
            trader = form
        end -= len(form)
        found = True


def _without_trade(rest: str, end: int) -> int:
    """Where the brand ends in what ends at `end`; it keeps two characters at least."""
    while end > 3:
        for trade in _TRADES.get(rest[end - 2 : end], ()):
            if len(trade) <= end - 2 and rest.endswith(trade, 0, end):
                end -= len(trade)
                break
        else:
            break
    return end


def _western_name(written: str) -> Name:
    if written.isascii() and not _MORE_THAN_WORDS.search(written):
        every = words = _WORDS.findall(written)
    else:
        written = _without_remark(written) if not written.isascii() or _OPENING.search(written) else written
        every, words = _WORDS.findall(written), _WORDS.findall(_TRAILING_REMARK.sub("", written))
    if not SMALL_WORDS.isdisjoint(words):
        words = [word for word in words if word not in SMALL_WORDS]
    all_words = len(words)
    while all_words and len(words) > 1 and words[-1] in LEGAL_TOKENS:
        words.pop()
    cut = len(words)
    while cut > 1 and words[cut - 1] in TRADE_TOKENS:
        cut -= 1
    brand, whole = "".join(words[:cut]), "".join(words)
    bare = cut == all_words <= 3
    roman = _romanised(every)
    place = roman_region(words[0]) if roman and len(words) > 1 else NOWHERE
    return Name(whole, place, "", 0, len(brand), len(whole), "", False, bare, roman)


_INITIAL = "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
_FINAL = (
    "(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|a|o|e|i|u|v)"
)
_PINYIN = re.compile(f"(?:{_INITIAL}{_FINAL}){{2,}}$")


def _romanised(words: Iterable[str]) -> str:
    """The last word of a Western name where it reads like pinyin, "" otherwise."""
    telling = [word for word in words if word not in LEGAL_TOKENS and word not in SMALL_WORDS]
    return telling[-1] if 1 <= len(telling) <= 2 and reads_like_pinyin(telling[-1]) else ""


def reads_like_pinyin(word: str) -> bool:
    """Whether a word consists of two syllables or more of pinyin."""
    return _PINYIN.match(word) is not None
