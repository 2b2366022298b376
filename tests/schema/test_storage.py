"""Values in the state store, and what a row is found by."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm_sheets.changes import Value
from crm_sheets.schema import tab
from crm_sheets.schema.base import Entry, Role, Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.entries import entries_of
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.schema.people import PersonRecord
from crm_sheets.schema.storage import decode_columns, decode_values, encode_values
from crm_sheets.tables import ColumnKey, RowKey, TabKey

CUSTOMERS = tab(TabKey("customers"))
VALUES: dict[ColumnKey, Value] = {
    ColumnKey("name"): "华为",
    ColumnKey("employees"): 5,
    ColumnKey("annual_revenue"): Decimal("1200.50"),
    ColumnKey("birthday"): date(2000, 2, 29),
    ColumnKey("tags"): ("a", "b"),
    ColumnKey("created_at"): datetime(2024, 3, 5, 6, 30, tzinfo=UTC),
}


def test_values_come_back_as_they_were() -> None:
    text = encode_values(CUSTOMERS, {**VALUES, ColumnKey("note"): None})
    assert decode_values(CUSTOMERS, text) == VALUES
    assert "华为" in text
    assert "note" not in text
    Customer.model_validate(decode_values(CUSTOMERS, text))


def test_equal_values_give_equal_texts() -> None:
    assert encode_values(CUSTOMERS, dict(reversed(VALUES.items()))) == encode_values(CUSTOMERS, VALUES)


def test_values_of_a_column_that_is_no_more_are_carried_along() -> None:
    found = decode_values(CUSTOMERS, '{"name":"a","gone":1}')
    assert found == {"name": "a", "gone": 1}
    assert encode_values(CUSTOMERS, {**found, ColumnKey("name"): "b"}) == '{"name":"b","gone":1}'


@pytest.mark.parametrize("text", ['{"birthday":"03/04"}', '{"annual_revenue":"abc"}', '{"tags":"a"}', "{"])
def test_what_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises((ValueError, ArithmeticError, TypeError)):
        decode_values(CUSTOMERS, text)


def test_columns_of_many_rows_are_what_each_row_says() -> None:
    texts = [encode_values(CUSTOMERS, VALUES), "{}", '{"name":"a","employees":1,"gone":true}'] * 3
    columns = (*VALUES, ColumnKey("gone"), ColumnKey("note"))
    rows = [decode_values(CUSTOMERS, text) for text in texts]
    assert decode_columns(CUSTOMERS, texts, columns) == {name: [row.get(name) for row in rows] for name in columns}
    with pytest.raises(ValueError, match="03/04"):
        decode_columns(CUSTOMERS, ['{"birthday":"03/04"}'], [ColumnKey("birthday")])


def test_a_row_is_found_by_its_key_and_names_and_finds_what_it_names() -> None:
    deal = Row(RowKey("O-1"), Opportunity(name="ＡＢ 项目", customer="C-1", owner="王芳"))
    assert entries_of(deal) == {
        Entry("opportunities", "o-1", Role.DEFINES),
        Entry("opportunities", "ab 项目", Role.DEFINES),
        Entry("customers", "c-1", Role.REFERS),
        Entry("people", "王芳", Role.REFERS),
    }


def test_a_person_is_named_by_name_or_number() -> None:
    rows = [
        Row(RowKey("P-1"), PersonRecord(id="S01", name="王芳", department="一部", manager="李雷")),
        Row(RowKey("P-2"), PersonRecord(id="S02", name="王芳", active=False)),
    ]
    assert {entry.value for entry in entries_of(rows[0]) if entry.role is Role.DEFINES} == {"p-1", "s01", "王芳"}
