"""A desk whose team approves things: what tests of approvals in cycles share."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from crm_sheets.approval_flows import ApprovalTerms, Change, Flow, Step
from crm_sheets.approvals import Decision, Verb
from crm_sheets.cells import CellValue
from crm_sheets.permissions import OPEN, Deny, Level, Policy
from crm_sheets.schema.book import tab
from crm_sheets.sync.outbox import State
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.setup import Wish, shared_replica
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.sync.desks import COLUMNS, Desk, customer

STATUS = ColumnKey("status")
CUSTOMERS = TabKey("customers")
CHURN = Flow(
    "客户流失",
    CUSTOMERS,
    (Step("manager"),),
    change=Change(STATUS, after=frozenset({"lost"})),
    timeout=timedelta(days=3),
    remind=timedelta(days=1),
)
TABS = {
    **COLUMNS,
    "customers": "id key_ name type industry contact phone status owner note created_at updated_at check duplicates "
    "merge_into merged_from",
    "people": "key_ id name department role manager email active check",
    "approvals": " ".join(tab(TabKey("approvals")).columns),
}
PEOPLE = (
    ("E1", "王芳", "销售部", "销售专员", "张伟"),
    ("E2", "张伟", "销售部", "部门经理", "李总"),
    ("E3", "李总", "公司", "部门经理", ""),
    ("E4", "管理员", "公司", "管理员", ""),
    ("E5", "刘洋", "客服部", "客服专员", "李总"),
)
DECIDING = (ColumnKey("decision"), ColumnKey("comment"))


def policy(*proposed: str, shared_decides: bool = True) -> Policy:
    """Everything is open, but for some columns of the customers that may only be proposed."""
    denies = [Deny("shared", "customers", frozenset(proposed), Level.PROPOSE)] if proposed else []
    if not shared_decides:
        denies.append(Deny("shared", "approvals", frozenset(DECIDING), Level.READ))
    return Policy(OPEN.grants, tuple(denies))


def approving(*flows: Flow, rights: Policy | None = None, default: Sequence[Step] = (Step("manager"),)) -> Desk:
    """A team of five with three customers, after its first cycle."""
    desk = Desk(columns=TABS)
    for number, name, department, role, manager in PEOPLE:
        desk.add(
            "people",
            id=number,
            name=name,
            department=department,
            role=role,
            manager=manager or None,
            email=f"{number.lower()}@example.com",
        )
    for name in ("华为", "中兴", "小米"):
        customer(desk, name, phone=f"1380013800{len(name)}", status="意向客户", owner="王芳")
    desk.backend.file.saved_by = "王芳"
    desk.sync()
    terms = ApprovalTerms(flows, tuple(default), shared_decides=True)
    desk.setup = desk.cycle.setup = replace(
        desk.setup, approvals=terms, replica=shared_replica(rights or policy(), desk.tabs)
    )
    return desk


def saved_by(desk: Desk, name: str) -> None:
    """From now on the file says that somebody else saved it."""
    desk.backend.file.saved_by = name


def requests(desk: Desk, *columns: str) -> list[tuple[object, ...]]:
    """The cells of all requests, in the order in which they stand in the sheet."""
    body = desk.grid("approvals")[1:]
    return [tuple(desk.cell("approvals", row, column) for column in columns) for row in range(len(body))]


def answer(desk: Desk, row: int, decision: CellValue, comment: CellValue = None) -> None:
    """Somebody writes into the cells of a decision."""
    desk.type("approvals", row, "decision", decision)
    if comment is not None:
        desk.type("approvals", row, "comment", comment)


def said(desk: Desk, row: int, person: str, verb: Verb, comment: str = "") -> CycleResult:
    """Somebody decides outside the workbook."""
    desk.now += timedelta(seconds=30)
    key = RowKey(str(desk.cell("approvals", row, "id")))
    return desk.cycle.run(Wish(desk.now, decisions=(Decision(key, person, verb, comment, "admin"),)))


def mails(desk: Desk) -> list[tuple[str, str]]:
    """Kind and reader of every mail, in the order of their making."""
    return sorted((entry.kind, entry.person) for entry in SqlOutbox(desk.state).entries(State))
