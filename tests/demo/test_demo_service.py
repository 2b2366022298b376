"""Deadlines, SLA states and care of the demo's book, worked out once more from the raw rows in another way."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import holidays
import pytest
from borax.calendars.lunardate import LunarDate

from crm_sheets.cells import CellValue
from crm_sheets.demo import generate
from crm_sheets.public_holidays import public_days
from crm_sheets.schema import tab
from crm_sheets.tables import TabKey
from tests.sync.desks import Desk

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)  # a Friday, half past eleven in the office
HERE = NOW.astimezone(ZONE).replace(tzinfo=None)
TABS = ("people", "calendar", "customers", "services", "feedback", "follow_ups")
HOURS = {"紧急": (0.5, 4), "高": (2, 8), "普通": (4, 24), "低": (8, 40)}
DAYS = {"投诉": 2, "建议": 7, "表扬": 7, "咨询": 3}
VISITS = {"VIP": 30, "A": 60, "B": 90, "C": 180}
Line = Mapping[str, CellValue]


class Demo:
    """The demo's rows as they were typed, and what the sheets show after a cycle."""

    def __init__(self) -> None:
        book = generate(1, NOW, ZONE, "zh-CN")
        self.raw = {key: [{str(c): v for c, v in row.items()} for row in book.tabs[TabKey(key)]] for key in TABS}
        self.raw["follow_ups"] = self.raw["follow_ups"][::4]
        self.spoiled = {(str(fault.tab), fault.row) for fault in book.planted}
        self.desk = Desk(
            columns={key: " ".join(tab(TabKey(key)).columns) for key in TABS}, now=NOW - timedelta(seconds=30)
        )
        calendar = replace(self.desk.setup.calendar, zone=ZONE, public=partial(public_days, "CN"))
        self.desk.cycle.setup = replace(self.desk.setup, threshold=None, calendar=calendar)
        for key in TABS:
            for row in self.raw[key]:
                self.desk.add(key, **row)
        self.desk.sync()
        self.shown = {key: self._shown(key) for key in TABS}

    def _shown(self, key: str) -> list[Line]:
        names = self.desk.columns[key].split()
        return [dict(zip(names, [*cells, *[None] * len(names)], strict=False)) for cells in self.desk.grid(key)[1:]]

    def sound(self, key: str) -> list[tuple[dict[str, CellValue], Line]]:
        """Rows without a planted mistake: as typed, as shown."""
        pairs = zip(self.raw[key], self.shown[key], strict=False)
        return [pair for place, pair in enumerate(pairs) if (key, place) not in self.spoiled]


@pytest.fixture(scope="module")
def demo() -> Demo:
    return Demo()


@pytest.fixture(scope="module")
def free(demo: Demo) -> Mapping[date, bool]:
    """Days that are not worked, of 2026."""
    chinese = holidays.country_holidays("CN", years=2026)
    own = {row["date"] for row in demo.raw["calendar"]}
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    weekend = {day for day in days if day.weekday() > 4} - chinese.weekend_workdays
    return {day: day in own or day in chinese or day in weekend for day in days}


@pytest.fixture(scope="module")
def minutes(free: Mapping[date, bool]) -> list[int]:
    """The minutes of 2026 that are worked, counted from its beginning."""
    of_day = [*range(9 * 60, 12 * 60), *range(13 * 60 + 30, 18 * 60)]
    return [n * 1440 + minute for n, day in enumerate(sorted(free)) if not free[day] for minute in of_day]


