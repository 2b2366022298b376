"""Results of a month, targets measured by them, targets that add up."""

from decimal import Decimal

from crm_sheets.rules.base import Context
from crm_sheets.rules.performance import performance
from crm_sheets.rules.performance_rows import performance_rows
from crm_sheets.rules.target_parts import target_parts
from crm_sheets.rules.target_results import target_results
from crm_sheets.schema.base import Row
from crm_sheets.tables import ColumnKey
from tests.rules.tables import TextBook, book, clock, context, outcome, said

PEOPLE = """
    people
    key | id | name | department | group
    P-1 | 001 | 张伟 | 销售部 | 一组
    P-2 | 002 | 李娜 | 销售部 | 二组
    P-3 | 003 | 王芳 | 销售部 |
    P-4 | 004 | 刘洋 | 市场部 | 一组
    P-5 | 005 | 陈静 | 市场部 | 三组
"""

FACTS = f"""
    performance
    key | month | person
    PF-1 | 2026-11 | 张伟
    PF-2 | 2026-11 |
    PF-3 | 2026-10 | 001

    opportunities
    key | owner | stage | amount | close_date
    O-1 | 张伟 | 赢单 | 100 | 2026-11-01
    O-2 | 张伟 | 赢单 | 20.5 | 2026-11-30
    O-3 | 张伟 | 输单 | 999 | 2026-11-05
    O-4 | 李娜 | 赢单 | 999 | 2026-11-05
    O-5 | 001 | 赢单 | 7 | 2026-10-05
    O-6 | | 赢单 | 3 | 2026-11-05

    payments
    key | owner | amount | paid_on
    PY-1 | 张伟 | 50 | 2026-11-22
    PY-2 | 张伟 | 60 | 2026-11-25
    PY-3 | 张伟 | 70 |

    customers
    key | owner | created_at
    C-1 | 张伟 | 2026-11-01 00:00
    C-2 | 张伟 | 2026-10-31 23:59
    C-3 | 张伟 | 2026-12-01 00:00

    follow_ups
    key | owner | done_at | result
    F-1 | 张伟 | 2026-11-30 23:59 | 同意
    F-2 | 张伟 | 2026-11-20 10:00 | 取消：改期
    F-3 | 张伟 | | 同意
{PEOPLE}
"""


def test_what_a_person_brought_in_a_month() -> None:
    assert said(performance, FACTS) == [
        "PF-1 name = 张伟",
        "PF-1 number = 001",
        "PF-1 department = 销售部",
        "PF-1 group = 一组",
        "PF-1 won_deals = 2",
        "PF-1 won_amount = 120.50",
        "PF-1 paid_amount = 50.00",
        "PF-1 new_customers = 1",
        "PF-1 follow_ups = 1",
        "PF-1 wakes 2026-11-25 00:00",
        "PF-2 name = None",
        "PF-2 number = None",
        "PF-2 department = None",
        "PF-2 group = None",
        "PF-2 won_deals = 1",
        "PF-2 won_amount = 3.00",
        "PF-2 paid_amount = 0.00",
        "PF-2 new_customers = 0",
        "PF-2 follow_ups = 0",
        "PF-3 name = 张伟",
        "PF-3 number = 001",
        "PF-3 department = 销售部",
        "PF-3 group = 一组",
        "PF-3 won_deals = 1",
        "PF-3 won_amount = 7.00",
        "PF-3 paid_amount = 0.00",
        "PF-3 new_customers = 0",
        "PF-3 follow_ups = 0",
    ]


def asked(row: Row, within: Context) -> list[str]:
    return [
        f"{row.key} {new.origin} {new.values.get(ColumnKey('person'), '-')}"
        for new in performance_rows(row, within).new_rows
    ]


