"""Administrators hear of a brake once, however long it stays pulled."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crm_sheets.state import OutboxItem
from crm_sheets.sync.result import CycleResult
from crm_sheets.sync.round import RoundResult
from crm_sheets.sync.store.outbox_writing import put_outbox
from crm_sheets.sync.store.sql import put_note
from crm_sheets.tables import SHARED, ReplicaKey

if TYPE_CHECKING:
    from crm_sheets.app.reporting import Reporter

KIND = "notice-brake"
TOLD_NOTE = "brakes-told"
"""Beginning of the names of notes: the brakes of a replica that administrators have heard of."""


def tell_of_brakes(reporter: Reporter, done: RoundResult, now: datetime) -> None:
    """Queues a mail to each of `mail.administrators` about what was pulled in a round and was not before.

    A brake that was released and is pulled again is another one.
    """
    _tell(reporter, SHARED, str(reporter.workspace.settings.workbook.place), [done.shared], now)
    for key, view in done.views.items():
        _tell(reporter, key, view.view.name, view.cycles, now)


def _tell(reporter: Reporter, replica: ReplicaKey, place: str, cycles: list[CycleResult], now: datetime) -> None:
    looked = [cycle for cycle in cycles if cycle.plans]
    if not looked:  # nothing is new: what was pulled still is
        return
    workspace, note = reporter.workspace, f"{TOLD_NOTE}@{replica}"
    pulled = {f"{issue.tab}/{issue.code}": reporter.issue(issue).message for issue in looked[-1].halted}
    before = set((workspace.state.note(note) or "").split())
    if before == pulled.keys():
        return
    told = {"subject": place, "content": "\n".join(pulled[each] for each in sorted(pulled.keys() - before))}
    receivers = workspace.settings.mail.administrators if told["content"] else ()
    with workspace.state.transaction() as connection:
        mails = (
            OutboxItem(f"{KIND}|{address}|{replica}|{now.isoformat()}", KIND, address, now, parameters=told)
            for address in receivers
        )
        put_outbox(connection, mails, now)
        put_note(connection, note, " ".join(sorted(pulled)))
