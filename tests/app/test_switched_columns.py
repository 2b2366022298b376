"""A team that begins with the pool or with mails to customers later: its workbook gets the columns then."""

from pathlib import Path

import pytest

from crm_sheets.rules.customer_mail import MAIL_COLUMNS
from crm_sheets.rules.naming import CUSTOMERS
from crm_sheets.rules.pool import POOL_COLUMNS
from crm_sheets.schema.book import tab
from tests.app.mailing_teams import CAMPAIGN, CAMPAIGNS, CUSTOMER_MAIL, MEMBERS, campaign_state, config
from tests.app.offices import NOW, Office, made

POOL = """
[pool]
enabled = true
"""
COLUMNS = ["认领人", "进入公海", "原负责人", "认领时间"]


def test_a_workbook_in_use_gets_the_columns_of_the_pool(office: Office) -> None:
    office.type("客户", 2, {"负责人": None})
    office.sync()
    assert not {*COLUMNS} & {*office.header("客户")}
    office.config.write_text(office.config.read_text(encoding="utf-8") + POOL, encoding="utf-8")
    office.sync()
    assert [each for each in office.header("客户") if each in COLUMNS] == COLUMNS
    digest = office.digest()
    assert (office.sync().changes, office.digest()) == ((), digest)
    office.type("客户", 2, {"认领人": "王芳"})
    office.sync()
    [claimed] = [row for row in office.rows("客户") if row.get("认领时间")]
    assert (claimed["#"], claimed["负责人"], claimed["认领人"]) == (2, "王芳", None)


def test_a_workbook_in_use_gets_the_columns_of_mails_to_customers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())
    monkeypatch.setenv("CRM_MAIL_PASSWORD", "x")
    text = config(1)
    office = made(tmp_path, text.replace(CUSTOMER_MAIL, ""))
    office.add(CAMPAIGNS, [{name: cell for name, cell in CAMPAIGN.items() if not name.startswith("邮件")}])
    office.sync()
    assert "邮件状态" not in {*office.header(CAMPAIGNS), *office.header(MEMBERS)}
    office.config.write_text(text, encoding="utf-8")
    office.sync()
    assert {"邮件主题", "邮件正文", "邮件发送", "邮件状态"} <= {*office.header(CAMPAIGNS)}
    assert "邮件状态" in office.header(MEMBERS)
    assert "邮件退订时间" in office.header("客户")
    office.type(CAMPAIGNS, 2, {"邮件主题": "邀请函", "邮件正文": "您好", "邮件发送": "发送"})
    office.sync()
    assert "审批" in str(campaign_state(office))


def test_columns_that_an_option_leaves_out_are_switched() -> None:
    for key, columns in {**MAIL_COLUMNS, CUSTOMERS: MAIL_COLUMNS[CUSTOMERS] | POOL_COLUMNS}.items():
        assert all(tab(key).columns[column].switched for column in columns)
        assert not any(column.required for column in tab(key).columns.values() if column.switched)
