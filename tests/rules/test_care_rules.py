"""Birthdays, festivals, regular calls: the follow-ups that appear by themselves."""

from dataclasses import replace
from datetime import UTC, date, datetime

import holidays
import pytest

from crm_sheets.changes import NewRow
from crm_sheets.rules.anniversaries import Anniversary, next_occurrence, of_birth, parse_anniversary
from crm_sheets.rules.care import CareWishes, care, caring
from crm_sheets.rules.dictionary_attributes import dictionary_attributes
from crm_sheets.rules.lunar import LunarDay, lunar_of, solar_of
from crm_sheets.tables import ColumnKey
from tests.rules.tables import CALENDAR, NOW, book, clock, context, outcome, plain, said

PERSONS = """
    customers
    key | name | type | birthday | birthday_calendar | status | owner
    C-1 | 王芳 | 个人客户 | 1988-11-25 | | 成交客户 | 张伟
    C-2 | 李雷 | 个人客户 | 1988-11-26 | 公历 | 潜在客户 |
    C-3 | 韩梅 | 个人客户 | 1990-12-01 | 农历 | |
    C-4 | 赵六 | 个人客户 | 1988-11-25 | | 流失客户 |
    C-5 | 孙七 | 个人客户 | | | |
    C-6 | | 个人客户 | 1988-11-25 | | |
    C-7 | 周八 | 个人客户 | 2026-11-23 | | |
"""


def flat(row: NewRow) -> str:
    values = {str(column): plain(value) for column, value in row.values.items()}
    return f"{row.origin} {row.tab} {values['customer']} {values['planned_at']} {values['subject']}"


def asked(text: str, now: datetime = NOW, wishes: CareWishes | None = None) -> list[str]:
    of = book(text)
    rule = caring(wishes) if wishes else care
    return [flat(new) for row in of.of("customers") for new in outcome(rule, of, row.key, now).new_rows]


def test_a_birthday_appears_three_days_before_and_wakes_its_customer_then() -> None:
    assert asked(PERSONS) == [
        "care:birthday:C-1:2026 follow_ups 王芳 2026-11-25 00:00 生日祝福",
        "care:birthday:C-3:2026 follow_ups 韩梅 2026-11-23 00:00 生日祝福",
    ]
    assert said(care, PERSONS) == [
        "C-1 wakes 2026-11-23 00:00",  # made by then; asked again tomorrow, it would be planned for another day
        "C-2 wakes 2026-11-23 00:00",
        "C-3 wakes 2026-11-23 00:00",
        "C-7 wakes 2027-11-20 00:00",
    ]
    assert [line.split()[0] for line in asked(PERSONS, clock("2026-11-23 00:00"))] == [
        "care:birthday:C-1:2026",
        "care:birthday:C-2:2026",
        "care:birthday:C-3:2026",
    ]


def test_a_birthday_of_a_weekend_is_planned_for_the_working_day_before() -> None:
    table = """
    customers
    key | name | birthday
    C-1 | 王芳 | 1988-11-28
    """
    (friday,) = asked(table, clock("2026-11-25 08:00"))
    assert "2026-11-27 00:00" in friday
    (saturday,) = asked(table, clock("2026-11-28 08:00"))
    assert "2026-11-28 00:00" in saturday
    assert asked(table, clock("2026-11-29 08:00")) == []


def test_a_birthday_in_the_holidays_appears_before_them() -> None:
    """Nobody works from 1 to 7 October; 30 September is the last day on which somebody can greet."""
    of = book("""
    customers
    key | name | birthday
    C-1 | 王芳 | 1990-10-05
    """)
    golden_week = {date(2027, 10, day): False for day in range(1, 8)}
    calendar = replace(CALENDAR, own=golden_week)

    def made(now: str) -> list[str]:
        return [flat(new) for new in care(of.rows[0], context(of, clock(now), calendar=calendar)).new_rows]

    assert made("2027-09-26 09:00") == []
    assert made("2027-09-27 09:00") == ["care:birthday:C-1:2027 follow_ups 王芳 2027-09-30 00:00 生日祝福"]


