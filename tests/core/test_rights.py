"""What a person may do: scopes of rows, levels of columns, edits judged before and after, new rows, deletions."""

import pytest

from crm_sheets.permissions import OPEN, Extent, Level
from crm_sheets.rights import Rights
from crm_sheets.schema.base import values_of
from crm_sheets.tables import ColumnKey, TabKey
from tests.core.permission_tables import PEOPLE, Team

CUSTOMERS = """
customers
key | name | owner | status | level | shared_with | private_note | phone
C-1 | 华为 | 张伟 | 成交客户 | VIP | 售后部:可编辑; 财务部:仅查看 | 老板爱茶 | 13800000001
C-2 | 中兴 | 005 | 潜在客户 | A | 张伟：仅查看 | | 13800000002
C-3 | 小米 | 陈晨 | 潜在客户 | B | | | 13800000003
C-4 | 公海 | | 潜在客户 | C | | | 13800000004
C-5 | 外人 | 王五 | 成交客户 | C | 售后部:全部 | | 13800000005
C-6 | 售后 | 周杰 | 成交客户 | C | 售后部:仅查看; 周杰:可编辑 | | 13800000006

follow_ups
key | customer | owner | content
F-1 | 华为 | 张伟 | 一
F-2 | C-2 | | 二
F-3 | 小米 | 李娜 | 三
F-4 | 没有 | | 四

opportunities
key | name | customer | owner | stage | amount
O-1 | 大单 | 华为 | 李娜 | 需求分析 | 100
O-2 | 小单 | 中兴 | | 初步接触 | 10

orders
key | customer | owner | opportunity
OR-1 | 华为 | 李娜 |
OR-2 | 中兴 | | O-2

order_lines
key | order | product
OL-1 | OR-1 | 服务器
OL-2 | OR-2 | 交换机
OL-3 | OR-9 | 无主

payments
key | order | customer | owner | amount
PY-1 | OR-1 | 华为 | 张伟 | 5
PY-2 | | 中兴 | 005 | 6

stage_history
key | customer | opportunity
H-1 | 华为 | O-1
H-2 | 华为 |

targets
key | scope | period
TG-1 | 张伟 | 2026
TG-2 | 部门:销售部 | 2026
TG-3 | 公司 | 2026
TG-4 | 售后部/一组 | 2026
TG-5 | 一组 | 2026
"""


def scoped(rows: str, tab: str = "*") -> Team:
    return Team(f'[[grant]]\nrole = "*"\ntab = "{tab}"\nrows = {rows}\ncolumns = {{ "*" = "edit" }}\n', CUSTOMERS)


