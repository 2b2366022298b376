"""A made-up team, and requests in it: what tests of the pure core of approvals share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crm_sheets.approval_flows import Flow, Step
from crm_sheets.approvals import Proposal
from crm_sheets.tables import ColumnKey, RowKey, TabKey

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CUSTOMERS, PHONE = TabKey("customers"), ColumnKey("phone")


@dataclass
class Team:
    """Implements approvals.Staff: everybody's superior, department and role; `left` are not here any more."""

    superiors: Mapping[str, str]
    roles: Mapping[str, str]
    departments: Mapping[str, str] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)

    @property
    def people(self) -> set[str]:
        return {*self.superiors, *self.superiors.values(), *self.roles} - {""}

    def find(self, text: str) -> str | None:
        return text if text in self.people else None

    def active(self, person: str) -> bool:
        return person in self.people - self.left

    def manager(self, person: str) -> str | None:
        return self.superiors.get(person) or None

    def heads(self, person: str) -> frozenset[str]:
        own = self.departments.get(person)
        heads = self.bearing("department_manager")
        return frozenset(each for each in heads if own and self.departments.get(each) == own)

    def bearing(self, role: str) -> frozenset[str]:
        return frozenset(each for each, has in self.roles.items() if has == role and self.active(each))


def team() -> Team:
    """Ann and Bob report to Mia, she to Tom, the head of all; Pia of the finances has a superior of her own."""
    return Team(
        {"ann": "mia", "bob": "mia", "mia": "tom", "pia": "tom", "tom": ""},
        {"mia": "department_manager", "tom": "department_manager", "pia": "finance", "pam": "finance", "adm": "admin"},
        {"ann": "sales", "bob": "sales", "mia": "sales", "tom": "board", "pia": "money"},
    )


def flow(*steps: str | Step, **more: object) -> Flow:
    """A flow of some levels, each of which one person decides unless it is given in full."""
    levels = tuple(Step(step) if isinstance(step, str) else step for step in steps)
    return Flow("flow", CUSTOMERS, levels, frozenset({PHONE}), **more)  # type: ignore[arg-type]  # fields of Flow


def request(by: str, of: Flow, anchor: str = "") -> Proposal:
    """What Ann or another proposes; with an anchor, nobody knows who proposed it."""
    barred = frozenset({anchor or by})
    return Proposal(
        RowKey("AP-1"), CUSTOMERS, RowKey("C-1"), PHONE, "1", "2", of, "" if anchor else by, anchor or by, barred, NOW
    )


def hours(number: float) -> datetime:
    """So many hours after the request was made."""
    return NOW + timedelta(hours=number)
