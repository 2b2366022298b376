"""The Maven sample: every deal with an account comes in, and nothing is dropped silently."""

from collections import Counter
from pathlib import Path

import pytest

from crm_sheets.config import load
from crm_sheets.importing.mapping import parse_mapping
from crm_sheets.importing.plan import ImportPlan, check_import
from crm_sheets.importing.sources import gather
from crm_sheets.language import language
from crm_sheets.tables import ColumnKey
from tests.importing.books import BOOK, book_of, context_of

EXAMPLE = Path(__file__).parents[2] / "examples" / "maven"
DATA = Path(__file__).parents[3] / "shared" / "data" / "maven_crm"


@pytest.fixture(scope="module")
def plan() -> ImportPlan:
    if not DATA.is_dir():
        pytest.skip("the Maven sample is not on this machine")
    mapping = parse_mapping((EXAMPLE / "mapping.toml").read_text(encoding="utf-8"), "mapping.toml", BOOK)
    context = context_of(book_of(), language("en"), zone="America/New_York")
    return check_import(gather([DATA], mapping, language("en")).tables, mapping, context)


def test_every_row_with_an_account_comes_in(plan: ImportPlan) -> None:
    assert Counter(str(row.tab) for row in plan.good) == {"people": 41, "customers": 85, "opportunities": 7375}


def test_the_rest_is_listed_with_its_reason(plan: ImportPlan) -> None:
    assert len(plan.bad) == 1425
    assert {row.headers for row in plan.bad} == {("account",)}
    assert {row.reasons for row in plan.bad} == {("[account] Must not be blank; fill it in.",)}


def test_values_are_what_the_sample_means(plan: ImportPlan) -> None:
    deals = [row for row in plan.good if row.tab == "opportunities"]
    first = {str(column): str(value) for column, value in deals[0].values.items()}
    assert first == {
        "name": "GTX Plus Basic 1C1I7A6R",
        "customer": "Cancity",
        "stage": "Won",
        "amount": "1054.00",
        "close_date": "2017-03-01",
        "started_on": "2016-10-20",
        "owner": "Moses Frase",
    }
    revenue = next(
        row.values[ColumnKey("annual_revenue")] for row in plan.good if row.values.get(ColumnKey("name")) == "Cheers"
    )
    assert str(revenue) == "4269900000.00"
    assert len({row.values[ColumnKey("name")] for row in deals}) == len(deals)


def test_choices_are_those_of_the_shipped_dictionaries(plan: ImportPlan) -> None:
    words = language("en")
    for column, dictionary in (
        ("stage", "opportunity_stage"),
        ("industry", "industry"),
        ("role", "role"),
        ("type", "customer_type"),
    ):
        known = {text for key, text in words.messages.items() if key.startswith(f"value.{dictionary}.")}
        used = {row.values[ColumnKey(column)] for row in plan.good if ColumnKey(column) in row.values}
        assert used
        assert used <= known


def test_the_config_of_the_example_loads() -> None:
    assert load(EXAMPLE / "config.toml", {}).workbook.locale == "en"
