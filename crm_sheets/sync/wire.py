"""The thread that hands messages over, and its notes of what it did, in a file that outlives the process.

Many messages are claimed in one transaction, which must be on the disk before any of them goes; which of them had their
turn when the process was killed, the notes tell. They are not forced to the disk: a machine that lost its power has
forgotten some of them, so that notes from before the last start of the machine are not believed.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from crm_sheets.errors import CrmSheetsError, OutcomeUnknown, ServiceUnavailable
from crm_sheets.sync.notifiers.base import Message, Notifier, Receipt

SAME_START = 30.0
"""Seconds by which the same start of the machine may seem to have been at another time."""


class NotHandedOver(CrmSheetsError):
    """The round ended before the turn of a message."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a message whose turn had come.

    Attributes:
        receipt: of one that was taken.
        refused: it was not taken, that much is certain.
        address: where it went.
    """

    receipt: Receipt | None = None
    refused: bool = False
    address: str = ""


class Notes:
    """What the thread did in this round; `path` is read for the last one and then written anew."""

    def __init__(self, path: Path, started: float) -> None:
        """Begins anew.

        Args:
            path: of the file.
            started: when the machine was started (clock.machine_start).
        """
        self._file = path.open("w", encoding="utf-8")
        self._put({"started": started})

    def begins(self, message: Message) -> None:
        """The turn of a message has come."""
        self._put({"key": message.key, "address": message.to_address})

    def ends(self, message: Message, receipt: Receipt | None) -> None:
        """It was taken, or refused."""
        told = {"refused": True} if receipt is None else {"identity": receipt.identity}
        self._put({"key": message.key, "address": message.to_address, **told})

    def close(self) -> None:
        """Nothing more will be noted."""
        self._file.close()

    def _put(self, line: Mapping[str, object]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def noted(path: Path, started: float) -> Mapping[str, Handed] | None:
    """What the last round did, by key; what is not in it never had its turn. None where nobody can tell."""
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    except (OSError, ValueError):
        return None
    if not lines or abs(float(lines[0].get("started", 0.0)) - started) > SAME_START:
        return None
    found: dict[str, Handed] = {}
    for line in lines[1:]:
        key, address, identity = line["key"], line["address"], line.get("identity")
        receipt = None if identity is None else Receipt(key, identity)
        found[key] = Handed(receipt, bool(line.get("refused")), address)
    return found


class Wire:
    """Hands messages over, one after the other, while others are put into words."""

    def __init__(self, notifier: Notifier, stopping: Callable[[], bool], notes: Notes | None = None) -> None:
        self._notifier, self._stopping, self._notes = notifier, stopping, notes
        self._thread = ThreadPoolExecutor(1, "mail")
        self._ends = False

    def __enter__(self) -> Self:
        """Sends until it is left."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for what is on its way, and closes the connection."""
        self._thread.shutdown()
        self._notifier.close()
        if self._notes is not None:
            self._notes.close()

    def submit(self, message: Message) -> Future[Receipt]:
        """Hands a message over when those before it are done; see Notifier.send for what may come of it.

        One that is still waiting when a message meets a channel that is down, or when it is time to stop, ends with
        NotHandedOver.
        """
        return self._thread.submit(self._send, message)

    def _send(self, message: Message) -> Receipt:
        if self._ends or self._stopping():
            raise NotHandedOver
        if self._notes is not None:
            self._notes.begins(message)
        try:
            receipt = self._notifier.send(message)
        except OutcomeUnknown:
            raise
        except CrmSheetsError as error:
            self._ends = isinstance(error, ServiceUnavailable)
            if self._notes is not None:
                self._notes.ends(message, None)
            raise
        if self._notes is not None:
            self._notes.ends(message, receipt)
        return receipt
