"""The files of views: where they lie, how they are made, extended and put away. What is put away goes to the backups,
never to the file share."""

import json
import re
import shutil
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

from crm_sheets.errors import WorkbookError, WorkbookUnreadable
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.layout import find_tabs
from crm_sheets.sync.backends.base import Extension
from crm_sheets.sync.backends.xlsx.backend import PATIENCE, XlsxBackend
from crm_sheets.sync.backends.xlsx.padlock import Padlock
from crm_sheets.sync.backends.xlsx.reader import open_with_status
from crm_sheets.sync.backends.xlsx.replace import SEALED_SUFFIX, backups_of, put_durably, wait_for
from crm_sheets.sync.backends.xlsx.stamp import read_stamp
from crm_sheets.tables import ColumnKey, Fingerprint, ReplicaKey, TabKey
from crm_sheets.views import SUMMARIES, Reader

UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
"""What may not stand in the name of a file on Windows, which is the narrowest."""

LONGEST_NAME = 80
"""Characters of the name of a view, without its folder."""

DICTIONARIES = TabKey("dictionaries")


class Age(Enum):
    """What a file in the place of a view is."""

    CURRENT = "current"
    BEFORE = "before"  # from before it was made anew: it may hold what may no longer be seen
    STRANGE = "strange"  # of somebody else, of another team, never a view, or of a time of which nothing is known


@dataclass(frozen=True, slots=True)
class Born:
    """Generations that are older than a file.

    Attributes:
        generation: the last one before the file was made.
        forgotten: the last one of which nothing is known any more, because its person had no view for a while.
    """

    generation: int = 0
    forgotten: int = 0

    @classmethod
    def of(cls, note: str | None) -> "Born":
        """As a note has it."""
        return cls(*map(int, note.split())) if note else cls()

    def __str__(self) -> str:
        return f"{self.generation} {self.forgotten}"


@dataclass(frozen=True, slots=True)
class ViewFile:
    """The file of one person.

    Attributes:
        folder: of all views.
        path: in a folder of its own, so that the rights of the file share keep others out.
        kept: folder of what was replaced or put away.
        conflicts: folder of other workbooks that lay in its place.
        workbook: id of the book, as its stamps have it.
        was_there: whether it was made before.
        born: which generations are older than the file.
        padlock: opens and closes one that has a password.
    """

    folder: Path
    path: Path
    kept: Path
    conflicts: Path
    replica: ReplicaKey
    workbook: str
    was_there: bool
    born: Born
    padlock: Padlock | None = None

    def is_gone(self) -> bool:
        """Whether there is none; a program that saves by deleting is given its time."""
        if self.path.exists():
            return False
        return not (self.was_there and wait_for(self.path, PATIENCE))

    def is_unchanged(self, known: Fingerprint | None) -> bool:
        """Whether it looks as it was last read, without opening it."""
        if known is None:
            return False
        try:
            status = self.path.stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (known.size, known.modified_ns)

    def age(self) -> Age:
        """What lies in its place. A file that cannot be read is not judged here: it may be half a save."""
        try:
            package, _ = open_with_status(self.path, padlock=self.padlock)
            stamp = read_stamp(package)
        except (WorkbookUnreadable, OSError):
            return Age.CURRENT
        if stamp is None:  # a program may drop what it does not know: then its rows still bear our keys
            return Age.CURRENT if self.was_there else Age.STRANGE
        if (stamp.workbook, stamp.replica) != (self.workbook, self.replica):
            return Age.STRANGE
        if stamp.generation <= self.born.forgotten:
            return Age.STRANGE
        return Age.BEFORE if stamp.generation <= self.born.generation else Age.CURRENT

    def last_kept(self) -> Path | None:
        """The newest version of it that was kept."""
        found = backups_of(self.path, self.kept)
        return max(found)[1] if found else None


def move(path: Path, folder: Path, now: datetime, conceal: Callable[[bytes], bytes] | None) -> Path:
    """Moves a file to where only administrators look, encrypted where backups are; where it is then.

    Raises:
        WorkbookError: it cannot be moved now.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = free_name(folder, path, now, "" if conceal is None else SEALED_SUFFIX)
        unfinished = target.with_name(f"{target.name}.tmp")
        if conceal is None:
            shutil.copy2(path, unfinished)
        else:
            unfinished.write_bytes(conceal(path.read_bytes()))
        unfinished.replace(target)
        path.unlink()
    except OSError as error:
        told = f"{path}: it cannot be moved to {folder} ({error.strerror or error}); check the rights of both"
        raise WorkbookError(told) from error
    return target


def free_name(folder: Path, source: Path, now: datetime, ending: str) -> Path:
    """A name for a kept file that tells when, and is not taken; sorts as backups do."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
    target, number = folder / f"{source.stem}.{stamp}{source.suffix}{ending}", 1
    while target.exists():
        target = folder / f"{source.stem}.{stamp}-{number}{source.suffix}{ending}"
        number += 1
    return target


