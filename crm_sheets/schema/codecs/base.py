"""What codecs are given and what they say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from crm_sheets.cells import CellValue, legible
from crm_sheets.changes import Value
from crm_sheets.language import Language, language
from crm_sheets.schema.base import Column
from crm_sheets.schema.sealed import Sealer


class PhoneKind(StrEnum):
    """Kinds of phone numbers, as a team may allow or refuse them."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    SERVICE = "service"  # 400 and 800
    FOREIGN = "foreign"  # of another region than the team's


@dataclass(frozen=True, slots=True)
class CodecContext:
    """What the meaning of a cell depends on, beside its column.

    Attributes:
        zone: the team's; dates and times in cells are wall time there.
        date1904: whether serial dates count from 1904 (ECMA-376 part 1, 18.17.4.1).
        phone_region: ISO 3166 code of the country whose numbers are written without a country code.
        phone_kinds: kinds that the team allows.
        currency_digits: decimals of amounts of money.
        earliest: dates before it are slips of the pen. It keeps a bare year from being read as a serial date:
            2024 would be 1905-07-16.
        latest: dates after it are slips of the pen.
        language: of the words that are written into cells.
        sealer: takes the texts of sealed columns; None when they are kept as they stand.
        shown: how much of a sealed text its cell shows, see sealed.mask_of().
    """

    zone: ZoneInfo
    date1904: bool = False
    phone_region: str = "CN"
    phone_kinds: frozenset[PhoneKind] = frozenset(PhoneKind)
    currency_digits: int = 2
    earliest: date = date(1910, 1, 1)
    latest: date = date(2100, 12, 31)
    language: Language = field(default_factory=lambda: language("zh-CN"))
    sealer: Sealer | None = None
    shown: str = "ends"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a cell has no value: `code` is that of the Issue, `parameters` what its message names."""

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)


Present: TypeAlias = str | int | float | bool | date | datetime
"""A cell that holds something: no blank, formula or error; Decimals were made int or float."""

Parser: TypeAlias = Callable[[Present, Column, CodecContext], "Value | Flaw"]
"""Reads a cell; None when it turns out to be blank (only spaces)."""

Renderer: TypeAlias = Callable[[Value, Column, CodecContext], CellValue]
"""Writes a value that is not None."""


def flaw(code: str, found: object, **parameters: str) -> Flaw:
    """A flaw that names what stands in the cell, cut to what a message can show."""
    text = shown(found)
    return Flaw(code, {"found": text if len(text) <= 60 else text[:59] + "…", **parameters})


def shown(found: object) -> str:
    """A raw cell as a person sees it: no exponent, no trailing `.0`."""
    if isinstance(found, float | Decimal) and -1e21 < found < 1e21 and found == int(found):
        return str(int(found))
    return legible(found)
