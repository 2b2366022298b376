"""Mails about requests: in a cycle, one to each person for each kind of news, however many requests it is about."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from crm_sheets.approvals import Proposal
from crm_sheets.approving.rows import Words
from crm_sheets.changes import Value
from crm_sheets.schema.approvals import ApprovalRecord
from crm_sheets.state import OutboxItem
from crm_sheets.tables import ColumnKey

ITEMS = "items"
"""The parameter of a mail that holds its requests, as JSON."""


class Mail(StrEnum):
    """Why somebody is written to; names the template."""

    ASKED = "approval-asked"
    DUE = "approval-due"
    CLOSED = "approval-closed"


MayRead = Callable[[str, Proposal], bool]
"""Whether a person may read what a request would change."""


@dataclass(slots=True)
class Mails:
    """Collects what people are to be told in one cycle."""

    words: Words
    may_read: MayRead
    _told: dict[tuple[Mail, str], dict[str, dict[str, str]]] = field(default_factory=dict)

    def tell(self, mail: Mail, person: str, proposal: Proposal, row: dict[ColumnKey, Value]) -> None:
        """A person is to hear of a request, whose row is `row`."""
        if person:
            self._told.setdefault((mail, person), {})[proposal.key] = self._item(person, proposal, row)

    def items(self, now: datetime) -> tuple[OutboxItem, ...]:
        """The mails, each with what makes it unique: who is told what about which requests in which state."""
        return tuple(
            OutboxItem(
                key=_key(mail, person, told),
                kind=mail.value,
                person=self.words.staff.called(person),
                not_before=now,
                tab=ApprovalRecord.tab,
                parameters={ITEMS: json.dumps([told[key] for key in sorted(told)], ensure_ascii=False)},
            )
            for (mail, person), told in sorted(self._told.items())
        )

    def _item(self, person: str, proposal: Proposal, row: dict[ColumnKey, Value]) -> dict[str, str]:
        shown = {
            name: str(row.get(ColumnKey(name)) or "")
            for name in ("in_tab", "row", "subject", "field", "old", "new", "proposer", "reason", "state")
        }
        if not self.may_read(person, proposal):
            shown |= {name: self.words.language.text("approval.hidden") for name in ("old", "new", "reason")}
            shown["subject"] = shown["row"]  # what the row is called may be as little for them as the cell
        said = {name: str(row.get(ColumnKey(name)) or "") for name in ("decided_by", "comment")}
        due = proposal.due
        return {"key": proposal.key, **shown, **said, "due": due.isoformat() if due is not None else ""} | {
            "turn": f"{proposal.status}|{proposal.step}|{due}|{proposal.reminded}"
        }


def _key(mail: Mail, person: str, told: dict[str, dict[str, str]]) -> str:
    turns = "|".join(f"{key}:{told[key]['turn']}" for key in sorted(told))
    return f"{mail}|{person}|{blake2b(turns.encode(), digest_size=12).hexdigest()}"