@pytest.mark.parametrize(
    ("rows", "name", "tab", "expected"),
    [
        ('"own"', "张伟", "customers", "C-1"),
        ('"own"', "004", "customers", "C-1"),
        ('"own"', "李娜", "customers", "C-2"),
        ('"own"', "", "customers", ""),
        ('"own"', "陈晨", "customers", ""),  # who has left sees nothing
        ('"group"', "张伟", "customers", "C-1 C-3"),
        ('"group"', "赵敏", "customers", ""),  # no group is none
        ('"department"', "张伟", "customers", "C-1 C-2 C-3"),
        ('"department"', "周杰", "customers", "C-6"),
        ('"reports"', "孙丽", "customers", "C-1 C-3"),
        ('"reports"', "赵敏", "customers", "C-1 C-2 C-3"),
        ('"reports"', "张伟", "customers", ""),
        ('["own", "reports"]', "王总", "customers", "C-1 C-2 C-3 C-6"),
        ('"all"', "", "customers", "C-1 C-2 C-3 C-4 C-5 C-6"),
        ('"shared"', "周杰", "customers", "C-1 C-6"),
        ('"shared"', "张伟", "customers", "C-2"),
        ('"shared"', "钱进", "follow_ups", "F-1"),
        ("{ where = \"status == '成交客户'\" }", "", "customers", "C-1 C-5 C-6"),
        ("{ where = \"customer.level == 'VIP'\" }", "", "follow_ups", "F-1"),
        ("{ where = \"customer.level != 'VIP'\" }", "", "follow_ups", "F-2 F-3"),  # F-4 cannot be judged
        ('{ where = "owner == user.name" }', "张伟", "customers", "C-1"),
        ('{ where = "user.owns" }', "李娜", "customers", "C-2"),
        ("{ where = \"user.role == 'department_manager'\" }", "赵敏", "targets", "TG-1 TG-2 TG-3 TG-4 TG-5"),
        ("{ where = \"user.role == '部门经理'\" }", "赵敏", "targets", "TG-1 TG-2 TG-3 TG-4 TG-5"),
        ("{ where = \"user.role == '部门经理'\" }", "孙丽", "targets", ""),
        ('"own"', "张伟", "people", "P-4"),
        ('"department"', "张伟", "people", "P-2 P-3 P-4 P-5 P-8"),
        ('"own"', "张伟", "follow_ups", "F-1"),
        ('"own"', "李娜", "follow_ups", "F-2 F-3"),  # without a person it is the customer's
        ('"own"', "李娜", "order_lines", "OL-1 OL-2"),
        ('"own"', "李娜", "payments", "PY-1 PY-2"),  # the order says whose it is, before the computed column
        ('"own"', "张伟", "targets", "TG-1"),
        ('"department"', "张伟", "targets", "TG-1 TG-2"),
        ('"group"', "周杰", "targets", "TG-4"),  # 一组 alone may be another one
        ('"own"', "张伟", "dictionaries", ""),
    ],
)
def test_whom_a_row_scope_opens_what(rows: str, name: str, tab: str, expected: str) -> None:
    assert " ".join(scoped(rows).sees(name, tab)) == expected


def test_a_move_belongs_to_whoever_has_what_moved() -> None:
    team = Team(OPEN, CUSTOMERS)
    rows = {row.key: values_of(row.record) for row in team.book.every(TabKey("stage_history"))}
    owners = {key: team.authority.facts(TabKey("stage_history"), each, team.book).owner for key, each in rows.items()}
    assert owners == {"H-1": "李娜", "H-2": "张伟"}


def test_whoever_sees_a_customer_sees_all_its_rows() -> None:
    team = Team(
        """
        [[grant]]
        role = "sales"
        tab = "customers"
        rows = ["own", "shared"]
        columns = { name = "read" }
        [[grant]]
        role = "*"
        tab = "*"
        rows = "customer"
        columns = { "*" = "read" }
        """,
        CUSTOMERS,
    )
    seen = {tab: " ".join(team.sees("张伟", tab)) for tab in ("follow_ups", "orders", "order_lines", "payments")}
    assert seen == {"follow_ups": "F-1 F-2", "orders": "OR-1 OR-2", "order_lines": "OL-1 OL-2", "payments": "PY-1 PY-2"}
    assert team.sees("周杰", "follow_ups") == []
    assert team.sees("张伟", "targets") == []
    assert team.levels("张伟", "C-1", "name", "phone", "id", "owner", "check", "duplicates") == (
        "name read, phone hidden, id read, owner read, check read, duplicates hidden"
    )


def test_what_is_said_in_the_shared_cell_caps_the_grant() -> None:
    team = scoped('"shared"')
    assert team.levels("周杰", "C-1", "phone") == "phone edit"
    assert team.levels("钱进", "C-1", "phone") == "phone read"
    assert team.levels("周杰", "C-6", "phone") == "phone edit"  # the higher of two pieces
    assert team.levels("钱进", "F-1", "content") == "content read"


def test_two_people_of_one_name_are_nobody() -> None:
    toml = '[[grant]]\nrole = "*"\ntab = "*"\nrows = "own"\ncolumns = { "*" = "edit" }\n'
    team = Team(toml, CUSTOMERS, PEOPLE + "P-9 | 009 | 张伟 | 财务部 | | 财务 | |\n")
    assert team.sees("004", "customers") == []
    assert team.sees("009", "customers") == []
    assert team.sees("005", "customers") == ["C-2"]


