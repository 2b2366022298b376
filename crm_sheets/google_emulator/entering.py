"""What becomes of text that is typed in (USER_ENTERED): numbers, dates, formulas, booleans, by the book's locale.

https://developers.google.com/sheets/api/reference/rest/v4/ValueInputOption
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_sheets.google_emulator.json_values import Object
from crm_sheets.google_emulator.locales import Conventions, conventions
from crm_sheets.google_emulator.serials import serial

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(?:\s*([AaPp])\.?[Mm]\.?)?")
_SIGNS = "$€£¥￥"


@dataclass(frozen=True, slots=True)
class Entered:
    """A literal or a formula, and the number format that Google gives to a cell without one."""

    value: float | str | bool | None = None
    formula: str | None = None
    number_format: Object | None = None


def enter(typed: str, locale: str, today: date) -> Entered:
    """What a cell holds after somebody typed this; `today` gives a date without year its year."""
    if typed.startswith("'"):
        return Entered(value=typed[1:])
    if typed.startswith("=") and len(typed) > 1:
        return Entered(formula=typed)
    stripped = typed.strip()
    if stripped.upper() in ("TRUE", "FALSE"):
        return Entered(value=stripped.upper() == "TRUE")
    rules = conventions(locale)
    found = _number(stripped, rules) or _instant(stripped, rules, today)
    if found is not None:
        return found
    if typed.startswith("+") and len(typed) > 1:
        return Entered(formula="=" + typed)
    return Entered(value=typed or None)


def _number(typed: str, rules: Conventions) -> Entered | None:
    sign, bare = _signed(typed)
    currency = next((mark for mark in (rules.currency, *_SIGNS) if bare.startswith(mark)), "")
    percent = bare.endswith("%")
    bare = bare.removeprefix(currency).removesuffix("%").strip()
    if currency and not sign:
        sign, bare = _signed(bare)
    value = _decimal(bare, rules)
    if value is None:
        return None
    grouped, fraction = rules.group in bare, rules.decimal in bare
    value = -value if sign == "-" else value
    return Entered(
        value=value / 100 if percent else value,
        number_format=_number_format(currency, percent=percent, grouped=grouped, fraction=fraction, typed=bare),
    )


def _signed(typed: str) -> tuple[str, str]:
    if typed[:1] in ("-", "+"):
        return typed[0], typed[1:].lstrip()
    if typed.startswith("(") and typed.endswith(")"):
        return "-", typed[1:-1]
    return "", typed


def _decimal(bare: str, rules: Conventions) -> float | None:
    group, point = re.escape(rules.group), re.escape(rules.decimal)
    if not re.fullmatch(rf"(\d+|\d{{1,3}}({group}\d{{3}})+)?({point}\d*)?([eE][+-]?\d{{1,3}})?", bare):
        return None
    digits = bare.replace(rules.group, "").replace(rules.decimal, ".")
    if not re.match(r"\.?\d", digits):
        return None
    value = float(digits)
    return value if value not in (float("inf"), float("-inf")) else None


def _number_format(currency: str, *, percent: bool, grouped: bool, fraction: bool, typed: str) -> Object | None:
    places = ".00" if fraction else ""
    if percent:
        return {"type": "PERCENT", "pattern": f"0{places}%"}
    if currency:
        return {"type": "CURRENCY", "pattern": f'"{currency}"#,##0{places}'}
    if "e" in typed.lower():
        return {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    return {"type": "NUMBER", "pattern": f"#,##0{places}"} if grouped else None


def _instant(typed: str, rules: Conventions, today: date) -> Entered | None:
    clock = _clock(typed)
    if clock is not None:
        pattern = "h:mm:ss" if typed.count(":") == 2 else "h:mm"
        return Entered(value=clock, number_format={"type": "TIME", "pattern": pattern})
    found = _date(typed, rules, today)
    if found is not None:
        return Entered(value=serial(found[0]), number_format={"type": "DATE", "pattern": found[1]})
    day, _, time = typed.replace("T", " ", 1).rpartition(" ")
    found, clock = _date(day.strip(), rules, today) if day else None, _clock(time)
    if found is None or clock is None:
        return None
    return Entered(serial(found[0]) + clock, number_format={"type": "DATE_TIME", "pattern": found[1] + " h:mm:ss"})


def _clock(typed: str) -> float | None:
    match = _TIME.fullmatch(typed)
    if match is None:
        return None
    hours, minutes, seconds = int(match.group(1)), int(match.group(2)), int(match.group(3) or 0)
    if match.group(5):
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if match.group(5) in "Pp" else 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    span = timedelta(
        hours=hours, minutes=minutes, seconds=seconds, milliseconds=int((match.group(4) or "0").ljust(3, "0"))
    )
    return span.total_seconds() / 86400


def _date(typed: str, rules: Conventions, today: date) -> tuple[datetime, str] | None:
    """A date and the pattern that its cell gets; None when it is none in this locale."""
    for pieces in rules.dates:
        expression = "".join(_PATTERNS.get(piece) or r"\s*" + re.escape(piece.strip()) + r"\s*" for piece in pieces)
        match = re.fullmatch(expression, typed, re.IGNORECASE)
        found = _day(match.groupdict(), rules, today) if match else None
        if found is not None:
            return found, _shown_pattern(pieces, rules)
    return None


_PATTERNS = {"y": r"(?P<y>\d{4}|\d{2})", "M": r"(?P<M>\d{1,2}|[^\W\d_]{3,})\.?", "d": r"(?P<d>\d{1,2})"}


def _day(fields: dict[str, str], rules: Conventions, today: date) -> datetime | None:
    month = fields["M"]
    number = int(month) if month.isdigit() else rules.months.get(month.casefold())
    year = int(fields.get("y", today.year))
    if number is None:
        return None
    try:
        return datetime(_century(year), number, int(fields["d"]))  # noqa: DTZ001 - cells have no zone
    except ValueError:
        return None


def _century(year: int) -> int:
    """Two digits: up to 29 this century, from 30 the last one."""
    if year >= 100:
        return year
    return year + (2000 if year < 30 else 1900)


def _shown_pattern(pieces: tuple[str, ...], rules: Conventions) -> str:
    if pieces == ("y", "-", "M", "-", "d"):
        return "yyyy-mm-dd"
    if pieces == ("y", "/", "M", "/", "d"):
        return "yyyy/m/d" if rules.date_pattern.startswith("yyyy") else "yyyy/mm/dd"
    plain = {"y": "yyyy", "M": "m", "d": "d"}
    return "".join(plain.get(piece) or (f'"{piece}"' if piece.isalpha() else piece) for piece in pieces)
