"""Figures as people read them."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from crm_sheets.cells import display_width
from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Shown, Unit

NOTHING = "–"
PLACES = {Unit.MONEY: 0, Unit.DAYS: 1, Unit.POINTS: 1, Unit.SCORE: 0}
"""Decimals that are shown of what is neither counted nor a ratio."""
SIZES = (
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (100_000_000, "hundred_million"),
    (1_000_000, "million"),
    (10_000, "ten_thousand"),
    (1_000, "thousand"),
)
"""What large amounts are told in; a language has words for some of them."""


def shown(value: Shown, unit: Unit) -> str:
    """As its cell in the workbook shows it: 12,300 of money, 25.0% of a ratio, – of nothing."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if unit is Unit.RATIO:
        return f"{_rounded(Decimal(value) * 100, 1):,}%"
    return f"{_rounded(Decimal(value), PLACES[unit]):,}" if unit in PLACES else f"{value:,}"


def in_short(value: Shown, unit: Unit, words: Language) -> str:
    """For an axis or a bar: 1.2 万 or 12k where the whole number would not fit."""
    if unit is not Unit.MONEY or not isinstance(value, int | Decimal) or abs(Decimal(value)) < SIZES[-2][0]:
        return shown(value, unit)
    amount = Decimal(value)
    for size, key in SIZES:
        sign = words.messages.get(f"dashboard.{key}", "")
        if sign and abs(amount) >= size:
            return f"{_rounded(amount / size, 1):,}{sign}"
    return shown(value, unit)


def shortened(text: str, width: int = 20) -> str:
    """A label that fits into so many letters."""
    found = ""
    for character in text:
        if display_width(found + character) > width:
            return f"{found}…"
        found += character
    return found


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
