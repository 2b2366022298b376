"""What the config says about customer levels, and how a customer's purchases stand against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache, lru_cache

from crm_sheets.cells import text_key
from crm_sheets.rules.base import Context
from crm_sheets.rules.moments import day_after
from crm_sheets.rules.moves import differs
from crm_sheets.rules.purchases import Purchase, orders_of, won_deals
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.dictionaries import DictionaryEntry
from crm_sheets.schema.labels import words

LEVELS = "customer_level"
THRESHOLD, FREQUENCY, SCORE = "threshold", "frequency", "score"
"""Attributes of a level: amount and number of purchases in the period from which on it is reached; the RFM score."""


class Method(StrEnum):
    """How levels are given."""

    THRESHOLDS = "thresholds"
    RFM = "rfm"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """What the config says.

    Attributes:
        by_orders: orders count, and not won deals.
        period_days: only what was bought on these last days counts, today among them.
        any_of: either threshold is enough; otherwise both must be reached.
    """

    method: Method = Method.THRESHOLDS
    by_orders: bool = False
    period_days: int = 365
    any_of: bool = False

    @property
    def measures(self) -> str:
        """What is measured: figures that were kept of another measure say nothing."""
        return f"{'orders' if self.by_orders else 'deals'}/{self.period_days}"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a customer bought in the period.

    Attributes:
        last: the day of the last purchase; None without any.
        changes_on: the first day on which the tally becomes another one by time alone.
    """

    amount: Decimal
    count: int
    last: date | None
    changes_on: date | None


def tally(row: Row, context: Context, policy: LevelPolicy) -> Tally:
    """Adds up the purchases of a customer in the period that ends today."""
    bought = orders_of(row, context) if policy.by_orders else won_deals(row, context)
    days = [(purchase, day) for purchase in bought if (day := purchase.day(context)) is not None]
    leaving = [(purchase, day, day_after(day, policy.period_days)) for purchase, day in days]
    counted = [(each, day) for each, day, until in leaving if day <= context.today < until]
    turns = [day for _, day, _ in leaving if day > context.today]
    turns += [until for _, day, until in leaving if day <= context.today < until < date.max]
    return Tally(
        _total([purchase for purchase, _ in counted]),
        len(counted),
        max((day for _, day in counted), default=None),
        min(turns, default=None),
    )


def _total(counted: Sequence[Purchase]) -> Decimal:
    return sum((purchase.amount for purchase in counted), Decimal(0))


def reached(entries: Sequence[DictionaryEntry], of: Tally, policy: LevelPolicy) -> DictionaryEntry | None:
    """The first level of the dictionary whose thresholds are reached; one that has none is never given."""
    return next((entry for entry in entries if entry.active and _is_reached(entry, of, policy)), None)


def _is_reached(entry: DictionaryEntry, of: Tally, policy: LevelPolicy) -> bool:
    pairs = ((number(entry, THRESHOLD), of.amount), (number(entry, FREQUENCY), Decimal(of.count)))
    judged = [value >= least for least, value in pairs if least is not None]
    return bool(judged) and (any(judged) if policy.any_of else all(judged))


def number(entry: DictionaryEntry, attribute: str) -> Decimal | None:
    """An attribute of a level as a number; None when there is none that can be read."""
    return _read(entry.attributes.get(attribute, ""))


@lru_cache(maxsize=256)  # the same few texts are asked for with each customer
def _read(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def is_automatic(customer: Customer) -> bool:
    """Whether the level of a customer is the program's.

    It is when it is blank, or when its basis says so and nobody has typed another level over it since. So a level that
    was typed stays until it is cleared: its basis does not begin with 自动.
    """
    if not customer.level:
        return True
    if not begins_automatic(customer.level_basis):
        return False
    return customer.computed_level is None or not differs(customer.level, customer.computed_level)


def begins_automatic(basis: str | None) -> bool:
    """Whether 分级依据 says that the level is the program's."""
    return text_key(basis or "").startswith(_automatic_words())


def is_of_ours(basis: str | None) -> bool:
    """Whether the program wrote 分级依据: that the level is its own, or somebody's."""
    return begins_automatic(basis) or text_key(basis or "") in {text_key(word) for word in words("rules.level_by_hand")}


@cache
def _automatic_words() -> tuple[str, ...]:
    """How a basis of ours begins, in all languages."""
    return tuple(text_key(word) for word in words("rules.level_automatic"))
