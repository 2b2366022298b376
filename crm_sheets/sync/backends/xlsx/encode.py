"""Values as cells of a sheet part (ECMA-376 part 1, 18.3.1.4).

Text is always inline, so that nothing becomes a formula.
"""

import math
import re
from datetime import date, datetime
from decimal import Decimal

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx.markup import escape, escape_control
from crm_sheets.sync.backends.xlsx.values import serial

MOST_CHARACTERS = 32_767
MOST_FORMULA = 8_192
_SIGNIFICANT = re.compile(r"^\s|\s$|[\n\t]|  ")


def encode_cell(prefix: bytes, reference: str, style: bytes | None, value: CellValue, date1904: bool) -> bytes:
    """A `<c>` element.

    Args:
        prefix: of the main namespace with its colon, empty for the default one.
        reference: `B7`.
        style: value of the attribute `s`; None for none.
        value: what the cell is to hold; None keeps only its style.
        date1904: the date system of the workbook.

    Raises:
        WriteRefused: no cell can hold the value.
    """
    head = b"<" + prefix + b'c r="' + reference.encode() + b'"'
    if style is not None:
        head += b' s="' + style + b'"'
    kind, body = _content(prefix, reference, value, date1904)
    if kind:
        head += b' t="' + kind + b'"'
    return head + b">" + body + b"</" + prefix + b"c>" if body else head + b"/>"


def _content(  # noqa: PLR0911 - one for each kind of value
    prefix: bytes, reference: str, value: CellValue, date1904: bool
) -> tuple[bytes, bytes]:
    match value:
        case None | "":
            return b"", b""
        case str():
            return b"inlineStr", _inline(prefix, reference, value)
        case CellError():
            return b"e", _element(prefix, b"v", escape(value.code))
        case Formula():
            return _formula(prefix, reference, value, date1904)
        case bool():
            return b"b", _element(prefix, b"v", b"1" if value else b"0")
        case int() | float() | Decimal():
            return b"", _element(prefix, b"v", _number(reference, value))
        case date():
            return b"", _element(prefix, b"v", _date(reference, value, date1904))


def stored_number(value: CellValue, date1904: bool) -> int | float | None:
    """What a number or date is once it is stored; None for anything else.

    Raises:
        ValueError: a date before the first day of the date system.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float, Decimal)):
        number = float(value)
        return int(number) if number.is_integer() else number
    return serial(value, date1904) if isinstance(value, date) else None


def _inline(prefix: bytes, reference: str, text: str) -> bytes:
    units = len(text)
    if 2 * units > MOST_CHARACTERS:
        units += sum(character > "\uffff" for character in text)  # a cell counts UTF-16 units
    if units > MOST_CHARACTERS:
        raise WriteRefused(f"{reference}: {units} characters; a cell holds {MOST_CHARACTERS}")
    space = b' xml:space="preserve"' if _SIGNIFICANT.search(text) else b""
    inner = b"<" + prefix + b"t" + space + b">" + escape(escape_control(text)) + b"</" + prefix + b"t>"
    return _element(prefix, b"is", inner)


def _formula(prefix: bytes, reference: str, formula: Formula, date1904: bool) -> tuple[bytes, bytes]:
    if not formula.text or len(formula.text) > MOST_FORMULA:
        raise WriteRefused(f"{reference}: a formula has between 1 and {MOST_FORMULA} characters")
    body = _element(prefix, b"f", escape(escape_control(formula.text)))
    if isinstance(formula.cached, str):
        return b"str", body + _element(prefix, b"v", escape(escape_control(formula.cached)))
    kind, value = _content(prefix, reference, formula.cached, date1904)
    return kind, body + value


def _number(reference: str, value: int | float | Decimal) -> bytes:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise WriteRefused(f"{reference}: {value} is no number that a cell can hold")
        if value == value.to_integral_value() and abs(value) < 10**15:
            return str(int(value)).encode()
        return repr(float(value)).encode()
    if isinstance(value, int):
        if abs(value) >= 10**15 and (abs(value) > 10**300 or int(float(value)) != value):
            raise WriteRefused(f"{reference}: {value} has more digits than a number in a cell keeps; write it as text")
        return str(value).encode()
    if not math.isfinite(value):
        raise WriteRefused(f"{reference}: {value} is no number that a cell can hold")
    return repr(value).removesuffix(".0").encode()


def _date(reference: str, moment: date, date1904: bool) -> bytes:
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        raise WriteRefused(f"{reference}: {moment} has a zone; a cell shows the time on the wall")
    try:
        return repr(serial(moment, date1904)).encode()
    except ValueError as error:
        raise WriteRefused(f"{reference}: {error}; write it as text") from error


def _element(prefix: bytes, name: bytes, content: bytes) -> bytes:
    return b"<" + prefix + name + b">" + content + b"</" + prefix + name + b">"
