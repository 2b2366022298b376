"""Mails about payments that are due and contracts that end, as their owner reads them."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.language import LOCALES, language
from crm_sheets.rules.contract_terms import contract_terms
from crm_sheets.rules.payment_dates import payment_dates
from crm_sheets.sync.letters import Letterhead, render
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.templates import Templates
from tests.rules.tables import book, outcome

ZONE = ZoneInfo("Asia/Shanghai")
BOOK = """
    payments
    key | order | customer | due_on | amount | owner
    PY-1 | PO-7 | 华为 | 2026-12-01 | 98765 | 张伟

    contracts
    key | number | customer | ends_on | amount | state | owner
    CT-1 | HT-7 | 华为 | 2026-12-22 | 98765 | 执行中 | 张伟

    people
    key | id | name
    P-1 | S1 | 张伟
"""


def letter(key: str, place: int, locale: str) -> tuple[str, str]:
    rule = payment_dates if key == "PY-1" else contract_terms
    reminder = outcome(rule, book(BOOK), key).reminders[place]
    at = reminder.instant
    entry = OutboxEntry(
        reminder.key, reminder.kind, reminder.person, at, at, at, reminder.parameters, reminder.tab, reminder.row
    )
    content = render(Templates(), Letterhead("客户.xlsx", ZONE, language(locale)), entry, at + timedelta(minutes=1))
    assert "98765" not in content.text + content.html + content.subject
    return content.subject, content.text


@pytest.mark.parametrize(
    ("key", "place", "locale", "subject"),
    [
        ("PY-1", 0, "zh-CN", "【回款】华为：应付日期 3 天后到期"),
        ("PY-1", 1, "zh-CN", "【回款】华为：应付日期 现在到期"),
        ("PY-1", 2, "zh-CN", "【回款】华为：应付日期 已逾期 1 天"),
        ("CT-1", 0, "zh-CN", "【合同】华为：到期日期 60 天后到期"),
        ("CT-1", 3, "zh-CN", "【合同】华为：到期日期 现在到期"),
    ],
)
def test_subjects(key: str, place: int, locale: str, subject: str) -> None:
    assert letter(key, place, locale)[0] == subject


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", ["PY-1", "CT-1"])
def test_mails_say_which_and_what_to_do(key: str, locale: str) -> None:
    _, text = letter(key, 0, locale)
    assert ("PO-7" if key == "PY-1" else "HT-7") in text
    assert language(locale).text(f"mail.remedy.deadline-{'payment' if key == 'PY-1' else 'contract'}") in text
    assert "mail." not in text


def test_the_amounts_of_the_book_are_what_the_test_looks_for() -> None:
    records = [row.record for row in book(BOOK).rows if row.tab in {"payments", "contracts"}]
    assert {getattr(record, "amount", None) for record in records} == {Decimal(98765)}
