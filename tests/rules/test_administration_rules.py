"""组织 and 字典."""

from crm_sheets.language import LOCALES, language
from crm_sheets.rules.dictionary_attributes import dictionary_attributes
from crm_sheets.rules.dictionary_rows import dictionary_rows
from crm_sheets.rules.managers import managers
from crm_sheets.rules.people_once import people_once
from crm_sheets.rules.required import required
from crm_sheets.schema import tab
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry, default_entries, dictionaries_of
from crm_sheets.tables import RowKey, TabKey
from tests.rules.tables import TextBook, book, context, lines, outcome, said


def test_numbers_are_unique_and_names_should_be() -> None:
    table = """
    people
    key | id | name
    P-1 | 001 | 张伟
    P-2 | 001 | 李娜
    P-3 | 003 | 王强
    P-4 | 004 | 王 强
    P-5 | 005 | 王强
    P-6 | | 赵敏
    P-7 | 赵敏 | 钱多
    """
    assert said(people_once, table) == [
        "P-1 id error person-id-doubled",
        "P-2 id error person-id-doubled",
        "P-3 name warning person-name-doubled",
        "P-5 name warning person-name-doubled",
    ]


def test_nobody_is_their_own_superior() -> None:
    table = """
    people
    key | id | name | manager
    P-1 | 001 | 张伟 | 李娜
    P-2 | 002 | 李娜 | 003
    P-3 | 003 | 王强 | 张伟
    P-4 | 004 | 赵敏 | 张伟
    P-5 | 005 | 钱多 | 钱多
    P-6 | 006 | 孙立 |
    P-7 | 007 | 周舟 | 孙立
    """
    assert said(managers, table) == [f"P-{n} manager error manager-circle" for n in (1, 2, 3, 5)]
    (issue,) = outcome(managers, book(table), "P-2").issues
    assert issue.parameters["value"] == "李娜 → 王强 → 张伟 → 李娜"


def test_rows_of_dictionaries() -> None:
    table = """
    dictionaries
    key | dictionary | value
    D-1 | 客户状态 | 试用中
    D-2 | customer_status | 试用中
    D-3 | 客户状况 | 试用中
    D-4 | 啦啦 | 试用中
    D-5 | 客户等级 | 试用中
    D-6 | |
    """
    double = tuple(DictionaryEntry("试用中", "", order, True, {}) for order in (1, 2))
    known = Dictionaries({"customer_status": double, "customer_level": double[:1]})
    assert said(dictionary_rows, table, known=known) == [
        "D-1 value error dictionary-value-doubled",
        "D-2 value error dictionary-value-doubled",
        "D-3 dictionary error dictionary-unknown-similar",
        "D-4 dictionary error dictionary-unknown",
    ]


def test_attributes_are_names_with_values_that_rules_can_count_with() -> None:
    table = """
    dictionaries
    key | dictionary | value | attributes
    D-1 | 阶段 | 谈判 | code=negotiation; probability=70%; goal_days=30
    D-2 | 阶段 | 谈判 | probability=130%
    D-3 | 阶段 | 谈判 | probability=hoch; goal_days=-3; colour=red
    D-4 | 阶段 | 谈判 | 70%
    D-5 | 阶段 | 谈判 | code=nego
    D-6 | 客户等级 | 钻石 | threshold=1e6
    D-7 | 客户等级 | 钻石 | threshold=10%
    D-8 | 啦啦 | 钻石 | code=x
    D-9 | 阶段 | 谈判 | probability=1.5; goal_days=３
    """
    assert said(dictionary_attributes, table) == [
        "D-2 attributes error attribute-not-understood",
        "D-3 attributes error attribute-not-understood",
        "D-4 attributes error attribute-not-understood",
        "D-5 attributes error code-unknown",
        "D-7 attributes error attribute-not-understood",
        "D-9 attributes error attribute-not-understood",
    ]
    assert (
        outcome(dictionary_attributes, book(table), "D-3").issues[0].parameters["value"]
        == "probability=hoch、goal_days=-3"
    )


def test_the_shipped_dictionaries_are_flawless() -> None:
    for locale in LOCALES:
        described = tab(TabKey("dictionaries"))
        records = [described.record.model_validate(values) for values in default_entries(language(locale))]
        rows = [Row(RowKey(f"D-{number}"), record) for number, record in enumerate(records)]
        within = context(TextBook(rows), known=dictionaries_of(rows))
        assert len(rows) > 80
        for row in rows:
            for rule in (dictionary_rows, dictionary_attributes, required):
                assert lines(row.key, rule(row, within)) == []
