"""A file that is named in 附件 is looked for, and looked for again."""

from datetime import timedelta

import pytest

from tests.app.offices import NOW, Office


def test_a_missing_attachment_is_flagged_until_it_is_there(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = {"客户": "上海宏图机械有限公司", "跟进方式": "电话", "跟进内容": "报价", "计划完成时间": "2026-11-30 10:00"}
    office.add("跟进", [{**plan, "附件": "报价.pdf; https://example.com/x"}])
    office.sync()
    assert "找不到文件：报价.pdf" in str(office.rows("跟进")[0]["检查"])
    (office.book.parent / "报价.pdf").write_text("x", encoding="utf-8")
    monkeypatch.setenv("CRM_SHEETS_NOW", (NOW + timedelta(hours=7)).isoformat())
    office.sync()
    assert "找不到文件" not in str(office.rows("跟进")[0].get("检查"))
