"""What the made-up team's customers ask its service desk for, and the days on which nobody works."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_sheets.cells import CellValue
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.team import Member
from crm_sheets.demo.words.model import ServiceWords, Words
from crm_sheets.language import Language
from crm_sheets.public_holidays import unknown_days

SERVICES = 160
COUNTRIES = {"zh-CN": "CN", "en": "GB"}
"""Whose public holidays the office of a locale keeps."""

_TYPES = {"fault": 45.0, "installation": 15.0, "maintenance": 12.0, "training": 8.0, "consultation": 20.0}
_PRIORITIES = {"urgent": 10.0, "high": 25.0, "normal": 50.0, "low": 15.0}
_STATES = {"solved": 76.0, "in_progress": 10.0, "open": 7.0, "waiting": 7.0}
_WORKING_DAYS = {"urgent": (0, 1), "high": (0, 2), "normal": (1, 4), "low": (1, 7)}
"""After how many days a service of a priority is solved."""


@dataclass(frozen=True, slots=True)
class ServiceMaker:
    """Makes rows of 服务记录, by the exact name of the customer as people do."""

    dice: Dice
    words: ServiceWords
    language: Language
    service: Sequence[Member]

    def made(self, customer: Mapping[str, CellValue]) -> dict[str, CellValue]:
        """A row: mostly solved, in time or not; what is open came in lately."""
        dice = self.dice
        kind, priority, state = dice.weighted(_TYPES), dice.weighted(_PRIORITIES), dice.weighted(_STATES)
        opened = self._opened(state)
        row: dict[str, CellValue] = {
            "customer": str(customer["name"]).strip(),
            "opened_at": opened,
            "type": self._value("service_type", kind),
            "priority": self._value("service_priority", priority),
            "problem": dice.pick(self.words.problems[kind]),
            "state": self._value("service_state", state),
            "owner": dice.pick(self.service).name,
        }
        if state != "open":
            row["first_response_at"] = answered = min(opened + timedelta(minutes=self._minutes()), dice.now)
            if state == "solved":
                row |= {
                    "solved_at": self._solved(answered, priority),
                    "solution": dice.pick(self.words.solutions[kind]),
                }
        return row

    def _opened(self, state: str) -> datetime:
        days = (-120, -12) if state == "solved" else (-4, -1)
        return self.dice.office_hour(self.dice.day(*days))

    def _minutes(self) -> int:
        """How long customers wait for the first answer: minutes for most, some of them hours."""
        return self.dice.whole(5, 45) if self.dice.chance(0.85) else self.dice.whole(60, 300)

    def _solved(self, answered: datetime, priority: str) -> datetime:
        days = self.dice.whole(*_WORKING_DAYS[priority])
        if days == 0:
            return answered + timedelta(minutes=self.dice.whole(30, 90))
        day = answered.date() + timedelta(days=days)
        return self.dice.office_hour(day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0)))

    def _value(self, dictionary: str, code: str) -> str:
        return self.language.text(f"value.{dictionary}.{code}")


def service_tabs(
    dice: Dice, words: Words, language: Language, team: Sequence[Member], customers: Sequence[dict[str, CellValue]]
) -> dict[str, list[dict[str, CellValue]]]:
    """The tabs 服务记录 and 工作日历; a few of the persons among the customers keep their birthday by the moon."""
    maker = ServiceMaker(dice, words.services, language, [member for member in team if member.role == "service"])
    for customer in customers:
        if customer.get("birthday") is not None and dice.chance(0.3):
            customer["birthday_calendar"] = language.text("value.birthday_calendar.lunar")
    services = [maker.made(dice.pick(customers)) for _ in range(SERVICES)]
    services.sort(key=lambda row: str(row["opened_at"]))
    return {"services": services, "calendar": _days_off(dice.now.date(), words.services, language)}


def _days_off(today: date, words: ServiceWords, language: Language) -> list[dict[str, CellValue]]:
    """The firm's own day off, and the public holidays of which nobody has published yet how they are moved."""
    firm = today + timedelta(days=30)
    firm += timedelta(days={5: 2, 6: 1}.get(firm.weekday(), 0))
    country, last = COUNTRIES[language.locale], today + timedelta(days=400)
    days = {firm: words.day_off, **unknown_days(country, today, last, (firm,), language.locale)}
    rest = language.text("value.day_kind.rest")
    return [{"date": day, "kind": rest, "name": days[day]} for day in sorted(days)]