def test_the_highest_grant_counts_and_every_deny_caps_it() -> None:
    team = Team(
        """
        [[grant]]
        role = "sales"
        tab = "customers"
        rows = "department"
        columns = { "*" = "read", private_note = "hidden", phone = "hidden" }
        [[grant]]
        role = "sales"
        tab = "customers"
        rows = "own"
        columns = { "*" = "edit", level = "propose" }
        delete = "allow"
        [[deny]]
        role = "*"
        tab = "customers"
        when = "status == '成交客户' and user.role != 'admin'"
        columns = ["name", "phone"]
        cap = "read"
        [[deny]]
        role = "sales"
        tab = "customers"
        when = "not user.owns"
        columns = ["level", "owner"]
        cap = "hidden"
        [[grant]]
        role = "*"
        tab = "people"
        columns = { id = "read", name = "read", department = "read" }
        """,
        CUSTOMERS,
    )
    columns = ("name", "phone", "note", "private_note", "level", "owner", "department")
    assert team.levels("张伟", "C-1", *columns) == (
        "name read, phone read, note edit, private_note edit, level propose, owner edit, department read"
    )
    assert team.levels("张伟", "C-2", *columns) == (
        "name read, phone hidden, note read, private_note hidden, level hidden, owner hidden, department hidden"
    )
    assert team.levels("赵敏", "C-1", *columns[:2]) == "name hidden, phone hidden"
    rights = team.rights("张伟")
    assert rights.of(TabKey("customers"), team.values("C-1"), team.book).delete is Level.EDIT
    assert rights.of(TabKey("customers"), team.values("C-2"), team.book).delete is Level.HIDDEN
    widest = rights.widest(TabKey("customers"))
    assert [widest[ColumnKey(each)] for each in ("name", "level", "created_at", "key_")] == [3, 2, 1, 1]


def test_a_deny_of_everything_hides_the_row_and_keeps_it() -> None:
    deny = '[[deny]]\nrole = "*"\ntab = "customers"\ncap = "{}"\nwhen = "{}"\n'
    grant = '[[grant]]\nrole = "*"\ntab = "customers"\ncolumns = { "*" = "edit" }\ndelete = "allow"\n'
    assert Team(grant + deny.format("hidden", "level == 'VIP'"), CUSTOMERS).sees("张伟", "customers")[0] == "C-2"
    capped = Team(grant + deny.format("propose", "level == 'VIP'"), CUSTOMERS)
    of = capped.rights("张伟")
    assert of.of(TabKey("customers"), capped.values("C-1"), capped.book).delete is Level.PROPOSE
    assert of.of(TabKey("customers"), capped.values("C-2"), capped.book).delete is Level.EDIT


def test_conditions_that_cannot_be_judged_open_nothing_and_deny() -> None:
    team = Team(
        """
        [[grant]]
        role = "sales"
        tab = "follow_ups"
        rows = { where = "nonsense == 1" }
        columns = { "*" = "edit" }
        [[grant]]
        role = "finance"
        tab = "follow_ups"
        columns = { "*" = "edit" }
        [[deny]]
        role = "finance"
        tab = "follow_ups"
        when = "customer.level == 'VIP'"
        columns = ["content"]
        cap = "read"
        [[grant]]
        role = "service"
        tab = "follow_ups"
        columns = { "*" = "edit" }
        [[deny]]
        role = "service"
        tab = "follow_ups"
        when = "nonsense == 1"
        cap = "hidden"
        """,
        CUSTOMERS,
    )
    assert team.sees("张伟", "follow_ups") == []
    assert team.sees("周杰", "follow_ups") == []
    assert [team.levels("钱进", key, "content") for key in ("F-1", "F-2", "F-4")] == [
        "content read",
        "content edit",
        "content read",
    ]


