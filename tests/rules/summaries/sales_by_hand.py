"""The figures of deals counted a second time: plain Python, row by row, exact fractions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor, sqrt


@dataclass(frozen=True)
class Deal:
    key: str
    stage: str
    outcome: str
    """won, lost, or "" for open."""

    amount: Fraction
    weighted: Fraction
    closes: date | None
    began: date | None
    owner: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Kept:
    deal: str
    since: date
    until: date | None
    amount: int
    weighted: int
    closes: date


def month(day: date) -> str:
    return day.isoformat()[:7]


def quantile(numbers: Iterable[int], share: Fraction) -> Fraction | None:
    ordered = sorted(numbers)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def forecast(deals: Sequence[Deal], today: date) -> dict[str, tuple[Fraction, float, float]]:
    """By month: expected, low, high."""
    won: dict[str, Fraction] = defaultdict(Fraction)
    ahead: dict[str, list[Deal]] = defaultdict(list)
    for deal in deals:
        if deal.closes and deal.outcome == "won":
            won[month(deal.closes)] += deal.amount
        elif deal.closes and not deal.outcome and deal.closes >= today:
            ahead[month(deal.closes)].append(deal)
    found = {}
    for name in {*won, *ahead}:
        mine = ahead[name]
        middle = sum((deal.weighted for deal in mine), Fraction())
        chances = [(deal.amount, deal.weighted / deal.amount) for deal in mine if deal.amount]
        half = 1.2815515655446004 * sqrt(sum(float(a * a * p * (1 - p)) for a, p in chances))
        most = float(sum((deal.amount for deal in mine), Fraction()))
        low, high = max(0.0, float(middle) - half), min(most, float(middle) + half)
        found[name] = (won[name] + middle, float(won[name]) + low, float(won[name]) + high)
    return found


def spans(deals: Iterable[Deal], *outcomes: str) -> list[int]:
    return [
        (deal.closes - deal.began).days for deal in deals if deal.outcome in outcomes and deal.closes and deal.began
    ]


def velocity(deals: Sequence[Deal]) -> Fraction | None:
    won = [deal for deal in deals if deal.outcome == "won"]
    decided = [deal for deal in deals if deal.outcome]
    taken = spans(deals, "won")
    if not won or not sum(taken):
        return None
    worth = sum((deal.amount for deal in won), Fraction()) / len(won)
    cycle = Fraction(sum(taken), len(taken))
    return (len(deals) - len(decided)) * worth * Fraction(len(won), len(decided)) / cycle


def cohorts(
    moves: Iterable[tuple[str, str, date]], outcomes: Mapping[str, str], stages: Sequence[str]
) -> dict[tuple[str, str], tuple[int, int, int, int, int]]:
    """By stage and month of arrival: arrived, went beyond, won, lost, open."""
    arrived: dict[tuple[str, str], date] = {}
    for deal, stage, day in moves:
        if deal in outcomes and day < arrived.get((deal, stage), date.max):
            arrived[deal, stage] = day
    best = {deal: -1 for deal, _ in arrived}
    for deal, stage in arrived:
        best[deal] = max(best[deal], stages.index(stage) if stage in stages else len(stages) if stage == "won" else -1)
    for deal in best:
        if outcomes[deal] == "won":
            best[deal] = len(stages)
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * 5)
    for (deal, stage), day in arrived.items():
        if stage in stages:
            line = found[stage, month(day)]
            outcome = outcomes[deal]
            facts = (True, best[deal] > stages.index(stage), outcome == "won", outcome == "lost", not outcome)
            for place, fact in enumerate(facts):
                line[place] += fact
    return {key: (line[0], line[1], line[2], line[3], line[4]) for key, line in found.items()}


def standing(lines: Iterable[Kept], day: date) -> list[Kept]:
    return [line for line in lines if line.since <= day and (line.until is None or line.until > day)]


def fates(lines: Iterable[Kept], deals: Sequence[Deal], day: date) -> tuple[int, int, int, int]:
    """Of the deals that were to close in the month of a day, as they stood on it: due, won, lost, slipped."""
    now = {deal.key: deal for deal in deals}
    due = [line for line in standing(lines, day) if month(line.closes) == month(day) and line.deal in now]
    in_time = [now[line.deal] for line in due if (closes := now[line.deal].closes) and month(closes) <= month(day)]
    won, lost = (sum(deal.outcome == outcome for deal in in_time) for outcome in ("won", "lost"))
    return len(due), won, lost, len(due) - won - lost
