"""What a changed config would show for the first time waits; what it hides is hidden at once."""

import pytest

from crm_sheets.confirmations import before, confirmation, confirmed, in_force
from crm_sheets.permissions import Policy
from crm_sheets.schema.base import Tab
from tests.core.permission_tables import Team, policy
from tests.rules.tables import ALL_TABS

BOOK = """
customers
key | name | owner | phone | level
C-1 | 华为 | 张伟 | 13800000001 | VIP
C-2 | 中兴 | 李娜 | 13800000002 | A
"""
TABS = tuple(ALL_TABS.values())
CUSTOMERS = ALL_TABS["customers"]  # type: ignore[index]  # a key


def grant(columns: str = 'name = "read"', rows: str = '"own"', role: str = "sales", tab: str = "customers") -> str:
    return f'[[grant]]\nrole = "{role}"\ntab = "{tab}"\nrows = {rows}\ncolumns = {{ {columns} }}\n'


def deny(columns: str = '"phone"', when: str = "", cap: str = "hidden") -> str:
    said = f'when = "{when}"\n' if when else ""
    return f'[[deny]]\nrole = "sales"\ntab = "customers"\ncolumns = [{columns}]\ncap = "{cap}"\n{said}'


def after(*configs: str, tabs: tuple[Tab, ...] = TABS) -> Policy:
    """The policy in force after a team had these configs, one after the other."""
    kept: str | None = None
    found = Policy(())
    for config in configs:
        found, kept = in_force(policy(config), tabs, kept)
    return found


def seen(of: Policy) -> str:
    team = Team(of, BOOK)
    return "; ".join(f"{key} {team.levels('张伟', key, 'name', 'phone')}" for key in team.sees("张伟", "customers"))


EMAIL = grant("email = 'read'")
SEALED = grant('id_number = "read"')
NAME, BOTH = grant(), grant('name = "read", phone = "read"')


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        ((BOTH,), "C-1 name read, phone read"),  # the first config is in force as it is
        ((NAME, BOTH), "C-1 name read, phone hidden"),
        ((NAME, BOTH, BOTH), "C-1 name read, phone hidden"),
        ((BOTH, NAME), "C-1 name read, phone hidden"),
        ((BOTH, NAME, BOTH), "C-1 name read, phone hidden"),
        ((NAME, BOTH, NAME), "C-1 name read, phone hidden"),
        ((NAME, grant('name = "edit"')), "C-1 name edit, phone hidden"),  # to do more is not to see more
        ((NAME, grant(rows='"all"')), "C-1 name read, phone hidden"),
        ((NAME, grant(rows='["own", "group"]')), "C-1 name read, phone hidden"),
        ((grant(rows='"all"'), NAME), "C-1 name read, phone hidden"),
        ((grant(rows='["own", "group"]'), NAME + grant(rows='"group"')), "C-1 name read, phone hidden"),
        ((NAME + grant('phone = "read"', '"group"'), NAME, BOTH), "C-1 name read, phone hidden"),
        ((grant(rows='"department"'), grant('phone = "read"', '"all"')), ""),
        ((NAME, NAME + grant('"*" = "read"', '"all"', "finance")), "C-1 name read, phone hidden"),
        ((BOTH + deny(), BOTH), "C-1 name read, phone hidden"),
        ((BOTH + deny(), BOTH + deny(cap="read")), "C-1 name read, phone hidden"),
        ((BOTH + deny(), BOTH + deny(when="level == 'VIP'")), "C-1 name read, phone hidden"),
        ((BOTH + deny(when="level == 'A'"), BOTH + deny()), "C-1 name read, phone hidden"),
        ((BOTH + deny(when="level == 'A'"), BOTH + deny(when="level == 'VIP'")), "C-1 name read, phone hidden"),
        ((BOTH, BOTH + deny(when="level == 'A'")), "C-1 name read, phone read"),
        ((BOTH + deny(when="level == 'A'"), BOTH + deny(when="level == 'A'") + EMAIL), "C-1 name read, phone read"),
        (("", NAME), ""),
    ],
)  # fmt: skip
def test_only_what_was_shown_before_is_shown(configs: tuple[str, ...], expected: str) -> None:
    assert seen(after(*configs)) == expected