SALES = """
[[grant]]
role = ["sales", "group_lead"]
tab = "customers"
rows = "own"
create = "own"
columns = { "*" = "edit", contact = "propose" }
change = { status = { to = ["意向客户", "won"], to_propose = ["流失客户"] }, level = { from = ["VIP", ""] } }
approve_by = "department_manager"
delete = "propose"

[[grant]]
role = "service"
tab = "customers"
rows = "shared"
columns = { "*" = "edit", private_note = "hidden" }

[[grant]]
role = "service"
tab = "customers"
rows = "own"
columns = { private_note = "edit" }

[[grant]]
role = "department_manager"
tab = "customers"
rows = ["reports", "own"]
columns = { "*" = "edit", private_note = "hidden" }
may_leave_scope = true
create = "all"

[[grant]]
role = "department_manager"
tab = "customers"
rows = "own"
columns = { private_note = "edit" }

[[deny]]
role = "*"
tab = "customers"
columns = ["credit_code"]
cap = "read"
memo = "由财务维护"
"""


@pytest.mark.parametrize(
    ("name", "key", "edits", "expected"),
    [
        ("张伟", "C-1", {"phone": "13900000000"}, "phone edit granted"),
        ("张伟", "C-2", {"phone": "13900000000"}, "phone hidden no-grant"),
        ("张伟", "C-1", {"contact": "老王"}, "contact propose granted"),
        ("张伟", "C-1", {"credit_code": "1"}, "credit_code read denied"),
        ("张伟", "C-1", {"created_at": None}, "created_at read ours"),
        ("张伟", "C-1", {"nothing": "1"}, "nothing hidden ours"),
        ("张伟", "C-1", {"status": "意向客户"}, "status edit granted"),
        ("张伟", "C-1", {"status": "流失客户"}, "status propose change"),
        ("张伟", "C-1", {"status": "lost"}, "status propose change"),
        ("张伟", "C-1", {"status": "潜在客户"}, "status read change"),
        ("张伟", "C-1", {"status": None}, "status read change"),
        ("张伟", "C-1", {"level": "A"}, "level edit granted"),
        ("李娜", "C-2", {"level": "VIP"}, "level read change"),
        # Who gives a row away cannot do so without being allowed to, and the other edits are made all the same.
        ("张伟", "C-1", {"owner": "李娜", "phone": "13900000000"}, "owner read leaves, phone edit granted"),
        ("张伟", "C-1", {"owner": "004"}, "owner edit granted"),
        # Who may edit a shared row does not get at its private note by taking it over, or by sharing it more widely.
        ("周杰", "C-1", {"owner": "周杰", "note": "好"}, "owner read opens, note edit granted"),
        ("周杰", "C-1", {"shared_with": "客服中心:仅查看"}, "shared_with read leaves"),
        ("周杰", "C-1", {"shared_with": "售后部:仅查看"}, "shared_with read leaves"),
        ("周杰", "C-6", {"shared_with": "周杰:可编辑", "note": "好"}, "shared_with edit granted, note edit granted"),
        ("赵敏", "C-1", {"owner": "李娜"}, "owner edit granted"),
        ("赵敏", "C-1", {"owner": "周杰"}, "owner edit granted"),
        ("赵敏", "C-1", {"owner": "赵敏"}, "owner read opens"),
        ("赵敏", "C-4", {"owner": "赵敏"}, "owner hidden no-grant"),
        ("孙丽", "C-1", {"phone": "1"}, "phone hidden no-grant"),
    ],
)
def test_edits_are_judged_before_and_after(name: str, key: str, edits: dict[str, str], expected: str) -> None:
    assert Team(SALES, CUSTOMERS).edits(name, key, **edits) == expected


def test_edits_that_only_together_lead_out_are_put_back_together() -> None:
    team = scoped('["own", { where = "level == \'VIP\'" }]', "customers")
    assert team.edits("张伟", "C-1", level="C") == "level edit granted"
    assert team.edits("张伟", "C-1", owner="李娜") == "owner edit granted"
    assert team.edits("张伟", "C-1", owner="李娜", level="C") == "owner read leaves, level read leaves"


def test_who_may_take_over_may() -> None:
    may = SALES.replace("may_leave_scope = true", "may_leave_scope = true\nmay_take_over = true")
    assert Team(may, CUSTOMERS).edits("赵敏", "C-1", owner="赵敏") == "owner edit granted"


