"""Permissions in the config: what they come to, and every mistake in them told at once, with what was meant."""

from pathlib import Path

import pytest

from crm_sheets.config import load
from crm_sheets.permissions import OPEN, Change, Extent, Level, Scope, Where
from crm_sheets.schema import TABS
from tests.config.test_config import MINIMAL, loaded, mistakes

GRANT = '[[grant]]\nrole = "sales"\ntab = "customers"\ncolumns = { "*" = "read" }\n'


def test_a_grant_comes_to_one_for_each_role_and_tab(tmp_path: Path) -> None:
    policy = loaded(
        tmp_path,
        MINIMAL
        + """
        [[grant]]
        role = ["销售专员", "组长", "外援"]
        tab = ["customers", "follow_ups"]
        rows = ["own", { where = "owner is blank" }]
        columns = { "*" = "edit" }
        create = "own"
        delete = "propose"
        [[grant]]
        role = "admin"
        tab = "customers"
        columns = { "*" = "edit" }
        change = { status = { from = [""], to = ["won"], to_propose = ["流失客户"] } }
        create = true
        delete = true
        [[deny]]
        role = "Sales"
        tab = "customers"
        when = "level == 'VIP'"
        memo = "只读"
        [[declassify]]
        tab = "customers"
        column = "department"
        reason = "人人都知道"
        """,
    ).policy
    assert [(grant.role, grant.tab) for grant in policy.grants[:6]] == [
        (role, tab) for role in ("sales", "group_lead", "外援") for tab in ("customers", "follow_ups")
    ]
    first, last, deny = policy.grants[0], policy.grants[-1], policy.denies[0]
    assert first.rows == (Scope.OWN, Where("owner is blank"))
    assert (first.create, first.delete) == (Extent.OWN, Level.PROPOSE)
    assert (last.create, last.delete, last.rows) == (Extent.ALL, Level.EDIT, (Scope.ALL,))
    assert last.change == {"status": Change(("",), ("won",), ("流失客户",))}
    assert (deny.role, deny.cap, deny.reason, deny.when) == ("sales", Level.READ, "只读", "level == 'VIP'")
    assert policy.declassified[0].column == "department"