@pytest.mark.parametrize(
    ("old", "new", "waits"),
    [
        (BOTH, NAME, False),
        (BOTH, grant('name = "edit", phone = "propose"'), False),
        (grant(rows='["own", "group"]'), NAME + grant(rows='"group"'), False),
        (NAME, NAME + grant('"*" = "read"', '"all"', "shared"), False),  # which can hide nothing
        (NAME + grant("name = 'read'", '"all"', "*"), grant(rows='"all"'), False),
        (NAME + deny(), BOTH + deny(), False),
        (NAME, BOTH, True),
        (SEALED, SEALED + 'reveal = ["id_number"]\n', True),
        (SEALED + 'reveal = ["id_number"]\n', SEALED, False),
        (NAME, grant(role="*"), True),
        (NAME, grant(role="finance"), True),
        (NAME, NAME + grant(tab="follow_ups", columns='"*" = "read"'), True),
        (BOTH + deny(when="level == 'A'"), BOTH + deny(when="level == 'VIP'"), True),
        (NAME, NAME + '[[declassify]]\ntab = "customers"\ncolumn = "path"\nreason = "x"\n', True),
    ],
)
def test_what_waits(old: str, new: str, waits: bool) -> None:
    assert (after(old, new).limit is not None) is waits


def test_a_new_column_is_hidden_until_it_is_confirmed() -> None:
    fewer = tuple(tab.without(frozenset({"phone"})) if tab.key == "customers" else tab for tab in TABS)  # type: ignore[arg-type]
    everything = grant('"*" = "read"')
    _, kept = in_force(policy(everything), fewer, None)
    found, _ = in_force(policy(everything), TABS, kept)
    assert seen(found) == "C-1 name read, phone hidden"
    nothing, _ = in_force(policy(everything), TABS, in_force(policy(everything), TABS[1:], None)[1])
    assert seen(nothing) == ""


def test_what_is_confirmed_is_shown() -> None:
    _, kept = in_force(policy(NAME), TABS, None)
    limited, kept = in_force(policy(BOTH), TABS, kept)
    assert limited.limit is not None
    assert confirmation(limited, TABS) == confirmation(policy(BOTH), TABS) != confirmation(policy(NAME), TABS)
    found, again = in_force(policy(BOTH), TABS, confirmed(limited, TABS))
    assert seen(found) == "C-1 name read, phone read"
    assert again == confirmed(policy(BOTH), TABS)


def test_what_is_kept_comes_back_as_it_was() -> None:
    rich = policy(
        """
        [[grant]]
        role = "sales"
        tab = "customers"
        rows = ["own", { where = "level == 'A'" }]
        columns = { "*" = "edit", phone = "propose" }
        create = "own"
        delete = "propose"
        change = { status = { from = ["a"], to = ["b"], to_propose = ["c"] } }
        approve_by = "manager"
        may_leave_scope = true
        may_take_over = true
        memo = "m"
        reveal = ["id_number"]
        [[deny]]
        role = "*"
        tab = "*"
        columns = ["name"]
        cap = "propose"
        when = "level == 'A'"
        reason = "r"
        [[declassify]]
        tab = "customers"
        column = "path"
        reason = "x"
        """
    )
    found = before(in_force(rich, TABS, None)[1])
    assert (found.policy, found.columns[CUSTOMERS.key]) == (rich, tuple(CUSTOMERS.columns))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"grants": 1}', '{"grants": [{}]}'])
def test_what_cannot_be_read_opens_nothing(text: str) -> None:
    found, _ = in_force(policy(BOTH), TABS, text)
    assert seen(found) == ""


def test_nobody_edits_what_waits_to_be_confirmed() -> None:
    team = Team(after(NAME, grant('name = "edit", phone = "edit"')), BOOK)
    assert team.edits("张伟", "C-1", name="华为技术", phone="1") == "name edit granted, phone hidden no-grant"
    assert {str(key) for key, level in team.rights("张伟").widest(CUSTOMERS.key).items() if level} >= {"name"}
    assert not team.rights("张伟").widest(CUSTOMERS.key)["phone"]  # type: ignore[index]  # a key
