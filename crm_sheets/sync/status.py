"""The status file: how the daemon is doing, for `crm-sheets status` and for whatever watches it from outside."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from crm_sheets.errors import UsageError

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Status:
    """What the last cycle left. It holds no value of a cell and no name of a customer, so that it may be shown around.

    Attributes:
        written_at: aware, like every instant here. A watcher should mind its age, not only what it says.
        pid: of the process that wrote it, on `host`.
        last_ok: end of the last cycle that went through, None before the first.
        failures: cycles that failed since then.
        last_error: of the last failed cycle, empty after one that went through.
        generation: number of our last write to the workbook.
        halted: why nothing of the workbook is applied, empty when it is.
        held: key of a held tab -> why.
        holder: who has the workbook open while we wait to write, empty when nobody.
        rows: key of a tab -> records in it.
        issues: severity -> findings now standing.
        outbox: state of a message -> how many.
        views: how many workbooks of people there are, how many wait to be written, in how many there is trouble.
        oldest_waiting: `not_before` of the oldest message that should be gone by now.
    """

    version: str
    workbook: str
    pid: int
    host: str
    started_at: datetime
    written_at: datetime
    last_ok: datetime | None = None
    cycle_seconds: float | None = None
    failures: int = 0
    last_error: str = ""
    generation: int | None = None
    halted: str = ""
    held: Mapping[str, str] = field(default_factory=dict)
    holder: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    issues: Mapping[str, int] = field(default_factory=dict)
    outbox: Mapping[str, int] = field(default_factory=dict)
    oldest_waiting: datetime | None = None
    views: Mapping[str, int] = field(default_factory=dict)


def write_status(path: Path, status: Status) -> None:
    """Replaces the file in one step, so that a reader finds the old one or the new one and never half of either.

    Raises:
        OSError: the folder cannot be written to, or (on Windows) a reader holds the old file open just now.
    """
    temporary = path.with_name(f".{path.name}.{status.pid}.tmp")
    content = _adapter().dump_python(status, mode="json")
    temporary.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def read_status(path: Path) -> Status | None:
    """What the file says, None when there is none.

    Raises:
        UsageError: the file is no status file.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _adapter().validate_json(content)
    except ValueError as error:
        raise UsageError(f"{path}: not a status file of this version; delete it, the daemon writes it anew").told(
            "error.status.version", path=path
        ) from error


@cache
def _adapter() -> "TypeAdapter[Status]":
    from pydantic import TypeAdapter

    return TypeAdapter(Status)
