"""What a spreadsheet's locale decides: separators, currency, the order of dates. From CLDR through Babel."""

import re
from dataclasses import dataclass
from functools import cache

_LETTERS = re.compile(r"'[^']*'|([yMd])\1*|[^yMd']+")


@dataclass(frozen=True, slots=True)
class Conventions:
    """How numbers and dates are written."""

    decimal: str
    group: str
    currency: str
    date_pattern: str
    """The pattern of a date as Google gives it to cells: "yyyy/m/d"."""
    dates: tuple[tuple[str, ...], ...]
    """Ways of writing a date, each a tuple of "y", "M", "d" and what stands between them."""
    months: dict[str, int]
    """Names of months, in lower case."""


@cache
def conventions(locale: str) -> Conventions:
    """Of a locale such as "zh_CN"; of en_US for one that CLDR does not know."""
    from babel import Locale, UnknownLocaleError
    from babel.dates import get_date_format, get_month_names
    from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol, get_territory_currencies

    try:
        known = Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        known = Locale.parse("en_US")
    patterns = [_pieces(get_date_format(length, known).pattern or "") for length in ("short", "medium", "long")]
    months = {
        name.casefold().rstrip("."): number
        for width in ("abbreviated", "wide")
        for number, name in get_month_names(width, locale=known).items()
        if not name[:1].isdigit()
    }
    currencies = get_territory_currencies(known.territory) if known.territory else ["USD"]
    return Conventions(
        decimal=get_decimal_symbol(known),
        group=get_group_symbol(known),
        currency=get_currency_symbol(currencies[-1] if currencies else "USD", known),
        date_pattern=_cell_pattern(patterns[0]),
        dates=(("y", "-", "M", "-", "d"), ("y", "/", "M", "/", "d"), *dict.fromkeys(patterns)),
        months=months,
    )


def _pieces(pattern: str) -> tuple[str, ...]:
    """A CLDR pattern as letters of fields and what stands between: "M/d/yy" is ("M", "/", "d", "/", "y")."""
    return tuple(match.group(1) or match.group(0).strip("'") for match in _LETTERS.finditer(pattern))


def _cell_pattern(pieces: tuple[str, ...]) -> str:
    return "".join({"y": "yyyy", "M": "m", "d": "d"}.get(piece, piece) for piece in pieces)
