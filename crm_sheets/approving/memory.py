"""Open requests as one text of the state store: in full, while cells of the tab only show them."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from crm_sheets.approval_flows import Flow, Quorum, Step
from crm_sheets.approvals import Proposal
from crm_sheets.tables import ColumnKey, RowKey, TabKey

_SETS = ("barred", "approvers", "voted", "asked")
_TEXTS = ("old", "new", "proposer", "anchor")


def packed(proposals: Iterable[Proposal]) -> str:
    """JSON of open requests, equal for equal ones."""
    return json.dumps([_packed(each) for each in proposals], ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def unpacked(text: str | None) -> dict[RowKey, Proposal]:
    """What packed() was given, by key; none without a text."""
    proposals = [_unpacked(each) for each in json.loads(text)] if text else []
    return {proposal.key: proposal for proposal in proposals}


def _packed(proposal: Proposal) -> dict[str, object]:
    flow = proposal.flow
    kept: dict[str, object] = {name: getattr(proposal, name) for name in _TEXTS}
    kept |= {name: sorted(getattr(proposal, name)) for name in _SETS}
    return kept | {
        "key": proposal.key,
        "at": [proposal.tab, proposal.row, proposal.column],
        "made": proposal.at.isoformat(),
        "step": proposal.step,
        "due": proposal.due.isoformat() if proposal.due is not None else None,
        "reminded": proposal.reminded,
        "bound": proposal.bound,
        "flow": {
            "name": flow.name,
            "steps": [[step.approver, step.quorum] for step in flow.steps],
            "timeout": _seconds(flow.timeout),
            "remind": _seconds(flow.remind),
            "delegate": flow.delegate,
            "escalate": flow.escalate,
            "binds": [flow.binds, flow.stamp],
        },
    }


def _unpacked(kept: dict[str, Any]) -> Proposal:
    tab, row, column = kept["at"]
    flow, due = kept["flow"], kept["due"]
    binds, stamp = flow.get("binds", (None, None))  # of a request that was made before there was such a thing: none
    return Proposal(
        key=RowKey(kept["key"]),
        tab=TabKey(tab),
        row=RowKey(row),
        column=ColumnKey(column) if column is not None else None,
        flow=Flow(
            name=flow["name"],
            tab=TabKey(tab),
            steps=tuple(Step(approver, Quorum(quorum)) for approver, quorum in flow["steps"]),
            timeout=_span(flow["timeout"]),
            remind=_span(flow["remind"]),
            delegate=flow["delegate"],
            escalate=flow["escalate"],
            binds=ColumnKey(binds) if binds else None,
            stamp=ColumnKey(stamp) if stamp else None,
        ),
        at=datetime.fromisoformat(kept["made"]),
        step=kept["step"],
        due=datetime.fromisoformat(due) if due is not None else None,
        reminded=kept["reminded"],
        bound=kept.get("bound", ""),
        old=kept["old"],
        new=kept["new"],
        proposer=kept["proposer"],
        anchor=kept["anchor"],
        barred=frozenset(kept["barred"]),
        approvers=frozenset(kept["approvers"]),
        voted=frozenset(kept["voted"]),
        asked=frozenset(kept["asked"]),
    )


def _seconds(span: timedelta | None) -> float | None:
    return span.total_seconds() if span is not None else None


def _span(seconds: float | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds is not None else None
