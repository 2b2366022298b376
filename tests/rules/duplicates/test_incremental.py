"""Change by change gives the same as all at once."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_sheets.rules.duplicates import Register, Subject, find_pairs, keys
from crm_sheets.rules.duplicates.keys import Shared

NAMES = [
    "济宁米岸电子有限公司",
    "米岸电子",
    "米岸食品厂",
    "济宁迷岸电子公司",
    "泰安米岸电子有限公司",
    "Atlas Ltd",
    "",
    "张伟",
]
CONTACTS = ["", "李雷", "李经理", "韩梅梅"]
PHONES = ["", "13812345678", "13812345679", "0537-8888666"]
EMAILS = ["", "info@mian.cn", "lilei@163.com", "lielei@163.com"]
ADDRESSES = ["", "济宁市市中区和平路7号", "济宁市市中区和平路7号3室", "泰安市岱岳区长江路12号"]
CODES = ["", "91370800MA3C12345X", "91370800MB9F67890Y"]

subjects = st.builds(
    Subject,
    key=st.sampled_from([f"C-{number:02}" for number in range(30)]),
    name=st.sampled_from(NAMES),
    contact=st.sampled_from(CONTACTS),
    phone=st.sampled_from(PHONES),
    email=st.sampled_from(EMAILS),
    address=st.sampled_from(ADDRESSES),
    credit_code=st.sampled_from(CODES),
)
changes = st.lists(st.lists(st.tuples(subjects, st.booleans()), min_size=1, max_size=6), min_size=1, max_size=8)


@pytest.fixture(params=[2, 5, 64])
def small_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits so low that blocks pass them all the time."""
    monkeypatch.setattr(keys, "LIMIT", request.param)
    monkeypatch.setattr(keys, "LIMITS", {Shared.BRAND: min(3, request.param), Shared.BEGINNING: 2})


@pytest.mark.usefixtures("small_blocks")
@given(changes)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_incremental_equals_bulk(cycles: list[list[tuple[Subject, bool]]]) -> None:
    register, book = Register(), dict[str, Subject]()
    for cycle in cycles:
        now = {subject.key: None if deleted else subject for subject, deleted in cycle}
        register.change(now)
        book = {key: subject for key, subject in (book | now).items() if subject is not None}
        assert register.pairs() == find_pairs(book.values())


@pytest.mark.slow
def test_incremental_equals_bulk_over_a_thousand_sequences() -> None:
    chance = random.Random(1)
    for _ in range(1000):
        register, book = Register(), dict[str, Subject]()
        for _ in range(chance.randint(1, 4)):
            now: dict[str, Subject | None] = {}
            for _ in range(chance.randint(1, 10)):
                key = f"C-{chance.randrange(30):03}"
                cells = [chance.choice(values) for values in (NAMES, CONTACTS, PHONES, EMAILS, ADDRESSES, CODES)]
                now[key] = None if chance.random() < 0.2 else Subject(key, *cells)
            register.change(now)
            book = {key: subject for key, subject in (book | now).items() if subject is not None}
        assert register.pairs() == find_pairs(book.values())


def test_a_change_concerns_only_those_near_it() -> None:
    register = Register()
    register.change({str(n): Subject(str(n), f"米{chr(0x5000 + n)}岸电子", phone=f"138{n:08}") for n in range(200)})
    assert register.change({"new": Subject("new", "百味食品", phone="13800000007")}) == {"new"}
    assert register.change({"new": Subject("new", "米倇岸电子", phone="13800000007")}) == {"7", "new"}
    assert [(pair.one, pair.other) for pair in register.pairs() if "new" in (pair.one, pair.other)] == [("7", "new")]


def test_the_order_of_the_book_does_not_matter() -> None:
    chance = random.Random(2)
    book = [
        Subject(str(number), chance.choice(NAMES), chance.choice(CONTACTS), chance.choice(PHONES))
        for number in range(60)
    ]
    expected = find_pairs(book)
    chance.shuffle(book)
    assert find_pairs(book) == expected != []