def test_whoever_brings_something_gets_a_row_for_the_month() -> None:
    of = book(FACTS)
    rows = [row for tab in ("opportunities", "payments", "customers", "follow_ups") for row in of.of(tab)]
    assert [line for row in rows for line in asked(row, context(of))] == [
        "O-1 performance|2026-11|张伟 张伟",
        "O-2 performance|2026-11|张伟 张伟",
        "O-4 performance|2026-11|李娜 李娜",
        "O-5 performance|2026-10|001 001",
        "O-6 performance|2026-11| -",
        "PY-1 performance|2026-11|张伟 张伟",
        "C-1 performance|2026-11|张伟 张伟",
        "C-2 performance|2026-10|张伟 张伟",
        "C-3 performance|2026-12|张伟 张伟",
        "F-1 performance|2026-11|张伟 张伟",
    ]


RESULTS = f"""
    performance
    key | month | person | name | number | department | group | won_amount | follow_ups
    PF-1 | 2026-10 | 张伟 | 张伟 | 001 | 销售部 | 一组 | 100 | 1
    PF-2 | 2026-11 | 张伟 | 张伟 | 001 | 销售部 | 一组 | 20 | 2
    PF-3 | 2026-11 | 001 | 张伟 | 001 | 销售部 | 一组 | 3 | 4
    PF-4 | 2026-11 | 李娜 | 李娜 | 002 | 销售部 | 二组 | 500 | 8
    PF-5 | 2026-11 | 刘洋 | 刘洋 | 004 | 市场部 | 一组 | 7000 | 16
    PF-6 | 2026-11 | | | | | | 0.5 | 32
    PF-7 | 2026-09 | 张伟 | 张伟 | 001 | 销售部 | 一组 | 90000 | 64
{PEOPLE}
"""


def results(rows: str) -> list[str]:
    table = f"targets\nkey | period | scope | measure | value\n{rows}\n\n{RESULTS}"
    return [line for line in said(target_results, table) if "wakes" not in line]


def figures(scope: str, period: str = "2026-11", measure: str = "成交金额") -> str:
    [actual] = [line for line in results(f"TG-1 | {period} | {scope} | {measure} | 1") if " actual = " in line]
    return actual.removeprefix("TG-1 actual = ")


def test_a_target_is_measured_by_the_results_of_its_scope() -> None:
    assert figures("张伟") == "23"
    assert figures("001") == "23"
    assert figures("人员：张伟") == "23"
    assert figures("二组") == "500"
    assert figures("销售部") == "523"
    assert figures("市场部/一组") == "7000"
    assert figures("公司") == "7523.5"
    assert figures("张伟", "2026Q4") == "123"
    assert figures("张伟", "2026") == "90123"
    assert figures("公司", measure="跟进次数") == "62"
    assert figures("张伟", measure="回款金额") == "0"
    assert figures("张伟", measure="毛利") == "None"


def test_attainment_gap_and_pace_by_working_days() -> None:
    assert results("TG-1 | 2026-11 | 张伟 | 成交金额 | 20") == [
        "TG-1 actual = 23",
        "TG-1 attainment = 1.1500",
        "TG-1 gap = -3",
        "TG-1 pace = 0.7143",
    ]
    assert results("TG-1 | 2026-10 | 二组 | 成交金额 | 20")[-2:] == ["TG-1 gap = 20", "TG-1 pace = 1"]
    assert results("TG-1 | 2026-12 | 二组 | 成交金额 | 0") == [
        "TG-1 actual = 0",
        "TG-1 attainment = None",
        "TG-1 gap = 0",
        "TG-1 pace = 0",
    ]


def test_the_pace_moves_with_each_working_day() -> None:
    table = f"targets\nkey | period | scope | measure | value\nTG-1 | 2026-11 | 张伟 | 成交金额 | 20\n\n{RESULTS}"
    assert said(target_results, table)[-1] == "TG-1 wakes 2026-11-23 00:00"
    assert "TG-1 pace = 0.7619" in said(target_results, table, clock("2026-11-23 00:00"))
    assert said(target_results, table.replace("2026-11 | 张伟", "2027 | 张伟"))[-1] == "TG-1 wakes 2027-01-01 00:00"
    assert not any("wakes" in line for line in said(target_results, table, clock("2026-11-30 00:00")))


