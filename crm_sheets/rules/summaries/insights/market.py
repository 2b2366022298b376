"""Deals and customers as the insights need them: references resolved, days as days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.rules.summaries.base import Frames, SummaryContext, sight_of
from crm_sheets.rules.summaries.deals import STAGES
from crm_sheets.rules.summaries.frames import choices, column, texts
from crm_sheets.rules.summaries.staff import owners
from crm_sheets.tables import ColumnKey, TabKey


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer.

    Attributes:
        traits: what it is known to be, by column, "" for nothing known; nothing in it follows from what it bought.
        last_contact, next_contact: None where there was none, or none is planned.
        bought: day and amount of each order that was not cancelled; of the won deals where there are no orders whose
            total the reader may see.
    """

    name: str
    owner: str
    traits: Mapping[str, str]
    gone: bool
    reachable: bool
    last_contact: date | None
    next_contact: date | None
    created: date | None
    bought: list[tuple[date, Decimal]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity; `customer` is None where its reference names nobody, `won` where it is open."""

    name: str
    owner: str
    source: str
    stage: str
    amount: Decimal
    probability: Decimal | None
    closed: date | None
    won: bool | None
    discount: Decimal | None
    customer: Buyer | None


@dataclass(frozen=True, slots=True)
class Market:
    """All of them."""

    buyers: Sequence[Buyer]
    deals: Sequence[Deal]

    @property
    def closed(self) -> list[Deal]:
        """Deals that were won or lost."""
        return [deal for deal in self.deals if deal.won is not None]

    @property
    def running(self) -> list[Deal]:
        """Deals that are open."""
        return [deal for deal in self.deals if deal.won is None]


TRAITS = {
    "type": "customer_type",
    "industry": "industry",
    "source": "customer_source",
    "size": "customer_size",
}
"""Columns of a customer with their dictionaries; `region` is a text. Level and status follow from purchases."""


def market_of(frames: Frames, context: SummaryContext) -> Market:
    """Reads the frames; customers whom deals and orders name are found by name or number."""
    buyers = _buyers(frames, context)
    known: dict[str, Buyer] = {}
    for name in ("name", "id"):
        for value, buyer in zip(column(frames, "customers", name), buyers, strict=True):
            if value:
                known.setdefault(text_key(str(value)), buyer)
    deals = _deals(frames, known, context)
    ordered = _orders(frames, known, context)
    if not ordered:
        for deal in deals:
            if deal.won and deal.closed and deal.customer:
                deal.customer.bought.append((deal.closed, deal.amount))
    return Market(buyers, deals)


def _buyers(frames: Frames, context: SummaryContext) -> list[Buyer]:
    def values(name: str) -> Sequence[Value]:
        return column(frames, "customers", name)

    blank = context.language.text("summary.blank")
    traits = {name: _known(choices(frames, "customers", name, key, context), blank) for name, key in TRAITS.items()}
    traits["region"] = _known(texts(frames, "customers", "region", context), blank)
    statuses = [context.dictionaries.code("customer_status", str(value or "")) for value in values("status")]
    consents = [context.dictionaries.code("contact_consent", str(value or "")) for value in values("contact_consent")]
    days = [[context.day(value) for value in values(n)] for n in ("last_contact", "next_contact", "created_at")]
    members = owners(frames, "customers", "owner", context)
    return [
        Buyer(
            name=str(name or ""),
            owner=members[place].name,
            traits={key: traits[key][place] for key in traits},
            gone=statuses[place] == "lost",
            reachable=consents[place] != "none",
            last_contact=days[0][place],
            next_contact=days[1][place],
            created=days[2][place],
        )
        for place, name in enumerate(values("name"))
    ]


def _known(values: Sequence[str], blank: str) -> list[str]:
    return ["" if value == blank else value for value in values]


def _deals(frames: Frames, known: Mapping[str, Buyer], context: SummaryContext) -> list[Deal]:
    def values(name: str) -> Sequence[Value]:
        return column(frames, "opportunities", name)

    blank = context.language.text("summary.blank")
    stages = choices(frames, "opportunities", "stage", STAGES, context)
    codes = [context.dictionaries.code(STAGES, stage) for stage in stages]
    sources = _known(choices(frames, "opportunities", "source", "opportunity_source", context), blank)
    members = owners(frames, "opportunities", "owner", context)
    return [
        Deal(
            name=str(name or ""),
            owner="" if members[place].name == blank else members[place].name,
            source=sources[place],
            stage=stages[place],
            amount=_number(values("amount")[place]) or Decimal(0),
            probability=_number(values("probability")[place]),
            closed=context.day(values("close_date")[place]),
            won={"won": True, "lost": False}.get(codes[place] or ""),
            discount=_number(values("discount")[place]),
            customer=known.get(text_key(str(values("customer")[place] or ""))),
        )
        for place, name in enumerate(values("name"))
    ]


def _orders(frames: Frames, known: Mapping[str, Buyer], context: SummaryContext) -> int:
    """Writes the orders down with their customers; how many there are. One whose total is hidden tells no amount: it is
    left out, and does not count as 0."""
    count = 0
    totals = column(frames, "orders", "total")
    seen = frames.get(sight_of(TabKey("orders")), {}).get(ColumnKey("total")) or [True] * len(totals)
    states = choices(frames, "orders", "state", "order_state", context)
    for state, name, day, total, is_seen in zip(
        states,
        column(frames, "orders", "customer"),
        column(frames, "orders", "ordered_on"),
        totals,
        seen,
        strict=True,
    ):
        buyer, on = known.get(text_key(str(name or ""))), context.day(day)
        if not is_seen or buyer is None or on is None or context.dictionaries.code("order_state", state) == "cancelled":
            continue
        buyer.bought.append((on, _number(total) or Decimal(0)))
        count += 1
    return count


def _number(value: Value) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
