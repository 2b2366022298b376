"""What stands in the mails: times in the team's zone, how late it is, where the row is, and only what may be shown."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.language import language
from crm_sheets.sync.digest import DigestItem, Section, digest_for, item_of
from crm_sheets.sync.letters import Letterhead, render, standing_of
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.templates import Templates
from crm_sheets.tables import RowKey, TabKey

SHANGHAI = ZoneInfo("Asia/Shanghai")
DUE = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
CHINESE = Letterhead(r"\\nas\销售部\客户.xlsx", SHANGHAI, language("zh-CN"))
ENGLISH = replace(CHINESE, language=language("en"))
GIVEN = {
    "subject": "方案沟通",
    "customer": "苏州启明",
    "contact": "陈建国",
    "customer_phone": "138 1234 5678",
    "method": "电话",
    "content": "说明质保",
    "planned_at": "2026-11-22 15:30",
    "due_at": DUE.isoformat(),
}


def entry(kind: str = "due", at: datetime = DUE, **given: str) -> OutboxEntry:
    return OutboxEntry("k", kind, "王芳", at, at, at, GIVEN | given, "follow_ups", "F-7K3Q9")


@pytest.mark.parametrize(
    ("minutes", "tone", "chinese", "english"),
    [
        (-3 * 1440, "soon", "3 天后到期", "due in 3 days"),
        (-1440, "soon", "1 天后到期", "due in 1 day"),
        (-1439, "soon", "23 小时后到期", "due in 23 hours"),
        (-60, "soon", "1 小时后到期", "due in 1 hour"),
        (-15, "soon", "15 分钟后到期", "due in 15 minutes"),
        (-0.5, "soon", "1 分钟后到期", "due in 1 minute"),
        (0, "due", "现在到期", "due now"),
        (30, "due", "现在到期", "due now"),
        (31, "overdue", "已逾期 31 分钟", "31 minutes overdue"),
        (8 * 60, "overdue", "已逾期 8 小时", "8 hours overdue"),
        (9 * 60, "overdue", "已逾期 1 天", "1 day overdue"),  # past midnight in Shanghai: yesterday's
        (1440, "overdue", "已逾期 1 天", "1 day overdue"),
        (10 * 1440, "overdue", "已逾期 10 天", "10 days overdue"),
    ],
)
def test_how_it_stands(minutes: float, tone: str, chinese: str, english: str) -> None:
    now = DUE + timedelta(minutes=minutes)
    assert standing_of(DUE, now, CHINESE) == (tone, chinese)
    assert standing_of(DUE, now, ENGLISH) == (tone, english)


def test_the_chinese_reminder() -> None:
    content = render(Templates(), CHINESE, entry(), DUE + timedelta(minutes=1))
    assert content.subject == "【跟进提醒】苏州启明：现在到期"
    assert content.text == (
        "王芳，您好：\n\n"
        "您有一条客户跟进现在到期。\n\n"
        "客户：苏州启明\n"
        "主题：方案沟通\n"
        "计划时间：2026年11月22日（周日）15:30（现在到期）\n"
        "跟进方式：电话\n"
        "联系人：陈建国 138 1234 5678\n"
        "跟进内容：说明质保\n\n"
        "在表格中的位置：客户.xlsx ▸ 跟进 ▸ 编号 F-7K3Q9\n"
        "\\\\nas\\销售部\\客户.xlsx\n\n"
        "完成后，请在该行填写“实际跟进时间”“跟进结果”“下一步计划”和“客户反馈”，保存即可，之后不会再提醒。"
        "需要改期时，修改“计划完成时间”即可。\n\n"
        "--\n"
        "您收到这封邮件，是因为您是该行的跟进人。规则：到期提醒。\n"
        "如不需要提前提醒，请把该行的“提前提醒”改为“不提醒”；如跟进人有误，请修改“跟进人”。\n"
        "本邮件由系统自动发出，无需回复。\n"
    )


def test_the_html_says_what_the_text_says() -> None:
    for head in (CHINESE, ENGLISH):
        content = render(Templates(), head, entry(), DUE)
        for fact in ("苏州启明", "方案沟通", "15:30", "陈建国 138 1234 5678", "说明质保", "F-7K3Q9", "客户.xlsx"):
            assert fact in content.html
            assert fact in content.text


def test_labels_in_the_mail_are_those_of_the_sheet() -> None:
    for head, quotes in ((CHINESE, "“{}”"), (ENGLISH, '"{}"')):
        text = render(Templates(), head, entry(), DUE).text
        for column in ("done_at", "result", "next_step", "reaction", "planned_at", "remind"):
            assert quotes.format(head.language.text(f"column.follow_ups.{column}")) in text


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (30, False), (31, True), (2000, True)])
def test_a_late_mail_says_so(minutes: int, late: bool) -> None:
    content = render(Templates(), CHINESE, entry(), DUE + timedelta(minutes=minutes))
    assert ("原定于 2026年11月22日（周日）15:30 发出" in content.text) is late
    assert ("原定于 2026年11月22日（周日）15:30 发出" in content.html) is late


def test_a_plan_for_a_day_shows_no_hour() -> None:
    content = render(Templates(), CHINESE, entry(planned_at="2026-11-22"), DUE)
    assert "计划时间：2026年11月22日（周日）（现在到期）" in content.text


def test_a_row_that_lacks_nearly_everything_still_makes_a_mail() -> None:
    bare = replace(entry(), parameters={"subject": "", "customer": ""})
    assert render(Templates(), CHINESE, bare, DUE).subject == "【跟进提醒】F-7K3Q9：现在到期"


def test_a_very_long_text_stays_below_what_mail_programs_cut_off() -> None:
    content = render(Templates(), CHINESE, entry(customer="长" * 5000, subject="短"), DUE)
    assert len(content.subject) < 80


def digest_entry(*items: DigestItem) -> OutboxEntry:
    digest = digest_for("王芳", items, date(2026, 11, 23))
    assert digest is not None
    item = item_of(digest, datetime(2026, 11, 23, 0, 30, tzinfo=UTC))
    return OutboxEntry(
        item.key, item.kind, item.person, item.not_before, item.not_before, item.not_before, item.parameters
    )


def test_the_digest() -> None:
    tab, row = TabKey("follow_ups"), RowKey("F-1")
    found = digest_entry(
        DigestItem(Section.TODAY, tab, row, "演示", "无锡华晟", DUE + timedelta(days=1)),
        DigestItem(Section.OVERDUE, tab, row, "回访", "杭州云帆", DUE),
        *(DigestItem(Section.FAULTS, TabKey("customers"), RowKey(f"C-{n}"), "【联系电话】请更正") for n in range(17)),
    )
    content = render(Templates(), CHINESE, found, found.not_before)
    assert content.subject == "【今日待办】2026年11月23日（周一）：已逾期 1 项，今天 1 项，需要更正的行 17 项"
    lines = content.text.splitlines()
    assert lines[:12] == [
        "王芳，您好：",
        "",
        "以下是您 2026年11月23日（周一） 的待办，共 19 项。",
        "",
        "■ 已逾期（1）",
        "  · 杭州云帆：回访",
        "    11月22日（周日）15:30，已逾期 1 天，跟进 F-1",
        "",
        "■ 今天（1）",
        "  · 无锡华晟：演示",
        "    11月23日（周一）15:30，跟进 F-1",
        "",
    ]
    assert "  · 另有 7 项，请在表格中查看" in lines
    assert content.text.count("请更正") == content.html.count("请更正") == 10
    assert "已逾期 1 天" in content.html
    assert "19 in all" in render(Templates(), ENGLISH, found, found.not_before).text


def test_mails_are_made_of_what_every_mail_program_knows() -> None:
    tab, row = TabKey("follow_ups"), RowKey("F-1")
    many = digest_entry(
        *(DigestItem(section, tab, row, "回访" * 500, "长" * 60, DUE) for section in Section for _ in range(40))
    )
    for content in (render(Templates(), CHINESE, entry(), DUE), render(Templates(), CHINESE, many, DUE)):
        assert len(content.html.encode()) < 100_000
        for foreign in ("display:flex", "display:grid", "position:", "<img", "<script", "<link", "url(", "http"):
            assert foreign not in content.html
