"""A score is explained by the keys that are shared and by weights that add up to it."""

import math

import pytest

from crm_sheets.rules.duplicates import Register, Subject
from crm_sheets.rules.duplicates.explaining import Explanation, explain

HEAD = Subject("1", "济宁米岸电子有限公司", "李雷", "13812345678")
ROWS = {
    "again": Subject("2", "米岸電子（济宁）有限责任公司", "李雷经理", "+86 138 1234 5678"),
    "branch": Subject("2", "济宁米岸电子有限公司泰安分公司", "李雷", "13812345678"),
    "namesake": Subject("2", "济宁米岸电子有限公司", "韩梅梅", "13987654321"),
    "stranger": Subject("2", "泰安百味食品有限公司", "", "13700000000"),
}


def explained(row: str) -> Explanation:
    register = Register()
    register.change({"1": HEAD, "2": ROWS[row]})
    return explain(HEAD.cells, ROWS[row].cells, register)


@pytest.mark.parametrize("row", ROWS)
def test_the_weights_add_up_to_the_score(row: str) -> None:
    found = explained(row)
    total = sum(reason.weight for reason in found.reasons)
    assert found.score == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-4)


def test_what_is_told_of_two_rows_of_one_firm() -> None:
    found = explained("again")
    assert found.certain
    assert {"name", "name_in_city", "brand", "phone"} <= found.met.keys()
    told = {reason.what: reason.found for reason in found.reasons}
    assert (told["phone"], told["contact"], told["credit_code"]) == ("same", "same", "missing")


@pytest.mark.parametrize(("row", "compared", "certain"), [("branch", True, False), ("namesake", True, False)])
def test_a_branch_and_a_namesake_are_never_certain(row: str, compared: bool, certain: bool) -> None:
    found = explained(row)
    assert (found.compared, found.certain) == (compared, certain)


def test_strangers_share_no_key() -> None:
    found = explained("stranger")
    assert (found.met, found.compared) == ({}, False)
    assert found.score < 0.01
