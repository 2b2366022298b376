"""Mails that tell of something and name rows: one template for all of them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.language import LOCALES, language
from crm_sheets.sync.letters import Letterhead, render
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.templates import Templates

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
KINDS = ("notice-conflict", "notice-conflict-decided", "notice-leaver", "notice-welcome")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_notice_has_its_words(kind: str, locale: str) -> None:
    parameters = {"subject": "共 2 处", "content": "客户 C-1 备注\n客户 C-2 <备注>"}
    entry = OutboxEntry(f"{kind}|7|张伟", kind, "张伟", NOW, NOW, NOW, parameters, "people", "")
    head = Letterhead("/srv/客户.xlsx", ZoneInfo("Asia/Shanghai"), language(locale))
    mail = render(Templates(), head, entry, NOW)
    assert "mail." not in mail.text + mail.html + mail.subject
    assert "张伟" in mail.text
    assert "共 2 处" in mail.subject
    assert "客户 C-2 <备注>" in mail.text
    assert "客户 C-2 &lt;备注&gt;" in mail.html
    assert language(locale).text(f"mail.remedy.{kind}") in mail.text
