"""What is typed in one row and reaches beyond it: nobody asks by an audience for what they may not read of customers,
and nobody merges a customer into one that is not theirs."""

import pytest

from crm_sheets.changes import Value
from crm_sheets.permissions import Judgement, Level, Why
from crm_sheets.tables import ColumnKey, TabKey
from tests.core.permission_tables import Team

POLICY = """
[[grant]]
role = "sales"
tab = "campaigns"
columns = { "*" = "edit" }
create = "all"

[[grant]]
role = "sales"
tab = "customers"
columns = { "*" = "read", annual_revenue = "hidden", order_amount = "read" }

[[grant]]
role = "sales"
tab = "people"
rows = "own"
columns = { "*" = "read" }

[[grant]]
role = "service"
tab = "campaigns"
columns = { audience = "edit", name = "edit" }

[[grant]]
role = "service"
tab = "customers"
rows = "own"
columns = { "*" = "read" }
"""
CAMPAIGNS, AUDIENCE = TabKey("campaigns"), ColumnKey("audience")


def typed(person: str, text: str, *, new: bool = False) -> Judgement:
    team = Team(POLICY)
    before: dict[ColumnKey, Value] = {ColumnKey("name"): "展会"}
    after = {**before, AUDIENCE: text}
    rights = team.rights(person)
    return rights.judged(CAMPAIGNS, None if new else before, after, [AUDIENCE], team.book)[AUDIENCE]


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize(
    ("text", "level", "why"),
    [
        ("region = '深圳'", Level.EDIT, Why.GRANTED),
        ("annual_revenue > 1000000", Level.READ, Why.ASKS),
        ("region = '深圳' or annual_revenue > 1000000", Level.READ, Why.ASKS),
        ("owner.email = 'a@example.com'", Level.READ, Why.ASKS),
        ("order_amount > 5", Level.READ, Why.ASKS),
        ("no condition at all (", Level.EDIT, Why.GRANTED),
        ("", Level.EDIT, Why.GRANTED),
    ],
)
def test_an_audience_asks_only_for_what_its_author_may_read(text: str, level: Level, why: Why, *, new: bool) -> None:
    judged = typed("张伟", text, new=new)
    assert (judged.level, judged.why) == (level, why)


def test_of_all_customers() -> None:
    assert typed("周杰", "region = '深圳'").why is Why.ASKS


def test_other_columns_ask_nothing() -> None:
    team = Team(POLICY)
    name = ColumnKey("name")
    values: dict[ColumnKey, Value] = {name: "annual_revenue > 1000000"}
    assert team.rights("张伟").judged(CAMPAIGNS, {}, values, [name], team.book)[name].level is Level.EDIT


MERGING = """
[[grant]]
role = "sales"
tab = "customers"
rows = "own"
columns = { "*" = "edit" }

[[grant]]
role = "sales"
tab = "customers"
rows = "group"
columns = { "*" = "read" }
"""
CUSTOMERS = """
customers
key | name | owner
C-1 | 华为 | 张伟
C-2 | 华为技术 | 张伟
C-3 | 小米 | 李娜
C-4 | 海尔 | 孙丽
"""


@pytest.mark.parametrize(
    ("into", "level"),
    [("C-2", Level.EDIT), ("华为技术", Level.EDIT), ("小米", Level.READ), ("C-3", Level.READ), ("海尔", Level.READ),
     ("无此客户", Level.READ), ("", Level.EDIT)],
)  # fmt: skip
def test_a_customer_goes_only_into_one_of_its_author(into: str, level: Level) -> None:
    """Whoever names a customer that they do not see gets the same answer as when there is none."""
    team, column = Team(MERGING, CUSTOMERS), ColumnKey("merge_into")
    row = next(each for each in team.book.rows if each.key == "C-1")
    before = {ColumnKey(name): value for name, value in row.record.__dict__.items()}
    judged = team.rights("张伟").judged(TabKey("customers"), before, {**before, column: into}, [column], team.book)
    assert judged[column].level is level
