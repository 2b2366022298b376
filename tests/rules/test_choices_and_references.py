"""Values that must be known elsewhere: in a dictionary, in another tab, in 组织."""

from crm_sheets.language import language
from crm_sheets.rules.choices import unknown_choice
from crm_sheets.rules.dictionary_values import dictionary_values
from crm_sheets.rules.people_exist import people_exist
from crm_sheets.rules.references import references
from crm_sheets.rules.same_customer import same_customer
from crm_sheets.schema.dictionaries import default_dictionaries
from tests.rules.tables import book, dictionaries, outcome, said

PEOPLE = """
    people
    key | id | name | active
    P-1 | 001 | 张伟 | true
    P-2 | 002 | 李娜 | false
    P-3 | 003 | 王强 | true
    P-4 | 004 | 王强 | true
    P-5 | 005 | 赵敏 |
"""


def test_a_choice_is_in_its_dictionary() -> None:
    table = """
    feedback
    key | type | state | source
    B-1 | 投诉 | 已处理 | 拜访
    B-2 | 投诉 | 已处里 |
    B-3 | ｸﾚｰﾑ | 待处理 | 邮件
    """
    assert said(dictionary_values, table) == [
        "B-2 state error not-in-dictionary-similar",
        "B-3 type error not-in-dictionary",
    ]


def test_the_nearest_value_or_all_of_them_are_offered() -> None:
    rows = book("""
    customers
    key | status | level | industry
    C-1 | 成交 | 特级 | 随便
    """)
    offered = {str(issue.column): dict(issue.parameters) for issue in outcome(dictionary_values, rows, "C-1").issues}
    assert offered["status"] == {"value": "成交", "suggestion": "成交客户"}
    assert offered["level"] == {"value": "特级", "choices": "VIP、A、B、C"}
    assert offered["industry"]["choices"].endswith("等")


def test_a_retired_value_may_stay_and_is_not_offered() -> None:
    known = dictionaries(retired=["意向客户"])
    table = """
    customers
    key | status
    C-1 | 意向客户
    C-2 | 意向客户们
    """
    assert said(dictionary_values, table, known=known) == [
        "C-1 status warning dictionary-value-retired",
        "C-2 status error not-in-dictionary",
    ]
    (issue,) = outcome(dictionary_values, book(table), "C-2", known=known).issues
    assert "潜在客户" in issue.parameters["choices"]
    assert "意向客户" not in issue.parameters["choices"]


def test_a_dictionary_that_nobody_keeps_allows_everything() -> None:
    table = """
    customers
    key | source
    C-1 | 朋友圈
    """
    assert said(dictionary_values, table, known=dictionaries(emptied=["customer_source"])) == []


def test_a_reference_names_one_row() -> None:
    table = """
    follow_ups
    key | customer | opportunity
    F-1 | c-1 | 新机房
    F-2 | 华为 |
    F-3 | 中兴 | 旧机房
    F-4 | 小米 |
    F-5 | Ｃ-2 |

    customers
    key | name
    C-1 | 华为
    C-2 | 小米
    C-3 | 小米

    opportunities
    key | name | customer
    O-1 | 新机房 | 华为
    """
    assert said(references, table) == [
        "F-3 customer error reference-not-found",
        "F-3 opportunity error reference-not-found",
        "F-4 customer error reference-ambiguous",
    ]
    (issue,) = outcome(references, book(table), "F-4").issues
    assert issue.parameters["ids"] == "C-2、C-3"


def test_a_follow_ups_opportunity_is_one_of_its_customer() -> None:
    table = """
    follow_ups
    key | customer | opportunity
    F-1 | 华为 | 新机房
    F-2 | C-1 | O-2
    F-3 | 小米 | 新机房
    F-4 | 小米 |
    F-5 | 无名 | 新机房
    F-6 | 小米 | O-3
    F-7 | 华为 | O-4

    customers
    key | name | merged_from
    C-1 | 华为 | 华为技术
    C-2 | 小米 |

    opportunities
    key | name | customer
    O-1 | 新机房 | C-1
    O-2 | 旧机房 | 华为
    O-4 | 老机房 | 华为技术
    O-3 | 没有客户 |
    """
    assert said(same_customer, table) == ["F-3 opportunity warning opportunity-of-another-customer"]


def test_an_opportunity_is_compared_by_what_it_says_not_by_what_that_resolves_to() -> None:
    table = """
    follow_ups
    key | customer | opportunity
    F-1 | C-1 | 新机房

    customers
    key | name
    C-1 | 华为
    C-2 | 华为

    opportunities
    key | name | customer
    O-1 | 新机房 | 华为
    """
    assert said(same_customer, table) == [], "a second 华为 is no concern of this follow-up, which is not asked again"


def test_people_are_in_the_organisation() -> None:
    table = f"""
    customers
    key | owner
    C-1 | 张伟
    C-2 | 001
    C-3 | 李娜
    C-4 | 王强
    C-5 | 003
    C-6 | 陌生人
    C-7 |
    C-8 | 赵敏

{PEOPLE}"""
    assert said(people_exist, table) == [
        "C-3 owner warning person-left",
        "C-4 owner error person-ambiguous",
        "C-6 owner error person-unknown",
    ]
    assert outcome(people_exist, book(table), "C-4").issues[0].parameters["ids"] == "003、004"


def test_history_may_name_somebody_who_has_left() -> None:
    table = f"""
    follow_ups
    key | owner | done_at | result
    F-1 | 李娜 | 2026-11-20 10:00 |
    F-2 | 李娜 | | 取消
    F-3 | 李娜 | |

    opportunities
    key | owner | stage
    O-1 | 李娜 | 输单
    O-2 | 李娜 | 商务谈判
    O-3 | 陌生人 | 赢单

    feedback
    key | owner | state
    B-1 | 李娜 | 已处理
    B-2 | 李娜 | 处理中

    people
    key | id | name | active | manager
    P-6 | 006 | 钱多 | false | 李娜
    P-7 | 007 | 孙立 | true | 李娜

{PEOPLE}"""
    flagged = [
        f"{row.key} {issue.code}"
        for row in book(table).rows
        for issue in outcome(people_exist, book(table), row.key).issues
    ]
    assert flagged == ["F-3 person-left", "O-2 person-left", "O-3 person-unknown", "B-2 person-left", "P-7 person-left"]


def test_words_that_share_no_more_than_their_end_are_not_offered() -> None:
    rows = book("""
    customers
    key | industry
    C-1 | 农业
    C-2 | 制造
    """)
    codes = [outcome(dictionary_values, rows, key).issues[0].code for key in ("C-1", "C-2")]
    assert codes == ["not-in-dictionary", "not-in-dictionary-similar"]
    industries = default_dictionaries(language("en")).entries["industry"]
    assert [unknown_choice(each, industries, language("en"))[0] for each in ("Farming", "Manufacture")] == codes
