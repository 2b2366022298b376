"""Templates of a team end soon, and make no mail too large; then the shipped ones are used."""

import shutil
from pathlib import Path

import pytest

from crm_sheets.sync.letters import render
from crm_sheets.sync.templates import Templates, shipped_folder
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
        "{% set _tick = dict %}{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}",
        "{{ ('a' * 10000) | replace('a', 'b' * 20000) | length }}",
        "{{ range(20000) | join('x' * 20000) | length }}",
        "{{ range(99999) | map('replace', '9', 'y' * 20000) | list | length }}",
        "{% set a = 'x' * 90000 %}" + "{% set a = a ~ a %}" * 8 + "{{ a | length }}",
        "{% set a = 'x' * 90000 %}" + "{% set a = a + a %}" * 8 + "{{ a | length }}",
        "{% set n = namespace(a='x' * 999) %}{% for i in range(15) %}{% set n.a %}{{ n.a }}"
        "{{ n.a }}{% endset %}{% endfor %}",
        "{% macro m(x) %}{{ x }}{{ x }}{% endmacro %}{% set a = 'x' * 90000 %}" + "{% set a = m(a) %}" * 8,
        "{% set n = namespace(a=9) %}{% for i in range(30) %}{% set n.a = n.a * n.a %}{% endfor %}",
        "{% for a in range(9999) %}{{ range(99999) | list | length }}{% endfor %}",
        "{{ '%99999999d' | format(1) | length }}",
        "{{ '%*d' % (99999999, 1) }}",
        "{{ '{:>99999999}'.format(1) | length }}",
        "{{ '{:{w}}'.format(1, w=99999999) | length }}",
        "{{ ('x\\n' * 50000) | indent('y' * 90000) | length }}",
        "{{ 'x'.ljust(99999999) | length }}",
        "{{ ('x' | attr('zfill'))(99999999) | length }}",
        "{{ ('x' * 90000).replace('x', 'y' * 900) | length }}",
        "{{ ('x' * 90000).join(['a'] * 5000) | length }}",
        "{{ ('x' * 90000).translate({120: 'y' * 900}) | length }}",
        "{{ (1).to_bytes(99999999, 'big') | length }}",
        "{{ lipsum(n=99999) }}",
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
    more = "{{ ['甲', 2] | join('、') }}{{ '%05.1f' | format(2) }}{{ 'a-b'.replace('-', '+') ~ '{:>3}'.format(1) }}"
    more += "{{ 2 + 2 }}"
    (tmp_path / "zh-CN" / "reminder.txt.j2").write_text(own + more, encoding="utf-8")
    templates = Templates(tmp_path)
    assert render(templates, CHINESE, entry(), DUE).text == "<A>" * 6 + "甲、2002.0a+b  14\n"
    assert templates.problems == {}


def test_the_shipped_templates_are_ordinary_ones(tmp_path: Path) -> None:
    shutil.copytree(shipped_folder(), tmp_path / "own")
    templates = Templates(tmp_path / "own")
    assert render(templates, CHINESE, entry(), DUE) == render(Templates(), CHINESE, entry(), DUE)
    assert templates.problems == {}
