"""Figures in the sentences above the tables."""

from decimal import ROUND_HALF_UP, Decimal

from crm_sheets.rules.summaries.base import Number, Rate, SummaryContext, ratio

_SIZES = (
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (100_000_000, "hundred_million"),
    (1_000_000, "million"),
    (10_000, "ten_thousand"),
)


def money(value: Number, context: SummaryContext) -> str:
    """An amount as people say it: 123.5 万, 1.2 million, 9,800; in a word that it is not known."""
    if value is None:
        return context.language.text("summary.unknown")
    amount = Decimal(value)
    for size, key in _SIZES:
        word = context.language.messages.get(f"summary.size.{key}", "")
        if word and abs(amount) >= size:
            return word.format(number=f"{(amount / size).quantize(Decimal('0.1'), ROUND_HALF_UP):,}")
    return f"{amount.quantize(Decimal(1), ROUND_HALF_UP):,}"


def share(value: Rate | Number) -> str:
    """A rate as a percentage: 62%; – of nothing."""
    number = value.value if isinstance(value, Rate) else value
    return "–" if number is None else f"{(Decimal(number) * 100).quantize(Decimal(1), ROUND_HALF_UP)}%"


def of(part: Number, whole: Number) -> str:
    """What share one amount is of another."""
    return share(ratio(part, whole))
