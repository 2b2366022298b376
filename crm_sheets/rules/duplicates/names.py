"""Company names taken apart: place, branch, name proper, trade, form of company."""

import re
from dataclasses import dataclass
from functools import cache

from crm_sheets.rules.duplicates.regions import NOWHERE, Region, leading_region
from crm_sheets.rules.duplicates.text import is_chinese, plain, sound
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


@dataclass(frozen=True, slots=True)
class Name:
    """A company name in parts, each plain text, "" where the name has none.

    Attributes:
        whole: the name without blanks, punctuation and remarks.
        region: the place that it begins with (or has in brackets).
        branch: what stands between the firm and 分公司, "上海" in 米支付有限公司上海分公司.
        brand: the name proper, without place, trade and form: 米支付.
        trade: what follows the brand: 智能科技.
        trader: the form of a sole trader, 经营部, which tells businesses apart; 有限公司 does not.
        sounds: of the brand in pinyin; Western names as they are.
        chinese: whether it is written in Chinese.
    """

    whole: str = ""
    region: Region = NOWHERE
    branch: str = ""
    brand: str = ""
    trade: str = ""
    trader: str = ""
    sounds: str = ""
    chinese: bool = False

    @property
    def core(self) -> str:
        """Brand and trade: what is left when place and form are gone."""
        return self.brand + self.trade


NOTHING = Name()

_BRACKETED = re.compile(r"[(\[{【<《「](.*?)[)\]}】>》」]")
_REMARK = re.compile(f"^(?:{REMARKS})$")
_TRAILING_REMARK = re.compile(f"[-—–_/|·]+(?:{REMARKS})$")
_NOT_A_LETTER = re.compile(r"[\W_]+")
_BRANCH = re.compile(f"^(.{{2,}}?(?:公司|厂|经营部|工作室|合伙|集团|店|商行))((?:[^公司]{{1,10}}?(?:{BRANCHES}))+)$")
_LOOSE_BRANCH = re.compile(f"^(.{{2,}}?)(.{{2,3}}(?:{BRANCHES}))$")
_BRANCH_WORDS = re.compile(f"[市省]?(?:{BRANCHES})")
_MISSPELT_FORM = re.compile(
    "(?:股份|集团|控股)*(?:有.?限|有.|.限)(?:责.?任|.任|责.)?.?(?:公.?司?|.司|司公)$|公.司$|公司.$"
)
_FORMS = re.compile(f"(?:{'|'.join(sorted(LEGAL_FORMS, key=len, reverse=True))})$")
_LONGEST_TRADE = max(map(len, TRADES))
_TRADES = frozenset(TRADES)
_WORDS = re.compile(r"[^\W_]+")


def name_of(text: str | None) -> Name:
    """The parts of a company name; NOTHING for an empty one."""
    written = plain(text)
    if not written:
        return NOTHING
    return _chinese_name(written) if is_chinese(written) else _western_name(written)


def _chinese_name(written: str) -> Name:
    region = NOWHERE
    if "(" in written or _BRACKETED.search(written):
        written, region = _open_brackets(written)
    written = _TRAILING_REMARK.sub("", written)
    whole = _NOT_A_LETTER.sub("", written)
    firm, branch = _without_branch(whole)
    leading, rest = leading_region(firm)
    if len(rest) < 2:
        leading, rest = NOWHERE, firm
    rest, trader = _without_form(rest)
    brand, trade = _without_trade(rest)
    return Name(whole, leading if leading != NOWHERE else region, branch, brand, trade, trader, sound(brand), True)


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
    match = _BRANCH.match(whole) or _LOOSE_BRANCH.match(whole)
    if match is None:
        return whole, ""
    branch = _BRANCH_WORDS.sub("", match[2])
    return match[1], branch or match[2]


def _without_form(rest: str) -> tuple[str, str]:
    """The name without its forms of company, and the form where it is a sole trader's."""
    trader = ""
    misspelt = False
    while True:
        match = _FORMS.search(rest)
        if match is None and not misspelt:
            match = _MISSPELT_FORM.search(rest)
            misspelt = True
        if match is None or match.start() < 2:
            return rest, trader
        if match[0] in TRADER_FORMS:
            trader = match[0]
        rest = rest[: match.start()]
        misspelt = misspelt or bool(match[0])


def _without_trade(rest: str) -> tuple[str, str]:
    """Brand and trade; the brand keeps two characters at least."""
    end = len(rest)
    while True:
        for length in range(min(_LONGEST_TRADE, end - 2), 1, -1):
            if rest[end - length : end] in _TRADES:
                end -= length
                break
        else:
            return rest[:end], rest[end:]


def _western_name(written: str) -> Name:
    written = _BRACKETED.sub(lambda match: "" if _REMARK.match(match[1].strip()) else match[0], written)
    written = _TRAILING_REMARK.sub("", written)
    words = [word for word in _WORDS.findall(written) if word not in SMALL_WORDS]
    while len(words) > 1 and words[-1] in LEGAL_TOKENS:
        words.pop()
    cut = len(words)
    while cut > 1 and words[cut - 1] in TRADE_TOKENS:
        cut -= 1
    brand = "".join(words[:cut])
    return Name("".join(words), NOWHERE, "", brand, "".join(words[cut:]), "", brand, False)


@cache
def _syllable_pattern() -> re.Pattern[str]:
    initial = "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    final = (
        "(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|a|o|e|i|u|v)"
    )
    return re.compile(f"(?:{initial}{final}){{2,}}$")


def romanised(text: str) -> str:
    """The last word of a Western name where it reads like pinyin: 帝威斯 may stand as Sichuan Diweisi Co., Ltd."""
    words = [word for word in _WORDS.findall(plain(text)) if word not in LEGAL_TOKENS and word not in SMALL_WORDS]
    if 1 <= len(words) <= 2 and _syllable_pattern().match(words[-1]):
        return words[-1]
    return ""
