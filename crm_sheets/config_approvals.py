"""Approvals: [approvals] and [[approval]]."""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from crm_sheets.approval_flows import DEPARTMENT_HEAD, MANAGER, ROLE, ApprovalTerms, Change, Flow, Quorum, Step
from crm_sheets.cells import text_key
from crm_sheets.config_section import Disagreement, Duration, Section
from crm_sheets.config_source import Said, near
from crm_sheets.errors import Line
from crm_sheets.language import line
from crm_sheets.permissions import ANY, SHARED_ROLE, Deny, Level, Policy
from crm_sheets.schema.approvals import ApprovalRecord
from crm_sheets.schema.base import Tab
from crm_sheets.schema.conflicts import ConflictRecord
from crm_sheets.schema.dictionary_defaults import SHIPPED
from crm_sheets.schema.labels import words
from crm_sheets.schema.people import PersonRecord
from crm_sheets.tables import ColumnKey, TabKey

TAB, CONFLICTS, PEOPLE = ApprovalRecord.tab, ConflictRecord.tab, PersonRecord.tab
DECIDING = frozenset({ColumnKey("decision"), ColumnKey("comment")})
REMINDED = 4
"""Who does not say when, is reminded when a quarter of the time is left."""


class ApprovalsSettings(Section):
    """[approvals]: what holds for all requests."""

    approver: str = MANAGER
    shared_decides: bool = False


def _step(given: object) -> Step:
    """`{ approver = "manager", rule = "all" }`: one level, and whether one of those who are asked is enough.

    Raises:
        ValueError: something else.
    """
    match given:
        case Step():
            return given
        case {"approver": str(who), **others} if who.strip() and others.keys() <= {"rule"}:
            rule = str(others.get("rule", Quorum.ONE))
            if rule in list(Quorum):
                return Step(who.strip(), Quorum(rule))
    raise PydanticCustomError(
        "approval_step",
        'write who is asked: { approver = "manager" }, with rule = "all" where one of them is not enough',
    )


def _move(given: object) -> Change:
    """`{ column = "status", from = [], to = ["lost"] }`.

    Raises:
        ValueError: something else.
    """
    match given:
        case Change():
            return given
        case {"column": str(column), **others} if others.keys() <= {"from", "to"}:
            before, after = (others.get(name, []) for name in ("from", "to"))
            if (
                isinstance(before, list)
                and isinstance(after, list)
                and all(type(each) is str for each in before + after)
            ):
                return Change(ColumnKey(column), frozenset(before), frozenset(after))
    raise PydanticCustomError(
        "approval_change", 'write which values become which: { column = "status", from = [], to = ["lost"] }'
    )


def _ending(given: object) -> str:
    """`"lapse"`, `"escalate"` or `{ delegate = "李娜" }`.

    Raises:
        ValueError: something else.
    """
    match given:
        case "lapse" | "escalate":
            return str(given)
        case {"delegate": str(who), **others} if who.strip() and not others:
            return f"{DELEGATE}{who.strip()}"
    raise PydanticCustomError("approval_ending", 'write "lapse", "escalate" or { delegate = "somebody" }')


DELEGATE = "delegate:"
StepSetting: TypeAlias = Annotated[Step, BeforeValidator(_step)]
MoveSetting: TypeAlias = Annotated[Change, BeforeValidator(_move)]
Ending: TypeAlias = Annotated[str, BeforeValidator(_ending)]


class ApprovalSettings(Section):
    """[[approval]]: edits that somebody must approve."""

    name: str = Field(min_length=1, max_length=60)
    tab: str
    columns: tuple[str, ...] = ()
    change: MoveSetting | None = None
    delete: bool = False
    propose: tuple[str, ...] = ()
    steps: tuple[StepSetting, ...] = Field(min_length=1)
    timeout: Duration | None = None
    remind: Duration | None = None
    on_timeout: Ending = "lapse"

    def disagreements(self) -> Iterator[Disagreement]:
        """See Section."""
        if not (self.columns or self.change or self.delete):
            yield ("columns", "change", "delete"), line("mistake.approval.about", given=self.name)
        if self.timeout is None and (self.remind is not None or self.on_timeout != "lapse"):
            yield ("timeout", "remind", "on_timeout"), line("mistake.approval.timeless")
        if self.timeout is not None and self.timeout <= timedelta(0):
            yield ("timeout",), line("mistake.approval.timeout")
        elif self.timeout is not None and self.remind is not None and self.remind >= self.timeout:
            yield ("timeout", "remind"), line("mistake.approval.remind")

    @property
    def flow(self) -> Flow:
        """As the core takes it."""
        return Flow(
            name=self.name,
            tab=TabKey(self.tab),
            steps=self.steps,
            columns=frozenset(map(ColumnKey, self.columns)),
            change=self.change,
            deletes=self.delete,
            roles=frozenset(self.propose),
            timeout=self.timeout,
            remind=self.remind if self.remind is not None or self.timeout is None else self.timeout / REMINDED,
            delegate=self.on_timeout.removeprefix(DELEGATE) if self.on_timeout.startswith(DELEGATE) else "",
            escalate=self.on_timeout == "escalate",
        )


