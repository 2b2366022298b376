"""A team that writes to its customers: what the tests of customer mails share."""

from pathlib import Path

from crm_sheets import app, reports
from crm_sheets.approvals import Verb
from crm_sheets.cells import CellValue
from tests.app.offices import CONFIG, Office, made

TABS = 'tabs = ["customers", "follow_ups", "campaigns", "campaign_members", "people", "dictionaries"]\n'
MAIL = """
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "客户管理 <crm@example.com>"
[mail.calendar]
enabled = false
[mail.inbox]
host = "127.0.0.1"
user = "crm"
password = {{ env = "CRM_MAIL_PASSWORD" }}
[reminders.digest]
enabled = false
"""
CUSTOMER_MAIL = """
[customer_mail]
enabled = true
sender = "示例公司 <news@example.com>"
reply_to = "crm@example.com"
imprint = "示例公司 · 上海市示例路 1 号"
"""
ADDRESSES = {2: "lina@example.org", 3: "zhao@example.org", 4: "LiNa@example.org", 5: "zhou@example.org"}
CAMPAIGN = {
    "活动名称": "新品发布会",
    "活动类型": "线下",
    "开始日期": "2026-12-01",
    "结束日期": "2026-12-10",
    "目标客群": "所属行业 = 制造业",
    "生成名单": "生成",
    "邮件主题": "{活动名称}邀请函",
    "邮件正文": "{联系人}，您好：\n诚邀 {客户名称} 参加 <b>发布会</b>。",
}
CAMPAIGNS, MEMBERS = "营销活动", "活动名单"


def config(port: int, mail: str = MAIL, more: str = "") -> str:
    return CONFIG + TABS + mail.format(port=port) + CUSTOMER_MAIL + more


def mailing_team(folder: Path, text: str, **campaign: CellValue) -> Office:
    """Five customers, four of which have an address (two the same), one 请勿联系; a campaign with its list."""
    office = made(folder, text)
    office.type_all("客户", {row: {"邮箱": address} for row, address in ADDRESSES.items()})
    office.type("客户", 5, {"联系许可": "请勿联系"})
    office.add(CAMPAIGNS, [{**CAMPAIGN, **campaign}])
    office.sync()
    return office


def ask(office: Office) -> reports.ApprovalLine:
    """Somebody chooses 发送; the request that comes of it."""
    office.type(CAMPAIGNS, 2, {"邮件发送": "发送"})
    office.sync()
    return app.approvals(office.settings).requests[0]


def decide(office: Office, verb: Verb = Verb.APPROVE) -> reports.ApprovalLine:
    (request,) = app.approvals(office.settings).requests
    return app.decide_approval(office.settings, request.id, verb, "张伟").request


def approve(office: Office) -> None:
    ask(office)
    decide(office)


def states(office: Office) -> dict[str, CellValue]:
    """The state of each member, by the first two characters of its customer."""
    return {str(row["客户"])[:2]: row.get("邮件状态") for row in office.rows(MEMBERS)}


def campaign_state(office: Office) -> CellValue:
    return office.rows(CAMPAIGNS)[0]["邮件状态"]
