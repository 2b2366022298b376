"""Putting a new workbook in the place of the old one, so that nobody's work is lost whatever happens in between.

The new file is made beside the old one and takes its place in one step. Where the platform can swap two files, what
came out is compared with what was read: a save that slipped in is found and kept, never overwritten.
"""

import contextlib
import ctypes
import errno
import io
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from crm_sheets.errors import WorkbookBusy, WorkbookChanged, WorkbookError
from crm_sheets.sync.backends.xlsx.container import fingerprint
from crm_sheets.sync.backends.xlsx.edit import PackageEdit, PatchReport
from crm_sheets.sync.backends.xlsx.holders import holder, probe
from crm_sheets.sync.backends.xlsx.padlock import Padlock
from crm_sheets.tables import Fingerprint

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_STAMP = "%Y%m%dT%H%M%S"
SEALED_SUFFIX = ".sealed"
"""Behind the name of a backup that is encrypted."""


@dataclass(frozen=True, slots=True)
class Backups:
    """Where replaced files are kept, and how long.

    Attributes:
        folder: made when it is missing.
        keep: this many of the newest stay whatever their age.
        days: older ones beyond `keep` are removed.
        now: the present instant, aware: the name of the backup and the age of the others follow from it.
        conceal: encrypts a file; None keeps it as it is.
    """

    folder: Path
    now: datetime
    keep: int = 50
    days: int = 30
    conceal: Callable[[bytes], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        fingerprint: of the new file.
        report: what the patch did.
        backup: where the old file is kept; None when nothing had to be written, or no backups are kept.
    """

    fingerprint: Fingerprint
    report: PatchReport
    backup: Path | None


def write_workbook(
    path: Path,
    expected: Fingerprint,
    edit: PackageEdit,
    *,
    backups: Backups | None = None,
    quiet_seconds: float = 0.0,
    padlock: Padlock | None = None,
    anew: bool = False,
) -> Written:
    """Replace a workbook by what `edit` makes of it.

    Args:
        path: the workbook.
        expected: as it was when it was read.
        edit: the changes, made from that same reading.
        backups: where the old file goes; None keeps none.
        quiet_seconds: the file must not have been saved more recently than this.
        padlock: gives the new file its password.
        anew: writes it even if nothing in it changes, because its password does.

    Raises:
        WorkbookBusy: somebody has it open, or saved it a moment ago; nothing was written.
        WorkbookChanged: it is not what was read. When its content was swapped out already it is kept, and the
            message says where.
        WriteRefused: the patch would lose something.
        WorkbookError: the file or folder cannot be written, or the disk is full; the workbook is untouched.
    """
    check_free(path, expected, quiet_seconds)
    if not edit.changed and not anew:
        return Written(expected, PatchReport(bytes=expected.size), None)
    with _explained(path), _temporary(path) as temporary:
        report = edit.write(temporary) if padlock is None else _write_locked(edit, temporary, padlock)
        if not report.parts_changed and not anew:
            return Written(expected, report, None)
        _copy_status(path, temporary)
        backup = _back_up(path, backups) if backups is not None else None
        ours = fingerprint(temporary)
        check_free(path, expected, 0.0)  # at the very last: whoever opens it from now on is told when they save
        _put(path, temporary, expected, ours)
        sync_folder(path.parent)
        return Written(fingerprint(path), report, backup)


def _write_locked(edit: PackageEdit, target: Path, padlock: Padlock) -> PatchReport:
    """Writes the new workbook with its password: nothing of it reaches the disk without."""
    plain = io.BytesIO()
    report = edit.write_to(plain)
    put_durably(target, padlock.close(plain.getvalue()))
    return report


def put_durably(target: Path, content: bytes) -> None:
    """Writes a file, down to the disk."""
    with target.open("wb") as writable:
        writable.write(content)
        writable.flush()
        os.fsync(writable.fileno())


def check_free(path: Path, expected: Fingerprint, quiet_seconds: float) -> None:
    """Raise unless the workbook is still what was read, nobody holds it, and it has been quiet.

    Raises:
        WorkbookBusy: it is held, or was saved within `quiet_seconds`, or is gone for a moment: Excel saves by deleting.
        WorkbookChanged: it was saved since it was read.
        WorkbookError: it is read-only.
    """
    name = holder(path)
    if name is not None:
        message = f"{path}: {name} has it open; close it there, or wait: the next cycle tries again"
        raise WorkbookBusy(message, name).told("error.busy.held", path=path, name=name)
    try:
        status = path.stat()
        probe(path)
    except FileNotFoundError as error:
        message = f"{path}: not there just now; a program may be saving it"
        raise WorkbookBusy(message).told("error.busy.saving", path=path) from error
    if (status.st_size, status.st_mtime_ns) != (expected.size, expected.modified_ns):
        raise WorkbookChanged(f"{path}: saved by somebody since it was read")
    if quiet_seconds and time.time() - status.st_mtime < quiet_seconds:
        message = f"{path}: saved less than {quiet_seconds:g} seconds ago; the next cycle tries again"
        raise WorkbookBusy(message).told("error.busy.quiet", path=path, seconds=f"{quiet_seconds:g}")


def wait_for(path: Path, seconds: float, step: float = 0.1) -> bool:
    """Wait until a file that is being saved by delete and rename is back; whether it is."""
    deadline = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() >= deadline:
            return False
        time.sleep(step)
    return True


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Errors of the disk as errors about the workbook."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise WorkbookError(f"{path}: the disk is full; the workbook was not touched: make room").told(
                "error.workbook.full", path=path
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise WorkbookError(f"{path}: the folder or file cannot be written; check its permissions").told(
                "error.workbook.folder", path=path
            ) from error
        where = f" ({error.filename})" if error.filename else ""
        raise WorkbookError(f"{path}: {error.strerror or error}{where}; the workbook was not touched").told(
            "error.workbook.disk", path=path, said=f"{error.strerror or error}{where}"
        ) from error


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A name beside the workbook, which nothing is left under, nor under that of a writer that was killed."""
    start, end = f".{path.stem}.", ".crm-sheets.tmp"
    _sweep(path.parent, start, end)
    temporary = path.with_name(f"{start}{os.getpid()}{end}")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _sweep(folder: Path, start: str, end: str) -> None:
    """Removes what a writer that was killed left behind; two never write at once."""
    for entry in folder.iterdir():
        if entry.name.startswith(start) and entry.name.endswith(end):
            entry.unlink(missing_ok=True)


def _copy_status(path: Path, temporary: Path) -> None:
    """Mode and, where we may, owner of the old file."""
    status = path.stat()
    temporary.chmod(status.st_mode & 0o7777)
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()):
        with contextlib.suppress(OSError):
            os.chown(temporary, status.st_uid, status.st_gid)


