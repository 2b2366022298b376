"""Pairs of customers, each with the verdict that a person would give."""

from io import BytesIO

import numpy as np
import pytest

from crm_sheets.rules.duplicates import Pair, Subject, find_pairs, groups, pairs_in_csv
from crm_sheets.rules.duplicates.columns import columns_of
from crm_sheets.rules.duplicates.groups import by_member, pairs_of
from crm_sheets.rules.duplicates.likeness_of_names import names_read
from crm_sheets.rules.duplicates.weights import Names

COLUMNS = ("name", "contact", "phone", "email", "address", "credit_code", "id_number")


def subject(key: str, text: str) -> Subject:
    """A customer from cells between bars, in the order of COLUMNS."""
    cells = [cell.strip() for cell in text.split("|")]
    return Subject(key, *cells)


def verdict(one: str, other: str) -> str:
    pairs = find_pairs([subject("1", one), subject("2", other)])
    if not pairs:
        return "no"
    return "certain" if pairs[0].certain else "possible"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # written in another way
        (
            "济宁市米岸电子有限公司|李雷|13812345678",
            "米岸電子（济宁）有限责任公司|李雷经理|+86 138 1234 5678",
            "certain",
        ),
        ("济宁米岸电子有限公司|||||91370800MA3C12345X", "米岸|||||91370800MA3C12345X", "certain"),
        ("济宁米岸电子有限公司||13812345678", "济宁迷岸电子有限公司||13812345678|a@mian.cn", "certain"),
        ("Atlas Robotics GmbH|Paul Hill||p.hill@atlas.io", "ATLAS ROBOTICS|Hill, Paul||p.hill@atlas.io", "certain"),
        ("济宁帝威斯电子厂|李雷|13812345678", "Jining Diweisi Co., Ltd.|李雷|13812345678", "certain"),
        # the name alone
        ("济宁米岸电子有限公司", "济宁市米岸电子有限公司", "possible"),
        ("济宁米岸电子有限公司||13812345678", "济宁米岸电子有限公司||13987654321", "possible"),
        ("张伟", "张伟", "no"),
        # an address that stops where the other goes on says nothing against it
        ("米岸||||山东省济宁市任城区", "米岸电子厂||||济宁市任城区和平路7号", "possible"),
        ("米岸||||山东省济宁市邹城市", "米岸电子厂||||济宁市任城区和平路7号", "no"),
        # relatives
        ("济宁米岸电子有限公司||||济宁市市中区和平路7号", "济宁米岸食品有限公司||||济宁市市中区和平路7号", "no"),
        ("济宁米岸电子有限公司|||info@mian.cn", "泰安米岸电子有限公司|||info@mian.cn", "no"),
        ("济宁米岸电子有限公司|||info@mian.cn", "济宁米岸电子有限公司泰安分公司|||info@mian.cn", "no"),
        ("济宁米岸电子有限公司济南分公司|李雷", "济宁米岸电子有限公司泰安分公司|李雷", "no"),
        # one agent, two firms
        ("济宁米岸电子有限公司|李雷|13812345678", "泰安百味食品有限公司|李雷|13812345678", "no"),
        # the code tells them apart
        ("济宁米岸电子有限公司|||||91370800MA3C12345X", "济宁米岸电子有限公司|||||91370800MB9F67890Y", "no"),
        # persons
        ("张伟||13812345678|||| 370802199001011234", "张伟||13987654321||||370802199001011234", "certain"),
        ("张伟||13812345678||||370802199001011234", "张伟||13812345678||||370802198505054321", "no"),
    ],
)
def test_verdicts(one: str, other: str, expected: str) -> None:
    assert verdict(one, other) == expected
    assert verdict(other, one) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("光明天", "光明天成地", Names.SHORT),
        ("光明天", "成光明天地", Names.SLIPS),
        ("atlasrobo", "atlasrobotix", Names.SHORT),
        ("atlas", "atlasrobotix", Names.OTHER),
    ],
)
def test_a_name_that_begins_another_is_short_for_it(one: str, other: str, expected: Names) -> None:
    book = columns_of([("1", one), ("2", other)])
    first, second = np.array([0]), np.array([1])
    for places in ((first, second), (second, first)):
        assert names_read(book, *places).tolist() == [expected.place]


