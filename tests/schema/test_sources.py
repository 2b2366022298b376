"""What columns are made from, near and far, and what the computed fields of a team are made from."""

from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.custom import CustomField
from crm_sheets.schema.derivations import Source, sources_of
from crm_sheets.schema.team import TeamSchema, team_schema
from crm_sheets.tables import ColumnKey, TabKey
from tests.rules.tables import ALL_TABS

DEALS, CUSTOMERS, PEOPLE = TabKey("opportunities"), TabKey("customers"), TabKey("people")


def source(text: str) -> Source:
    tab, _, column = text.partition(".")
    return TabKey(tab), ColumnKey(column)


def team(*formulas: str) -> TeamSchema:
    columns = [
        Column(Kind.MONEY, system=True, computed=True, formula=formula, key=ColumnKey(f"own{number}"))
        for number, formula in enumerate(formulas)
    ]
    fields = [CustomField(DEALS, column, {"zh-CN": f"栏{n}"}) for n, column in enumerate(columns)]
    return team_schema("zh-CN", list(ALL_TABS), fields)


def derives(of: TeamSchema, column: str) -> set[Source]:
    return set(of.tabs[DEALS].columns[ColumnKey(column)].derives)


def test_a_computed_field_is_made_from_what_its_expression_names() -> None:
    of = team("amount * (1 - discount)", "own0 / 2")
    assert derives(of, "own0") == {(DEALS, ColumnKey("amount")), (DEALS, ColumnKey("discount"))}
    assert derives(of, "own1") == {(DEALS, ColumnKey("own0"))}


def test_it_is_made_from_the_row_that_is_named_and_from_what_that_is_called() -> None:
    of = team("if(customer.annual_budget > 5, amount, 0)")
    assert derives(of, "own0") == {
        source("opportunities.amount"),
        source("opportunities.customer"),
        source("customers.annual_budget"),
        source("customers.name"),
        source("customers.merged_from"),
    }


def test_what_a_source_is_made_from_counts_too() -> None:
    far = sources_of(team("weighted / 2").tabs)
    assert source("opportunities.stage") in far[source("opportunities.own0")]
    assert source("order_lines.cost") in far[source("customers.order_profit")]
    assert source("order_lines.cost") not in far[source("customers.order_amount")]
    assert source("customers.industry") not in far
