"""A computed column is shown to those only who may read everything that it is made from."""

import pytest

from crm_sheets.rights import Authority
from crm_sheets.schema.base import values_of
from crm_sheets.tables import ColumnKey, TabKey
from tests.core.permission_tables import Team

BOOK = """
customers
key | name | owner
C-1 | 华为 | 张伟
C-2 | 中兴 | 李娜

follow_ups
key | customer | owner
F-1 | 华为 | 张伟
F-2 | 华为 | 李娜

opportunities
key | name | customer | owner
O-1 | 大单 | 华为 | 张伟

orders
key | customer | owner
OR-1 | 华为 | 张伟
OR-2 | 中兴 | 张伟

order_lines
key | order | product
OL-1 | OR-1 | 服务器

payments
key | order | contract
PY-1 | OR-1 |
PY-2 | OR-9 |
PY-3 | |

campaigns
key | name
A-1 | 展会

campaign_members
key | campaign | customer
M-1 | 展会 | 华为
M-2 | 展会 | 中兴

performance
key | month | person
PF-1 | 2026-11 | 张伟
PF-2 | 2026-11 | 李娜

targets
key | scope | period | measure
TG-1 | 张伟 | 2026-11 | 成交金额
TG-2 | 销售部 | 2026-11 | 成交金额
TG-3 | 公司 | 2026-11 | 成交金额
"""


def grant(tab: str, rows: str = '"all"', columns: str = '"*" = "edit"') -> str:
    return f'[[grant]]\nrole = "sales"\ntab = "{tab}"\nrows = {rows}\ncolumns = {{ {columns} }}\n'


def declassify(tab: str, column: str) -> str:
    return f'[[declassify]]\ntab = "{tab}"\ncolumn = "{column}"\nreason = "x"\n'


OWN = grant("customers", '"own"')
BOUGHT = "".join(grant(tab, '"customer"') for tab in ("opportunities", "orders", "order_lines"))
NO_COST = '"*" = "read", cost = "hidden"'
EVERYTHING = '[[grant]]\nrole = "*"\ntab = "*"\ncolumns = { "*" = "read" }\n'
PARTS = grant("campaign_members") + grant("campaigns")
DENY = '[[deny]]\nrole = "*"\ntab = "follow_ups"\ncap = "{}"\n'
FACTS = ("opportunities", "payments", "customers", "follow_ups", "orders", "contracts", "people")
MINE = grant("performance") + grant("targets") + "".join(grant(tab, '"own"') for tab in FACTS)


def level(policy: str, column: str, key: str = "C-1", name: str = "张伟") -> str:
    return Team(policy, BOOK).levels(name, key, column).split()[1]