def due(opened: datetime, hours: float, minutes: list[int]) -> datetime:
    """When so many working hours are over: after the last of that many worked minutes."""
    start = datetime(2026, 1, 1)  # noqa: DTZ001 - on the office's wall
    first = bisect_left(minutes, (opened - start) // timedelta(minutes=1))
    return start + timedelta(minutes=minutes[first + round(hours * 60) - 1] + 1)


def moment(value: CellValue) -> datetime | None:
    """A cell with a time, be it as typed or the serial number that a write made of it; to the minute."""
    if isinstance(value, int | float):
        value = datetime(1899, 12, 30) + timedelta(minutes=round(value * 1440))  # noqa: DTZ001 - on the office's wall
    return value.replace(second=0) if isinstance(value, datetime) else None


def day_of(value: CellValue) -> date | None:
    found = moment(value)
    return found.date() if found else value if isinstance(value, date) else None


def test_deadlines_and_states_of_services(demo: Demo, minutes: list[int]) -> None:
    told: Counter[str] = Counter()
    for raw, shown in demo.sound("services"):
        opened, answered, solved = (moment(raw.get(key)) for key in ("opened_at", "first_response_at", "solved_at"))
        assert opened is not None
        response, resolution = (due(opened, hours, minutes) for hours in HOURS[str(raw["priority"])])
        waits = raw["state"] == "等待客户"
        assert moment(shown["response_due"]) == response
        assert moment(shown["solve_due"]) == (None if waits else resolution)
        if solved:
            state = "达标" if (answered or solved) <= response and solved <= resolution else "未达标"
        else:
            open_ones = [] if answered else [(opened, response)]
            late = bool(answered and answered > response) or any(
                end <= HERE for _, end in [*open_ones, (opened, resolution)]
            )
            hours = HOURS[str(raw["priority"])]
            near = [] if answered else [due(opened, hours[0] * 0.75, minutes)]
            near.append(due(opened, hours[1] * 0.75, minutes))
            state = "已超时" if late else "即将超时" if min(near) <= HERE else "正常"
        assert shown["sla_state"] == state, raw
        told[state] += 1
    assert {"达标", "未达标", "已超时"} <= told.keys()
    assert sum(told.values()) >= 150


def test_deadlines_of_feedback(demo: Demo, free: Mapping[date, bool]) -> None:
    for raw, shown in demo.sound("feedback"):
        day, left = raw["date"], DAYS[str(raw["type"])]
        assert isinstance(day, date)
        while left:
            day += timedelta(days=1)
            left -= not free[day]
        assert day_of(shown["due"]) == day
        late = raw["state"] != "已处理" and day < HERE.date()
        assert ("处理时限" in str(shown["check"])) == late


def test_care(demo: Demo) -> None:
    """Every follow-up that appeared has its reason, and every reason its follow-up."""
    appeared = demo.shown["follow_ups"][len(demo.raw["follow_ups"]) :]
    told = Counter((str(row["customer"]), str(row["subject"])) for row in appeared)
    follow_ups = [
        (str(row["customer"]).strip(), row) for row in demo.shown["follow_ups"][: len(demo.raw["follow_ups"])]
    ]
    expected: Counter[tuple[str, str]] = Counter()
    for shown in demo.shown["customers"]:
        name, born = str(shown["name"]).strip(), day_of(shown["birthday"])
        if shown["status"] == "流失客户" or shown["contact_consent"] == "请勿联系" or not shown["name"]:
            continue
        if shown["contact_consent"] == "仅邮件" and not shown["email"]:
            continue
        if born and _has_birthday_soon(born, lunar=shown["birthday_calendar"] == "农历"):
            expected[name, "生日祝福"] += 1
        own = [row for customer, row in follow_ups if customer == name]
        done = [day for row in own if (day := day_of(row["done_at"]))]
        planned = any(row["state"] in {"待跟进", "已逾期"} for row in own)
        days = VISITS.get(str(shown["level"]))
        if days and not planned and done and max(done) + timedelta(days=days - 3) <= HERE.date():
            expected[name, "定期回访"] += 1
    assert expected
    assert told == expected


def _has_birthday_soon(born: date, *, lunar: bool) -> bool:
    for n in range(4):
        day = HERE.date() + timedelta(days=n)
        if not lunar and (day.month, day.day) == (born.month, born.day):
            return True
        if lunar:
            one, other = (LunarDate.from_solar_date(each.year, each.month, each.day) for each in (day, born))
            if (one.month, one.day) == (other.month, other.day):
                return True
    return False
