"""What the words of an expression stand for in the customers tab."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from crm_sheets.expressions import At, Expression, Type, messages, parse
from crm_sheets.language import LOCALES, language
from crm_sheets.schema import tab
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry, default_dictionaries
from crm_sheets.schema.row_vocabularies import row_vocabulary
from crm_sheets.schema.vocabularies import joined, vocabulary
from crm_sheets.tables import ColumnKey, TabKey
from tests.rules.tables import NOW, ZONE

CUSTOMERS = tab(TabKey("customers"))
ZH = language("zh-CN")
AT = At(NOW.date(), ZONE)
GUIDE = Path(__file__).parents[2] / "docs" / "expressions.md"


def read(text: str, locale: str = "zh-CN", tags: tuple[str, ...] = ()) -> str:
    entries = dict(default_dictionaries(language(locale)).entries)
    entries["tag"] = tuple(DictionaryEntry(tag, "", 1, True, {"alias": "制造|生产"}) for tag in tags)
    found = parse(text, vocabulary(CUSTOMERS, Dictionaries(entries), language(locale)), Type.BOOLEAN)
    return str(found) if isinstance(found, Expression) else messages(found, language(locale))


@pytest.mark.parametrize("locale", LOCALES)
def test_columns_are_called_by_key_label_and_alias(locale: str) -> None:
    for word in ("status", "客户状态", "[Status]"):
        assert read(f"{word} is blank", locale) == "status is blank"
    assert read("公司名称 包含 '华'", locale) == "name contains '华'"


@pytest.mark.parametrize(("locale", "lost"), [("zh-CN", "流失客户"), ("en", "Lost")])
def test_values_are_called_by_value_code_and_label_of_the_other_language(locale: str, lost: str) -> None:
    for word in ("流失客户", "lost", "LOST"):
        assert read(f"status = '{word}'", locale) == f"status == '{lost}'"


def test_a_tag_of_the_library_is_one_of_the_row_itself() -> None:
    """And not of the customer that the row names in 合并到, whose tags come from the same library."""
    entries = {**default_dictionaries(ZH).entries, "tag": (DictionaryEntry("行业-制造业", "", 1, True, {}),)}
    words = row_vocabulary(CUSTOMERS, {CUSTOMERS.key: CUSTOMERS}, Dictionaries(entries), ZH)
    found = parse("行业-制造业 and level in (VIP, A) and not 流失客户", words, Type.BOOLEAN)
    assert str(found) == "tags contains '行业-制造业' and level in ('VIP', 'A') and not status == '流失客户'"


def test_aliases_of_tags() -> None:
    assert (
        read("制造 and 行业-制造业", tags=("行业-制造业",))
        == "tags contains '行业-制造业' and tags contains '行业-制造业'"
    )
    assert "行业-制造业" in read("行业-制造", tags=("行业-制造业",))
    assert read("行业-制造") == "tags contains '行业-制造'"


def test_a_sealed_column_tells_nothing() -> None:
    assert "id_number" in read("id_number == '1'")
    assert not read("id_number == '1'").startswith("id_number")


def test_the_customer_of_a_row() -> None:
    deals = tab(TabKey("opportunities"))
    known = default_dictionaries(ZH)
    words = joined(vocabulary(deals, known, ZH), vocabulary(CUSTOMERS, known, ZH, (deals.key, ColumnKey("customer"))))
    found = parse("rec.customer.status == '成交客户' and amount > 1", words, Type.BOOLEAN)
    assert found == parse("客户.客户状态 = 成交客户 且 预计成交金额 > 1", words, Type.BOOLEAN)
    assert isinstance(found, Expression)
    assert found.names == {"customer.status", "amount"}
    assert found.holds({"customer.status": "成交客户", "amount": 2}, AT)


def test_shares_that_may_exceed_the_whole_are_numbers_too() -> None:
    words = vocabulary(tab(TabKey("targets")), default_dictionaries(ZH), ZH)
    found = parse("达成率 < 时间进度 且 达成率 < 80%", words, Type.BOOLEAN)
    assert isinstance(found, Expression)
    assert found.holds({"attainment": Decimal("0.5"), "pace": Decimal("0.6")}, AT)
    assert not found.holds({"attainment": Decimal("1.2"), "pace": Decimal(1)}, AT)


def test_without_dictionaries_any_value_may_be_compared() -> None:
    assert isinstance(parse("type == '自定义'", vocabulary(CUSTOMERS, None, ZH), Type.BOOLEAN), Expression)
    assert isinstance(parse("type == '自定义'", vocabulary(CUSTOMERS, default_dictionaries(ZH), ZH)), tuple)


def test_the_examples_of_the_guide_are_expressions() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    examples = re.findall(r"(?s)```\n(.*?)```", text)[0].splitlines()
    assert len(examples) == 4
    words = joined(
        vocabulary(CUSTOMERS, default_dictionaries(ZH), ZH), vocabulary(tab(TabKey("opportunities")), None, ZH)
    )
    for example in examples:
        found = parse(example, words, Type.NUMBER if "*" in example else Type.BOOLEAN)
        assert isinstance(found, Expression), messages(found, ZH)