def test_owners_do_not_give_away_what_they_may_only_propose_to_do() -> None:
    team = Team(SALES, CUSTOMERS)
    judged = team.judged("张伟", "C-1", contact="老王", credit_code="9")
    assert judged["contact"].approve_by == ("department_manager",)
    assert judged["credit_code"].memo == "由财务维护"
    rights = team.rights("张伟")
    before, columns = team.values("C-1"), [ColumnKey("contact"), ColumnKey("phone"), ColumnKey("credit_code")]
    after = {**before, **dict.fromkeys(columns, "9")}
    refused = rights.refuses(TabKey("customers"), before, after, columns, team.book)
    assert sorted(refused) == ["contact", "credit_code"]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("张伟", {"owner": "张伟"}, True),
        ("张伟", {}, True),  # it becomes the author's
        ("张伟", {"owner": "李娜"}, False),
        ("赵敏", {"owner": "李娜"}, True),
        ("周杰", {"owner": "周杰"}, False),
        ("", {}, False),
    ],
)
def test_new_rows(name: str, values: dict[str, str], expected: bool) -> None:
    team = Team(SALES, CUSTOMERS)
    typed = {ColumnKey(column): value for column, value in values.items()}
    assert team.rights(name).may_make(TabKey("customers"), typed, team.book) is expected


def test_how_far_somebody_may_make_rows() -> None:
    team = Team(
        SALES + '[[grant]]\nrole = "sales"\ntab = "order_lines"\nrows = "own"\ncreate = "own"\ncolumns = {}\n',
        CUSTOMERS,
    )
    made = {name: team.rights(name).create(TabKey("customers")) for name in ("张伟", "赵敏", "周杰", "陈晨")}
    assert made == {"张伟": Extent.OWN, "赵敏": Extent.ALL, "周杰": Extent.NONE, "陈晨": Extent.NONE}
    of, lines = team.rights("李娜"), TabKey("order_lines")
    assert of.may_make(lines, {ColumnKey("order"): "OR-1"}, team.book)
    assert not of.may_make(lines, {ColumnKey("order"): "OR-9"}, team.book)  # no owner to be put in
    assert not of.may_make(lines, {}, team.book)


def filled(rights: Rights, team: Team, **values: str) -> str:
    typed = {ColumnKey(column): value for column, value in values.items()}
    judged = rights.judged(TabKey("customers"), None, typed, list(typed), team.book)
    return ", ".join(f"{column} {each.level.name.lower()} {each.why}" for column, each in judged.items())


def test_a_new_row_begins_with_what_its_author_may_fill_in() -> None:
    team = Team(SALES, CUSTOMERS)
    rights = team.rights("张伟")
    assert filled(rights, team, owner="张伟", status="成交客户", level="A", contact="老王") == (
        "owner edit granted, status edit granted, level edit granted, contact propose granted"
    )
    assert filled(rights, team, owner="张伟", status="流失客户") == "owner edit granted, status propose change"
    assert filled(rights, team, owner="张伟", status="休眠客户") == "owner edit granted, status read change"
    assert filled(rights, team, status="意向客户") == "status hidden no-grant"


def test_the_shared_workbook_is_open_by_default_and_to_nobody_else() -> None:
    team = Team(OPEN, CUSTOMERS)
    assert team.levels("", "C-1", "phone", "private_note", "department", "id") == (
        "phone edit, private_note edit, department read, id read"
    )
    assert team.rights("").create(TabKey("customers")) is Extent.ALL
    assert team.sees("张伟", "customers") == []
    assert set(team.rights("王总").widest(TabKey("customers")).values()) == {Level.HIDDEN}


def test_in_the_shared_workbook_nobody_owns_anything() -> None:
    team = scoped('"own"')
    assert team.policy.decide("shared", TabKey("customers"), ColumnKey("phone")).level is Level.HIDDEN
    assert not team.policy.may_create("shared", TabKey("customers"))
    locked = Team(
        '[[grant]]\nrole = "shared"\ntab = "*"\ncolumns = { "*" = "edit" }\n'
        '[[deny]]\nrole = "*"\ntab = "customers"\nwhen = "level == \'VIP\'"\nreason = "封存"\n',
        CUSTOMERS,
    )
    decision = locked.policy.decide("shared", TabKey("customers"), ColumnKey("phone"))
    assert (decision.level, decision.reason) == (Level.READ, "封存")
    assert locked.levels("", "C-1", "phone") == "phone read"
    assert locked.levels("", "C-2", "phone") == "phone edit"


