"""Which test works each computed column out once more: a new column without one fails here."""

import re
from pathlib import Path

import pytest

from crm_sheets.schema.base import Kind
from crm_sheets.schema.book import TABS

TESTS = Path(__file__).parents[1]

RECOUNTED = {
    "demo/test_demo_life.py": """
        customers: lifecycle converted_at path status_was status_since computed_level level_was level_since
        opportunities: stage_since stage_was stage_days stage_due
        stage_history: object field number from_value to_value days""",
    "demo/test_demo_money.py": """
        customers: orders order_amount order_profit
        orders: total discount profit paid payment_state
        order_lines: amount profit
        payments: customer owner
        contracts: paid
        targets: actual attainment gap pace
        performance: month person name number department group won_deals won_amount paid_amount new_customers follow_ups
        """,
    "demo/test_demo_service.py": """
        feedback: due
        services: response_due solve_due sla_state""",
    "demo/test_demo_campaigns.py": """
        campaigns: invited attended converted conversion_rate""",
    "app/demo_columns.py": """
        customers: department won_days last_contact next_contact last_order
        follow_ups: state
        opportunities: weighted
        orders: cost
        services: waiting_since
        campaign_members: customer_id converted_on
        stage_history: name customer opportunity""",
    # Where the demo has no such rows: by examples.
    "rules/test_stage_rules.py": "opportunities: slips",
    "rules/test_service_rules.py": "services: waited",
    "rules/test_campaign_rules.py": "campaigns: listed_at",
    "rules/test_pool_rule.py": "customers: pool_since pool_from claimed_at",
    "rules/test_nudges.py": "follow_ups: snoozed_until",
}

TOLD = {"conflicts", "approvals", "lookups"}
"""Tabs whose rows are the program's own account of what happened, not figures; tests/sync has their tests."""

NO_FIGURES = {
    "customers": {"created_at", "updated_at", "merged_from", "bounced_email"},
    "follow_ups": {"heard_of"},
    "stage_history": {"at", "who"},
    "campaigns": {"mail_state", "mail_version", "mail_approved"},
    "campaign_members": {"mail_state", "mailed_at", "mail_outcome", "pair"},
}
"""Columns that keep what happened: when a row was made, who moved a stage, what became of a mail."""

FINDINGS = {"check", "duplicates"}
"""Made of findings: tests/demo/test_demo_findings.py has each planted mistake and no other."""


def recounted() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for path, text in RECOUNTED.items():
        for line in text.strip().splitlines():
            tab, columns = line.split(":")
            for column in columns.split():
                found.setdefault((tab.strip(), column), []).append(path)
    return found


def test_every_column_that_the_program_fills_is_worked_out_once_more() -> None:
    computed = {
        (str(tab.key), str(column.key))
        for tab in TABS
        for column in tab.columns.values()
        if column.system
        and column.kind not in {Kind.ID, Kind.WITNESS}
        and tab.key not in TOLD
        and column.key not in FINDINGS | NO_FIGURES.get(str(tab.key), set())
    }
    assert computed == recounted().keys()


@pytest.mark.parametrize("path", RECOUNTED)
def test_the_tests_speak_of_these_columns(path: str) -> None:
    text = (TESTS / path).read_text(encoding="utf-8")
    columns = {column for (_, column), paths in recounted().items() if path in paths}
    assert {column for column in columns if not re.search(rf"\b{column}\b", text)} == set()
