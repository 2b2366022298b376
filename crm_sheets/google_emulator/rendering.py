"""What a cell shows: values as FORMATTED_VALUE, UNFORMATTED_VALUE or FORMULA, dates as serial numbers or text.

https://developers.google.com/sheets/api/reference/rest/v4/ValueRenderOption and
https://developers.google.com/sheets/api/guides/formats for patterns.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from crm_sheets.google_emulator.formulas.calculator import Calculator
from crm_sheets.google_emulator.json_values import Json, Object, part, plain_number, text
from crm_sheets.google_emulator.locales import Conventions, conventions
from crm_sheets.google_emulator.model.cell import Cell, CellError, Scalar
from crm_sheets.google_emulator.serials import moment

_DATES = ("DATE", "TIME", "DATE_TIME")
_TOKENS = re.compile(r'"[^"]*"|\\.|y+|m+|d+|h+|s+|am/pm|a/p|\.0+|\[[^\]]*\]|.', re.IGNORECASE)
_NUMBER = re.compile(r"[#0?,]*[#0?](?:\.[0#?]*)?|\.[0#?]+")


@dataclass(frozen=True, slots=True)
class Rendering:
    """The options of a reading."""

    value: str = "FORMATTED_VALUE"
    dates: str = "SERIAL_NUMBER"


def rendered(calculator: Calculator, cell: Cell | None, place: tuple[int, int, int], how: Rendering) -> Json:
    """A cell as it stands in a ValueRange; an empty one is "". `place`: sheet id, row, column."""
    if cell is None or not cell.has_content:
        return ""
    if how.value == "FORMULA" and cell.formula is not None:
        return cell.formula
    value = calculator.value(cell, place)
    if cell.format is None and how.value != "FORMATTED_VALUE":
        return _unformatted(value)
    number_format = part(cell.format or {}, "numberFormat")
    if how.value == "FORMATTED_VALUE":
        return formatted(value, number_format, calculator.book.locale)
    if isinstance(value, float) and how.dates == "FORMATTED_STRING" and text(number_format, "type") in _DATES:
        return formatted(value, number_format, calculator.book.locale)
    return _unformatted(value)


def _unformatted(value: Scalar) -> Json:
    match value:
        case None:
            return ""
        case CellError():
            return value.shown
        case bool() | str():
            return value
        case _:
            return plain_number(value)


def formatted(value: Scalar, number_format: Object, locale: str) -> str:
    """A value as people see it."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return value
        case CellError():
            return value.shown
        case _:
            return _number(value, number_format, conventions(locale))


def _number(value: float, number_format: Object, rules: Conventions) -> str:
    kind = text(number_format, "type")
    if kind in _DATES:
        return _instant(value, text(number_format, "pattern") or _date_pattern(kind, rules))
    pattern = text(number_format, "pattern") or _pattern(kind, rules)
    return _patterned(value, pattern, rules) if pattern else _general(value, rules)


def _pattern(kind: str, rules: Conventions) -> str:
    return {
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": f'"{rules.currency}"#,##0.00',
        "SCIENTIFIC": "0.00E+00",
    }.get(kind, "")


def _date_pattern(kind: str, rules: Conventions) -> str:
    return {"DATE": rules.date_pattern, "TIME": "h:mm:ss"}.get(kind, f"{rules.date_pattern} h:mm:ss")