def test_a_pair_names_the_columns_that_agree() -> None:
    one = subject("b", "济宁米岸电子有限公司|李雷|13812345678|lilei@163.com|济宁市市中区和平路7号|91370800MA3C12345X")
    other = subject("a", "米岸电子有限公司|李雷|138-1234-5678|LILEI@163.com|市中区和平路7号|91370800MA3C12345X")
    (pair,) = find_pairs([one, other])
    assert (pair.one, pair.other) == ("a", "b")
    assert pair.keys == ("credit_code", "phone", "email", "name", "contact", "address")
    assert pair.score > 0.999


def test_a_common_name_says_less_than_a_rare_one() -> None:
    rows = [subject("x", "米岸电子有限公司"), subject("y", "米岸电子有限公司")]
    assert len(find_pairs(rows)) == 1
    crowd = [subject(f"c{number}", f"米岸电子有限公司|||office{number}@firm{number}.cn") for number in range(20)]
    assert find_pairs(rows + crowd) == []


def test_customers_without_anything_are_no_duplicates() -> None:
    assert find_pairs([]) == []
    assert find_pairs([Subject("1", None), Subject("2", ""), Subject("3", " （） ")]) == []


def test_one_chance_likeness_does_not_weld_two_groups() -> None:
    strong = [Pair("a", "b", 0.99, ("phone",), True), Pair("c", "d", 0.98, ("phone",), True)]
    chance = Pair("b", "c", 0.9, ("name",), False)
    assert [group.members for group in groups([*strong, chance])] == [("a", "b"), ("c", "d")]


def test_a_member_that_lacks_evidence_comes_in_through_the_others() -> None:
    links = [
        Pair("a", "b", 0.99, ("phone",), True),
        Pair("a", "c", 0.98, ("email",), True),
        Pair("b", "c", 0.2, ("name",), False),
    ]
    (group,) = groups(links)
    assert group.members == ("a", "b", "c")
    pairs = pairs_of([group], links)
    assert [(pair.one, pair.other, pair.score, pair.keys, pair.certain) for pair in pairs] == [
        ("a", "b", 0.99, ("phone",), True),
        ("a", "c", 0.98, ("email",), True),
        ("b", "c", group.score, ("name",), False),
    ]
    assert [pair.score for pair in by_member(pairs)["a"]] == [0.99, 0.98]


def test_pairs_of_a_file_come_in_its_order() -> None:
    one, other = "济宁米岸电子有限公司,13812345678", "泰安百味食品有限公司,13987654321"
    cells = {"9": other, "10": one, "b": ",", "2": other, "a": one, "1": other}
    rows = "".join(f"{key},{each}\n" for key, each in cells.items())
    found = pairs_in_csv(BytesIO(f"row_id,name,phone\n{rows}".encode()), "utf-8")
    assert list(zip(found.ones, found.others, strict=True)) == [("9", "2"), ("9", "1"), ("10", "a"), ("2", "1")]
    assert [(pair.one, pair.other) for pair in found] == [("2", "9"), ("1", "9"), ("10", "a"), ("1", "2")]


def test_pairs_of_a_file() -> None:
    rows = "".join(f"{key},x,济宁米岸电子有限公司,13812345678\n" for key in (7, 8))
    ((one, other, score, keys, certain),) = pairs_in_csv(BytesIO(f"row_id,extra,name,phone\n{rows}".encode()), "utf-8")
    assert (one, other, keys, certain) == ("7", "8", ("phone", "name"), True)
    assert 0.5 < score <= 1
