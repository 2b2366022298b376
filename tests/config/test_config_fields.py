"""[[field]]: what may be written, and every mistake told at once."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm_sheets.config import load
from crm_sheets.errors import ConfigError
from crm_sheets.permissions import Level
from crm_sheets.schema.base import Kind
from crm_sheets.schema.customers import Customer
from crm_sheets.tables import ColumnKey, TabKey

MINIMAL = '[workbook]\npath = "crm.xlsx"\n'
CUSTOMERS = TabKey("customers")


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(MINIMAL + text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text), {})
    return list(caught.value.problems)


def field(**options: str) -> str:
    said = {"tab": '"customers"', "key": '"grade"', "label": '"评级"', **options}
    return "[[field]]\n" + "".join(f"{name} = {value}\n" for name, value in said.items() if value)


def unplaced(line: str) -> str:
    """A mistake without the number of its line."""
    return re.sub(r"^config\.toml:\d+:", "config.toml:", line)


def only(folder: Path, **options: str) -> str:
    """The one mistake of a field, without what is the same in all."""
    lines = mistakes(folder, field(**options))
    assert len(lines) == 1, lines
    return unplaced(lines[0]).removeprefix("config.toml: field[1].")


def test_a_field_is_a_column_of_its_tab(tmp_path: Path) -> None:
    text = field(type='"percent"', default="0.15", after='"name"', unique="true", required="true")
    team = load(written(tmp_path, text), {}).team
    tab = team.tabs[CUSTOMERS]
    column = tab.columns[ColumnKey("grade")]
    assert (column.kind, column.required, column.unique, column.own) == (Kind.PERCENT, True, True, True)
    assert column.default == Decimal("0.15")
    assert list(tab.columns)[list(tab.columns).index(ColumnKey("name")) + 1] == "grade"
    assert issubclass(tab.record, Customer)
    assert team.language.text("column.customers.grade") == "评级"


def test_defaults_are_values_of_their_kind(tmp_path: Path) -> None:
    text = field(type='"date"', default="2026-11-22") + field(
        key='"kinds"', label='"种类"', type='"tags"', default='"a;b"'
    )
    columns = load(written(tmp_path, text), {}).team.tabs[CUSTOMERS].columns
    assert columns[ColumnKey("grade")].default == date(2026, 11, 22)
    assert columns[ColumnKey("kinds")].default == ("a", "b")


def test_fields_that_follow_each_other_stand_in_that_order(tmp_path: Path) -> None:
    text = (
        field(key='"one"', label='"一"', after='"name"')
        + field(key='"two"', label='"二"', after='"name"')
        + field(key='"three"', label='"三"', after='"one"')
    )
    order = list(load(written(tmp_path, text), {}).team.tabs[CUSTOMERS].columns)
    at = order.index(ColumnKey("name"))
    assert order[at : at + 4] == ["name", "one", "three", "two"]


def test_a_field_is_shown_to_the_roles_that_it_names_only(tmp_path: Path) -> None:
    policy = load(written(tmp_path, field(visible_to='["finance"]')), {}).policy
    assert policy.decide("shared", CUSTOMERS, ColumnKey("grade")).level is Level.HIDDEN
    assert policy.decide("shared", CUSTOMERS, ColumnKey("name")).level is Level.EDIT
    spared = next(deny for deny in policy.denies if set(deny.columns) == {"grade"}).spared
    assert set(spared) == {"finance"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"tab": '"customer"'}, "tab: no tab 'customer'; did you mean customers?"),
        ({"key": '"name"'}, "key: customers has a column 'name' already"),
        ({"key": '"copy"'}, "key: 'copy' is a word of the program; choose another key, such as own_copy"),
        ({"label": '"公司名称"'}, "label: '公司名称' is what column 'name' is called"),
        ({"label": '""'}, "label: blank"),
        ({"type": '"choice"'}, "values: missing"),
        ({"type": '"choice"', "dictionary": '"customer_sorce"'}, "dictionary: no dictionary 'customer_sorce'; did"),
        ({"type": '"choice"', "dictionary": '"industry"', "values": '["a"]'}, "dictionary: 'industry' has its values"),
        ({"type": '"choice"', "values": '["a", "A"]'}, "values: one of them stands there twice"),
        ({"values": '["a"]'}, "values: only a field of type choice has a drop-down"),
        ({"type": '"reference"'}, "refers_to: missing"),
        ({"type": '"reference"', "refers_to": '"dictionaries"'}, "refers_to: no tab 'dictionaries' whose"),
        ({"format": '"[A-Z"', "example": '"A"'}, "format: unclosed character class (found '[A-Z')"),
        ({"format": '"[A-Z]+"'}, "example: missing"),
        ({"format": '"[A-Z]"', "example": '"AB"'}, "example: 'AB' does not match the format"),
        ({"format": '"(a)\\\\1"', "example": '"aa"'}, "format: backreferences are not supported"),
        ({"type": '"date"', "format": '"x"', "example": '"x"'}, "format: only texts have a format"),
        ({"type": '"text"', "minimum": "3"}, "minimum: only numbers have one; the type is text"),
        ({"type": '"integer"', "minimum": "3", "maximum": "1"}, "minimum: larger than the maximum (3 > 1)"),
        ({"type": '"integer"', "default": '"many"'}, "default: 'many' does not fit a field of type integer"),
        ({"type": '"integer"', "maximum": "5", "default": "6"}, "default: 6 does not fit a field of type integer"),
        ({"type": '"choice"', "values": '["战略"]', "default": '"战术"'}, "default: '战术' is none of its values"),
        ({"after": '"nme"'}, "after: customers has no column 'nme'; did you mean name?"),
        ({"visible_to": '["finanse"]'}, "visible_to: no role 'finanse'; did you mean finance?"),
        ({"type": '"colour"'}, "type: Input should be 'text'"),
        ({"lable": '"x"'}, "lable: no such option; did you mean field.label?"),
    ],
)  # fmt: skip
def test_each_mistake_says_what_was_meant(tmp_path: Path, options: dict[str, str], told: str) -> None:
    assert only(tmp_path, **options).startswith(told)


def test_all_mistakes_are_told_at_once_those_of_other_options_too(tmp_path: Path) -> None:
    text = (
        field(key='"one"', after='"nme"', visible_to='["nobody"]')
        + field(key='"one"', label='"评级"')
        + field(key='"Two"', label='"二"')
        + '[log]\nlevel = "loud"\n'
    )
    lines = mistakes(tmp_path, text)
    assert [line.split(": ")[1] for line in lines] == [
        "field[1].after", "field[1].visible_to", "field[2].key", "field[2].label", "field[3].key", "log.level",
    ]  # fmt: skip


def test_grants_may_speak_of_fields(tmp_path: Path) -> None:
    grant = '[[grant]]\nrole = "shared"\ntab = "customers"\ncolumns = { grade = "read" }\n'
    load(written(tmp_path, field() + grant), {})
    lines = mistakes(tmp_path, grant)
    assert lines == ["config.toml:6: grant[1].columns: customers has no column 'grade'"]


RULE = '[[rule]]\nname = "big"\ntab = "opportunities"\nwhen = "{when}"\n{then}\n'


def test_rules_and_conditional_fields_become_conditions(tmp_path: Path) -> None:
    text = field(required="\"when type == '企业客户'\"") + RULE.format(
        when="amount > 100万", then='required = ["competitor"]'
    )
    conditions = load(written(tmp_path, text), {}).team.conditions
    assert [(each.name, each.when, each.required) for each in conditions] == [
        ("customers.grade", "type == '企业客户'", ("grade",)),
        ("big", "amount > 100万", ("competitor",)),
    ]


def test_a_computed_field_is_nobodys_to_fill_in(tmp_path: Path) -> None:
    column = load(written(tmp_path, field(type='"money"', computed='"annual_revenue / employees"')), {}).team.tabs[
        CUSTOMERS
    ].columns[ColumnKey("grade")]  # fmt: skip
    assert (column.system, column.computed, column.formula) == (True, True, "annual_revenue / employees")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"required": "\"if type == '企业客户'\""}, "required: write true, or a condition such as"),
        ({"required": "\"when typ == '企业客户'\""}, "required: "),
        ({"type": '"money"', "computed": '"anual_revenue * 2"'}, "computed: "),
        ({"type": '"money"', "computed": '"name"'}, "computed: "),
        ({"type": '"tags"', "computed": '"tags"'}, "computed: a field of type tags cannot be computed"),
        ({"type": '"integer"', "computed": '"grade + 1"'}, "computed: these fields wait for each other: grade"),
        ({"computed": '"name"', "default": '"x"'}, "computed: nobody fills the column in"),
    ],
)
def test_mistakes_in_expressions_are_told_at_start(tmp_path: Path, options: dict[str, str], told: str) -> None:
    line = only(tmp_path, **options)
    assert line.startswith(told)


def test_the_nearest_column_is_named(tmp_path: Path) -> None:
    line = only(tmp_path, type='"money"', computed='"anual_revenue * 2"')
    assert "anual_revenue" in line
    assert "Annual revenue" in line or "annual_revenue" in line.replace("anual_revenue", "")


@pytest.mark.parametrize(
    ("when", "then", "told"),
    [
        (
            "amount > 1",
            'required = ["competitr"]',
            "required: staff fill in no column 'competitr' of opportunities; did",
        ),
        ("amount > 1", 'forbidden = ["weighted"]', "forbidden: staff fill in no column 'weighted'"),
        ("amount > 1", "", "message: missing; say what is wrong"),
        ("amount >", 'required = ["competitor"]', "when: "),
        ("amount", 'required = ["competitor"]', "when: "),
        ("amount > 1", 'required = ["competitor"]\nseverity = "bad"', "severity: Input should be"),
    ],
)
def test_mistakes_in_rules(tmp_path: Path, when: str, then: str, told: str) -> None:
    (line,) = mistakes(tmp_path, RULE.format(when=when, then=then))
    assert unplaced(line).startswith(f"config.toml: rule[1].{told}")


def test_computed_fields_may_follow_each_other_but_not_in_a_circle(tmp_path: Path) -> None:
    one = field(key='"one"', label='"一"', type='"number"', computed='"employees * 2"')
    two = field(key='"two"', label='"二"', type='"number"', computed='"一 + 1"')
    load(written(tmp_path, one + two), {})
    lines = mistakes(tmp_path, one.replace("employees", "two") + two)
    assert lines == ["config.toml:8: field[1].computed: these fields wait for each other: one, two"]
