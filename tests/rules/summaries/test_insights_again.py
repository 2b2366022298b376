"""汇总_洞察 of made books equals a second count in plain Python: what the samples have not got is in them."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm_sheets.changes import Value
from tests.app.insight_figures import Customer, Deal, insights
from tests.app.insights_told import differences
from tests.rules.summaries.test_insight_summary import book, told
from tests.rules.summaries.test_summaries import TODAY

CHANCES = {"A": 0.9, "B": 0.5, "C": 0.05, "": 0.5}


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def customers_of(dice: random.Random, count: int) -> list[Customer]:
    """Some were spoken to lately, some never; some have a date, want no call, or are gone."""

    def some(value: date) -> date | None:
        return value if dice.random() < 0.6 else None

    return [
        Customer(
            name=f"Customer {number}",
            owner=dice.choice(["Ann", "Bob"]),
            traits={"source": dice.choice("ABC"), "industry": dice.choice(["X", "Y", ""]), "region": dice.choice("NS")},
            contact=some(ago(dice.randint(0, 150))),
            planned=some(ago(dice.randint(-9, 40))),
            created=some(ago(dice.randint(0, 70))),
            wants_none=dice.random() < 0.1,
            lost=dice.random() < 0.1,
        )
        for number in range(count)
    ]


def deals_of(dice: random.Random, customers: list[Customer], closed: int, chances: Mapping[str, float]) -> list[Deal]:
    """The source decides, as far as the chances differ; several deals close on one day."""

    def deal(number: int, *, is_open: bool) -> Deal:
        customer = dice.choice(customers)
        source = dice.choice(["A", "B", "C", ""])
        won = None if is_open else dice.random() < chances[source or customer.traits["source"]]
        return Deal(
            name=f"Deal {number}",
            customer=None if dice.random() < 0.05 else customer,
            owner=dice.choice(["Ann", "Bob", "Cem", ""]),
            amount=Decimal(dice.randint(0, 60) * 1000),
            won=won,
            closed=ago(400 - number // 3),
            source=source,
            discount=None if dice.random() < 0.7 else Decimal(dice.randint(0, 30)) / 100,
            probability=Decimal(dice.randint(0, 10)) / 10,
        )

    return [deal(number, is_open=number >= closed) for number in range(closed + 25)]


def shop(dice: random.Random, customers: list[Customer]) -> None:
    """Purchases of ten months as BG/NBD tells it: each buys at their own rate and leaves after any purchase."""
    for customer in customers:
        day, weekly, leaves = dice.randint(150, 320), dice.gammavariate(0.9, 0.2), dice.betavariate(0.4, 0.9)
        while day > 0:
            customer.bought.append((ago(day), Decimal(dice.randint(100, 90_000)) / 100))
            day -= 1 + round(7 * dice.expovariate(max(weekly, 1e-3)))
            if dice.random() < leaves:
                break


def rows(customers: list[Customer], deals: list[Deal]) -> tuple[list[dict[str, Value]], ...]:
    """The same as records."""
    stages = {True: "won", False: "lost", None: "offer"}
    return (
        [
            {
                "name": customer.name,
                "owner": customer.owner,
                **{name: text or None for name, text in customer.traits.items()},
                "status": "lost" if customer.lost else "lead",
                "contact_consent": "none" if customer.wants_none else "allowed",
                "last_contact": customer.contact,
                "next_contact": customer.planned,
                "created_at": customer.created,
            }
            for customer in customers
        ],
        [
            {
                "name": deal.name,
                "customer": deal.customer.name if deal.customer else "nobody",
                "owner": deal.owner or None,
                "source": deal.source or None,
                "stage": stages[deal.won],
                "amount": deal.amount,
                "discount": deal.discount,
                "close_date": deal.closed,
                "probability": deal.probability,
            }
            for deal in deals
        ],
        [
            {"customer": customer.name, "ordered_on": day, "total": amount}
            for customer in customers
            for day, amount in customer.bought
        ],
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("closed", "chances", "verdict"),
    [(240, CHANCES, "published"), (40, CHANCES, "base rates")],
)
def test_every_figure_of_a_made_book(closed: int, chances: Mapping[str, float], verdict: str) -> None:
    dice = random.Random(closed)
    customers = customers_of(dice, 160)
    deals = deals_of(dice, customers, closed, chances)
    shop(dice, customers)
    mine = told(book(*rows(customers, deals)), "en")
    expected = insights(customers, deals, TODAY)
    assert expected.trust["Win chances"][0] == verdict
    assert len(expected.calls) > 10
    assert differences(mine, expected) == []