def test_a_birthday_in_the_lunar_calendar() -> None:
    """1990-12-01 was the 15th of the tenth month; in 2026 that day is 23 November."""
    (greeting,) = (line for line in asked(PERSONS, clock("2026-11-20 00:00")) if "C-3" in line)
    assert greeting == "care:birthday:C-3:2026 follow_ups 韩梅 2026-11-23 00:00 生日祝福"
    assert [line for line in asked(PERSONS, clock("2026-11-19 23:59")) if "C-3" in line] == []


def test_days_that_not_every_year_has() -> None:
    leap = of_birth(date(1996, 2, 29), lunar=False)
    assert leap is not None
    assert [leap.in_year(year) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]
    # 2020-06-07 is the 16th of the doubled fourth month; 2026 has none, 2039 would have a doubled fifth
    doubled = of_birth(date(2020, 6, 7), lunar=True)
    assert doubled == Anniversary(4, 16, LunarDay(4, 16, leap=True))
    assert doubled.in_year(2020) == date(2020, 6, 7)
    assert doubled.in_year(2026) == solar_of(LunarDay(4, 16), 2026) == date(2026, 6, 1)
    # the twelfth month of the year that began in 2024 has 29 days
    assert solar_of(LunarDay(12, 30), 2024) == solar_of(LunarDay(12, 29), 2024) == date(2025, 1, 28)


def test_a_lunar_year_ends_in_the_next_solar_one() -> None:
    eve = parse_anniversary("12-30", lunar=True)
    assert eve is not None
    found = next_occurrence(eve, date(2027, 1, 2))
    assert found is not None
    assert (found.year, found.day) == (2026, date(2027, 2, 5))


def test_lunar_days_are_those_of_other_tables() -> None:
    """Spring Festival and Mid-Autumn, beside the package that knows the public holidays.

    In 2057 a new moon falls close to midnight, and the tables of the world begin to differ by a day.
    """
    for year in range(2000, 2057):
        named = holidays.country_holidays("CN", years=year, expand=False, language="en_US")
        spring = [day for day, name in named.items() if name == "Chinese New Year (Spring Festival)"]
        assert solar_of(LunarDay(1, 1), year) == min(spring)
        if year >= 2008:
            (autumn,) = (d for d, n in named.items() if "Mid-Autumn Festival" in n and "observed" not in n)
            assert solar_of(LunarDay(8, 15), year) == autumn
    for ordinal in range(date(1920, 1, 1).toordinal(), date(2090, 1, 1).toordinal(), 97):
        day = date.fromordinal(ordinal)
        lunar = lunar_of(day)
        assert lunar is not None
        assert day in {solar_of(lunar, day.year), solar_of(lunar, day.year - 1)}
    assert lunar_of(date(1890, 1, 1)) is None
    assert solar_of(LunarDay(1, 1), 2101) is None


@pytest.mark.parametrize("text", ["13-1", "2-30", "8", "", "08/15", "1-31-2"])
def test_what_is_no_day_of_a_year(text: str) -> None:
    assert parse_anniversary(text, lunar=False) is None


LEVELS = """
    customers
    key | name | level | last_contact | created_at
    C-1 | 华为 | VIP | 2026-10-26 10:00 | 2025-01-01 10:00
    C-2 | 小米 | VIP | 2026-10-25 10:00 | 2025-01-01 10:00
    C-3 | 联想 | A | 2026-10-25 10:00 | 2025-01-01 10:00
    C-4 | 中兴 | C | | 2026-01-01 10:00
    C-5 | 用友 | | 2020-10-25 10:00 |
    C-6 | 浪潮 | VIP | 2026-10-01 10:00 |

    follow_ups
    key | customer | planned_at | done_at | result
    F-1 | 浪潮 | 2026-12-25 10:00 | |
    F-2 | 小米 | 2026-10-25 10:00 | 2026-10-25 10:00 | 好
    F-3 | 小米 | 2026-11-25 10:00 | | 取消
"""


