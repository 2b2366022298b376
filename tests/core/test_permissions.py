"""Who may do what: rules that nobody has to read in order."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.permissions import OPEN, Deny, Extent, Grant, Level, Policy, Scope
from crm_sheets.tables import ColumnKey, TabKey

ROLES, TABS, COLUMNS = ("sales", "shared"), ("customers", "feedback"), ("name", "phone")
LEVELS = st.sampled_from(Level)
GRANTS = st.builds(
    Grant,
    role=st.sampled_from((*ROLES, "*")),
    tab=st.sampled_from((*TABS, "*")),
    columns=st.dictionaries(st.sampled_from((*COLUMNS, "*")), LEVELS),
    create=st.booleans(),
    delete=st.booleans(),
)
DENIES = st.builds(
    Deny,
    role=st.sampled_from((*ROLES, "*")),
    tab=st.sampled_from((*TABS, "*")),
    columns=st.frozensets(st.sampled_from((*COLUMNS, "*"))),
    cap=LEVELS,
)
POLICIES = st.builds(Policy, st.lists(GRANTS, max_size=4).map(tuple), st.lists(DENIES, max_size=4).map(tuple))


def level(policy: Policy, role: str = "sales", tab: str = "customers", column: str = "phone") -> Level:
    return policy.decide(role, TabKey(tab), ColumnKey(column)).level


def naive(policy: Policy) -> Level:
    """The highest grant of (sales, customers, phone), then the lowest cap."""
    granted = [
        grant.columns.get("phone", grant.columns.get("*", Level.HIDDEN))
        for grant in policy.grants
        if grant.role in {"sales", "*"} and grant.tab in {"customers", "*"}
    ]
    caps = [
        deny.cap
        for deny in policy.denies
        if deny.role in {"sales", "*"} and deny.tab in {"customers", "*"} and set(deny.columns) & {"phone", "*"}
    ]
    return min([max(granted, default=Level.HIDDEN), *caps])


def test_what_matches_nothing_is_hidden() -> None:
    assert level(Policy(())) is Level.HIDDEN
    assert level(OPEN) is Level.HIDDEN, "the default opens the shared workbook, no role"
    assert level(OPEN, role="shared") is Level.EDIT


def test_a_column_that_is_named_has_the_level_that_is_named() -> None:
    policy = Policy((Grant("sales", "customers", {"*": Level.EDIT, "phone": Level.READ}),))

    assert (level(policy), level(policy, column="name")) == (Level.READ, Level.EDIT)


def test_the_reason_is_that_of_the_cap() -> None:
    capped = Policy(
        (Grant("*", "*", {"*": Level.EDIT}),), (Deny("sales", "*", frozenset({"phone"}), Level.READ, "law"),)
    )

    assert capped.decide("sales", TabKey("customers"), ColumnKey("phone")).reason == "law"


@given(POLICIES)
def test_it_is_the_highest_grant_under_the_lowest_cap(policy: Policy) -> None:
    assert level(policy) is naive(policy)


@given(POLICIES, st.integers(0, 99))
def test_the_order_does_not_matter(policy: Policy, seed: int) -> None:
    random = Random(seed)
    grants = tuple(random.sample(policy.grants, len(policy.grants)))
    denies = tuple(random.sample(policy.denies, len(policy.denies)))
    mixed = Policy(grants, denies)

    for role in ROLES:
        for tab in TABS:
            assert {c: level(policy, role, tab, c) for c in COLUMNS} == {c: level(mixed, role, tab, c) for c in COLUMNS}
            assert policy.may_create(role, TabKey(tab)) == mixed.may_create(role, TabKey(tab))
            assert policy.may_delete(role, TabKey(tab)) == mixed.may_delete(role, TabKey(tab))


@given(POLICIES, GRANTS, DENIES)
def test_a_grant_never_takes_and_a_deny_never_gives(policy: Policy, grant: Grant, deny: Deny) -> None:
    more = Policy((*policy.grants, grant), policy.denies)
    less = Policy(policy.grants, (*policy.denies, deny))

    assert level(less) <= level(policy) <= level(more)
    assert policy.may_delete("sales", TabKey("customers")) <= more.may_delete("sales", TabKey("customers"))


def test_a_grant_that_says_nothing_of_it_lets_nobody_make_take_out_give_away_or_take_over() -> None:
    plain = Grant("sales", "customers", {"*": Level.EDIT})
    assert (plain.create, plain.delete) == (Extent.NONE, Level.HIDDEN)
    assert not plain.may_leave_scope
    assert not plain.may_take_over
    policy = Policy((plain,))
    assert not policy.may_create("sales", TabKey("customers"))
    assert not policy.may_delete("sales", TabKey("customers"))


def test_where_everybody_types_only_what_holds_of_all_rows_makes_and_takes_out() -> None:
    def able(**given: object) -> tuple[bool, bool]:
        policy = Policy((Grant("shared", "customers", {"*": Level.EDIT}, **given),))  # type: ignore[arg-type]
        tab = TabKey("customers")
        return policy.may_create("shared", tab), policy.may_delete("shared", tab)

    assert able(create=Extent.ALL, delete=Level.EDIT) == (True, True)
    assert able(create=Extent.OWN, delete=Level.PROPOSE) == (False, False)
    assert able(create=Extent.ALL, delete=Level.EDIT, rows=(Scope.OWN,)) == (False, False)


def test_a_deny_that_takes_nothing_away_is_no_reason() -> None:
    grant, deny = Grant("sales", "customers", {"*": Level.READ}), Deny("sales", "customers", ("*",), Level.READ)
    decided = Policy((grant,), (deny,)).decide("sales", TabKey("customers"), ColumnKey("phone"))
    assert (decided.level, decided.reason) == (Level.READ, "granted to sales on customers")


def test_an_open_book_lets_everybody_edit_make_and_take_out() -> None:
    tab = TabKey("customers")
    assert level(OPEN, "shared") is Level.EDIT
    assert (OPEN.may_create("shared", tab), OPEN.may_delete("shared", tab)) == (True, True)
