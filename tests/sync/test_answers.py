"""What is understood of an answer to a reminder, in Chinese and English."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.sync.answers import answer_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday, 10:00

MEANT = """
收到                        | heard |
收到，但客户在出差           | heard |
OK, thanks                  | heard |
Ｏｋ                        | heard |
完成                        | done  |
已完成：客户同意报价         | done  | 客户同意报价
done - they accepted        | done  | they accepted
推迟                        | later | 2026-11-21 09:00
推迟2小时                    | later | 2026-11-20 12:00
推迟 半小时                  | later | 2026-11-20 10:30
推迟三天                     | later | 2026-11-23 10:00
推迟到明天                   | later | 2026-11-21 09:00
推迟到明天下午3点            | later | 2026-11-21 15:00
推迟到后天 14:30             | later | 2026-11-22 14:30
推迟到11月25日 9:30          | later | 2026-11-25 09:30
推迟到 1月5日                | later | 2027-01-05 09:00
推迟到 2026-12-01            | later | 2026-12-01 09:00
推迟到 16:00                 | later | 2026-11-20 16:00
推迟到 9:00                  | later | 2026-11-21 09:00
推迟两周                     | later | 2026-12-04 10:00
snooze 2 hours              | later | 2026-11-20 12:00
snooze 90min                | later | 2026-11-20 11:30
later: tomorrow 8:15        | later | 2026-11-21 08:15
remind me day after tomorrow| later | 2026-11-22 09:00
remind me next week         | later | 2026-11-27 09:00
推迟 1.5 小时                | later | 2026-11-20 11:30
推迟二十五分钟               | later | 2026-11-20 10:25
推迟十天                     | later | 2026-11-30 10:00
推迟到12.5日                 | later | 2026-12-05 09:00
推迟到大后天                 | later | 2026-11-23 09:00
推迟到周一                   | later | 2026-11-23 09:00
推迟到周五                   | later | 2026-11-27 09:00
推迟到下周三                 | later | 2026-11-25 09:00
推迟到下星期天 10:00         | later | 2026-11-29 10:00
推迟到下下周                 | later | 2026-12-04 09:00
推迟到下下周一               | later | 2026-11-30 09:00
推迟到今天下午3点半          | later | 2026-11-20 15:30
推迟到明天下午               | later | 2026-11-21 14:00
later: tomorrow 3pm         | later | 2026-11-21 15:00
later: Wednesday            | later | 2026-11-25 09:00
推迟到1月20日                | later | 2027-01-20 09:00
"""
NOT_MEANT = """
完成不了
未完成
not done
okra
推迟到 2025-01-01
推迟 9999 天
推迟到 2月30日
推迟 3-5 天
推迟到11月20日 9:00
推迟到11月18日
推迟 0.5 天
推迟到以后再说吧
snooze 3 months
这个客户的电话是多少？
"""


@pytest.mark.parametrize("line", MEANT.strip().splitlines())
def test_meant(line: str) -> None:
    text, verb, told = (each.strip() for each in line.split("|"))
    found = answer_of(text, NOW, SHANGHAI)
    assert found is not None
    shown = f"{found.until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if found.until else found.text
    assert (found.verb, shown) == (verb, told)


@pytest.mark.parametrize("text", ["", "  \n", *NOT_MEANT.strip().splitlines()])
def test_not_understood(text: str) -> None:
    assert answer_of(text, NOW, SHANGHAI) is None


@pytest.mark.parametrize(
    ("today", "text", "until"),
    [
        ("2027-01-04", "推迟到12月30日", None),  # it went by a week ago, in the year before
        ("2027-12-30", "推迟到1月4日", "2028-01-04"),
        ("2027-11-20", "推迟到2月29日", "2028-02-29"),  # this year has none
        ("2026-11-20", "推迟到2月29日", None),
        ("2028-02-29", "推迟到3月1日", "2028-03-01"),
        ("2028-02-29", "推迟到明天", "2028-03-01"),
    ],
)
def test_where_years_meet(today: str, text: str, until: str | None) -> None:
    now = datetime.fromisoformat(f"{today}T10:00:00+08:00")
    found = answer_of(text, now, SHANGHAI)
    shown = found.until.astimezone(SHANGHAI).date().isoformat() if found is not None and found.until else None
    assert shown == until
