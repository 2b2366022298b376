"""The mapping of an import: what it may say, and what it makes of a row."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.errors import ConfigError
from crm_sheets.importing.convert import SourceRow, SourceTable, convert
from crm_sheets.importing.mapping import ImportMapping, mapping_text, parse_mapping
from crm_sheets.importing.suggest import suggest
from crm_sheets.schema import TABS, tab
from crm_sheets.schema.codecs import Flaw
from crm_sheets.tables import TabKey
from tests.importing.books import BOOK

HEADER = ("account", "revenue", "stage", "on", "id")


def table(*rows: tuple[CellValue, ...], header: tuple[str, ...] = HEADER) -> SourceTable:
    return SourceTable("a.csv", "a", header, [SourceRow(line, row) for line, row in enumerate(rows, 2)])


def mapping(columns: str, tab_key: str = "opportunities") -> str:
    return f'[[table]]\nsource = "a.csv"\ntab = "{tab_key}"\n[table.columns]\n{columns}\n'


def made(columns: str, row: tuple[CellValue, ...]) -> Mapping[str, object]:
    parsed = parse_mapping(mapping(columns), "m.toml", BOOK).table[0]
    converted = convert(table(row), parsed, BOOK[TabKey("opportunities")])[0]
    cells = zip(tab(TabKey("opportunities")).columns, converted.cells, strict=True)
    return {str(k): cell for k, cell in cells if cell is not None} | {
        str(k): f.code for k, f in converted.flaws.items()
    }


@pytest.mark.parametrize(
    ("columns", "row", "expected"),
    [
        ('customer = "account"', ("Acme", None, None, None, None), {"customer": "Acme"}),
        ('customer = "ACCOUNT "', ("Acme", None), {"customer": "Acme"}),
        ('name = { template = "{account} {id}" }', ("Acme", 1, "", "", "X7"), {"name": "Acme X7"}),
        ('name = { template = "{account} {id}" }', (None, 1, "", "", ""), {}),
        ('stage = { column = "stage", values = { Won = "赢单" } }', (None, None, "won"), {"stage": "赢单"}),
        ('stage = { column = "stage", values = { Won = "赢单" } }', (None, None, "Other"), {"stage": "Other"}),
        ('source = { value = "官网" }', (), {"source": "官网"}),
        ('amount = { column = "revenue", factor = 1000000 }', (None, "1,100.04"), {"amount": Decimal(1100040000)}),
        ('amount = { column = "revenue", factor = 1000000 }', (None, "1.2万"), {"amount": "not-a-number"}),
        ('amount = { column = "revenue", factor = 1000000 }', (None, "nan"), {"amount": "not-a-number"}),
        ('amount = { column = "revenue", factor = 1000000 }', (None, ""), {}),
        (
            'close_date = { column = "on", date = "dd-mm-yy" }',
            ("", "", "", "01-03-17"),
            {"close_date": date(2017, 3, 1)},
        ),
        ('close_date = { column = "on", date = "dd-mm-yy" }', ("", "", "", "1/3/99"), {"close_date": date(1999, 3, 1)}),
        (
            'close_date = { column = "on", date = "mm/dd/yyyy" }',
            ("", "", "", "3/1/2017"),
            {"close_date": date(2017, 3, 1)},
        ),
        ('close_date = { column = "on", date = "dd-mm-yy" }', ("", "", "", "2017-03-01"), {"close_date": "2017-03-01"}),
        ('close_date = { column = "on", date = "dd-mm-yy" }', ("", "", "", "soon"), {"close_date": "not-a-date"}),
        (
            'close_date = { column = "on", date = "dd-mm-yy" }',
            ("", "", "", "31-02-17"),
            {"close_date": "date-not-in-calendar"},
        ),
        ('close_date = { column = "on", date = "dd-mm-yy" }', ("", "", "", 42795), {"close_date": 42795}),
    ],
)
def test_cells_become_what_the_mapping_says(
    columns: str, row: tuple[CellValue, ...], expected: dict[str, object]
) -> None:
    assert made(columns, row) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (mapping('name = "x"', "clients"), "no tab 'clients'"),
        (mapping('nam = "x"'), "opportunities has no column 'nam'"),
        (mapping('weighted = "x"'), "written by the program"),
        (mapping('name = { column = "x", value = "y" }'), "exactly one of column, template, value"),
        (mapping('close_date = { column = "x", date = "dd-mm" }'), "day, month and year once each"),
        (mapping('name = { colum = "x" }'), "no such option"),
        (mapping('amount = { column = "x", factor = -1 }'), "factor"),
        ("x = ", "not TOML"),
        ("", "table"),
    ],
)
def test_mistakes_of_a_mapping_are_named(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_mapping(text, "m.toml", BOOK)
    assert expected in str(caught.value)
    assert "m.toml" in str(caught.value)


def test_headers_suggest_a_mapping_in_either_language() -> None:
    source = table(header=("客户名称*", "手机号码", "Email", "所属行业", "客户联系人", "自编栏目"))
    found = suggest(source, TABS)
    assert found is not None
    columns = {str(column): how.column for column, how in found.mapping.table[0].columns.items()}
    assert found.mapping.table[0].tab == "customers"
    assert columns["name"] == "客户名称*"
    assert columns["phone"] == "手机号码"
    assert columns["email"] == "Email"
    assert found.unused == ("自编栏目",)


def test_a_slip_in_a_header_is_seen_through_and_system_columns_are_left_alone() -> None:
    found = suggest(table(header=("Customer name", "Adress", "Check", "Created at")), [tab(TabKey("customers"))])
    assert found is not None
    columns = {str(column): how.column for column, how in found.mapping.table[0].columns.items()}
    assert columns["address"] == "Adress"
    assert set(columns) == {"name", "address"}


def test_nothing_is_suggested_for_headers_of_another_world() -> None:
    assert suggest(table(header=("温度", "湿度")), TABS) is None


def test_a_suggestion_can_be_kept_as_a_file() -> None:
    found = suggest(table(header=("客户名称", '说"明', "备注")), [tab(TabKey("customers"))])
    assert found is not None
    plain = found.mapping.table[0]
    wishes = {"mode": "both", "match": (("name",), ("note", "name")), "unknown": "take"}
    wished = ImportMapping(table=(plain.model_copy(update=wishes),))
    for kept in (found.mapping, wished):
        assert parse_mapping(mapping_text(kept), "m.toml", BOOK) == kept


def test_a_flaw_names_what_was_found() -> None:
    parsed = parse_mapping(mapping('close_date = { column = "on", date = "dd-mm-yy" }'), "m.toml", BOOK).table[0]
    flaws = convert(table(("", "", "", "soon")), parsed, BOOK[TabKey("opportunities")])[0].flaws
    assert [type(why) for why in flaws.values()] == [Flaw]
    assert next(iter(flaws.values())).parameters["found"] == "soon"