def test_without_a_grant_the_shared_workbook_is_open(tmp_path: Path) -> None:
    assert loaded(tmp_path, MINIMAL).policy.grants == OPEN.grants


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GRANT.replace("customers", "custmers"), "grant[1].tab: no tab 'custmers'; did you mean customers?"),
        (GRANT.replace('"*" =', "fone ="), "grant[1].columns: customers has no column 'fone'; did you mean phone?"),
        (GRANT.replace('"*" = "read"', 'department = "edit"'), "grant[1].columns.department: only the program writes"),
        (GRANT + 'rows = "onw"\n', "grant[1].rows: no such rows; did you mean own?"),
        (GRANT + 'rows = "everything"\n', "no such rows; there are own, group, department"),
        (
            GRANT + 'rows = { were = "x" }\n',
            "write one of own, group, department, reports, shared, customer, all, or {",
        ),
        (GRANT + "rows = []\n", "grant[1].rows:"),
        (
            GRANT + "rows = { where = \"stauts == '成交客户'\" }\n",
            "grant[1].rows: at character 1: “stauts” is no column",
        ),
        (GRANT + "rows = { where = \"user.roll == 'sales'\" }\n", "grant[1].rows: at character 1"),
        (GRANT + 'rows = { where = "owner" }\n', "grant[1].rows: at character 1"),
        (GRANT + 'rows = { where = "id_number is blank" }\n', "grant[1].rows: at character 1"),
        (GRANT + 'rows = "customer"\n', 'grant[1].rows: "customer" opens rows about a customer; customers has none'),
        (GRANT.replace("customers", "people") + 'rows = "shared"\n', '"shared" opens customers and rows about them'),
        (GRANT.replace("customers", "campaigns") + 'rows = "own"\n', "rows of campaigns belong to nobody"),
        (GRANT.replace("customers", "campaigns") + 'create = "own"\n', "grant[1].create: rows of campaigns belong to"),
        (GRANT.replace("customers", "performance") + "create = true\n", "only the program makes rows of performance"),
        (GRANT.replace("customers", "stage_history") + 'delete = "allow"\n', "only the program makes rows of stage"),
        (GRANT.replace("sales", "shared") + 'rows = "own"\n', "grant[1].rows: in the shared workbook nobody is known"),
        (GRANT + "create = 'some'\n", "grant[1].create"),
        (GRANT + "change = { status = { too = [] } }\n", "write which values may become which: { from = [], to = []"),
        (GRANT + "change = { status = { to = 'won' } }\n", "write values in a list"),
        (GRANT + "change = { stauts = { to = ['won'] } }\n", "has no column 'stauts' whose values are texts; did you"),
        (GRANT + "change = { employees = { to = ['1'] } }\n", "has no column 'employees' whose values are texts"),
        (GRANT + "change = { '*' = { to = ['1'] } }\n", "has no column '*' whose values are texts"),
        (GRANT + '[[deny]]\nrole = "slaes"\ntab = "*"\n', "deny[1].role: no role 'slaes' is granted anything; did you"),
        (GRANT + '[[deny]]\nrole = "*"\ntab = "clients"\n', "deny[1].tab: no tab 'clients'"),
        (GRANT + '[[deny]]\nrole = "*"\ntab = "customers"\nwhen = "level = = 1"\n', "deny[1].when: at character 9"),
        (GRANT + '[[deny]]\nrole = "*"\ntab = "*"\nwhen = "level == \'VIP\'"\n', "(follow_ups: \"level == 'VIP'\")"),
        ('[[declassify]]\ntab = "customers"\ncolumn = "phone"\nreason = "x"\n', "declassify[1].column: 'phone' is not"),
        ('[[declassify]]\ntab = "customers"\ncolumn = "departement"\nreason = "x"\n', "did you mean department?"),
        ('[[declassify]]\ntab = "customers"\ncolumn = "department"\nreason = ""\n', "declassify[1].reason"),
    ],
)
def test_mistakes_are_told_with_what_was_meant(tmp_path: Path, text: str, expected: str) -> None:
    lines = mistakes(tmp_path, MINIMAL + text)
    assert expected in "\n".join(lines)
    assert len(lines) == 1 or '"*"' in text


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    lines = mistakes(
        tmp_path,
        MINIMAL
        + GRANT.replace("phone", "fone")
        + 'rows = "onw"\n[sync]\nintervall = "1s"\n'
        + GRANT.replace("customers", "nothing")
        + GRANT.replace('"*" =', "fone =")
        + '[[deny]]\nrole = "*"\ntab = "customers"\ncolumns = ["fone"]\n',
    )
    assert [line.split(": ")[1] for line in lines] == [
        "grant[1].rows",
        "sync.intervall",
        "grant[2].tab",
        "grant[3].columns",
        "deny[1].columns",
    ]


def test_conditions_may_speak_of_the_person_and_of_fields_of_the_team(tmp_path: Path) -> None:
    field = '[[field]]\ntab = "customers"\nkey = "rating"\nlabel = "评级"\n'
    deny = '[[deny]]\nrole = "sales"\ntab = "customers"\ncolumns = ["rating"]\n'
    when = "when = \"rating == '战略' and not user.owns\"\n"
    assert loaded(tmp_path, MINIMAL + field + GRANT + deny + when).policy.denies[0].when


def test_the_example_policy_is_sound(tmp_path: Path) -> None:
    example = (Path(__file__).parents[2] / "examples" / "permissions.toml").read_text(encoding="utf-8")
    tabs = ", ".join(f'"{tab.key}"' for tab in TABS)
    config = MINIMAL.replace('path = "crm.xlsx"', f'path = "crm.xlsx"\ntabs = [{tabs}]')
    assert loaded(tmp_path, config + example).policy.grants


@pytest.mark.parametrize(
    ("rights", "comes"),
    [
        ('columns = { phone = "edit" }', False),
        ('columns = { phone = "propose" }', True),
        ('columns = { phone = "edit" }\ndelete = "propose"', True),
        ('columns = { status = "edit" }\nchange = { status = { to_propose = ["流失客户"] } }', True),
    ],
)
def test_what_may_be_proposed_has_a_tab_for_its_requests(tmp_path: Path, rights: str, comes: bool) -> None:
    config = tmp_path / "config.toml"
    head = f'[[grant]]\nrole = "sales"\ntab = "customers"\n{rights}\n'
    config.write_text(f'[workbook]\npath = "a.xlsx"\n{head}', encoding="utf-8")
    assert ("approvals" in load(config).workbook.tabs) == comes
    config.write_text(f'[workbook]\npath = "a.xlsx"\n[views]\nenabled = true\n{head}', encoding="utf-8")
    assert [tab for tab in load(config).workbook.tabs if tab in {"conflicts", "approvals", "people"}] == [
        "conflicts", *(["approvals"] if comes else []), "people",
    ]  # fmt: skip
