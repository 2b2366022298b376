"""汇总_洞察 a second time, deal by deal and customer by customer, in English."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import dist, log1p
from statistics import fmean, median, pstdev

from tests.app import insight_models as models
from tests.app.cdnow_figures import BLANK, Told, quotient
from tests.app.insight_models import Bgnbd, Past

TRAITS = ("type", "industry", "region", "size")


@dataclass
class Customer:
    """Who may buy; `bought` are its orders, `traits` those of TRAITS and `source` that are known."""

    name: str
    owner: str = BLANK
    traits: Mapping[str, str] = field(default_factory=dict)
    bought: list[tuple[date, Decimal]] = field(default_factory=list)
    contact: date | None = None
    planned: date | None = None
    created: date | None = None
    wants_none: bool = False
    lost: bool = False


@dataclass
class Deal:
    """An opportunity; `won` is None while it is open."""

    name: str
    customer: Customer | None
    owner: str
    amount: Decimal
    won: bool | None
    closed: date | None = None
    source: str = ""
    discount: Decimal | None = None
    probability: Decimal | None = None


@dataclass
class Insights:
    """What the tab is to say.

    Attributes:
        figures: by key.
        calls: customer, what about, owner, value, chance and days of silence of each line of the worklist.
        trust: by analysis the verdict, and the numbers of its reason.
    """

    figures: Told = field(default_factory=dict)
    calls: list[tuple[str, str, str, Decimal, float, int | None]] = field(default_factory=list)
    trust: dict[str, tuple[str, list[float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Call:
    customer: Customer
    about: str
    owner: str
    value: Decimal
    chance: float


def insights(customers: Sequence[Customer], deals: Sequence[Deal], today: date) -> Insights:
    """Everything on the tab; without orders customers bought what was won."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _insights(customers, deals, today)


def _insights(customers: Sequence[Customer], deals: Sequence[Deal], today: date) -> Insights:
    if not any(customer.bought for customer in customers):
        for deal in deals:
            if deal.won and deal.closed and deal.customer:
                deal.customer.bought.append((deal.closed, deal.amount))
    told = Insights()
    _drivers(told, deals)
    chances = _chances(told, deals)
    loyal = _staying(told, customers, today)
    _segments(told, customers, today)
    _revenue(told, customers, today)
    calls = [
        _Call(deal.customer, deal.name, deal.owner or deal.customer.owner, deal.amount, chance)
        for deal, chance in zip((deal for deal in deals if deal.won is None), chances, strict=True)
        if deal.customer and deal.amount
    ]
    for customer, _, expected in loyal:
        mean = Decimal(round(sum((amount for _, amount in customer.bought), Decimal(0)) / len(customer.bought)))
        calls.append(_Call(customer, "Buying again", customer.owner, mean, min(1.0, expected)))
    _worklist(told, calls, today)
    told.figures = {f"insights.{key}": value for key, value in told.figures.items()}
    return told


def rounded(number: float, places: int = 4) -> Decimal:
    return Decimal(str(round(number, places)))


# -- what went with winning --------------------------------------------------------------------------------------------


def _drivers(told: Insights, deals: Sequence[Deal]) -> None:
    closed = [deal for deal in deals if deal.won is not None]
    told.figures["win_rate"] = quotient(sum(deal.won is True for deal in closed), len(closed))
    by: Mapping[str, Callable[[Deal], str]] = {
        "source": lambda deal: deal.source or _trait(deal, "source"),
        "industry": lambda deal: _trait(deal, "industry"),
        "size": lambda deal: _trait(deal, "size"),
        "person": lambda deal: deal.owner,
    }
    for unit, of in by.items():
        groups: dict[str, list[Deal]] = defaultdict(list)
        for deal in closed:
            groups[of(deal) or BLANK].append(deal)
        for name, rows in groups.items():
            won = sum(deal.won is True for deal in rows)
            low, high = models.wilson(won, len(rows))
            numbers = len(rows), quotient(won, len(rows)), rounded(low), rounded(high)
            keys = ("closed_deals", "win_rate", "win_rate_low", "win_rate_high")
            told.figures |= {f"won_by_{unit}.{k}[{name}]": n for k, n in zip(keys, numbers, strict=True)}


def _trait(deal: Deal, name: str) -> str:
    return deal.customer.traits.get(name, "") if deal.customer else ""


# -- win chances -------------------------------------------------------------------------------------------------------


