"""Addresses taken apart as far as two of them can be compared."""

import re
from dataclasses import dataclass

from crm_sheets.rules.duplicates.regions import NOWHERE, Region, leading_region
from crm_sheets.rules.duplicates.text import is_chinese, plain


@dataclass(frozen=True, slots=True)
class Address:
    """An address in parts, each "" where it was not found.

    Attributes:
        whole: plain, without blanks and punctuation.
        place: key of street and house number within its county.
        numbers: of house, building and room, in their order.
    """

    whole: str = ""
    region: Region = NOWHERE
    place: str = ""
    numbers: tuple[str, ...] = ()


NO_ADDRESS = Address()

_NOT_A_LETTER = re.compile(r"[\W_]+")
_STREET = re.compile(r"([^省市区县旗镇乡街道路\d]{1,10}(?:大道|路|街|道|巷|弄|胡同))(\d+)")
_COUNTY = re.compile(r"([^省市区县旗州盟]{1,10})[区县旗市]")
_NUMBER = re.compile(r"\d+")
_SHORT_WORDS = {
    "boulevard": "blvd", "road": "rd", "street": "st", "avenue": "ave", "suite": "ste", "floor": "fl", "drive": "dr",
    "lane": "ln", "court": "ct", "square": "sq", "building": "bldg", "north": "n", "south": "s", "east": "e", "west": "w",
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+")


def address_of(text: str | None) -> Address:
    """The parts of an address; NO_ADDRESS for an empty one."""
    written = plain(text)
    if not written:
        return NO_ADDRESS
    return _chinese(written) if is_chinese(written) else _western(written)


def _chinese(written: str) -> Address:
    whole = _NOT_A_LETTER.sub("", written.replace("#", "号"))
    region, rest = leading_region(whole)
    street = _STREET.search(rest)
    place = ""
    if street is not None:
        counties = _COUNTY.findall(rest[: street.start(1)])
        county = counties[-1][-2:] if counties else ""
        place = f"{county}{street[1]}{street[2]}"
    numbers = tuple(_NUMBER.findall(rest))
    return Address(whole, region, place, numbers)


def _western(written: str) -> Address:
    words = [_SHORT_WORDS.get(word, word) for word in _WORD.findall(written)]
    place = "".join(words[:3]) if words and words[0].isdigit() else ""
    return Address("".join(words), NOWHERE, place, tuple(word for word in words if word.isdigit()))
