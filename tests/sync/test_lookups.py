"""Whether a customer is known, asked in one's own workbook by somebody who does not see them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.permissions import Extent, Grant, Policy, Scope
from crm_sheets.request import LookupTerms
from crm_sheets.schema.book import tab as described
from crm_sheets.tables import TabKey
from tests.sync.desks import customer
from tests.sync.galleries import COLUMNS, EDIT, EVERYTHING, HIDDEN, TeamDesk, columns_in, grid_of

TABS = {**COLUMNS, "lookups": " ".join(described(TabKey("lookups")).columns)}
ASKING = Grant("sales", "lookups", {"*": EDIT}, Extent.OWN, EDIT, (Scope.OWN,))
RIGHTS = Policy((EVERYTHING, Grant("sales", "customers", {"*": EDIT}, Extent.OWN, EDIT, (Scope.OWN,)), ASKING))
HERS, HIS = "上海宏图机械有限公司", "杭州锦昌环保科技有限公司"
EXISTS, SIMILAR, NONE = "已有此客户", "有名称相似的客户", "没有找到"


def team(policy: Policy = RIGHTS, threshold: float | None = 0.5, per_day: int = 3) -> TeamDesk:
    desk = TeamDesk(columns=TABS, policy=policy)
    terms = LookupTerms(per_day)
    desk.setup = desk.gallery.setup = replace(desk.setup, lookups=terms, threshold=threshold)
    desk.cycle.setup = replace(desk.cycle.setup, lookups=terms, threshold=threshold)
    desk.person("E1", "安妮", "销售专员")
    desk.person("E2", "包博", "销售专员", department="大客户部")
    customer(desk, HERS, owner="安妮", private_note="秘密")
    customer(desk, HIS, owner="包博", phone="13800138001", contact="锦先生", note="不可外传")
    desk.go()
    return desk


@pytest.fixture
def desk() -> TeamDesk:
    return team()


def ask(desk: TeamDesk, question: CellValue, number: str = "E1") -> None:
    grid, columns = grid_of(desk.view(number).file, "lookups"), columns_in(desk.view(number).file, "lookups")
    row: list[CellValue] = [None] * len(grid[0])
    row[columns["question"]] = question
    grid.append(row)


def over(desk: TeamDesk, **cells: str) -> None:
    """Types over cells of the first row of 安妮."""
    columns = columns_in(desk.view("E1").file, "lookups")
    for column, text in cells.items():
        grid_of(desk.view("E1").file, "lookups")[1][columns[column]] = text


def answers(desk: TeamDesk, number: str = "E1") -> list[tuple[CellValue, ...]]:
    """Question, answer, department and what is visible of each row."""
    grid, columns = grid_of(desk.view(number).file, "lookups"), columns_in(desk.view(number).file, "lookups")
    wanted = ("question", "answer", "department", "known")
    return [tuple(row[columns[each]] for each in wanted) for row in grid[1:] if row[columns["question"]]]


LIMIT = "今天的查询次数（3 次）已用完，请明天把内容重新输入一次"
SHORT = "请写完整一些：名称至少 4 个字，或完整的电话号码"
QUESTIONS = {
    HIS: EXISTS,
    "锦昌环保科技": EXISTS,
    "  杭州锦昌环保科技股份公司 ": EXISTS,
    "138 0013 8001": EXISTS,
    "杭州锦昌公司": SIMILAR,
    "锦昌环保": SIMILAR,
    "苏州远航物流有限公司": NONE,
    "13900139000": NONE,
    "锦昌": SHORT,
    "1380013": SHORT,
}


@pytest.mark.parametrize("threshold", [0.5, pytest.param(None, marks=pytest.mark.slow)])
def test_yes_no_or_similar_and_whose_department(threshold: float | None) -> None:
    desk = team(threshold=threshold, per_day=50)
    for question in QUESTIONS:
        ask(desk, question)
    desk.go()
    departments = (answer in {EXISTS, SIMILAR} for answer in QUESTIONS.values())
    wanted = [
        (question, answer, "大客户部" if told else None, None)
        for (question, answer), told in zip(QUESTIONS.items(), departments, strict=True)
    ]
    assert answers(desk) == wanted
    assert not desk.go(later=timedelta(seconds=5)).shared.plans


def test_nothing_else_of_the_customer_is_told(desk: TeamDesk) -> None:
    ask(desk, "锦昌环保科技")
    desk.go()
    told = str(desk.view("E1").file)
    secrets = [HIS, "13800138001", "锦先生", "不可外传", "包博"]
    secrets += [key for key, values in desk.records("customers").items() if values["owner"] == "包博"]
    assert [text for text in secrets if text in told] == []


def test_customers_that_the_asker_sees_are_named_by_their_number(desk: TeamDesk) -> None:
    (own,) = (key for key, values in desk.records("customers").items() if values["owner"] == "安妮")
    ask(desk, HERS)
    desk.go()
    assert answers(desk) == [(HERS, EXISTS, "销售部", own)]


def test_a_phone_that_is_hidden_from_the_asker_leads_to_no_row_that_they_see() -> None:
    blind = Grant("sales", "customers", {"*": EDIT, "phone": HIDDEN}, Extent.OWN, EDIT, (Scope.ALL,))
    desk = team(Policy((EVERYTHING, blind, ASKING)))
    ask(desk, "13800138001")
    ask(desk, HIS)
    desk.go()
    (his,) = (key for key, values in desk.records("customers").items() if values["owner"] == "包博")
    assert [each[1:] for each in answers(desk)] == [(EXISTS, "大客户部", None), (EXISTS, "大客户部", his)]


def test_a_person_has_so_many_questions_a_day_however_they_ask(desk: TeamDesk) -> None:
    ask(desk, HIS)
    desk.go()
    for question in ("苏州远航物流", "成都天府食品"):  # typed over: each is another question
        over(desk, question=question)
        desk.go()
    assert answers(desk) == [("成都天府食品", NONE, None, None)]
    del grid_of(desk.view("E1").file, "lookups")[1]
    desk.go()
    ask(desk, "锦昌环保科技")
    desk.go()
    assert answers(desk)[-1][1] == LIMIT
    desk.add("lookups", question="锦昌环保", owner="安妮")  # in the shared workbook, for her: it is hers, too
    ask(desk, HIS, "E2")
    desk.go()
    assert [answer for _, answer, *_ in answers(desk) if answer in {EXISTS, SIMILAR}] == []
    assert answers(desk, "E2")[0][1] == EXISTS
    ask(desk, "锦昌环保科技")
    desk.go(later=timedelta(days=1))
    assert answers(desk)[-1][1] == EXISTS


def test_the_same_question_costs_one_of_the_day_once(desk: TeamDesk) -> None:
    for question in (HIS, f" {HIS}", "苏州远航物流有限公司", HIS, "成都天府食品"):
        ask(desk, question)
        desk.go()
    assert [answer for _, answer, *_ in answers(desk)] == [EXISTS, EXISTS, NONE, EXISTS, NONE]
    ask(desk, "锦昌环保科技")
    ask(desk, HIS)  # it was answered today: nothing more is told
    desk.go()
    assert [answer for _, answer, *_ in answers(desk)[-2:]] == [LIMIT, EXISTS]


def test_every_question_is_in_the_journal(desk: TeamDesk) -> None:
    ask(desk, HIS)
    desk.go()
    over(desk, question="苏州远航物流")
    desk.go()
    told = [(line.entry.author, line.entry.new) for line in desk.state.journal() if line.entry.tab == "lookups"]
    assert [author for author, new in told if f'"question":"{HIS}"' in new] == ["安妮"]
    assert ("安妮", '{"question":"苏州远航物流"}') in told


@pytest.mark.slow
def test_an_answer_that_somebody_writes_themselves_is_put_back(desk: TeamDesk) -> None:
    ask(desk, HIS)
    desk.go()
    over(desk, answer=NONE, asked="")
    desk.go()
    assert answers(desk) == [(HIS, EXISTS, "大客户部", None)]


@pytest.mark.slow
def test_what_others_ask_is_nobody_elses_business(desk: TeamDesk) -> None:
    ask(desk, HIS)
    desk.go()
    assert answers(desk, "E2") == []


@pytest.mark.slow
def test_a_customer_that_comes_in_the_same_round_is_known(desk: TeamDesk) -> None:
    customer(desk, "宁波港联贸易有限公司", owner="包博", phone="13900139001")
    ask(desk, "宁波港联贸易有限公司")
    desk.go()
    assert answers(desk)[0][1:3] == (EXISTS, "大客户部")


@pytest.mark.parametrize(
    "policy", [Policy(RIGHTS.grants[:-1]), Policy((*RIGHTS.grants[:-1], replace(ASKING, columns={"*": HIDDEN})))]
)
def test_who_may_not_ask_has_no_such_tab(policy: Policy) -> None:
    assert "查重" not in team(policy).view("E1").file.sheets
