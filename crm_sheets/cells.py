"""What stands in one cell of a workbook, before anyone asks what it means."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from crm_sheets.errors import UsageError

Scalar: TypeAlias = str | int | float | Decimal | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class CellError:
    """An error that a spreadsheet shows in a cell, such as `#REF!`."""

    code: str


_CODES = (
    "NULL! DIV/0! VALUE! REF! NAME? NUM! N/A SPILL! CALC! FIELD! BLOCKED! CONNECT! UNKNOWN! BUSY! GETTING_DATA ERROR!"
)

ERROR_CODES = frozenset(f"#{code}" for code in _CODES.split(" "))
"""What spreadsheet programs show for an error, and save as plain text in a CSV."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the result that was saved with it.

    Attributes:
        text: without the leading `=`; empty for a cell of a shared formula that only names its group.
        cached: the saved result; None when the program that saved it kept none.
    """

    text: str
    cached: "Scalar | CellError" = None


CellValue: TypeAlias = str | int | float | Decimal | bool | date | datetime | Formula | CellError | None
"""A cell as read: text, number (int when it is whole), bool, error, formula, or None for blank.

Readers give dates as the serial number that is stored: what it means is for the codecs to say. Writers also take
Decimal, date and (naive, as shown on the wall) datetime, and store the serial number.
"""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A place in a workbook; row and column are 1-based, and 0 stands for "the whole row" or "the whole tab"."""

    tab: str
    row: int = 0
    column: int = 0

    def __str__(self) -> str:
        if self.column:
            return f"{self.tab}!{column_letters(self.column)}{self.row}"
        return f"{self.tab}!{self.row}" if self.row else self.tab


@lru_cache(1 << 14)
def column_letters(column: int) -> str:
    """1 -> A, 27 -> AA (ECMA-376 part 1, 18.18.62 ST_Ref)."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """A -> 1, AA -> 27.

    Raises:
        UsageError: not the letters of a column.
    """
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise UsageError(f"{letters!r} is not a column")
        number = number * 26 + ord(letter) - 64
    return number


_ILLEGIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def legible(cell: object) -> str:
    """A raw cell as a message may quote it and a database keep it: a formula as it was typed, an error as it is shown,
    control characters and halves of surrogate pairs as U+FFFD."""
    if isinstance(cell, Formula):
        cell = f"={cell.text}"
    elif isinstance(cell, CellError):
        cell = cell.code
    text = str(cell).replace("\r\n", "\n").replace("\r", "\n")
    return _ILLEGIBLE.sub("\ufffd", text)


def same_value(one: object, other: object) -> bool:
    """Whether two cell values are the same to a person: 5 and 5.0 are, 1 and TRUE are not, blank and "" are.

    NaN is the same as NaN, for a cell that holds it would otherwise change for ever.
    """
    if one is None or one == "":
        return other is None or other == ""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, datetime) != isinstance(other, datetime):
        return False
    return one == other


_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=65_536)
def text_key(text: str) -> str:
    """The form in which two texts are compared: NFKC, case folded, no invisible characters, single spaces.

    Full-width letters equal half-width ones, a zero-width space equals nothing, a line break equals a space.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        folded = "".join(c for c in folded if unicodedata.category(c) != "Cf")
        folded = unicodedata.normalize("NFKC", folded)
    return _SPACES.sub(" ", folded).strip()


def display_width(text: str) -> int:
    """How many half-width characters a text takes up: a Chinese character counts two (Unicode UAX 11)."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