@pytest.mark.parametrize(
    ("policy", "column", "key", "expected"),
    [
        # In the row itself.
        (grant("opportunities"), "weighted", "O-1", "read"),
        (grant("opportunities", columns='"*" = "read", amount = "hidden"'), "weighted", "O-1", "hidden"),
        (grant("opportunities", columns='"*" = "read", amount = "hidden"'), "stage_since", "O-1", "read"),
        (grant("order_lines", columns='profit = "read", quantity = "read"'), "profit", "OL-1", "hidden"),
        # In other rows, of which one may be somebody else's.
        (OWN, "last_contact", "C-1", "hidden"),
        (OWN + grant("follow_ups", '"own"'), "last_contact", "C-1", "hidden"),
        (OWN + grant("follow_ups", '"all"'), "last_contact", "C-1", "read"),
        (OWN + grant("follow_ups", '["own", "customer"]'), "last_contact", "C-1", "read"),
        (OWN + grant("follow_ups", "{ where = \"method == '电话'\" }"), "last_contact", "C-1", "hidden"),
        (OWN + grant("follow_ups", '"customer"', '"*" = "read", result = "hidden"'), "last_contact", "C-1", "hidden"),
        (OWN + grant("follow_ups", '"customer"', 'done_at = "read"'), "last_contact", "C-1", "hidden"),
        (
            OWN
            + grant("follow_ups", '"customer"', 'done_at = "read", result = "read"')
            + grant("follow_ups", '"customer"', 'customer = "read"'),
            "last_contact",
            "C-1",
            "read",
        ),
        # Through columns that are computed themselves: the amount of orders comes of their lines.
        (OWN + grant("orders", '"customer"'), "order_amount", "C-1", "hidden"),
        (OWN + grant("orders", '"customer"') + grant("order_lines", '"customer"'), "order_amount", "C-1", "read"),
        # A column that people may fill in, and in which the program quotes what was bought.
        (OWN, "level_basis", "C-1", "hidden"),
        (OWN + BOUGHT, "level_basis", "C-1", "edit"),
        (grant("customers", '"own"', '"*" = "edit", level = "hidden"') + BOUGHT, "level_basis", "C-1", "hidden"),
        (OWN + declassify("customers", "level_basis"), "level_basis", "C-1", "edit"),
        (OWN, "level", "C-1", "edit"),
        # The lines of an order are seen by whoever has the order.
        (grant("orders", '"own"') + grant("order_lines", '"own"'), "total", "OR-1", "read"),
        (grant("orders", '"own"') + grant("order_lines", '"own"'), "total", "OR-2", "read"),
        (grant("orders") + grant("order_lines", '"reports"'), "total", "OR-1", "hidden"),
        (OWN + grant("orders", '"own"') + grant("order_lines", '"customer"'), "total", "OR-1", "read"),
        (OWN + grant("orders", '"own"') + grant("order_lines", '"customer"'), "total", "OR-2", "hidden"),
        (grant("orders", '"own"') + grant("order_lines", '"own"', NO_COST), "cost", "OR-1", "hidden"),
        (OWN + grant("orders") + grant("order_lines", '"reports"'), "total", "OR-1", "hidden"),  # her customer or not
        # Through a column of the same tab, whose rows name each other (合并到): how long nobody was in touch.
        (EVERYTHING, "pool_since", "C-1", "read"),
        (EVERYTHING + DENY.format("hidden"), "pool_since", "C-1", "hidden"),
        # In the row that is named.
        (grant("payments") + grant("orders", '"own"'), "customer", "PY-1", "read"),
        (grant("payments") + grant("orders", '"own"', 'external = "read"'), "customer", "PY-1", "hidden"),
        (grant("payments"), "customer", "PY-1", "hidden"),
        (grant("payments"), "owner", "PY-1", "hidden"),
        (grant("payments") + grant("orders", '"own"'), "customer", "PY-2", "hidden"),  # as if it were hidden
        (grant("payments") + grant("orders"), "customer", "PY-2", "read"),
        (grant("payments") + grant("orders", '"own"'), "customer", "PY-3", "read"),
        (grant("campaign_members") + grant("campaigns") + OWN, "customer_id", "M-1", "read"),
        (grant("campaign_members") + grant("campaigns") + OWN, "customer_id", "M-2", "hidden"),
        (PARTS + grant("customers"), "converted_on", "M-1", "hidden"),  # what the customer's column is made from counts
        (OWN + grant("people", '"own"'), "department", "C-1", "read"),
        (OWN + grant("people", '"own"', 'email = "read"'), "department", "C-1", "hidden"),
        # A deny of the sources, whenever it holds.
        (
            OWN + grant("follow_ups") + DENY.format("hidden") + "when = \"method == '拜访'\"\n",
            "last_contact",
            "C-1",
            "hidden",
        ),
        (OWN + grant("follow_ups") + DENY.format("read"), "last_contact", "C-1", "read"),
        # What is declassified is made from nothing, also for what is made from it.
        (OWN + declassify("customers", "last_contact"), "last_contact", "C-1", "read"),
        (
            OWN + grant("orders", '"customer"') + declassify("orders", "total"),
            "order_amount",
            "C-1",
            "read",
        ),
        (grant("customers", columns='path = "read"') + declassify("customers", "path"), "path", "C-1", "read"),
        # What is added up for a person comes of that person's rows.
        (MINE, "won_amount", "PF-1", "read"),
        (MINE, "won_amount", "PF-2", "hidden"),
        (MINE, "actual", "TG-1", "read"),
        (MINE, "actual", "TG-2", "hidden"),
        (MINE, "actual", "TG-3", "hidden"),
        (MINE.replace('"own"', '"department"'), "actual", "TG-2", "read"),
        (MINE.replace('"own"', '"department"'), "actual", "TG-3", "hidden"),
        (MINE.replace('"own"', '"all"'), "actual", "TG-3", "read"),
        (MINE.replace('"own"', '"customer"'), "won_amount", "PF-1", "hidden"),
    ],
)  # fmt: skip
def test_what_is_made_from_hidden_things_is_hidden(policy: str, column: str, key: str, expected: str) -> None:
    assert level(policy, column, key) == expected


def test_the_widest_rights_are_never_less_than_those_of_a_row() -> None:
    team = Team(OWN + grant("orders", '"own"') + grant("order_lines", '"own"') + grant("payments"), BOOK)
    rights = team.rights("张伟")
    for row in team.book.rows:
        found = rights.of(row.tab, values_of(row.record), team.book)
        widest = rights.widest(row.tab)
        assert all(found.level(column) <= widest[column] for column in widest)


def test_every_computed_column_is_open_to_whoever_reads_everything() -> None:
    team = Team(EVERYTHING, BOOK)
    row = team.levels("张伟", "C-1", *team.authority.tabs[TabKey("customers")].columns)
    assert "hidden" not in row


def test_an_own_field_is_made_from_what_its_expression_reads() -> None:
    from crm_sheets.language import language
    from crm_sheets.schema.base import Column, Kind
    from crm_sheets.schema.custom import CustomField
    from crm_sheets.schema.team import team_schema
    from tests.core.permission_tables import AT
    from tests.rules.tables import ALL_TABS, SHIPPED

    field = CustomField(
        TabKey("opportunities"),
        Column(Kind.NUMBER, system=True, computed=True, formula="amount * customer.employees", key=ColumnKey("size")),
        {"en": "Size"},
    )
    tabs = {**ALL_TABS, **team_schema("en", ["customers", "opportunities"], [field]).tabs}
    assert language("en")
    found = {}
    for customers in ("", OWN, grant("customers", '"own"', '"*" = "read", employees = "hidden"')):
        team = Team(grant("opportunities") + customers, BOOK)
        authority = Authority(team.policy, team.organisation, tabs, AT, SHIPPED)
        rights = authority.of(team.person("张伟"))
        levels = rights.of(TabKey("opportunities"), team.values("O-1"), team.book)
        found[customers[-20:]] = levels.level(ColumnKey("size")).name
    assert list(found.values()) == ["HIDDEN", "READ", "HIDDEN"]
