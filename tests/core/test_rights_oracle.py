"""The compiled rights against a naive reading of the same policy, on random policies, people and rows; and what must
hold of any policy: the order means nothing, a grant never takes away, a deny never gives, broken conditions close."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.changes import Value
from crm_sheets.confirmations import in_force, reveals
from crm_sheets.organisation import Organisation, Person
from crm_sheets.permissions import Change, Confirmed, Deny, Extent, Grant, Level, Policy, Rows, Scope, Where
from crm_sheets.rights import Authority, Rights
from crm_sheets.rules.base import Book
from crm_sheets.schema.base import values_of
from crm_sheets.tables import ColumnKey, TabKey
from tests.core.permission_tables import AT
from tests.rules.tables import ALL_TABS, SHIPPED, TextBook, book

CUSTOMERS, FOLLOW_UPS = TabKey("customers"), TabKey("follow_ups")
TABS = {key: ALL_TABS[key] for key in (CUSTOMERS, FOLLOW_UPS)}
NAMES = ("甲", "乙", "丙", "丁")
ROLES = ("sales", "department_manager", "finance")
COLUMNS = ("name", "phone", "status", "owner", "private_note")
Values = dict[ColumnKey, Value]
STATUS, LEVEL, OWNER = ColumnKey("status"), ColumnKey("level"), ColumnKey("owner")
CONDITIONS: Mapping[str, Callable[[Values, Person], bool | None]] = {
    "status == '成交客户'": lambda values, person: values.get(STATUS) == "成交客户",
    "level is blank": lambda values, person: not values.get(LEVEL),
    "owner == user.name": lambda values, person: values.get(OWNER) == person.name,
    "user.role != 'sales'": lambda values, person: person.role != "sales",
    "no such word == 1": lambda values, person: None,
}

people = st.tuples(
    *(
        st.builds(
            Person,
            id=st.just(f"{number}"),
            name=st.just(name),
            role=st.sampled_from(ROLES),
            department=st.sampled_from(["", "销售部", "售后部"]),
            group=st.sampled_from(["", "一组"]),
            manager=st.sampled_from(["", *NAMES]),
            active=st.booleans(),
        )
        for number, name in enumerate(NAMES)
    )
)
levels = st.sampled_from(Level)
conditions = st.sampled_from(sorted(CONDITIONS))
rows = st.lists(
    st.one_of(st.sampled_from([each for each in Scope if each is not Scope.CUSTOMER]), st.builds(Where, conditions)),
    min_size=1,
    max_size=2,
).map(tuple)
grants = st.builds(
    Grant,
    role=st.sampled_from([*ROLES, "*"]),
    tab=st.sampled_from(["customers", "*"]),
    columns=st.dictionaries(st.sampled_from([*COLUMNS, "*"]), levels, max_size=3),
    create=st.sampled_from(Extent),
    delete=levels,
    rows=rows,
)
denies = st.builds(
    Deny,
    role=st.sampled_from([*ROLES, "*"]),
    tab=st.sampled_from(["customers", "*"]),
    columns=st.lists(st.sampled_from([*COLUMNS, "*"]), min_size=1, max_size=2).map(tuple),
    cap=levels,
    spared=st.sampled_from([(), ("sales",)]),
    when=st.one_of(st.just(""), conditions),
)
policies = st.builds(Policy, st.lists(grants, max_size=4).map(tuple), st.lists(denies, max_size=3).map(tuple))
customers = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["华为", "中兴"]),
        "owner": st.sampled_from([*NAMES, "0", "没有"]),
        "status": st.sampled_from(["成交客户", "潜在客户"]),
        "level": st.just("A"),
        "shared_with": st.sampled_from(
            ["销售部:可编辑", "售后部：仅查看;甲:可编辑", "乙:随便", "丙:仅查看；丙:可编辑"]
        ),
    },
).map(lambda values: {ColumnKey(column): value for column, value in values.items()})
NOTHING: Book = TextBook([])


def authority_of(policy: Policy, team: tuple[Person, ...]) -> Authority:
    return Authority(policy, Organisation(team), TABS, AT, SHIPPED)


def rights(policy: Policy, team: tuple[Person, ...], person: Person) -> Rights:
    return authority_of(policy, team).of(person)


def naive_level(policy: Policy, team: tuple[Person, ...], person: Person, values: Values, column: str) -> Level:
    """As docs/permissions.md tells it, in as many steps."""
    best = Level.HIDDEN
    for grant in policy.grants:
        if person.active and grant.role in (person.role, "*"):
            given = grant.columns.get(column, grant.columns.get("*", Level.HIDDEN))
            best = max(best, *(min(given, naive_reach(each, team, person, values)) for each in grant.rows))
    for deny in policy.denies:
        concerned = deny.role in (person.role, "*") and person.role not in deny.spared
        holds = not deny.when or CONDITIONS[deny.when](values, person) is not False
        if concerned and holds and {column, "*"} & set(deny.columns):
            best = min(best, deny.cap)
    return best


def naive_reach(of: Scope | Where, team: tuple[Person, ...], person: Person, values: Values) -> Level:
    if isinstance(of, Where):
        return Level.EDIT if CONDITIONS[of.text](values, person) is True else Level.HIDDEN
    owner = next((each for each in team if values.get(ColumnKey("owner")) in (each.name, each.id)), None)
    match of:
        case Scope.ALL:
            return Level.EDIT
        case Scope.SHARED:
            return naive_share(str(values.get(ColumnKey("shared_with")) or ""), person)
        case Scope.OWN:
            reached = owner == person
        case Scope.DEPARTMENT:
            reached = owner is not None and bool(person.department) and owner.department == person.department
        case Scope.GROUP:
            alike = owner is not None and (owner.department, owner.group) == (person.department, person.group)
            reached = alike and bool(person.group)
        case _:
            reached = owner is not None and owner != person and person in naive_superiors(owner, team)
    return Level.EDIT if reached else Level.HIDDEN


def naive_share(text: str, person: Person) -> Level:
    found = Level.HIDDEN
    for piece in text.replace("；", ";").split(";"):
        whom, _, level = piece.replace("：", ":").partition(":")
        if whom and whom in (person.name, person.department):
            found = max(found, {"可编辑": Level.EDIT, "仅查看": Level.READ}.get(level, Level.HIDDEN))
    return found


def naive_superiors(person: Person, team: tuple[Person, ...]) -> list[Person]:
    found: list[Person] = []
    above = next((each for each in team if each.name == person.manager and each != person), None)
    while above is not None and above not in found:
        found.append(above)
        last = above
        above = next((each for each in team if each.name == last.manager and each != last), None)
    return found


@settings(max_examples=45, deadline=None)
@given(policies, people, customers)
def test_the_compiled_rights_are_those_of_the_naive_reading(
    policy: Policy, team: tuple[Person, ...], values: Values
) -> None:
    authority = authority_of(policy, team)
    for person in team:
        found = authority.of(person).of(CUSTOMERS, values, NOTHING)
        columns = [key for key, each in TABS[CUSTOMERS].columns.items() if not each.system]
        naive = {column: naive_level(policy, team, person, values, column) for column in columns}
        floor = {ColumnKey("owner")}
        assert {column: found.level(column) for column in columns if column not in floor} == {
            column: level for column, level in naive.items() if column not in floor
        } or (not found.visible and not any(level for column, level in naive.items() if column not in floor))
        assert found.visible or not any(naive.values())
        hidden = any(
            deny.cap is Level.HIDDEN and deny.names(ColumnKey("owner"))
            for deny in policy.denies
            if deny.concerns(person.role, CUSTOMERS)
        )
        if found.visible and not hidden:
            assert found.level(ColumnKey("owner")) >= max(Level.READ, naive[ColumnKey("owner")])
        assert all(found.level(key) <= Level.READ for key, each in TABS[CUSTOMERS].columns.items() if each.system)


def everything(policy: Policy, team: tuple[Person, ...], values: Values) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    authority = authority_of(policy, team)
    for person in team:
        of = authority.of(person).of(CUSTOMERS, values, NOTHING)
        found += [(column, person.name, of.level(column)) for column in TABS[CUSTOMERS].columns]
        found.append(("delete", person.name, of.delete if of.visible else Level.HIDDEN))
    return found


@settings(max_examples=30, deadline=None)
@given(policies, people, customers)
def test_the_order_means_nothing(policy: Policy, team: tuple[Person, ...], values: Values) -> None:
    shuffled = Policy(policy.grants[::-1], policy.denies[::-1])
    assert everything(policy, team, values) == everything(shuffled, team, values)


@settings(max_examples=40, deadline=None)
@given(policies, people, customers, grants, denies)
def test_a_grant_never_takes_away_and_a_deny_never_gives(
    policy: Policy, team: tuple[Person, ...], values: Values, grant: Grant, deny: Deny
) -> None:
    now = everything(policy, team, values)
    more = everything(replace(policy, grants=(*policy.grants, grant)), team, values)
    less = everything(replace(policy, denies=(*policy.denies, deny)), team, values)
    assert all(one[2] <= other[2] for one, other in zip(now, more, strict=True))
    assert all(one[2] >= other[2] for one, other in zip(now, less, strict=True))


@settings(max_examples=45, deadline=None)
@given(policies, people, customers)
def test_a_condition_that_breaks_closes(policy: Policy, team: tuple[Person, ...], values: Values) -> None:
    """Whatever the condition was, once it cannot be judged nobody may do more than before, wherever it stands."""

    def broken(rows: Rows) -> Rows:
        return tuple(Where("no such word == 1") if isinstance(each, Where) else each for each in rows)

    worse = Policy(
        tuple(replace(grant, rows=broken(grant.rows)) for grant in policy.grants),
        tuple(replace(deny, when="no such word == 1") if deny.when else deny for deny in policy.denies),
    )
    now, then = everything(worse, team, values), everything(policy, team, values)
    assert all(one[2] <= other[2] for one, other in zip(now, then, strict=True))


@settings(max_examples=45, deadline=None)
@given(policies, people, customers)
def test_no_row_gives_more_than_the_widest(policy: Policy, team: tuple[Person, ...], values: Values) -> None:
    authority = authority_of(policy, team)
    for person in team:
        of = authority.of(person)
        found, widest = of.of(CUSTOMERS, values, NOTHING), of.widest(CUSTOMERS)
        assert all(found.level(column) <= widest[column] for column in widest)


@settings(max_examples=45, deadline=None)
@given(policies, people, customers, customers)
def test_every_edit_that_is_made_is_granted_before_and_after(
    policy: Policy, team: tuple[Person, ...], before: Values, after: Values
) -> None:
    columns = [ColumnKey(each) for each in ("name", "owner", "status", "shared_with")]
    authority = authority_of(policy, team)
    for person in team:
        of = authority.of(person)
        judged = of.judged(CUSTOMERS, before, after, columns, NOTHING)
        made = {column: after.get(column) for column, each in judged.items() if each.level is Level.EDIT}
        becomes = {**before, **made}
        sight = of.of(CUSTOMERS, before, NOTHING), of.of(CUSTOMERS, becomes, NOTHING)
        for column in made:
            assert naive_level(policy, team, person, before, column) is Level.EDIT
            undenied = replace(policy, denies=())
            assert naive_level(undenied, team, person, becomes, column) is Level.EDIT
        for column in TABS[CUSTOMERS].columns if made else ():
            assert sight[0].level(column) or not sight[1].level(column)
        assert of.refuses(CUSTOMERS, before, after, columns, NOTHING) == set(columns) - made.keys()


@settings(max_examples=30, deadline=None)
@given(policies, policies, people, customers)
def test_what_waits_shows_nothing_new_and_what_does_not_wait_reveals_nothing(
    old: Policy, new: Policy, team: tuple[Person, ...], values: Values
) -> None:
    tabs = TABS.values()
    limited, _ = in_force(new, tabs, in_force(old, tabs, None)[1])
    was, becomes, asked = (everything(each, team, values) for each in (old, limited, new))
    for before, now, wanted in zip(was, becomes, asked, strict=True):
        if now[0] != "delete":
            assert not now[2] or before[2], "nothing is shown that was hidden"
            assert now[2] <= wanted[2]
    columns = {key: tuple(tab.columns) for key, tab in TABS.items()}
    if not reveals(Confirmed(new, columns), Confirmed(old, columns)):
        assert becomes == asked


CHANGES = {
    "any": (Change(), True, True, True),
    "from": (Change(before=("成交客户",)), True, False, True),
    "to": (Change(after=("lost",)), False, False, True),
    "propose": (Change(proposed=("流失客户",)), True, True, False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_of_values(name: str) -> None:
    change, onward, other, last = CHANGES[name]
    grant = Grant("*", "*", {"*": Level.EDIT}, change={"status": change})
    team = (Person("0", "甲", "sales"),)
    of = rights(Policy((grant,)), team, team[0])
    status = ColumnKey("status")
    steps = [("成交客户", "意向客户"), ("潜在客户", "意向客户"), ("成交客户", "lost")]
    made = [
        of.judged(CUSTOMERS, {status: was}, {status: now}, [status], NOTHING)[status].level is Level.EDIT
        for was, now in steps
    ]
    assert made == [onward, other, last]


def test_a_customer_that_is_hidden_hides_its_rows() -> None:
    of_book = book(
        """
        customers
        key | name | owner
        C-1 | 华为 | 甲
        C-2 | 中兴 | 乙

        follow_ups
        key | customer | owner
        F-1 | 华为 | 乙
        F-2 | 中兴 | 甲
        F-3 | C-1 |
        """
    )
    policy = Policy(
        (
            Grant("*", "customers", {"name": Level.READ}, rows=(Scope.OWN,)),
            Grant("*", "follow_ups", {"*": Level.READ}, rows=(Scope.CUSTOMER,)),
        )
    )
    team = (Person("0", "甲", "sales"), Person("1", "乙", "sales"))
    of = rights(policy, team, team[0])
    seen = [row.key for row in of_book.every(FOLLOW_UPS) if of.of(FOLLOW_UPS, values_of(row.record), of_book).visible]
    assert seen == ["F-1", "F-3"]
    assert AT.today == date(2026, 11, 22)