def test_a_scope_that_is_not_known_or_has_two_meanings() -> None:
    of = book(f"targets\nkey | period | scope\nTG-1 | 2026-11 | 一组\nTG-2 | 2026-11 | 四组\n\n{RESULTS}")
    one, two = (outcome(target_results, of, key) for key in ("TG-1", "TG-2"))
    assert [issue.code for issue in (*one.issues, *two.issues)] == ["scope-ambiguous", "scope-unknown"]
    assert one.issues[0].parameters["choices"] == "小组:市场部/一组、小组:销售部/一组"
    assert one.values[ColumnKey("actual")] is None


TARGETS = """
    targets
    key | period | scope | measure | value
    TG-01 | 2026 | 公司 | 成交金额 | 1200
    TG-02 | 2026Q4 | 公司 | 成交金额 | 900
    TG-03 | 2026Q3 | 公司 | 成交金额 | 300
    TG-04 | 2026-11 | 公司 | 成交金额 | 300
    TG-05 | 2026-10 | 公司 | 成交金额 | 200
    TG-06 | 2026-11 | 销售部 | 成交金额 | 200
    TG-07 | 2026-11 | 刘洋 | 成交金额 | 100
    TG-08 | 2026-11 | 二组 | 成交金额 | 80
    TG-09 | 2026-11 | 李娜 | 成交金额 | 80
    TG-10 | 2026-11 | 王芳 | 成交金额 | 70
    TG-11 | 2026-11 | 张伟 | 跟进次数 | 5
    TG-12 | 2026-11 | 公司 | 跟进次数 | 5
"""


def parts(text: str) -> dict[str, tuple[str, ...]]:
    of = book(f"{text}\n{PEOPLE}")
    found: dict[str, tuple[str, ...]] = {}
    for row in of.of("targets"):
        for issue in target_parts(row, context(of)).issues:
            found[str(row.key)] = (issue.code, *(value for _, value in sorted(issue.parameters.items())))
    return found


def test_targets_inside_of_a_target_add_up_to_it() -> None:
    assert parts(TARGETS) == {
        "TG-02": ("target-periods-differ", "400", "2026-10、2026-11", "500"),
        "TG-06": ("target-parts-differ", "50", "二组、王芳", "150"),
    }


def test_a_person_has_no_parts() -> None:
    """The target of a 工号 and that of the name are of one person: neither is part of the other."""
    numbered = TARGETS + "    TG-13 | 2026-11 | 002 | 成交金额 | 10\n"
    assert {key for key, said in parts(numbered).items() if said[0] == "target-parts-differ"} == {"TG-06", "TG-08"}


def test_the_difference_goes_when_it_is_mended() -> None:
    mended = TARGETS.replace("TG-10 | 2026-11 | 王芳 | 成交金额 | 70", "TG-10 | 2026-11 | 王芳 | 成交金额 | 120")
    mended = mended.replace("公司 | 成交金额 | 900", "公司 | 成交金额 | 500").replace("| 1200", "| 800")
    assert parts(mended) == {}


def test_a_target_that_stands_twice() -> None:
    doubled = TARGETS + "    TG-13 | 2026-11 | 全公司 | 跟进次数 | 5\n"
    found = {key: said for key, said in parts(doubled).items() if said[0] == "target-doubled"}
    assert found == {"TG-12": ("target-doubled", "TG-13"), "TG-13": ("target-doubled", "TG-12")}


def test_results_of_a_large_book_are_exact() -> None:
    lines = "\n".join(f"O-{n} | 张伟 | 赢单 | 0.01 | 2026-11-05" for n in range(1000))
    of: TextBook = book(
        "performance\nkey | month | person\nPF-1 | 2026-11 | 张伟\n\n"
        f"opportunities\nkey | owner | stage | amount | close_date\n{lines}"
    )
    assert outcome(performance, of, "PF-1").values[ColumnKey("won_amount")] == Decimal("10.00")
