"""The language of conditions and computed values: what it says, what it refuses, what it never does."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_sheets.expressions import At, Expression, Spelling, Type, Variable, Vocabulary, by_spelling, messages, parse
from crm_sheets.language import LOCALES, language

AT = At(date(2026, 11, 22), ZoneInfo("Asia/Shanghai"))
ZH = language("zh-CN")

COLUMNS = (
    (Variable("name", Type.TEXT, "", "客户名称"), ("客户名称",)),
    (Variable("status", Type.TEXT, "status", "客户状态"), ("客户状态", "状态")),
    (Variable("level", Type.TEXT, "level", "客户等级"), ("等级",)),
    (Variable("tags", Type.LIST, "tag", "标签"), ("标签",)),
    (Variable("amount", Type.NUMBER, "", "金额"), ("金额", "Total amount")),
    (Variable("discount", Type.NUMBER, "", "折扣"), ("折扣",)),
    (Variable("day", Type.DATE, "", "日期"), ("日期",)),
    (Variable("at", Type.MOMENT, "", "时间"), ("时间",)),
    (Variable("active", Type.BOOLEAN, "", "在职"), ("在职",)),
    (Variable("user.role", Type.TEXT, "", "角色"), ()),
)


def spellings(**said: str) -> dict[str, Spelling]:
    return {
        word: Spelling(code, shown.split("|")[0]) for code, shown in said.items() for word in [*shown.split("|"), code]
    }


VALUES = {
    "status": spellings(won="成交客户|customer", lost="流失客户") | {"试用中": Spelling("试用中", "试用中")},
    "level": spellings(vip="VIP|vip", a="A|a"),
}
WORDS = Vocabulary(by_spelling(COLUMNS), VALUES, COLUMNS[3][0])
LIBRARY = Vocabulary(WORDS.variables, VALUES | {"tag": spellings(x="行业-制造业|制造")}, WORDS.tags)


def read(text: str, wanted: Type | None = Type.BOOLEAN, words: Vocabulary = WORDS) -> Expression:
    found = parse(text, words, wanted)
    assert isinstance(found, Expression), messages(found, ZH)
    return found


def holds(text: str, words: Vocabulary = WORDS, **values: object) -> bool:
    return read(text, words=words).holds(values, AT)


def value(text: str, **values: object) -> object:
    return read(text, None).evaluate(values, AT)


def wrong(text: str, wanted: Type | None = Type.BOOLEAN, words: Vocabulary = WORDS) -> list[str]:
    found = parse(text, words, wanted)
    assert not isinstance(found, Expression), str(found)
    return [f"{each.key} {text[each.start : each.end]}".strip() for each in found]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("行业-制造业 and level in (VIP, A) and not 流失客户",
         "tags contains '行业-制造业' and level in ('VIP', 'A') and not status == '流失客户'"),
        ("行业-制造业且（等级 属于（VIP、A））且非流失客户",
         "tags contains '行业-制造业' and level in ('VIP', 'A') and not status == '流失客户'"),
        ("流失客户或成交客户", "status == '流失客户' or status == '成交客户'"),
        ("status = won", "status == '成交客户'"),
        ("状态 不是 “流失客户”", "status != '流失客户'"),
        ("rec.status == 'won' and user.role != 'admin'", "status == '成交客户' and user.role != 'admin'"),
        ("金额>=100万 & 折扣 < 15%", "amount >= 1000000 and discount < 0.15"),
        ("amount-discount > 1", "amount - discount > 1"),
        ("[Total amount] ≥ 5", "amount >= 5"),
        ("day >= '2026-11-01' or at < 2026-11-01 09:30", "day >= 2026-11-01 or at < 2026-11-01T09:30"),
        ("name == None", "name is blank"),
        ("name != 空", "not name is blank"),
        ("name 不为空", "not name is blank"),
        ("行业-制造业 in tags", "tags contains '行业-制造业'"),
        ("标签 包含 需求-软件", "tags contains '需求-软件'"),
        ("'需求-软件/硬件'", "tags contains '需求-软件/硬件'"),
        ("active and not (active or VIP)", "active and not (active or level == 'VIP')"),
        ("name 包含 '公司' and name not in ('甲''乙', 丙)", "name contains '公司' and not name in ('甲''乙', '丙')"),
        ("amount * (1 - discount) > 1 + 2 * 3", "amount * (1 - discount) > 1 + 2 * 3"),
        ("1 - (2 - amount) = - 5", "1 - (2 - amount) == -5"),
        ("年(日期) = 2026", "year(day) == 2026"),
    ],
)  # fmt: skip
def test_it_is_read(text: str, canonical: str) -> None:
    assert str(read(text)) == canonical


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("foo == 1 and bar(2) and amount", ["unknown-word foo", "unknown-function bar(2)", "not-a-condition amount"]),
        ("statuss == won", ["unknown-word-similar statuss"]),
        ("status == 成交客沪", ["unknown-value-similar 成交客沪"]),
        ("amount == 'x'", ["not-comparable amount == 'x'"]),
        ("status > won", ["not-ordered status > won"]),
        ("1 < amount < 3", ["chain <"]),
        ("(amount", ["unexpected-end"]),
        ("amount > ", ["unexpected-end"]),
        ("", ["unexpected-end"]),
        ("amount > 1 )", ["unexpected )"]),
        ("name == '华为", ["unclosed-text '华为"]),
        ("day > 2026-02-30", ["not-a-date 2026-02-30"]),
        ("day > '昨天'", ["not-a-date '昨天'"]),
        ("name ; 3 $ 4", ["unknown-character ;", "unknown-character $"]),
        ("name * 2 > 1", ["not-a-number name"]),
        ("day * 2 > 1", ["not-countable day * 2"]),
        ("day + day > 1", ["not-countable day + day"]),
        ("round(name) > 1", ["argument-type name"]),
        ("round(1, 2, 3) > 1", ["argument-count round(1, 2, 3)"]),
        ("level in ()", ["empty-list level in ()"]),
        ("amount contains 'x'", ["not-contained amount contains 'x'"]),
        ("x" * 4_001, ["too-long " + "x" * 4_001]),
        ("not " * 100 + "active", ["too-deep not"]),
        ("(" * 100 + "active" + ")" * 100, ["too-deep ("]),
        ("amount + 1" + " + 1" * 100 + " > 1", ["too-deep amount" + " + 1" * 60]),
    ],
)
def test_all_mistakes_are_told_with_their_places(text: str, mistakes: list[str]) -> None:
    assert wrong(text) == mistakes


def test_a_word_of_two_columns_is_ambiguous() -> None:
    both = Vocabulary(
        by_spelling([*COLUMNS, (Variable("other", Type.TEXT, "level", "评级"), ())]), VALUES, COLUMNS[3][0]
    )
    assert wrong("VIP", words=both) == ["ambiguous-word VIP"]
    assert str(read("other == VIP", words=both)) == "other == 'VIP'"


def test_a_word_of_the_row_itself_is_not_that_of_another_row() -> None:
    both = Vocabulary(by_spelling([*COLUMNS, (Variable("parent.level", Type.TEXT, "level"), ())]), VALUES)
    assert str(read("VIP", words=both)) == "level == 'VIP'"
    one = Vocabulary(by_spelling([(Variable("parent.level", Type.TEXT, "level"), ())]), VALUES)
    assert str(read("VIP", words=one)) == "parent.level == 'VIP'"


def test_a_library_of_tags_knows_its_tags_and_their_aliases() -> None:
    assert wrong("行业-制造", words=LIBRARY) == ["unknown-value-similar 行业-制造"]
    assert holds("制造", LIBRARY, tags=("行业-制造业",))
    assert holds("行业-制造业", LIBRARY, tags=("制造",))
    assert not holds("行业-制造业", LIBRARY, tags=("行业-零售",))


def test_the_result_has_the_type_that_is_wanted() -> None:
    assert wrong("amount + 1", Type.BOOLEAN) == ["not-a-condition amount + 1"]
    assert wrong("amount > 1", Type.NUMBER) == ["wrong-result amount > 1"]
    assert read("amount * 2", Type.NUMBER).type is Type.NUMBER
    assert read("if(active, day, day + 3)", Type.DATE).type is Type.DATE


def test_comparison_is_by_meaning() -> None:
    assert holds("status == won", status="成交客户")
    assert holds("status == '成交客户'", status="Customer")
    assert holds("name == 'ＨＵＡＷＥＩ'", name=" huawei ")
    assert holds("level in (VIP, A)", level="a")
    assert not holds("level in (VIP, A)", level="B")
    assert holds("试用中", status="试用中")
    assert holds("amount == 5", amount=Decimal("5.00"))
    assert holds("amount == 5", amount=5)
    assert not holds("active == true", active=1)


def test_days_and_moments_meet_in_the_zone_of_the_team() -> None:
    late = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)  # half past midnight on 1 November in Shanghai
    assert holds("at == 2026-11-01", at=late)
    assert holds("at > 2026-11-01 00:15", at=late)
    assert not holds("at < 2026-11-01", at=late)
    assert value("today() - day", day=date(2026, 11, 1)) == 21
    assert value("day + 30", day=date(2026, 11, 1)) == date(2026, 12, 1)
    assert value("at - day", at=late, day=date(2026, 10, 30)) == 2
    assert value("at - at", at=late) == 0
    assert value("days_between(day, at)", at=late, day=date(2026, 10, 30)) == 2


def test_a_blank_is_only_a_blank() -> None:
    assert holds("name is blank", name="")
    assert holds("tags == none", tags=())
    assert holds("status != '流失客户'"), "who has no status is not lost"
    assert not holds("amount < 5")
    assert not holds("amount >= 5")
    assert holds("not amount >= 5")
    assert holds("name == status"), "two blanks are the same"
    assert not holds("amount == 0")
    assert not holds("active")
    assert holds("not active")


def test_counting_with_blanks() -> None:
    assert value("amount * (1 - discount)", amount=Decimal(200), discount=Decimal("0.15")) == 170
    assert value("amount * (1 - discount)", amount=Decimal(200)) == 200
    assert value("amount * (1 - discount)", discount=Decimal("0.15")) is None
    assert value("amount - discount", amount=Decimal(3)) == 3
    assert value("amount + discount") is None
    assert value("amount / 0", amount=Decimal(3)) is None
    assert value("today() - day") is None
    assert value("round(amount / 3, 2)", amount=Decimal(10)) == Decimal("3.33")
    assert value("round(2.5)") == 3
    assert value("if(amount > 5, '大', '小')", amount=6) == "大"
    assert value("min(amount, 3, discount)", amount=6) == 3
    assert value("max(day, day + 1)", day=date(2026, 1, 1)) == date(2026, 1, 2)
    assert value("first(name, status, '无')") == "无"
    assert value("concat(name, '/', amount)", name="华为", amount=Decimal("1.50")) == "华为/1.50"
    assert value("quarter(day) + length(tags)", day=date(2026, 11, 1), tags=("a", "b")) == 6
    assert value("has(name, '为') and starts_with(name, '华')", name="华为") is True


def test_numbers_do_not_grow_without_end() -> None:
    assert value(" * ".join(["99999999"] * 50)) is None
    assert value("round(99999999999999999999999999 * 9, 10)") is None


def test_what_an_expression_reads() -> None:
    assert read("amount > 1 and 流失客户").names == {"amount", "status"}
    assert read("day < today()").needs_today
    assert not read("day < 2026-11-01").needs_today


def test_every_mistake_has_words() -> None:
    texts = [
        "foo",
        "status == 成交",
        "1 < amount < 3",
        "(",
        "'",
        "day > 2026-02-30",
        "$",
        "name * 2 > 1",
        "bar()",
        "'x'",
    ]
    for text in texts:
        found = parse(text, WORDS, Type.BOOLEAN)
        assert isinstance(found, tuple)
        for locale in LOCALES:
            said = messages(found, language(locale))
            assert said
            assert "expression." not in said


PIECES = st.sampled_from(
    """amount discount day at active name status level tags 5 0.5 15% 3万 'x' '' 2026-11-01 2026-11-01T08:00 VIP A
    成交客户 行业-制造业 true none and or not in == != < <= > >= contains is blank + - * / ( ) , round( if( today() min(
    且 非 属于 不为空 “甲” [折扣] 年( rec.name user.role""".split()  # noqa: SIM905 - a list of so many is no easier to read
)


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> str:
    """Texts that mostly are conditions."""
    if depth == 0 or draw(st.booleans()):
        return draw(
            st.sampled_from(
                ["active", "VIP", "行业-制造业", "amount > 3", "amount - 1 <= discount * 2", "level in (VIP, A)",
                 "name contains '公'", "day + 3 >= today()", "at == 2026-11-01", "name is blank",
                 "tags == '行业-制造业'", "year(day) = 2026",
                 "- amount < -(3 - discount)", "if(active, 1, amount) != 2",
                 "first(name, '') == 'b'", "status != '流失客户'", "active == true", "min(day, at) < at", "a-b in tags"]
            )
        )  # fmt: skip
    one, other = draw(conditions(depth=depth - 1)), draw(conditions(depth=depth - 1))
    joiner = draw(
        st.sampled_from(["{0} and {1}", "({0}) or ({1})", "{0} or {1}", "not ({0}) and {1}", "not {0}", "({0})"])
    )
    return joiner.format(one, other)


ANYTHING = st.one_of(
    st.none(), st.text(max_size=5), st.integers(), st.floats(), st.decimals(), st.booleans(), st.dates(),
    st.datetimes(timezones=st.just(UTC)), st.datetimes(), st.lists(st.text(max_size=3)).map(tuple), st.binary(),
    st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), date.min, date.max]),
)  # fmt: skip
ROWS = st.fixed_dictionaries({}, optional={variable.name: ANYTHING for variable, _ in COLUMNS})


@settings(max_examples=80, deadline=None)
@given(conditions(), ROWS)
def test_the_canonical_text_is_the_same_expression(text: str, row: dict[str, object]) -> None:
    first = read(text)
    again = read(str(first))
    assert again == first
    assert str(again) == str(first)
    assert again.evaluate(row, AT) == first.evaluate(row, AT)


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60), st.lists(PIECES, max_size=14).map(" ".join), st.lists(PIECES, max_size=9).map("".join)
    ),
    st.sampled_from([None, Type.BOOLEAN, Type.NUMBER]),
    ROWS,
)
@example("((((((((", None, {})
@example("且且且且非非或", None, {})
@example("ACTIVE", Type.BOOLEAN, {"active": 0})
def test_no_text_and_no_value_makes_it_raise(text: str, wanted: Type | None, row: dict[str, object]) -> None:
    found = parse(text, WORDS, wanted)
    if isinstance(found, Expression):
        result = found.evaluate(row, AT)
        assert wanted is not Type.BOOLEAN or isinstance(result, bool | None)
        assert parse(str(found), WORDS, wanted) == found
    else:
        assert found
        assert all(0 <= each.start <= each.end <= max(len(text), each.end) for each in found)
        assert messages(found, ZH)
