"""Addresses taken apart as far as two of them can be compared."""

import re
from typing import NamedTuple

from crm_sheets.rules.duplicates.text import is_chinese, plain


class Address(NamedTuple):
    """An address in parts, each "" where it was not found.

    Attributes:
        whole: plain, without blanks and punctuation.
        place: key of street and house number within its county.
        numbers: of house, building and room, in their order.
    """

    whole: str
    place: str
    numbers: tuple[str, ...]


NO_ADDRESS = Address("", "", ())

_NOT_A_LETTER = re.compile(r"[\W_]+")
_HOUSE = re.compile(r"(?:路|街|道|巷|弄|胡同)\d+")
_BOUNDS = frozenset("省市区县旗镇乡街道路")
_LONGEST_STREET = 8
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_]+")
_SHORT_WORDS = {
    "boulevard": "blvd",
    "road": "rd",
    "street": "st",
    "avenue": "ave",
    "suite": "ste",
    "floor": "fl",
    "drive": "dr",
    "lane": "ln",
    "court": "ct",
    "square": "sq",
    "building": "bldg",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}


def address_of(text: str | None) -> Address:
    """The parts of an address; NO_ADDRESS for an empty one."""
    written = plain(text)
    if not written:
        return NO_ADDRESS
    return _chinese(written) if is_chinese(written) else _western(written)


def _chinese(written: str) -> Address:
    whole = written if written.isalnum() else _NOT_A_LETTER.sub("", written.replace("#", "号"))
    house = _HOUSE.search(whole)
    return Address(whole, _place(whole, house) if house else "", tuple(_NUMBER.findall(whole)))


def _place(whole: str, house: re.Match[str]) -> str:
    """The end of the county's name, the street and the house number: 巨野和平大道708."""
    start = house.start()
    floor = max(0, start - _LONGEST_STREET)
    while start > floor and whole[start - 1] not in _BOUNDS:
        start -= 1
    county = max(whole.rfind("区", 0, start), whole.rfind("县", 0, start), whole.rfind("市", 0, start))
    street = whole[start : house.end()]
    return whole[max(0, county - 2) : county] + street if county > 0 else street


def _western(written: str) -> Address:
    words = [_SHORT_WORDS.get(word, word) for word in _WORD.findall(written)]
    place = "".join(words[:3]) if words and words[0].isdigit() else ""
    return Address("".join(words), place, tuple(word for word in words if word.isdigit()))
