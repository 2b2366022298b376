"""The figures of the help desk's tickets worked out a second time, ticket by ticket, without pandas."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

Ticket = list[datetime]
"""The times of its events, in order, as the clocks in Rome showed them."""

Told = dict[str, Decimal | int | None]
ROME = ZoneInfo("Europe/Rome")
OPENS, CLOSES = time(9), time(18)
BLANK = "(blank)"


def due(opened: datetime, hours: int, free: Mapping[date, str]) -> datetime:
    """When so many working hours are over, day by day."""
    left, now = timedelta(hours=hours), opened
    while True:
        day = now.date()
        start, end = max(now, datetime.combine(day, OPENS)), datetime.combine(day, CLOSES)
        if day.weekday() < 5 and day not in free and start < end:
            if left <= end - start:
                return start + left
            left -= end - start
        now = datetime.combine(day + timedelta(days=1), time(0))


def worked(start: datetime, end: datetime, free: Mapping[date, str]) -> int:
    """Whole working minutes between two times, day by day."""
    total, day = timedelta(0), start.date()
    while day <= end.date():
        opens, closes = max(start, datetime.combine(day, OPENS)), min(end, datetime.combine(day, CLOSES))
        if day.weekday() < 5 and day not in free and opens < closes:
            total += closes - opens
        day += timedelta(days=1)
    return int(total.total_seconds() // 60)


def quotient(part: Decimal | int, whole: int, places: str = "0.0001") -> Decimal | None:
    """None when there is nothing to divide by."""
    return (Decimal(part) / whole).quantize(Decimal(places), ROUND_HALF_UP) if whole else None


def services(tickets: Mapping[str, Ticket], free: Mapping[date, str]) -> Told:
    """Every figure of the tab: an answer is promised within 4 working hours, a solution within 24."""
    all_ = list(tickets.values())
    told = {key: number for key, number in counted(all_, free).items() if key != "sla_judged"}
    told["services_solved"] = len(all_)
    names = {
        "type": BLANK,
        "priority": "Normal",
        "state": "Solved",
        "owner": BLANK,
        "both": f"{BLANK} · Normal",
        **dict.fromkeys(("person", "group", "department"), BLANK),
    }
    known = counted(all_, free)
    plain = ("services", "services_open", "services_late", "solving_days", "sla_rate")
    level = ("services", *(key for key in known if key.startswith(("sla", "response", "solution"))))
    for block, keys in {
        **dict.fromkeys(("by_type", "by_priority", "by_owner"), plain),
        "by_state": ("services",),
        **dict.fromkeys(
            (f"sla_by_{by}" for by in ("type", "priority", "both", "person", "group", "department")), level
        ),
    }.items():
        name = names[block.rpartition("by_")[2]]
        told |= {f"{block}.{key}[{name}]": known[key] for key in keys}
    months: dict[str, tuple[list[Ticket], list[Ticket]]] = defaultdict(lambda: ([], []))
    for ticket in all_:
        months[f"{ticket[0]:%Y-%m}"][0].append(ticket)
        months[f"{ticket[-1]:%Y-%m}"][1].append(ticket)
    for month, (opened, solved) in months.items():
        told |= {f"months.services[{month}]": len(opened), f"months.services_solved[{month}]": len(solved)}
        told[f"months.sla_rate[{month}]"] = counted(solved, free)["sla_rate"]
    return {f"services.{key}": number for key, number in told.items()}


def counted(tickets: Sequence[Ticket], free: Mapping[date, str]) -> Told:
    """What is told of some tickets, all of them solved. One with a single event was answered when it was solved."""
    answers = [(ticket[0], ticket[min(1, len(ticket) - 1)]) for ticket in tickets]
    in_time = [answer <= due(opened, 4, free) for opened, answer in answers]
    solved = [ticket[-1] <= due(ticket[0], 24, free) for ticket in tickets]
    met = [soon and done for soon, done in zip(in_time, solved, strict=True)]
    spans = [
        (ticket[-1].replace(tzinfo=ROME).timestamp() - ticket[0].replace(tzinfo=ROME).timestamp()) for ticket in tickets
    ]
    days = quotient(Decimal(int(sum(spans))) / 86_400, len(tickets), "0.01")
    response = quotient(sum(worked(*answer, free) for answer in answers), len(answers), "0.01")
    solution = quotient(sum(worked(ticket[0], ticket[-1], free) for ticket in tickets), len(tickets), "0.01")
    return {
        "services": len(tickets),
        "services_open": 0,
        "services_late": 0,
        "solving_days": days,
        "sla_judged": len(tickets),
        "sla_rate": quotient(sum(met), len(tickets)),
        "response_rate": quotient(sum(in_time), len(answers)),
        "response_minutes": None if response is None else round(response),
        "solution_rate": quotient(sum(solved), len(tickets)),
        "solution_minutes": None if solution is None else round(solution),
    }