def test_a_call_so_many_days_after_the_last_contact_as_the_level_says() -> None:
    """VIP 30 days, A 60, C 180; three days before that the follow-up appears, unless something is planned."""
    assert asked(LEVELS) == [
        "care:revisit:C-1:2026-10-26 follow_ups 华为 2026-11-25 00:00 定期回访",
        "care:revisit:C-2:2026-10-25 follow_ups 小米 2026-11-24 00:00 定期回访",
        "care:revisit:C-4:2026-01-01 follow_ups 中兴 2026-11-22 00:00 定期回访",
    ]
    assert [line for line in asked(LEVELS, clock("2026-11-21 12:00")) if "C-1" in line] == []
    assert "C-3 wakes 2026-12-21 00:00" in said(care, LEVELS)


def test_festivals_are_for_the_levels_that_the_dictionary_names() -> None:
    table = """
    customers
    key | name | level
    C-1 | 华为 | VIP
    C-2 | 小米 | B
    C-3 | 联想 |
    """
    at = clock("2027-01-30 09:00")
    assert asked(table, at) == ["care:spring_festival:C-1:2027 follow_ups 华为 2027-02-05 00:00 春节问候"]
    assert asked(table, clock("2027-01-28 09:00")) == []
    assert asked(table, at, CareWishes(occasions=False)) == []


def test_a_team_takes_what_it_wants() -> None:
    assert asked(PERSONS, wishes=CareWishes(birthdays=False)) == []
    assert asked(LEVELS, wishes=CareWishes(revisits=False)) == []
    assert [len(asked(PERSONS, wishes=CareWishes(days_before=days))) for days in (0, 1, 3, 4)] == [0, 1, 2, 3]


def test_what_is_written_stays_readable() -> None:
    of = book(PERSONS)
    (new,) = outcome(care, of, "C-1").new_rows
    assert {str(column): plain(value) for column, value in new.values.items()} == {
        "customer": "王芳",
        "method": "电话",
        "subject": "生日祝福",
        "content": "王芳 的生日是 2026-11-25，请送上祝福。",
        "planned_at": "2026-11-25 00:00",
        "owner": "张伟",
    }
    twins = book("""
    customers
    key | name | birthday
    C-1 | 王芳 | 1988-11-25
    C-2 | 王芳 | 1977-11-25
    """)
    assert [flat(each).split()[2] for key in ("C-1", "C-2") for each in outcome(care, twins, key).new_rows] == [
        "C-1",
        "C-2",
    ]


def test_days_and_hours_in_attributes_are_checked() -> None:
    table = """
    dictionaries
    key | dictionary | value | attributes
    D-1 | 关怀节日 | 司庆 | solar=6-18; days_before=5; levels=vip/a
    D-2 | 关怀节日 | 司庆 | solar=6-31
    D-3 | 关怀节日 | 司庆 | lunar=8-31
    D-4 | 客户等级 | VIP | revisit_days=一个月
    D-5 | 优先级 | 紧急 | response=0.5; resolution=4
    D-6 | 服务类型 | 故障报修 | urgent.response=半小时
    D-7 | 优先级 | 紧急 | response=0
    """
    wrong = [f"D-{n} attributes error attribute-not-understood" for n in (2, 3, 4, 6, 7)]
    assert [line for line in said(dictionary_attributes, table) if "not-understood" in line] == wrong


def test_the_zone_says_what_day_it_is() -> None:
    assert len(asked(PERSONS, datetime(2026, 11, 20, 15, 59, tzinfo=UTC))) == 1
    assert len(asked(PERSONS, datetime(2026, 11, 21, 16, 0, tzinfo=UTC))) == 2


def test_nobody_greets_a_customer_who_does_not_want_it() -> None:
    table = """
    customers
    key | name | birthday | contact_consent | email
    C-1 | 王芳 | 1988-11-25 | 请勿联系 | a@example.com
    C-2 | 李雷 | 1988-11-25 | 仅邮件 | a@example.com
    C-3 | 韩梅 | 1988-11-25 | 仅邮件 |
    C-4 | 赵六 | 1988-11-25 | 可联系 |
    """
    of = book(table)
    asked_for = {row.key: outcome(care, of, row.key).new_rows for row in of.rows}
    methods = {key: [str(new.values[ColumnKey("method")]) for new in rows] for key, rows in asked_for.items()}
    assert methods == {"C-1": [], "C-2": ["邮件"], "C-3": [], "C-4": ["电话"]}