def terms_of(
    approvals: ApprovalsSettings, flows: Sequence[ApprovalSettings], own: tuple[Flow, ...] = ()
) -> ApprovalTerms:
    """What the config says, as a cycle takes it; `own` are the flows that come with what the team does."""
    return ApprovalTerms(
        (*own, *(each.flow for each in flows)), (Step(approvals.approver),), shared_decides=approvals.shared_decides
    )


def with_matters(tabs: Sequence[str], *, requests: bool, views: bool) -> tuple[str, ...]:
    """The tabs of a team, with that of the requests where there may be any, and that of the conflicts where people have
    workbooks of their own: before 组织, or at the end."""
    added = (*((CONFLICTS,) if views else ()), *((TAB,) if requests else ()))
    place = tabs.index(PEOPLE) if PEOPLE in tabs else len(tabs)
    return (*tabs[:place], *(each for each in added if each not in tabs), *tabs[place:])


def proposes(policy: Policy) -> bool:
    """Whether anything may only be proposed to somebody: there must be a tab for the requests, flow or none."""
    levels = {level for each in policy.grants for level in (*each.columns.values(), each.delete)}
    steps = any(change.proposed for each in policy.grants for change in each.change.values())
    return steps or Level.PROPOSE in levels or any(deny.cap is Level.PROPOSE for deny in policy.denies)


def deciding_denies(approvals: ApprovalsSettings, tabs: Collection[str]) -> tuple[Deny, ...]:
    """In the shared workbook nobody is known, so nobody decides there unless the team says so."""
    if approvals.shared_decides or TAB not in tabs:
        return ()
    return (Deny(SHARED_ROLE, TAB, DECIDING, Level.READ),)


def approval_mistakes(
    flows: Sequence[tuple[int, ApprovalSettings]],
    approvals: ApprovalsSettings,
    tabs: Mapping[TabKey, Tab],
    used: Collection[str],
    roles: Collection[str],
    broken: Collection[str],
) -> Iterator[Said]:
    """What is wrong with flows that can be read.

    Args:
        flows: each with its number in the file.
        approvals: what holds for all.
        tabs: that there are, with the team's fields.
        used: keys of those that the team uses.
        roles: that permissions speak of.
        broken: names of fields that are no columns yet.
    """
    known = {*roles, *(value.code for value in SHIPPED["role"])}
    known |= {text_key(word) for value in SHIPPED["role"] for word in words(f"value.role.{value.code}")}
    wrong = _approver(approvals.approver, known)
    if wrong is not None:
        yield "approvals.approver", wrong
    for number, flow in flows:
        if any(other.name == flow.name for n, other in flows if n < number):
            yield f"approval[{number}].name", line("mistake.flow.twice", given=flow.name)
        for option, said in (*_about(flow, tabs, used, broken), *_deciding(flow, known)):
            yield f"approval[{number}].{option}", said


def _about(
    flow: ApprovalSettings, tabs: Mapping[TabKey, Tab], used: Collection[str], broken: Collection[str]
) -> Iterator[Said]:
    tab = tabs.get(TabKey(flow.tab))
    if tab is None or flow.tab == TAB:
        yield "tab", line("mistake.flow.tab", given=flow.tab, near=near(flow.tab, tabs))
        return
    if flow.tab not in used:
        yield "tab", line("mistake.tab.unused", given=flow.tab)
    named = [("columns", name) for name in flow.columns if name != ANY]
    named += [("change.column", flow.change.column)] if flow.change is not None else []
    for key, name in named:
        column = tab.columns.get(ColumnKey(name))
        if column is None and name not in broken:
            yield key, line("mistake.column", tab=flow.tab, given=name, near=near(name, tab.columns))
        elif column is not None and column.system:
            yield key, line("mistake.column.ours", given=name)


def _deciding(flow: ApprovalSettings, roles: Collection[str]) -> Iterator[Said]:
    for role in flow.propose:
        if role not in roles and text_key(role) not in roles:
            yield "propose", line("mistake.role.nobody", given=role, near=near(role, sorted(roles)))
    for number, step in enumerate(flow.steps, 1):
        wrong = _approver(step.approver, roles)
        if wrong is not None:
            yield f"steps[{number}].approver", wrong


def _approver(who: str, roles: Collection[str]) -> Line | None:
    """Names and 工号 are not judged: people come and go, and the requests of who left go to the manager."""
    if who in {MANAGER, DEPARTMENT_HEAD}:
        return None
    role = who.removeprefix(ROLE)
    if who.startswith(ROLE):
        known = role in roles or text_key(role) in roles
        return None if known else line("mistake.role.nobody", given=role, near=near(role, sorted(roles)))
    if who in roles:
        return line("mistake.approver.role", given=who, meant=f"{ROLE}{who}", head=DEPARTMENT_HEAD)
    if difflib.get_close_matches(who, [MANAGER, DEPARTMENT_HEAD], n=1, cutoff=0.75):
        return line("mistake.approver.nobody", given=who, near=near(who, [MANAGER, DEPARTMENT_HEAD]))
    return None
