"""Templates of a team end soon, and make no mail too large; then the shipped ones are used."""

from pathlib import Path

import pytest

from crm_sheets.sync.letters import render
from crm_sheets.sync.templates import Templates
from tests.notifiers.test_letters import CHINESE, DUE, entry


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(9999) %}{{ 'x' * 9999 }}{% endfor %}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '%99999999d' % 1 }}",
        "{{ 'x' | center(999999999) }}",
        "{{ ([1] * 99999 + [2]) * 99999 }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ ''.__class__.__mro__ }}",
        "{% include '/etc/passwd' %}",
        "{{ nobody }}",
    ],
)
def test_a_template_that_would_not_end_or_looks_around_is_not_used(tmp_path: Path, template: str) -> None:
    (tmp_path / "zh-CN").mkdir()
    (tmp_path / "zh-CN" / "reminder.txt.j2").write_text(template, encoding="utf-8")
    templates = Templates(tmp_path)
    content = render(templates, CHINESE, entry(), DUE)
    assert content.text == render(Templates(), CHINESE, entry(), DUE).text
    assert [issue.code for issue in templates.problems.values()] == ["template-broken"]


def test_an_ordinary_template_is_used(tmp_path: Path) -> None:
    (tmp_path / "zh-CN").mkdir()
    own = "{% macro m(x) %}<{{ x | upper }}>{% endmacro %}{% for a in range(3) %}{{ m('a') * 2 }}{% endfor %}"
    (tmp_path / "zh-CN" / "reminder.txt.j2").write_text(own, encoding="utf-8")
    templates = Templates(tmp_path)
    assert render(templates, CHINESE, entry(), DUE).text == "<A>" * 6 + "\n"
    assert templates.problems == {}
