"""What findings are made from is what rules/reads.py says, and nothing else."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crm_sheets.changes import Issue
from crm_sheets.rules import DEFAULT_RULES
from crm_sheets.rules.base import Rule
from crm_sheets.rules.customer_statuses import customer_statuses, judging_statuses
from crm_sheets.rules.dormancy import DormancyPolicy
from crm_sheets.rules.own_conditions import OwnConditions
from crm_sheets.rules.pool import no_pool, pooling
from crm_sheets.rules.reads import _READS, own_reads, reads_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.codecs import FLAW_CODES
from crm_sheets.schema.custom import Condition
from crm_sheets.schema.derivations import Source
from crm_sheets.schema.validation import JUDGED_CODES
from crm_sheets.tables import ColumnKey, TabKey
from tests.rules.books import book_of
from tests.rules.dense import dense_book
from tests.rules.sources import Part, Proof
from tests.rules.tables import ALL_TABS, before, context
from tests.rules.tables import book as book_from
from tests.rules.test_derivations import TERMS
from tests.rules.test_stage_rules import TIMES
from tests.rules.test_target_rules import PEOPLE, TARGETS

BOOKS = 45
DEALS = TabKey("opportunities")
CONDITIONS = (
    Condition("big", DEALS, "amount > 20 and customer.level = 'A'", required=(ColumnKey("competitor"),)),
    Condition("lost", DEALS, "owner.group is not blank", forbidden=(ColumnKey("milestone"),)),
    Condition("told", DEALS, "close_date > today()"),
)
OWN = own_reads(CONDITIONS, ALL_TABS, context(book_of(0)).language)
OTHERWISE: Mapping[Rule, Rule] = {
    customer_statuses: judging_statuses(DormancyPolicy(days=1)),
    no_pool: pooling(TERMS),
}
RULES: Mapping[str, tuple[Rule, ...]] = {
    of.tab: (
        *(OTHERWISE.get(rule, rule) for rule in of.rules),
        *([OwnConditions(DEALS, CONDITIONS)] if of.tab == DEALS else []),
    )
    for of in DEFAULT_RULES
}

OF_A_REPLICA = {
    "row-restored", "row-restored-changed", "row-may-not-be-made", "row-without-id", "row-copies-all-edited",
    "row-copied-in-old-file", "row-new-in-old-file", "row-from-copy", "row-in-doubt-in-copy", "row-missing-in-copy",
}  # fmt: skip
"""About what was typed in one workbook: it is for that workbook to tell."""

SECTIONS_OF_OURS = (
    "Approvals",
    "A tab or the workbook is on hold",
    "Rows of an import that stay out",
    "Something is wrong on our side",
)
"""Nothing of them stands in a row of a person."""

NEVER_BY_RULES = {
    "sealed-mask",
    "cell-put-back",
    "cell-conflict",
    "merge-not-permitted",
    "conflict-not-yours",
    "conflict-closed",
    "conflict-lost",
    "computed-not-held",  # by the rule of a team's own fields, which these books have not
}
BY_THE_CONTEXT = {
    "calendar-day-doubled", "dictionary-value-doubled", "dictionary-value-retired", "attachment-missing", "tag-alias",
    "tag-dimension-unknown", "tag-unknown", "tag-unknown-similar",
}  # fmt: skip
"""Findings that compare a cell with what rules are given as a whole: no book of rows makes them."""

RARE = """
customers
key | name | status | owner | claim | pool_since | pool_from | merge_into | status_was | contact_consent | tags
C-8 | 海尔 | 成交 | | 人4 | 2026-11-21 12:00 | 人4 | | | |
C-9 | 格力 | ? | | 人5 | | | 海尔 | | |
C-10 | 美的 | 潜在客户 | | | | | 美的 | | |
C-11 | 长虹 | 潜在客户 | | | | | | 成交客户 | 仅邮件 | 级别-A类

people
key | id | name | active | manager | department | group
P-4 | 004 | 人4 | true | 人5 | 销售部 | 一组
P-5 | 005 | 人5 | false | 人4 | 销售部 | 二组
P-6 | 006 | 人6 | true | | 销售部 | 二组
P-7 | 006 | 人7 | true | | 销售部 | 二组
P-8 | 008 | 人7 | true | | 客服部 | 一组

dictionaries
key | dictionary | value | attributes
D-1 | 客户状态 | 甲 | code=nope; days=x
D-2 | 客户壮态 | 甲 |

services
key | customer | opened_at | type | priority | state | owner
S-1 | 海尔 | 2026-11-02 09:00 | 维修 | 紧急 | 待解决 | 人4