def test_whoever_takes_a_row_over_does_not_get_to_do_more_by_that() -> None:
    grant = '[[grant]]\nrole = "service"\ntab = "customers"\nrows = "{}"\ncolumns = {{ {} }}\ndelete = "{}"\n'
    shared = grant.format("shared", '"*" = "read", owner = "edit", shared_with = "edit"', "none")
    take_over = {"owner": "周杰"}
    more = Team(shared + grant.format("own", '"*" = "read", phone = "edit", owner = "edit"', "none"), CUSTOMERS)
    assert more.edits("周杰", "C-1", **take_over) == "owner read opens"
    deletes = Team(shared + grant.format("own", '"*" = "read", owner = "edit"', "allow"), CUSTOMERS)
    assert deletes.edits("周杰", "C-1", **take_over) == "owner read opens"
    same = Team(shared + grant.format("own", '"*" = "read", owner = "edit"', "none"), CUSTOMERS)
    assert same.edits("周杰", "C-1", **take_over) == "owner edit granted"


def test_an_edit_of_what_a_row_says_may_open_others_to_edits_but_not_to_sight() -> None:
    team = Team(
        """
        [[grant]]
        role = "sales"
        tab = "customers"
        rows = "own"
        columns = { "*" = "read", level = "edit", status = "edit", email = "hidden" }
        [[grant]]
        role = "sales"
        tab = "customers"
        rows = { where = "level == 'A'" }
        columns = { note = "edit" }
        [[grant]]
        role = "sales"
        tab = "customers"
        rows = { where = "status == '潜在客户'" }
        columns = { email = "read" }
        """,
        CUSTOMERS,
    )
    assert team.edits("张伟", "C-1", level="A") == "level edit granted"
    assert team.edits("张伟", "C-1", status="潜在客户") == "status read opens"


def test_what_keeps_a_column_hidden_is_named() -> None:
    team = Team(
        """
        [[grant]]
        role = "sales"
        tab = "opportunities"
        rows = "own"
        columns = { weighted = "read", stage = "read" }
        [[grant]]
        role = "sales"
        tab = "customers"
        rows = "own"
        columns = { last_contact = "read" }
        """,
        CUSTOMERS,
    )
    of = team.rights("李娜")
    assert of.missing(TabKey("opportunities"), ColumnKey("weighted")) == (
        ("opportunities", "amount"),
        ("opportunities", "probability"),
    )
    assert ("follow_ups", "done_at") in of.missing(TabKey("customers"), ColumnKey("last_contact"))
    assert of.missing(TabKey("customers"), ColumnKey("lifecycle")) == ()
    assert of.missing(TabKey("customers"), ColumnKey("phone")) == ()
    assert of.missing(TabKey("orders"), ColumnKey("total")) == ()


def test_one_grant_that_lets_a_row_go_is_enough_and_says_why_another_does_not() -> None:
    grant = '[[grant]]\nrole = "sales"\ntab = "customers"\nrows = "own"\ncolumns = { "*" = "edit" }\n'
    leaving = Team(grant + grant + "may_leave_scope = true\n", CUSTOMERS)
    assert leaving.edits("张伟", "C-1", owner="李娜") == "owner edit granted"
    takes = grant + "may_take_over = true\n" + grant.replace('"own"', '"group"')
    assert Team(takes, CUSTOMERS).edits("张伟", "C-1", owner="004") == "owner edit granted"
    changing = 'change = { status = { to = ["意向客户"] } }\n'
    reading = '[[grant]]\nrole = "sales"\ntab = "customers"\ncolumns = { status = "read" }\n'
    team = Team(grant + changing + reading, CUSTOMERS)
    assert team.edits("张伟", "C-1", status="流失客户") == "status read change"
    assert team.edits("李娜", "C-1", status="流失客户") == "status read no-grant"
