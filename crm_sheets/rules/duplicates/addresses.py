"""Addresses taken apart as far as two of them can be compared."""

import re
from typing import NamedTuple

from crm_sheets.rules.duplicates.text import CHINESE_END, CHINESE_START, is_chinese, plain


class Address(NamedTuple):
    """An address in parts, each "" where it was not found.

    Attributes:
        whole: plain, without blanks and punctuation.
        place: key of street and house number within its county: 巨野和平大道708.
        number: of the house.
    """

    whole: str
    place: str
    number: str


NO_ADDRESS = Address("", "", "")

_NOT_A_LETTER = re.compile(r"[\W_]+")
_HOUSE = re.compile(r"[^省市区县旗镇乡街道路]{0,8}?(?:路|街|道|巷|弄|胡同)(\d+)")
"""The name of a street and a house number: at most so much of the name as tells it from others."""
_COUNTY = re.compile(".*[区县市]")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_]+")
SHORT_WORDS = {
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
"""Short forms, made of letters of the word in their order."""


def address_of(text: str | None) -> Address:
    """The parts of an address; NO_ADDRESS for an empty one."""
    return address_in(plain(text))


def address_in(written: str) -> Address:
    """`address_of` for what is plain already."""
    if not written:
        return NO_ADDRESS
    if CHINESE_START <= written[0] <= CHINESE_END or is_chinese(written):
        return _chinese(written)
    return _western(written)


def numbers_in(whole: str) -> tuple[str, ...]:
    """The numbers of house, building and room, in their order."""
    return tuple(_NUMBER.findall(whole))


def _chinese(written: str) -> Address:
    whole = written if written.isalnum() else _NOT_A_LETTER.sub("", written.replace("#", "号"))
    house = _HOUSE.search(whole)
    if house is None:
        return Address(whole, "", "")
    start = house.start()
    county = _COUNTY.match(whole, 0, start)
    place = house[0]
    if county is not None:
        end = county.end() - 1
        place = whole[max(0, end - 2) : end] + place
    return Address(whole, place, house[1])


def _western(written: str) -> Address:
    words = [SHORT_WORDS.get(word, word) for word in _WORD.findall(written)]
    place = "".join(words[:3]) if words and words[0].isdigit() else ""
    return Address("".join(words), place, words[0] if place else "")