def make(file: ViewFile, backend: XlsxBackend, dictionaries: Dictionaries) -> None:
    """An empty workbook; its rows follow in the first cycle of the view.

    Raises:
        WorkbookError: the folder cannot be written.
    """
    from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, create_workbook

    settings, path = backend.settings, file.path
    made = path.with_name(f".{path.stem}.crm-sheets.tmp")
    options = WorkbookOptions(dictionaries, protect=settings.protect)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as folder:
            fresh = Path(folder) / "fresh.xlsx"
            create_workbook(fresh, settings.tabs, settings.words, {}, options)
            content = fresh.read_bytes()
        put_durably(made, content if file.padlock is None else file.padlock.close(content))
        made.replace(path)
    except OSError as error:
        told = f"{path}: it cannot be made ({error.strerror or error}); check the rights of [views] folder"
        raise WorkbookError(told) from error
    finally:
        made.unlink(missing_ok=True)


def extend(
    backend: XlsxBackend, added: Mapping[TabKey, tuple[ColumnKey, ...]], tabs: Collection[TabKey], default: Dictionaries
) -> None:
    """Adds columns and tabs to a view, behind what it has.

    Raises:
        WorkbookBusy, WorkbookChanged: not now.
        WriteRefused: it is of a kind that we do not extend.
    """
    snapshot = backend.read({})
    old = [tab for tab in backend.settings.tabs if tab.key not in tabs]
    layouts = find_tabs(snapshot.sheets, old, words_of=backend.settings.words).layouts
    columns = {
        tab: wanted
        for tab, keys in added.items()
        if tab in layouts and (wanted := tuple(key for key in keys if key not in layouts[tab].columns))
    }
    backend.extend(Extension(snapshot, layouts, columns, tuple(tabs), default))


@dataclass(frozen=True, slots=True)
class Difference:
    """What a view must have otherwise than it has.

    Attributes:
        loses: whether anything may no longer be seen: then the file is made anew, for no byte of it may stay.
        columns: to be added, by tab; `tabs` those to be added.
    """

    loses: bool
    columns: Mapping[TabKey, tuple[ColumnKey, ...]]
    tabs: tuple[TabKey, ...]

    def __bool__(self) -> bool:
        return self.loses or bool(self.columns or self.tabs)


def difference(noted: str | None, reader: Reader) -> Difference:
    """How the columns of a view differ from those that were noted of it. A file of which nothing is known counts as
    one that holds what may not be seen; so does one that gets the dictionaries, which an extension would fill."""
    had = _noted(noted)
    wanted = reader.tabs
    figures = set(had.pop(SUMMARIES, ())) - set(reader.summaries)
    known = {TabKey(tab): set(columns) for tab, columns in had.items() if TabKey(tab) in wanted}
    fewer = any(columns - wanted[tab].columns.keys() for tab, columns in known.items())
    loses = not had or fewer or bool(figures) or bool(had.keys() - wanted.keys())
    more = {
        key: tuple(each for each in tab.columns if each not in had[key]) for key, tab in wanted.items() if key in had
    }
    tabs = tuple(key for key in wanted if key not in had)
    return Difference(loses or DICTIONARIES in tabs, {key: columns for key, columns in more.items() if columns}, tabs)


def _noted(text: str | None) -> dict[str, list[str]]:
    """The columns that were noted, by tab; nothing of a note that another version of the program left, or that was
    broken."""
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        return {}
    sound = isinstance(told, dict) and all(isinstance(columns, list) for columns in told.values())
    return {str(tab): list(map(str, columns)) for tab, columns in told.items()} if sound else {}


def place_of(reader: Reader, taken: Collection[str]) -> str:
    """Where in the folder of all views a new one is to lie, as a relative path with slashes.

    Args:
        taken: where those of others lie: two people may have names that a file system holds for one.
    """
    stem = safe_name(f"{reader.person.id}-{reader.person.name}")
    used = {name.casefold() for name in taken}
    name, number = stem, 1
    while f"{name}/{name}.xlsx".casefold() in used:
        number += 1
        name = f"{stem}-{number}"
    return f"{name}/{name}.xlsx"


def safe_name(text: str) -> str:
    """A name that every file system takes: no signs with a meaning, no dot or space at the end."""
    plain = UNSAFE.sub("_", unicodedata.normalize("NFC", text)).strip(" .")
    return plain[:LONGEST_NAME].rstrip(" .") or "_"
