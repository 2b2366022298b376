"""What the 字典 tab says."""

import pytest

from crm_sheets.language import LOCALES, language
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import (
    default_dictionaries,
    default_entries,
    dictionaries_of,
    dictionary_key,
    parse_attributes,
)
from crm_sheets.schema.dictionary_rows import DictionaryRecord
from crm_sheets.tables import RowKey


def rows_of(*records: DictionaryRecord) -> list[Row]:
    return [Row(RowKey(f"D-{place}"), record) for place, record in enumerate(records)]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_rows_of_a_new_book_say_what_the_defaults_are(locale: str) -> None:
    records = [DictionaryRecord.model_validate(row) for row in default_entries(language(locale))]
    assert dictionaries_of(rows_of(*records)) == default_dictionaries(language(locale))


def test_codes_come_from_attributes_or_from_shipped_labels_in_any_language() -> None:
    found = dictionaries_of(
        rows_of(
            DictionaryRecord(dictionary="阶段", value="签下来了", order=2, attributes="Code=won； probability＝100%"),
            DictionaryRecord(dictionary="Stage", value="Lost", order=1),
            DictionaryRecord(dictionary="opportunity_stage", value="试用", active=False),
            DictionaryRecord(dictionary="不存在", value="x"),
            DictionaryRecord(dictionary="阶段"),
        )
    )
    assert list(found.entries) == ["opportunity_stage"]
    stages = found.entries["opportunity_stage"]
    assert [(each.value, each.code, each.active) for each in stages] == [
        ("Lost", "lost", True),
        ("签下来了", "won", True),
        ("试用", "", False),
    ]
    assert stages[1].attributes == {"probability": "100%"}


def test_attributes_that_are_not_of_the_form_are_named() -> None:
    assert parse_attributes("code=won; 100%; =x; days=") == ({"code": "won"}, ("100%", "=x", "days="))
    assert parse_attributes(None) == ({}, ())


def test_dictionaries_are_named_by_key_or_label() -> None:
    assert dictionary_key(" 客户状态 ") == dictionary_key("Customer Status") == dictionary_key("customer_status")
    assert dictionary_key("x") is None