def _chances(told: Insights, deals: Sequence[Deal]) -> list[float]:
    """The chance of each open deal."""
    closed = [deal for deal in deals if deal.won is not None and deal.closed]
    running = [deal for deal in deals if deal.won is None]
    amounts = sorted(deal.amount for deal in closed if deal.amount)
    cuts = [amounts[len(amounts) * fifth // 5] for fifth in range(1, 5)] if amounts else []

    def features(deal: Deal) -> dict[str, str]:
        return {
            **{name: _trait(deal, name) for name in TRAITS},
            "source": deal.source or _trait(deal, "source"),
            "owner": deal.owner,
            "amount": str(sum(deal.amount > cut for cut in cuts)) if deal.amount else "",
            "discount": "" if deal.discount is None else str(round(deal.discount, 1)),
        }

    past = models.told_before(
        [Past(features(deal), bool(deal.won), (deal.closed or date.max).toordinal()) for deal in closed]
    )
    rate = (sum(deal.won for deal in past) + 0.5) / (len(past) + 1)
    by_stage = [float(deal.probability or 0) for deal in running]
    if len(past) < 50 or len({deal.won for deal in past}) < 2:
        numbers: list[float] = [len(past), 50, round(100 * rate), 10] if past else [50]
        told.trust["Win chances"] = "base rates" if past else "too little is known", numbers
        return [_base_rate(past, features(deal)["source"], rate) for deal in running] if past else by_stage
    found = models.judged(past)
    assert found is not None
    numbers = [found.tested, found.brier, found.base, 95, found.least, found.auc]
    if found.least <= 0:
        told.trust["Win chances"] = "not published", [*numbers, 0.5]
        return by_stage
    told.trust["Win chances"] = "published", numbers
    for place, (count, chance, won) in enumerate(found.steps, 1):
        told.figures[f"calibration.tested_deals[{place}]"] = count
        told.figures[f"calibration.foretold_rate[{place}]"] = rounded(chance)
        told.figures[f"calibration.true_rate[{place}]"] = quotient(won, count)
    model, kept = models.regression(sorted(past, key=lambda deal: deal.day)), past[0].features
    return [model.chance({name: features(deal)[name] for name in kept}) for deal in running]


def _base_rate(past: Sequence[Past], source: str, rate: float) -> float:
    """That of the source, pulled towards that of all, which counts for ten deals."""
    same = [
        deal.won
        for deal in past
        if deal.features.get("source", "") == ("" if "source" not in deal.features else source)
    ]
    return (sum(same) + 10 * rate) / (len(same) + 10)


# -- who buys again ----------------------------------------------------------------------------------------------------


def _staying(told: Insights, customers: Sequence[Customer], today: date) -> list[tuple[Customer, float, float]]:
    """Customers with the chance that they are still some, and their purchases of 90 days."""
    told.figures["customers_at_risk"] = None
    known = [(customer, days) for customer in customers if (days := _days(customer, today))]
    if len(known) < 100 or sum(len(set(days)) > 1 for _, days in known) < 30:
        told.trust["Repeat purchases"] = "too little is known", [100, 30]
        return []
    found = models.trial([days for _, days in known], today.toordinal())
    numbers = [found.customers, round(found.foretold), found.bought, found.error, found.plain]
    told.trust["Repeat purchases"] = "published" if found.least > 0 else "not published", numbers
    if found.least <= 0:
        return []
    histories = [models.history(days, today.toordinal()) for _, days in known]
    model: Bgnbd = models.most_likely(histories)
    loyal = [(c, model.alive(h), model.expected(h, 90 / 7)) for (c, _), h in zip(known, histories, strict=True)]
    risky = [(customer, alive, more) for customer, alive, more in loyal if alive < 0.5 and not customer.lost]
    told.figures["customers_at_risk"] = len(risky)
    risky.sort(key=lambda each: (-_spent(each[0]), each[0].name))
    for customer, alive, more in risky[:15]:
        told.figures[f"at_risk.alive_chance[{customer.name}]"] = rounded(alive)
        told.figures[f"at_risk.expected_purchases[{customer.name}]"] = rounded(more)
        told.figures[f"at_risk.bought_amount[{customer.name}]"] = _spent(customer)
    return loyal


def _days(customer: Customer, today: date) -> list[int]:
    return [day.toordinal() for day, _ in customer.bought if day <= today]


def _spent(customer: Customer) -> Decimal:
    return sum((amount for _, amount in customer.bought), Decimal(0))


# -- groups of customers -----------------------------------------------------------------------------------------------


def _segments(told: Insights, customers: Sequence[Customer], today: date) -> None:
    rows = sorted(
        (
            len(days),
            float(sum(amount for day, amount in customer.bought if day <= today)),
            today.toordinal() - max(days),
        )
        for customer in customers
        if (days := _days(customer, today))
    )
    if len(rows) < 30:
        told.trust["Groups of customers"] = "too little is known", [len(rows), 30]
        return
    logarithms = [[log1p(max(0.0, number)) for number in row] for row in rows]
    middle, spread = zip(*((fmean(axis), pstdev(axis)) for axis in zip(*logarithms, strict=True)), strict=True)
    points = [tuple((n - m) / (s or 1) for n, m, s in zip(p, middle, spread, strict=True)) for p in logarithms]
    silhouette, labels = max(map(_parted, [points] * 5, range(2, 7)), key=lambda each: each[0])
    told.trust["Groups of customers"] = "published" if silhouette >= 0.25 else "not published", [silhouette, 0.25]
    groups = [[place for place, label in enumerate(labels) if label == group] for group in range(max(labels) + 1)]
    groups.sort(key=lambda group: -median(rows[place][1] for place in group))
    for number, group in enumerate(groups if silhouette >= 0.25 else (), 1):
        often, much, ago = (fmean(points[place][axis] for place in group) for axis in range(3))
        words = [
            *(["buy often"] if often > 0.5 else ["buy seldom"] if often < -0.5 else []),
            *(["buy much"] if much > 0.5 else ["buy little"] if much < -0.5 else []),
            *(["bought lately"] if ago < -0.5 else ["have not bought for long"] if ago > 0.5 else []),
        ]
        name = f"{number} · {', '.join(words) or 'as most'}"
        told.figures[f"segments.segment_customers[{name}]"] = len(group)
        for axis, key in enumerate(("purchases", "amount", "days_since")):
            told.figures[f"segments.median_{key}[{name}]"] = rounded(median(rows[place][axis] for place in group), 2)


def _parted(points: Sequence[tuple[float, ...]], count: int) -> tuple[float, list[int]]:
    """The library's groups, and how clear their borders are: worked out here for all but large samples."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    labels = [int(label) for label in KMeans(count, n_init=5, random_state=0).fit_predict([list(p) for p in points])]
    members = [[p for p, label in zip(points, labels, strict=True) if label == group] for group in range(count)]
    centres = [tuple(map(fmean, zip(*group, strict=True))) for group in members]
    astray = [
        p
        for p, own in zip(points, labels, strict=True)
        if dist(p, centres[own]) > 1e-3 + min(dist(p, c) for c in centres)
    ]
    assert len(astray) <= len(points) / 100
    if len(points) > 500:
        return float(silhouette_score([list(p) for p in points], labels)), labels
    return fmean(_clear(p, members, own) for p, own in zip(points, labels, strict=True)), labels


def _clear(point: tuple[float, ...], members: Sequence[Sequence[tuple[float, ...]]], own: int) -> float:
    """The silhouette of one customer (Rousseeuw, 1987)."""
    if len(members[own]) == 1:
        return 0.0
    near = [sum(dist(point, other) for other in group) / (len(group) - (n == own)) for n, group in enumerate(members)]
    outside = min(distance for n, distance in enumerate(near) if n != own)
    return (outside - near[own]) / max(outside, near[own])


# -- the next months ---------------------------------------------------------------------------------------------------


def _revenue(told: Insights, customers: Sequence[Customer], today: date) -> None:
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for customer in customers:
        for day, amount in customer.bought:
            sums[12 * day.year + day.month - 1] += amount
    current = 12 * today.year + today.month - 1
    first = min((number for number in sums if current - 60 <= number < current), default=current)
    months = range(first, current)
    for number in months[-12:]:
        told.figures[f"revenue.revenue_true[{_month(number)}]"] = sums[number]
        told.figures |= dict.fromkeys(f"revenue.revenue_{key}[{_month(number)}]" for key in ("foretold", "low", "high"))
    told.figures["revenue_foretold"] = None
    if len(months) < 6:
        told.trust["Revenue forecast"] = "too little is known", [len(months), 6]
        return
    foretold, errors, tested = models.months_ahead([float(sums[number]) for number in months], 3)
    for number, values in enumerate(foretold, current):
        told.figures[f"revenue.revenue_true[{_month(number)}]"] = None
        for key, value in zip(("foretold", "low", "high"), values, strict=True):
            told.figures[f"revenue.revenue_{key}[{_month(number)}]"] = round(value)
    told.figures["revenue_foretold"] = round(foretold[0][0])
    told.figures |= {f"methods.forecast_error[{name}]": round(error) for name, error in errors.items()}
    told.trust["Revenue forecast"] = "published", [tested, round(min(errors.values()))]


def _month(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02}"


# -- whom to call next -------------------------------------------------------------------------------------------------


def _worklist(told: Insights, calls: Sequence[_Call], today: date) -> None:
    """Value × chance × how late it is, in parts of 30 days, at most three of them; among equals value × chance."""

    def late(customer: Customer) -> float:
        since = customer.contact or customer.created
        return 1 if since is None else min(3.0, max(0, (today - since).days) / 30)

    def wanted(customer: Customer) -> bool:
        return not (customer.lost or customer.wants_none or (customer.planned and customer.planned >= today))

    listed = sorted(
        (call for call in calls if wanted(call.customer)),
        key=lambda call: (
            -float(call.value) * call.chance * late(call.customer),
            -float(call.value) * call.chance,
            call.customer.name,
            call.about,
        ),
    )
    told.calls = [
        (
            call.customer.name,
            call.about,
            call.owner,
            call.value,
            call.chance,
            None if call.customer.contact is None else max(0, (today - call.customer.contact).days),
        )
        for call in listed[:20]
    ]
