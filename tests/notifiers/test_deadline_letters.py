"""Mails about deadlines of services and feedback: what is due, when, and what to do then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.language import LOCALES, language
from crm_sheets.sync.letters import Letterhead, render
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.templates import Templates

DUE = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CHINESE = Letterhead("/srv/客户.xlsx", ZoneInfo("Asia/Shanghai"), language("zh-CN"))
GIVEN = {
    "subject": "打印系统提示脱机",
    "customer": "苏州启明",
    "contact": "陈建国",
    "customer_phone": "138 1234 5678",
    "type": "故障报修",
    "priority": "高",
    "due_at": DUE.isoformat(),
}
KINDS = [f"deadline-{what}-{kind}" for what in ("response", "resolution", "handling") for kind in ("near", "late")]


def entry(kind: str, tab: str = "services", **given: str) -> OutboxEntry:
    return OutboxEntry("k", kind, "王芳", DUE, DUE, DUE, GIVEN | given, tab, "S-7K3Q9")


def test_the_chinese_mail_about_a_first_response() -> None:
    content = render(Templates(), CHINESE, entry("deadline-response-near"), DUE - timedelta(minutes=30))
    assert content.subject == "【服务记录】苏州启明：响应时限 30 分钟后到期"
    assert content.text == (
        "王芳，您好：\n\n"
        "您负责的一条服务记录，响应时限 30 分钟后到期，请及时处理。\n\n"
        "客户：苏州启明\n"
        "内容：打印系统提示脱机\n"
        "响应时限：2026年11月23日（周一）11:00（30 分钟后到期）\n"
        "类型：故障报修\n"
        "优先级：高\n"
        "联系人：陈建国 138 1234 5678\n\n"
        "在表格中的位置：客户.xlsx ▸ 服务记录 ▸ 编号 S-7K3Q9\n"
        "/srv/客户.xlsx\n\n"
        "联系客户后，请在该行填写“首次响应”，保存即可。\n\n"
        "--\n"
        "您收到这封邮件，是因为该行由您负责。规则：服务响应即将超时。如负责人有误，请在该行修改。\n"
        "本邮件由系统自动发出，无需回复。\n"
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_words_in_text_and_html(kind: str, locale: str) -> None:
    head = replace(CHINESE, language=language(locale))
    content = render(Templates(), head, entry(kind), DUE + timedelta(hours=3))
    words = [head.language.text(f"mail.{part}.{kind}") for part in ("deadline", "remedy", "rule")]
    for said in (*words, "苏州启明", "打印系统提示脱机", "故障报修", "S-7K3Q9"):
        assert said in content.text
        assert said in content.html
    assert words[0].casefold() in content.subject.casefold()


def test_a_deadline_of_a_day_shows_no_hour() -> None:
    nine = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    near = entry("deadline-handling-near", "feedback", due_at=nine.isoformat(), planned_at="2026-11-23")
    assert "处理时限 现在到期" in render(Templates(), CHINESE, near, nine).text
    late = entry("deadline-handling-late", "feedback", due_at=nine.isoformat(), planned_at="2026-11-23")
    content = render(Templates(), CHINESE, late, nine + timedelta(days=1))
    assert "处理时限：2026年11月23日（周一）（已逾期 1 天）" in content.text