targets
key | period | scope | measure | value
TG-1 | 2026-11 | 公司 | 成交金额 | 100
TG-2 | 2026-11 | 公司 | 成交金额 | 90
TG-3 | 2026-11 | 一组 | 成交金额 | 10

contracts
key | number | customer | amount | state
CT-8 | HT-8 | 海尔 | 100 | 已终止

payments
key | contract | due_on | amount
PY-8 | HT-8 | 2026-12-01 | 100

campaigns
key | name | audience | starts_on | ends_on | mail_subject | mail_release
A-8 | 展会 | status == 潜在客户 | 2026-11-01 | 2026-12-31 | 邀请 | 发送
A-9 | 年会 | 级别-A or 区域-华东 | 2026-11-01 | 2026-12-31 | |

campaign_members
key | campaign | customer | customer_id | pair
M-8 | 展会 | 长虹 | C-11 | A-8:C-11
M-9 | 展会 | 长虹 | C-11 | A-8:C-11

opportunities
key | customer | stage
O-1 | 海尔 | 商务谈判
"""


QUIET = """
follow_ups
key | customer | opportunity | done_at | result
F-1 | 小米 | O-4 | 2026-11-10 10:00 | 已谈
"""
AWAKE = """
customers
key | name | status | created_at
C-12 | 春兰 | 休眠客户 | 2026-01-01 09:00

follow_ups
key | customer | done_at | result
F-12 | 春兰 | 2026-11-10 10:00 | 已谈
"""


def told(row: Row, part: Part) -> frozenset[Source] | None:
    if part.kind != "issue":
        return None
    tab = TabKey(part.tab)
    found = reads_of(Issue(part.what, tab, row.key, ColumnKey(part.where) if part.where else None), ALL_TABS, OWN)
    if found is None:
        return frozenset()
    staff = (column.key for column in ALL_TABS[tab].staff_columns() if found.begun)
    return found.others | {(tab, column) for column in (*found.own, *staff)}


@pytest.fixture(scope="module")
def proof() -> Proof:
    found = Proof(told)
    for seed in range(BOOKS):
        book = dense_book(seed) if seed % 3 else book_of(seed)
        found.watch(book, replace(context(book), author="shared (王芳)"), RULES, book.rows)
    for text in (RARE, AWAKE, TIMES, f"{TIMES}\n{QUIET}", f"{TARGETS}\n{PEOPLE}"):
        book = book_from(text)
        moved = (before(row, stage="初步接触") if row.key == "O-1" else row for row in book.rows)
        found.watch(book, context(book), RULES, moved)
    return found


def test_what_a_finding_is_made_from_is_declared(proof: Proof) -> None:
    assert proof.leaks == {}


def documented() -> dict[str, str]:
    """The codes of docs/issues.md, with their sections."""
    page = (Path(__file__).parents[2] / "docs" / "issues.md").read_text(encoding="utf-8")
    found = {}
    for section in page.split("\n## ")[1:]:
        title, _, lines = section.partition("\n")
        found.update(dict.fromkeys(re.findall(r"^\| `([a-z-]+)` \|", lines, re.M), title))
    return found


def test_every_finding_that_may_stand_in_a_row_says_what_it_is_made_from() -> None:
    rows = {code for code, section in documented().items() if section not in SECTIONS_OF_OURS} - OF_A_REPLICA
    silent = {
        code
        for code in rows - {"custom"}
        if not any(reads_of(Issue(code, tab, None, ColumnKey("x")), ALL_TABS, {}) for tab in ALL_TABS)
    }
    assert silent - {"reference-not-found", "reference-ambiguous"} == set()
    assert reads_of(Issue("rule-failed", DEALS), ALL_TABS, {}) is None


def test_the_proof_is_about_nearly_all_findings_of_rules(proof: Proof) -> None:
    said = {part.what for part in proof.seen if part.kind == "issue"}
    flaws = {*FLAW_CODES, *JUDGED_CODES}
    ours = {key.partition(" ")[0] for key in _READS} - flaws - NEVER_BY_RULES
    assert ours - said - BY_THE_CONTEXT == set()
    assert {"custom:big", "custom:lost", "custom:told"} <= said


def test_columns_that_findings_are_made_from_exist() -> None:
    columns = {(tab.key, key) for tab in ALL_TABS.values() for key in tab.columns}
    for code in documented():
        for tab in ALL_TABS:
            found = reads_of(Issue(code, tab, None, ColumnKey("check")), ALL_TABS, {})
            assert found is None or found.others <= columns
