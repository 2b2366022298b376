"""Templates: the team's own before the shipped, a broken one falls back and says so, nothing escapes the sandbox."""

from pathlib import Path

import pytest

from crm_sheets.changes import Severity
from crm_sheets.language import LOCALES, language
from crm_sheets.sync.templates import TemplateBroken, Templates, inlined, shipped_folder

REMINDER: dict[str, object] = {
    "person": "王芳",
    "workbook": "/srv/客户.xlsx",
    "workbook_name": "客户.xlsx",
    "late_since": "",
    "heading": "华为",
    "subject": "回访",
    "customer": "华为",
    "contact": "",
    "customer_phone": "",
    "opportunity": "",
    "method": "电话",
    "content": "",
    "last_note": "",
    "when": "2026年11月22日",
    "tone": "due",
    "standing": "现在到期",
    "rule": "到期提醒",
    "tab": "跟进",
    "row": "F-1",
}


def own(folder: Path, name: str, content: str | bytes) -> Templates:
    path = folder / "zh-CN" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Templates(folder)


PARTS = ("html", "subject.txt", "txt")


def test_every_locale_has_every_template() -> None:
    names = [sorted(path.name for path in (shipped_folder() / locale).iterdir()) for locale in LOCALES]
    kinds = {name.split(".")[0] for name in names[0]}
    assert kinds >= {"deadline", "digest", "handover", "reminder"}
    assert names[0] == names[1] == sorted(f"{kind}.{part}.j2" for kind in kinds for part in PARTS)


def test_both_catalogues_have_the_same_words() -> None:
    chinese, english = ({key for key in language(locale).messages if key.startswith("mail.")} for locale in LOCALES)
    assert chinese == english != set()


@pytest.mark.parametrize("locale", LOCALES)
def test_html_is_escaped_and_text_is_not(locale: str) -> None:
    given = REMINDER | {"subject": "<b>回访</b> & 演示", "heading": "<script>", "content": "一\n<二>"}
    content = Templates().render("due", locale, given)
    assert "<b>回访" not in content.html
    assert "<script>" not in content.html
    assert "&lt;b&gt;回访&lt;/b&gt; &amp; 演示" in content.html
    assert "一<br>&lt;二&gt;" in content.html
    assert "<b>回访</b> & 演示" in content.text


@pytest.mark.parametrize("kind", ["before_due", "due", "overdue", "something_new"])
def test_every_kind_has_the_reminder_to_fall_back_on(kind: str) -> None:
    assert Templates().render(kind, "zh-CN", REMINDER).subject == "【跟进提醒】华为：现在到期"


def test_a_subject_is_one_line() -> None:
    assert "\n" not in Templates().render("due", "zh-CN", REMINDER | {"heading": "华为\r\nBcc: x"}).subject


def test_the_teams_own_template_comes_first_and_only_where_it_has_one(tmp_path: Path) -> None:
    templates = own(tmp_path, "reminder.subject.txt.j2", "请联系 {{ customer }}\n")
    content = templates.render("due", "zh-CN", REMINDER)
    assert content.subject == "请联系 华为"
    assert content.text == Templates().render("due", "zh-CN", REMINDER).text
    assert templates.problems == {}


def test_a_kind_of_its_own_beats_the_general_one(tmp_path: Path) -> None:
    templates = own(tmp_path, "overdue.subject.txt.j2", "逾期 {{ customer }}")
    assert templates.render("overdue", "zh-CN", REMINDER).subject == "逾期 华为"
    assert templates.render("due", "zh-CN", REMINDER).subject == "【跟进提醒】华为：现在到期"


def test_an_own_template_may_build_on_the_shipped_frame(tmp_path: Path) -> None:
    templates = own(
        tmp_path, "reminder.html.j2", '{% extends "layout.html.j2" %}{% block body %}好 {{ row }}{% endblock %}'
    )
    assert "好 F-1" in templates.render("due", "zh-CN", REMINDER).html


def test_a_mended_template_counts_at_once(tmp_path: Path) -> None:
    templates = own(tmp_path, "reminder.subject.txt.j2", "一")
    assert templates.render("due", "zh-CN", REMINDER).subject == "一"
    path = tmp_path / "zh-CN" / "reminder.subject.txt.j2"
    path.write_text("第二版", encoding="utf-8")
    import os

    os.utime(path, (1, 1))
    assert templates.render("due", "zh-CN", REMINDER).subject == "第二版"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{{ custommer }}", "'custommer' is undefined"),
        ("好\n{% if %}", "Expected an expression"),
        ("{{ ''.__class__.__mro__ }}", "is unsafe"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ 1 + 'x' }}", "unsupported operand"),
        ('{% include "../../../etc/passwd" %}', "passwd"),
        ("客户".encode("gb18030"), "utf-8"),
    ],
)
def test_a_broken_own_template_falls_back_and_says_so(tmp_path: Path, content: str | bytes, reason: str) -> None:
    templates = own(tmp_path, "reminder.subject.txt.j2", content)
    assert templates.render("due", "zh-CN", REMINDER) == Templates().render("due", "zh-CN", REMINDER)
    (problem,) = templates.problems.values()
    assert (problem.code, problem.severity) == ("template-broken", Severity.WARNING)
    assert reason in problem.parameters["reason"]
    assert language("zh-CN").text("issue.template-broken", **problem.parameters).startswith("邮件模板 zh-CN/")


def test_the_line_of_the_mistake_is_named(tmp_path: Path) -> None:
    templates = own(tmp_path, "reminder.subject.txt.j2", "好\n{% if %}")
    templates.render("due", "zh-CN", REMINDER)
    assert [p.parameters["template"] for p in templates.problems.values()] == ["zh-CN/reminder.subject.txt.j2:2"]


def test_a_variable_that_is_missing_is_an_error_not_a_gap() -> None:
    given = {name: value for name, value in REMINDER.items() if name != "standing"}
    with pytest.raises(TemplateBroken, match="standing"):
        Templates().render("due", "zh-CN", given)


def test_style_sheets_of_an_own_template_go_into_its_elements(tmp_path: Path) -> None:
    templates = own(
        tmp_path,
        "reminder.html.j2",
        "<!doctype html><html><head><style>p { color: red } @media (max-width: 9px) { p { color: blue } }</style>"
        "</head><body><!--[if mso]><table><tr><td><![endif]--><p>{{ row }}</p></body></html>",
    )
    html = templates.render("due", "zh-CN", REMINDER).html
    assert '<p style="color: red;">F-1</p>' in html
    assert "@media (max-width: 9px)" in html
    assert "<!--[if mso]><table><tr><td><![endif]-->" in html


def test_a_document_without_rules_of_its_own_is_left_as_it_is() -> None:
    html = "<style>/* x */ @media (max-width: 9px) {\n p { color: blue }\n a { color: red } }</style><p>好"
    assert inlined(html) == html