def _back_up(path: Path, backups: Backups) -> Path:
    """Copy the old file into the backups and remove those that are too old."""
    backups.folder.mkdir(parents=True, exist_ok=True)
    stamp = backups.now.astimezone(UTC).strftime(_STAMP)
    ending = path.suffix if backups.conceal is None else path.suffix + SEALED_SUFFIX
    target = backups.folder / f"{path.stem}.{stamp}{ending}"
    number = 1
    while target.exists():
        target = backups.folder / f"{path.stem}.{stamp}-{number}{ending}"
        number += 1
    _sweep(backups.folder, f"{path.stem}.", f"{ending}.tmp")
    unfinished = target.with_name(f"{target.name}.tmp")
    try:
        if backups.conceal is None:
            shutil.copy2(path, unfinished)
        else:
            unfinished.write_bytes(backups.conceal(path.read_bytes()))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    prune(path, backups)
    return target


def prune(path: Path, backups: Backups) -> list[Path]:
    """Remove backups of a workbook that are neither among the newest `keep` nor younger than `days`; returns them."""
    kept = sorted(backups_of(path, backups.folder), reverse=True)
    oldest = (backups.now - timedelta(days=backups.days)).astimezone(UTC).strftime(_STAMP)
    removed = [old for stamp, old in kept[backups.keep :] if stamp[: len(oldest)] < oldest]
    for old in removed:
        old.unlink(missing_ok=True)
    return removed


def backups_of(path: Path, folder: Path) -> list[tuple[str, Path]]:
    """Backups of a workbook as (time stamp in UTC, path), in no order."""
    if not folder.is_dir():
        return []
    start = f"{path.stem}."
    found = []
    for entry in folder.iterdir():
        name = Path(entry.name.removesuffix(SEALED_SUFFIX))
        if name.suffix == path.suffix and name.name.startswith(start):
            stamp = name.stem.removeprefix(start)
            found += [(stamp, entry)] if stamp[:1].isdigit() else []
    return found


def _put(path: Path, temporary: Path, expected: Fingerprint, ours: Fingerprint) -> None:
    """Give `path` the content of `temporary`, which has the fingerprint `ours`.

    Raises:
        WorkbookChanged: what stood there was not what was read. It stands there again, or is kept beside the workbook.
    """
    if not exchange(temporary, path):
        temporary.replace(path)
        return
    if _is(temporary, expected):
        return
    if exchange(temporary, path) and _is(temporary, ours):
        raise WorkbookChanged(f"{path}: saved by somebody in the very moment of writing; that save stays in its place")
    kept = _spare_name(path)  # a second save came between the two exchanges: it stands in place, the first is kept
    temporary.rename(kept)
    raise WorkbookChanged(f"{path}: saved twice in the very moment of writing; one of the saves is kept as {kept}")


def _is(path: Path, wanted: Fingerprint) -> bool:
    found = fingerprint_or_none(path)
    return found is not None and (found.size, found.digest) == (wanted.size, wanted.digest)


def fingerprint_or_none(path: Path) -> Fingerprint | None:
    """The fingerprint, None when the file is no zip (half a save)."""
    try:
        return fingerprint(path)
    except WorkbookError:
        return None


def _spare_name(path: Path) -> Path:
    number = 1
    while (kept := path.with_name(f"{path.stem}.displaced-{number}{path.suffix}")).exists():
        number += 1
    return kept


@cache
def _rename_call() -> "ctypes._NamedFuncPointer | None":
    """renameat2 of the C library (Linux 3.15, glibc 2.28); None elsewhere."""
    try:
        return ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return None


def exchange(one: Path, other: Path) -> bool:
    """Swap two files in one step; False where the platform or the file system cannot."""
    call = _rename_call()
    if call is None:
        return False
    names = (os.fsencode(one), os.fsencode(other))
    return bool(call(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)


def sync_folder(folder: Path) -> None:
    """Make a rename durable, where folders can be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
