"""The figures of deals of the Maven sample worked out a second time, deal by deal, without pandas."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from tests.app.cdnow_figures import BLANK, ZERO, Told, quotient

STAGES = ("First contact", "Needs analysis", "Proposal", "Negotiation", "Contract signing", "Won", "Lost")
WON, LOST = "Won", "Lost"


@dataclass(frozen=True)
class Deal:
    """A line of the file; open deals have neither a value nor a day on which they close."""

    stage: str
    worth: Decimal
    began: date | None
    closed: date | None
    seller: str
    manager: str
    office: str

    @property
    def open(self) -> bool:
        return self.stage not in (WON, LOST)


Deals = Sequence[Deal]


def month(day: date) -> str:
    return f"{day:%Y-%m}"


def quarter(day: date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


def months_from(day: date, step: int, count: int) -> list[str]:
    """So many months, from that of a day on, or backwards."""
    first = day.year * 12 + day.month - 1
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(first, first + step * count, step)]


def worth(deals: Deals) -> Decimal:
    return sum((deal.worth for deal in deals), ZERO)


def at(stage: str, deals: Deals) -> Deals:
    return [deal for deal in deals if deal.stage == stage]


def grouped(deals: Deals, by: Callable[[Deal], str]) -> Mapping[str, Deals]:
    found: dict[str, list[Deal]] = defaultdict(list)
    for deal in deals:
        found[by(deal)].append(deal)
    return found


def closed_by(deals: Deals, period: Callable[[date], str]) -> Mapping[str, Deals]:
    return grouped([deal for deal in deals if deal.closed], lambda deal: period(deal.closed or date.max))


def won_rate(deals: Deals) -> Decimal | None:
    won, lost = len(at(WON, deals)), len(at(LOST, deals))
    return quotient(won, won + lost)


def spans(deals: Deals) -> list[int]:
    return sorted((deal.closed - deal.began).days for deal in deals if deal.closed and deal.began)


def days(number: Decimal | float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def cycle(deals: Deals) -> dict[str, Decimal | int | None]:
    taken = spans(deals)
    if not taken:
        return {"cycles": 0, "cycle_median": None, "cycle_p90": None, "cycle_mean": None}
    place = Decimal("0.9") * (len(taken) - 1)
    low = int(place)
    high = taken[min(low + 1, len(taken) - 1)]
    p90 = taken[low] + (place - low) * (high - taken[low])
    mean = quotient(sum(taken), len(taken), "0.01")
    return {"cycles": len(taken), "cycle_median": days(median(taken)), "cycle_p90": days(p90), "cycle_mean": mean}


def velocity(deals: Deals) -> Decimal | None:
    won, taken = at(WON, deals), spans(at(WON, deals))
    decided = len(won) + len(at(LOST, deals))
    if not won or not sum(taken):
        return None
    speed = Decimal(len(deals) - decided) * worth(won) / decided * len(taken) / sum(taken)
    return days(speed)


def funnel(deals: Deals, today: date) -> Told:
    """Every figure of the tab. No open deal has a value, so that nothing is forecast and nothing is weighted."""
    won, lost = at(WON, deals), at(LOST, deals)
    nothing = dict.fromkeys(("open_amount", "open_weighted", "overdue_open", "overdue_amount"), 0)
    forecast = dict.fromkeys(("forecast_low", "forecast", "forecast_high"), 0)
    told: Told = {
        **nothing,
        **forecast,
        "deals": len(deals),
        "open": len(deals) - len(won) - len(lost),
        "won": len(won),
        "lost": len(lost),
        "won_amount": worth(won),
        "win_rate": won_rate(deals),
        "won_cycle_days": cycle(won)["cycle_mean"],
        "closed_cycle_days": cycle([*won, *lost])["cycle_mean"],
    }
    before: int | None = None
    for place, stage in enumerate(STAGES):
        here = at(stage, deals)
        told[f"stages.deals[{stage}]"] = len(here)
        told |= dict.fromkeys((f"stages.amount[{stage}]", f"stages.weighted[{stage}]"), worth(here))
        reached = None if stage == LOST else sum(len(at(each, deals)) for each in STAGES[place:-1])
        told[f"stages.reached[{stage}]"] = reached
        told[f"stages.conversion[{stage}]"] = quotient(reached, before) if reached is not None and before else None
        before = reached
    for name in months_from(today, 1, 12):
        keys = ("open", "open_amount", "open_weighted", *forecast)
        told |= dict.fromkeys((f"forecast.{key}[{name}]" for key in keys), 0)
        told[f"forecast.won_amount[{name}]"] = 0 if name == f"{today:%Y-%m}" else None
    told |= standing(deals)
    return {f"funnel.{key}": value for key, value in told.items()}


def standing(deals: Deals) -> Told:
    """The tables of departments, groups and people; no open deal says when it closes, so that none has a forecast."""
    units: Mapping[str, Callable[[Deal], str]] = {
        "department": lambda deal: deal.office,
        "group": lambda deal: deal.manager,
        "person": lambda deal: deal.seller,
    }
    told: Told = {}
    for unit, by in units.items():
        for name, rows in grouped(deals, by).items():
            won = at(WON, rows)
            told |= {
                f"by_{unit}.open[{name}]": sum(deal.open for deal in rows),
                f"by_{unit}.open_amount[{name}]": 0,
                f"by_{unit}.open_weighted[{name}]": 0,
                f"by_{unit}.won[{name}]": len(won),
                f"by_{unit}.won_amount[{name}]": worth(won),
                f"by_{unit}.lost[{name}]": len(at(LOST, rows)),
                f"by_{unit}.win_rate[{name}]": won_rate(rows),
            }
    return told


def outcomes(deals: Deals) -> Told:
    """Every figure of the tab. Nobody told a reason, and every open deal came to its stage when it was imported."""
    won, lost = at(WON, deals), at(LOST, deals)
    own = cycle(won)
    told: Told = {
        "cycle_median": own["cycle_median"],
        "cycle_p90": own["cycle_p90"],
        "velocity": velocity(deals),
        "stalled": 0,
        "stalled_amount": 0,
    }
    for block, key, rows in (("win_reasons", "won", won), ("loss_reasons", "lost", lost)):
        told |= {f"{block}.{key}[{BLANK}]": len(rows), f"{block}.{key}_amount[{BLANK}]": worth(rows)}
        told[f"{block}.reason_share[{BLANK}]"] = 1
    for name, rows in (("Won", won), ("Lost", lost), ("All closed", [*won, *lost])):
        told |= {f"cycles.{key}[{name}]": value for key, value in cycle(rows).items()}
    for name, rows in closed_by(won, month).items():
        told |= {f"cycle_months.{key}[{name}]": value for key, value in cycle(rows).items()}
    for name, rows in grouped(deals, lambda deal: deal.seller).items():
        mine = at(WON, rows)
        told[f"velocity.open[{name}]"] = sum(deal.open for deal in rows)
        told[f"velocity.average_deal[{name}]"] = quotient(worth(mine), len(mine), "0.01")
        told[f"velocity.win_rate[{name}]"] = won_rate(rows)
        told[f"velocity.cycle_mean[{name}]"] = cycle(mine)["cycle_mean"]
        told[f"velocity.velocity[{name}]"] = velocity(rows)
    return {f"outcomes.{key}": value for key, value in told.items()}


def team(deals: Deals) -> Told:
    """Every figure of the tab; what was won was won years ago."""
    told: Told = dict.fromkeys(("won_this_month", "won_this_quarter", "won_this_year", "open_amount"), 0)
    told["win_rate_this_quarter"] = None
    units: Mapping[str, Callable[[Deal], str]] = {
        "people": lambda deal: deal.seller,
        "groups": lambda deal: deal.manager,
        "managers": lambda deal: deal.manager,
        "departments": lambda deal: deal.office,
    }
    for block, by in units.items():
        for name, rows in grouped(deals, by).items():
            told |= {f"{block}.{key}[{name}]": value for key, value in brought(rows).items()}
            told[f"{block}.open[{name}]"] = sum(deal.open for deal in rows)
            told[f"{block}.open_amount[{name}]"] = 0
    for block, period in (("quarters", quarter), ("months", month)):
        for name, rows in closed_by(deals, period).items():
            told |= {f"{block}.{key}[{name}]": value for key, value in brought(rows).items()}
    return {f"team.{key}": value for key, value in told.items()}


def brought(deals: Deals) -> dict[str, Decimal | int | None]:
    won = at(WON, deals)
    average = quotient(worth(won), len(won), "0.01")
    return {"won": len(won), "won_amount": worth(won), "win_rate": won_rate(deals), "average_deal": average}


def review(deals: Deals, today: date) -> Told:
    """Every figure of the tab; there are no goals, and nothing happened in the latest months."""
    no_goal = dict.fromkeys(("goal", "goal_attained", "goal_gap"))
    told: Told = {**no_goal, "goal_result": 0, "result_change": 0}
    won = closed_by(at(WON, deals), month)
    for name in {*months_from(today, -1, 12), *won}:
        (_, before) = months_from(date.fromisoformat(f"{name}-01"), -1, 2)
        result = worth(won.get(name, ()))
        told |= {f"months.{key}[{name}]": None for key in no_goal}
        told[f"months.goal_result[{name}]"] = result
        told[f"months.result_change[{name}]"] = result - worth(won.get(before, ()))
    return {f"review.{key}": value for key, value in told.items()}


def trends(deals: Deals, today: date) -> Told:
    """Every figure of the tab on the day of the import: nothing can be compared, and no open deal has a value."""
    told: Told = {"days_kept": 1, "kept_open_amount": 0}
    told |= dict.fromkeys(("open_amount_change", "slipped_rate", "forecast_hit", "forecast_within"))
    for block in ("weeks", "days"):
        told[f"{block}.open[{today}]"] = sum(deal.open for deal in deals)
        told |= dict.fromkeys((f"{block}.{key}[{today}]" for key in ("open_amount", "open_weighted")), 0)
    return {f"trends.{key}": value for key, value in told.items()}
