"""Rules that the team's config adds: computed fields, conditions, unique values, defaults."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from crm_sheets.rules.own_conditions import OwnConditions
from crm_sheets.rules.own_defaults import own_defaults
from crm_sheets.rules.own_values import OwnValues
from crm_sheets.rules.sealed_values import sealed_values
from crm_sheets.rules.tags import tags
from crm_sheets.rules.team_rules import with_own_rules
from crm_sheets.rules.unique import unique
from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.custom import Condition, CustomField
from crm_sheets.schema.sealed import sealed_as
from crm_sheets.schema.team import TeamSchema, team_schema
from crm_sheets.tables import ColumnKey, TabKey
from tests.rules.tables import ALL_TABS, SHIPPED, TextBook, before, book, context, dictionaries, lines, said

CUSTOMERS, OPPORTUNITIES = TabKey("customers"), TabKey("opportunities")


def team(*columns: Column, tab: TabKey = OPPORTUNITIES) -> TeamSchema:
    fields = [CustomField(tab, column, {"zh-CN": f"栏{n}"}) for n, column in enumerate(columns)]
    return team_schema("zh-CN", list(ALL_TABS), fields)


def computed(key: str, formula: str, kind: Kind = Kind.MONEY) -> Column:
    return Column(kind, system=True, computed=True, formula=formula, key=ColumnKey(key))


def test_a_computed_field_holds_what_its_expression_gives() -> None:
    of = team(computed("net", "amount * (1 - discount)"), computed("half", "栏0 / 2", Kind.INTEGER))
    table = """
    opportunities
    key | amount | discount
    O-1 | 1000 | 0.15
    O-2 | 1000 |
    O-3 | | 0.15
    """
    assert said(OwnValues(of.tabs[OPPORTUNITIES]), table, tabs=of.tabs) == [
        "O-1 net = 850.00", "O-1 half = 425", "O-2 net = 1000", "O-2 half = 500", "O-3 net = None", "O-3 half = None",
    ]  # fmt: skip


def test_what_a_computed_field_cannot_hold_is_told_and_stays_blank() -> None:
    of = team(
        computed("loss", "amount - 5000"),
        computed("part", "amount / 1000", Kind.RATIO),
        computed("long", "concat(competitor, competitor, competitor, competitor)", Kind.TEXT),
        computed("told", "length(栏2)", Kind.INTEGER),
    )
    table = f"""
    opportunities
    key | amount | competitor
    O-1 | 3000 | 甲
    O-2 | 3000 | {"乙" * 60}
    """
    assert said(OwnValues(of.tabs[OPPORTUNITIES]), table, tabs=of.tabs) == [
        "O-1 loss = -2000", "O-1 part = 3", "O-1 long = 甲甲甲甲", "O-1 told = 4",
        "O-2 long warning computed-not-held",
        "O-2 loss = -2000", "O-2 part = 3", "O-2 long = None", "O-2 told = 0",
    ]  # fmt: skip


def test_it_may_speak_of_the_row_that_is_named() -> None:
    of = team(computed("home", "concat(customer.region, '/', owner.department)", Kind.TEXT))
    table = """
    opportunities
    key | customer | owner
    O-1 | 华为 | 张伟
    O-2 | 无此客户 |

    customers
    key | name | region
    C-1 | 华为 | 深圳

    people
    key | id | name | department
    P-1 | E1 | 张伟 | 销售部
    """
    rule = OwnValues(of.tabs[OPPORTUNITIES])
    assert said(rule, table, tabs=of.tabs) == ["O-1 home = 深圳/销售部", "O-2 home = /"]


def test_what_speaks_of_today_is_looked_at_again_tomorrow() -> None:
    of = team(computed("days", "days_between(today(), close_date)", Kind.INTEGER))
    table = """
    opportunities
    key | close_date
    O-1 | 2026-11-25
    """
    assert said(OwnValues(of.tabs[OPPORTUNITIES]), table, tabs=of.tabs) == [
        "O-1 days = 3",
        "O-1 wakes 2026-11-23 00:00",
    ]


def test_a_condition_requires_forbids_or_flags() -> None:
    rules = OwnConditions(
        CUSTOMERS,
        [
            Condition("code", CUSTOMERS, "type == 企业客户", required=(ColumnKey("credit_code"),), severity="warning"),
            Condition("person", CUSTOMERS, "客户类型 = 个人客户", forbidden=(ColumnKey("size"),)),
            Condition("odd", CUSTOMERS, "employees > 100 and size = 微型", severity="info"),
        ],
    )  # fmt: skip
    table = """
    customers
    key | name | type | credit_code | size | employees
    C-1 | 甲 | 企业客户 | | |
    C-2 | 乙 | 企业客户 | ? | |
    C-3 | 丙 | 个人客户 | | 中型 |
    C-4 | 丁 | 渠道客户 | | 微型 | 200
    C-5 | | | | |
    """
    assert said(rules, table) == [
        "C-1 credit_code warning custom:code",
        "C-3 size error custom:person",
        "C-4 - info custom:odd",
    ]


def test_conditions_know_a_value_by_its_code_whatever_the_team_calls_it() -> None:
    renamed = replace(
        SHIPPED,
        entries={
            **SHIPPED.entries,
            "customer_type": tuple(
                replace(entry, value="公司") if entry.code == "enterprise" else entry
                for entry in SHIPPED.entries["customer_type"]
            ),
        },
    )
    rule = OwnConditions(CUSTOMERS, [Condition("n", CUSTOMERS, "type == 企业客户", required=(ColumnKey("email"),))])
    table = """
    customers
    key | name | type
    C-1 | 甲 | 公司
    """
    assert said(rule, table, known=renamed) == ["C-1 email error custom:n"]
    assert said(rule, table, known=dictionaries(emptied=["customer_type"])) == []


def test_a_unique_value_stands_in_one_row() -> None:
    of = team(Column(unique=True, key=ColumnKey("erp")), tab=CUSTOMERS)
    table = """
    customers
    key | name | erp
    C-1 | 甲 | KH-1
    C-2 | 乙 | kh-1
    C-3 | 丙 | KH-2
    C-4 | 丁 |
    C-5 | 戊 |
    """
    assert said(unique, table, tabs=of.tabs) == ["C-1 erp error not-unique", "C-2 erp error not-unique"]


def test_defaults_are_for_new_rows() -> None:
    of = team(
        Column(default="一般", key=ColumnKey("rating")),
        Column(Kind.DATETIME, default=datetime(2026, 11, 22, 9, 0), key=ColumnKey("since")),  # noqa: DTZ001 - wall time
        Column(Kind.NUMBER, default=Decimal(3), key=ColumnKey("points")),
        tab=CUSTOMERS,
    )
    rows = book("customers\nkey | name\nC-1 | 甲", of.tabs)
    around = context(rows, tabs=of.tabs)
    assert lines("C-1", own_defaults(rows.rows[0], around)) == [
        "C-1 rating := 一般", "C-1 since := 2026-11-22 09:00", "C-1 points := 3",
    ]  # fmt: skip
    assert lines("C-1", own_defaults(before(rows.rows[0], name="乙"), around)) == []


def test_fields_bring_the_rules_that_they_need() -> None:
    of = team(
        Column(Kind.REFERENCE, refers_to=OPPORTUNITIES, own=True, key=ColumnKey("deal")),
        Column(Kind.TEXT, unique=True, own=True, default="x", key=ColumnKey("code")),
        computed("twice", "employees * 2", Kind.NUMBER),
        tab=CUSTOMERS,
    )
    condition = Condition("n", OPPORTUNITIES, "amount > 1", required=(ColumnKey("competitor"),))
    names = [rule.__name__ for rule in with_own_rules((tags,), of.tabs[CUSTOMERS], [condition])]
    assert names == ["tags", "references", "unique", "own_defaults", "sealed_values", "own_values"]
    assert len(with_own_rules((tags,), of.tabs[OPPORTUNITIES], [condition])) == 2


def test_a_tab_that_lists_no_rules_has_what_its_columns_ask_for() -> None:
    names = {rule.__name__ for rule in with_own_rules((), ALL_TABS[OPPORTUNITIES])}
    assert names == {"required", "dictionary_values", "references", "people_exist"}


def test_what_was_wrong_with_a_sealed_text_is_still_said() -> None:
    kept = book("customers\nkey | name\nC-1 | 张三\nC-2 | 李四\nC-3 | 王五")
    sealed = (sealed_as("i1", "110101********1234", "wrong-check-digit", {"n": "4"}), sealed_as("i2", "***"), None)
    rows = [
        replace(row, record=row.record.model_copy(update={"id_number": each}))
        for row, each in zip(kept.rows, sealed, strict=True)
    ]
    around = context(TextBook(rows))
    assert [line for row in rows for line in lines(row.key, sealed_values(row, around))] == [
        "C-1 id_number error wrong-check-digit"
    ]