def _general(value: float, rules: Conventions) -> str:
    """Numbers without a format: up to ten significant digits after which Google rounds."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 1e15 or (value and abs(value) < 1e-9):
        mantissa, _, exponent = f"{value:.5E}".partition("E")
        mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}E{exponent[0]}{exponent[1:].zfill(2)}".replace(".", rules.decimal)
    shown = f"{value:.10g}"
    if "e" in shown:
        shown = f"{value:.10f}".rstrip("0")
    return shown.replace(".", rules.decimal)


def _patterned(value: float, pattern: str, rules: Conventions) -> str:
    sections = pattern.split(";")
    section = sections[1] if value < 0 and len(sections) > 1 else sections[0]
    sign = "-" if value < 0 and len(sections) == 1 else ""
    size = abs(value) * (100 if "%" in section else 1)
    if "E+" in section.upper():
        return sign + _scientific(size, section).replace(".", rules.decimal)
    body, literals = _without_literals(section)
    match = _NUMBER.search(body)
    if match is None:
        return sign + _with_literals(body, literals) if "@" not in body else _general(value, rules)
    number = _digits(size, match.group(0), rules)
    return sign + _with_literals(body[: match.start()] + number + body[match.end() :], literals)


def _without_literals(section: str) -> tuple[str, list[str]]:
    literals: list[str] = []

    def take(match: re.Match[str]) -> str:
        literals.append(match.group(0).strip('"').removeprefix("\\"))
        return chr(0xE000 + len(literals) - 1)

    return re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', take, section), literals


def _with_literals(shown: str, literals: list[str]) -> str:
    for number, literal in enumerate(literals):
        shown = shown.replace(chr(0xE000 + number), "" if literal.startswith("[") else literal)
    return shown.replace("_", " ").replace("*", "")


def _digits(size: float, pattern: str, rules: Conventions) -> str:
    whole, _, fraction = pattern.partition(".")
    shown = f"{size:.{len(fraction)}f}"
    digits, _, decimals = shown.partition(".")
    while decimals.endswith("0") and len(decimals) > fraction.count("0"):
        decimals = decimals[:-1]
    if digits == "0" and "0" not in whole:
        digits = ""
    digits = digits.rjust(whole.count("0"), "0")
    if "," in whole:
        digits = re.sub(r"(?<=\d)(?=(\d{3})+$)", "\ue0ff", digits).replace("\ue0ff", rules.group)
    return digits + (rules.decimal + decimals if decimals else "")


def _scientific(size: float, section: str) -> str:
    places = len(re.sub(r"[^0#]", "", section.upper().partition("E")[0].partition(".")[2]))
    mantissa, _, exponent = f"{size:.{places}E}".partition("E")
    return f"{mantissa}E{exponent[0]}{exponent[1:].zfill(2)}"


def _instant(value: float, pattern: str) -> str:
    try:
        at = moment(value)
    except OverflowError:
        return str(plain_number(value))
    shown, tokens = "", _TOKENS.findall(pattern)
    twelve = any(token.lower() in ("am/pm", "a/p") for token in tokens)
    previous = ""
    for number, token in enumerate(tokens):
        following = next((later for later in tokens[number + 1 :] if later[0].lower() in "ymdhs"), "")
        minutes = previous == "h" or following[:1].lower() == "s"
        shown += _piece(at, token, twelve=twelve, minutes=minutes)
        previous = token[0].lower() if token[0].lower() in "ymdhs" else previous
    return shown


def _piece(at: datetime, token: str, *, twelve: bool, minutes: bool) -> str:
    lower = token.lower()
    if lower in ("am/pm", "a/p"):
        return at.strftime("%p")[: 2 if "m" in lower else 1]
    if token.startswith('"'):
        return token[1:-1]
    if token.startswith(".") and len(token) > 1:
        return f".{at.microsecond:06d}"[: len(token)]
    if lower[0] not in "ymdhs":
        return token.removeprefix("\\")
    return _field(at, lower, twelve=twelve, minutes=minutes)


def _field(at: datetime, letters: str, *, twelve: bool, minutes: bool) -> str:
    width = min(len(letters), 2)
    if letters[0] == "h":
        return f"{(at.hour % 12 or 12) if twelve else at.hour:0{width}d}"
    if letters[0] == "s":
        return f"{at.second:0{width}d}"
    if letters[0] == "m" and minutes:
        return f"{at.minute:0{width}d}"
    return _of_date(at, letters[0], len(letters))


def _of_date(at: datetime, letter: str, width: int) -> str:
    if letter == "y":
        return f"{at.year:04d}" if width > 2 else f"{at.year % 100:02d}"
    if letter == "m":
        return f"{at.month:0{width}d}" if width < 3 else at.strftime("%b" if width == 3 else "%B")
    return f"{at.day:0{width}d}" if width < 3 else at.strftime("%a" if width == 3 else "%A")
