"""Outcomes of several rules as one."""

from datetime import timedelta

import pytest

from crm_sheets.changes import NOTHING, Issue, Outcome
from crm_sheets.rules.base import cells, merged, record_of
from crm_sheets.schema.customers import Customer
from tests.rules.tables import NOW, book


def test_everything_that_rules_say_is_kept_and_the_earliest_wake_up_counts() -> None:
    later, sooner = NOW + timedelta(days=2), NOW + timedelta(days=1)
    one = Outcome((Issue("required"),), cells(state="a"), wake_at=later)
    other = Outcome((Issue("person-left"),), cells(due="b"), wake_at=sooner, defaults=cells(owner="c"))
    assert merged([one, NOTHING, other]) == Outcome(
        one.issues + other.issues, cells(state="a", due="b"), wake_at=sooner, defaults=cells(owner="c")
    )
    assert merged([]) == merged([NOTHING]) == NOTHING


def test_a_rule_in_the_list_of_another_tab_is_a_mistake_of_the_program() -> None:
    (row,) = book("follow_ups\nkey | subject\nF-1 | x").rows
    with pytest.raises(TypeError, match="Customer was expected, follow_ups F-1"):
        record_of(row, Customer)
