"""Conflict copies in the folder of a workbook: found by name, read, and moved to the conflicts."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.sync.backends.copies import FoundCopy
from crm_sheets.sync.backends.xlsx.holders import holder
from crm_sheets.sync.backends.xlsx.reader import read_workbook
from crm_sheets.sync.backends.xlsx.replace import SEALED_SUFFIX, fingerprint_or_none, sync_folder
from crm_sheets.sync.conflict_names import conflict_name
from crm_sheets.tables import Snapshot

_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class FolderShelf:
    """Implements CopyShelf.

    Attributes:
        path: of the workbook.
        conflicts: where copies go that were taken in; made when it is missing.
        quiet: seconds for which a file must not have been saved: a drive may still be fetching it.
        reads: opens a workbook of this replica.
        conceal: encrypts what is put away; None keeps it as it is.
    """

    path: Path
    conflicts: Path
    quiet: float = 3.0
    reads: Callable[[Path], Snapshot] = read_workbook
    conceal: Callable[[bytes], bytes] | None = None

    def look(self) -> tuple[FoundCopy, ...]:
        """See CopyShelf."""
        try:
            with os.scandir(self.path.parent) as entries:
                names = [entry.name for entry in entries]
        except OSError:  # the folder is gone for a moment: the cycle itself says so
            return ()
        found = (self._found(name) for name in sorted(names))
        return tuple(copy for copy in found if copy is not None)

    def _found(self, name: str) -> FoundCopy | None:
        told = conflict_name(name, self.path.name)
        if told is None:
            return None
        path = self.path.with_name(name)
        try:
            status = path.stat()
        except OSError:
            return None
        if not path.is_file() or path.is_symlink():
            return None
        rested = time.time() - status.st_mtime
        busy = holder(path) is not None or 0 <= rested < self.quiet
        return FoundCopy(name, f"{status.st_size}.{status.st_mtime_ns}", told, busy)

    def read(self, copy: FoundCopy) -> Snapshot:
        """See CopyShelf."""
        path = self.path.with_name(copy.name)
        try:
            return self.reads(path)
        except FileNotFoundError as error:
            raise WorkbookUnreadable(f"{path}: gone while it was being read", "missing") from error

    def put_away(self, copy: FoundCopy, digest: str, at: datetime) -> Path | None:
        """See CopyShelf. The copy is looked at again after the move: what was saved in between comes back."""
        source = self.path.with_name(copy.name)
        again = self._found(copy.name)
        if again is None or again.busy or not _holds(source, digest):
            return None
        try:
            self.conflicts.mkdir(parents=True, exist_ok=True)
            if self.conceal is not None:
                return _move_concealed(source, _free_name(self.conflicts, source, at, SEALED_SUFFIX), self.conceal)
            target = _free_name(self.conflicts, source, at)
            moved = _move(source, target)
        except OSError:  # open in a program on Windows, a full disk, not ours to move: the next cycle tries again
            return None
        if moved and _holds(target, digest):
            return target
        _bring_back(target, source)
        return None


def _holds(path: Path, digest: str) -> bool:
    found = fingerprint_or_none(path) if path.exists() else None
    return found is not None and found.digest == digest


def _free_name(folder: Path, source: Path, at: datetime, ending: str = "") -> Path:
    stamp = at.astimezone(UTC).strftime(_STAMP)
    target, number = folder / f"{source.stem}.{stamp}{source.suffix}{ending}", 1
    while target.exists():
        target = folder / f"{source.stem}.{stamp}-{number}{source.suffix}{ending}"
        number += 1
    return target


def _move_concealed(source: Path, target: Path, conceal: Callable[[bytes], bytes]) -> Path | None:
    """Puts an encrypted version away and removes the plain one, unless that was saved meanwhile: then None."""

    def write(unfinished: Path) -> None:
        with unfinished.open("wb") as writable:
            writable.write(conceal(source.read_bytes()))
            writable.flush()
            os.fsync(writable.fileno())

    return target if _replace_by(source, target, write) else None


def _move(source: Path, target: Path) -> bool:
    """Moves a file, also to another disk; whether the source was left alone meanwhile."""

    def copy(unfinished: Path) -> None:
        shutil.copy2(source, unfinished)
        with unfinished.open("r+b") as written:
            os.fsync(written.fileno())

    try:
        source.rename(target)
    except OSError:
        return _replace_by(source, target, copy)
    sync_folder(target.parent)
    return True


def _replace_by(source: Path, target: Path, write: Callable[[Path], None]) -> bool:
    """Makes `target` of `source`, which goes then, unless that was saved meanwhile: then nothing is done, and False."""
    before = source.stat()
    unfinished = target.with_name(f"{target.name}.tmp")
    try:
        write(unfinished)
        after = source.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            return False
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    try:
        source.unlink()
    except OSError:
        target.unlink()
        raise
    sync_folder(target.parent)
    return True


def _bring_back(target: Path, source: Path) -> None:
    """A file that was saved while it was moved: it lies where it lay, and is read in the next cycle."""
    if not target.exists():
        return
    number, back = 1, source
    while back.exists():
        back = source.with_name(f"{source.stem} ({number}){source.suffix}")
        number += 1
    _move(target, back)
