"""Views with a password: which have one, and how their people change it by typing into the view itself."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from crm_sheets.app.view_locks import LOCK_NOTE, PASSWORD_LETTER, Lock, LockShelf, new_password
from crm_sheets.cells import CellValue, text_key
from crm_sheets.config_workbook import ViewSettings
from crm_sheets.errors import ConfigError, WorkbookBusy, WorkbookChanged, WorkbookUnreadable, WriteRefused
from crm_sheets.language import Language
from crm_sheets.organisation import Person
from crm_sheets.state import OutboxItem
from crm_sheets.sync.backends.xlsx.backend import XlsxBackend
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.holders import holder
from crm_sheets.sync.backends.xlsx.padlock import Padlock, require_office
from crm_sheets.sync.backends.xlsx.password_sheet import PasswordCells, password_cells, tell
from crm_sheets.sync.logs import Event, log
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.store.outbox_writing import put_outbox
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.store.vault import Vault
from crm_sheets.tables import ReplicaKey, TabKey
from crm_sheets.views import VIEW, Reader

CLOSED_NOTE: Final = "locked@"
"""Note: which of its passwords the file of a view was last closed with, by their count; "0" for none."""

LONGEST: Final = 255
"""Characters of a password that the office programs take (MS-OFFCRYPTO 2.3.4.11)."""

FEWEST: Final = 4
"""Different characters that a password has at least."""

PEOPLE = TabKey("people")


@dataclass
class ViewLocks:
    """The passwords of all views of a team, as of the last `look`."""

    settings: ViewSettings
    state: SqlState
    vault: Vault | None
    words: Language
    _kept: Mapping[str, str] = field(default_factory=dict)
    _closed: Mapping[str, str] = field(default_factory=dict)
    _locks: dict[ReplicaKey, tuple[str, Lock]] = field(default_factory=dict)
    _padlocks: dict[ReplicaKey, Padlock] = field(default_factory=dict)

    def look(self) -> None:
        """Asks the store: another process may have changed a password.

        Raises:
            ConfigError: passwords are kept, and the config does not name the key to them.
            UsageError: the package that encrypts is missing.
        """
        told = self.state.notes("lock")
        self._kept = {name: text for name, text in told.items() if name.startswith(LOCK_NOTE)}
        self._closed = {name: text for name, text in told.items() if name.startswith(CLOSED_NOTE)}
        if self._kept and self.vault is None:
            raise ConfigError(("sealed.key: views have passwords, which are sealed under it; name it again",))
        if self._kept or self.settings.encrypt:
            require_office()

    def wanted(self, person: Person) -> bool:
        """Whether the view of a person is to have a password."""
        told = self.settings.encrypt
        if isinstance(told, bool):
            return told
        named = {text_key(each) for each in told}
        return bool(named & {text_key(each) for each in (person.id, person.name, person.role)})

    def settles(self, reader: Reader) -> bool:
        """Whether the file of a reader was last closed as it is to be."""
        closed = self._closed.get(f"{CLOSED_NOTE}{reader.replica}", "0")
        if not self.wanted(reader.person):
            return closed == "0"
        return closed == self._kept.get(f"{LOCK_NOTE}{reader.replica}", "").partition(":")[0]

    def padlock(self, reader: Reader) -> Padlock | None:
        """Opens and closes the file of a reader; None where it has no password, and never had."""
        view = reader.replica
        if not self._kept.get(f"{LOCK_NOTE}{view}"):
            return None
        made = self._padlocks.setdefault(view, Padlock(lambda: self._passwords(view)))
        made.closes = self.wanted(reader.person)
        return made

    def of(self, view: ReplicaKey) -> Lock | None:
        """The passwords of a view; None for one that never had any."""
        return self._lock(view)

    def standing(self, view: ReplicaKey) -> str:
        """`initial` or `own`, by who made the password of a view; "" for a view that is closed with none."""
        lock = self._lock(view) if self._closed.get(f"{CLOSED_NOTE}{view}", "0") != "0" else None
        return "" if lock is None else "initial" if lock.initial else "own"

    def opens(self, reader: Reader, path: Path) -> bool:
        """Whether the file of a reader can be opened with what is known, or there is none."""
        padlock = self.padlock(reader)
        try:
            if padlock is not None and path.exists():
                padlock.open(path.read_bytes(), str(path))
        except WorkbookUnreadable:
            return False
        return True

    def require(self, reader: Reader, path: str, now: datetime) -> None:
        """Makes the first password of a view that is to have one, and has it sent to its person."""
        if self.wanted(reader.person) and not self._kept.get(f"{LOCK_NOTE}{reader.replica}"):
            self.give(reader, path, now)

    def give(self, reader: Reader, path: str, now: datetime) -> Lock:
        """A new initial password, sent to its person by mail; kept before it is sent."""
        if self.vault is None:
            raise ConfigError(("views.encrypt: passwords are kept sealed; name a key in [sealed] key",))
        known = self._lock(reader.replica)
        lock = Lock((new_password(),)) if known is None else known.followed_by(new_password(), initial=True)
        self._keep(reader.replica, lock)
        key = f"{PASSWORD_LETTER}|{reader.replica}|{lock.number}"
        told = {"workbook": path, "number": str(lock.number)}
        letter = OutboxItem(key, PASSWORD_LETTER, reader.person.name, now, PEOPLE, reader.key, told)
        with self.state.transaction() as connection:
            put_outbox(connection, (letter,), now)
        return lock

    # -- the sheet of the view -----------------------------------------------------------------------------------------

    def see_to(self, reader: Reader, backend: XlsxBackend) -> None:
        """Takes in a new password that was typed, and closes the file with the one that is in force.

        Raises:
            WorkbookBusy, WorkbookChanged: not now.
            WorkbookError: the file cannot be opened or written.
        """
        padlock, wanted = backend.settings.padlock, self.wanted(reader.person)
        lock = self._lock(reader.replica) if padlock is not None else None
        if padlock is None or lock is None:
            return
        expected, package = backend.fingerprint(), backend.open()
        cells = password_cells(package, self.words)
        verdict, password = judged(cells, lock, reader.person, self.settings.password_length)
        if password is not None:
            lock = lock.followed_by(password, initial=False)
            self._keep(reader.replica, lock)
            log(Event("a view has a new password", workbook=str(backend.path)))
        typed = cells is not None and not (_is_blank(cells.first) and _is_blank(cells.second))
        said = self._said(verdict, lock, "" if typed or cells is None else str(cells.told or ""), wanted=wanted)
        in_force = lock.passwords[0] if wanted else None
        half = verdict == "once_more"
        if padlock.opened_by == in_force and cells is not None and cells.told == said and (half or not typed):
            self._close(reader.replica, lock.number if wanted else 0)
            return
        if holder(backend.path) is not None:
            raise WorkbookBusy(f"{backend.path}: somebody has it open; its password waits")
        edit = PackageEdit(package)
        if cells is not None or wanted:
            with suppress(WriteRefused):  # a file to which no sheet can be added gets its password all the same
                tell(edit, self.words, said, clear=typed and not half)
        if package.container.digest != expected.digest:
            raise WorkbookChanged(f"{backend.path}: saved by somebody since it was read")
        backend.replace(edit, expected, anew=True)
        self._close(reader.replica, lock.number if wanted else 0)

    def _said(self, verdict: str, lock: Lock, before: str, *, wanted: bool) -> str:
        """What the sheet says. Why something that was typed does not count stands there until something else is typed:
        `before` is what it said, where nothing was typed since."""
        least = self.settings.password_length
        stands = ("initial" if lock.initial else "own") if wanted else "off"
        standing = self.words.text(f"password.told.{stands}", least=least)
        if before.endswith(standing):
            return before
        return " ".join([*([self.words.text(f"password.told.{verdict}", least=least)] if verdict else []), standing])

    # -- within ------------------------------------------------------------------------------------------------------

    def _lock(self, view: ReplicaKey) -> Lock | None:
        text = self._kept.get(f"{LOCK_NOTE}{view}")
        if not text or self.vault is None:
            return None
        known = self._locks.get(view)
        if known is not None and known[0] == text:
            return known[1]
        lock = LockShelf(self.state, self.vault).of(view, text)
        if lock is not None:
            self._locks[view] = text, lock
        return lock

    def _passwords(self, view: ReplicaKey) -> tuple[str, ...]:
        lock = self._lock(view)
        return () if lock is None else lock.passwords

    def _keep(self, view: ReplicaKey, lock: Lock) -> None:
        if self.vault is not None:
            LockShelf(self.state, self.vault).keep(view, lock)
            self._kept = self.state.notes(LOCK_NOTE)

    def _close(self, view: ReplicaKey, number: int) -> None:
        name = f"{CLOSED_NOTE}{view}"
        if self._closed.get(name) != str(number):
            self.state.set_note(name, str(number))
            self._closed = {**self._closed, name: str(number)}


def password_letter(entry: OutboxEntry, state: SqlState, vault: Vault | None, words: Language) -> dict[str, str]:
    """What the mail says that brings an initial password: the password itself, as long as it is in force. It stands
    nowhere else than in the mail."""
    view = ReplicaKey(f"{VIEW}{entry.row}")
    lock = None if vault is None else LockShelf(state, vault).of(view, state.note(f"{LOCK_NOTE}{view}"))
    if lock is None or not lock.initial or entry.parameters.get("number") != str(lock.number):
        return {"subject": words.text("password.mail.over"), "content": ""}
    return {"subject": words.text("password.mail.initial"), "content": lock.passwords[0]}


def judged(cells: PasswordCells | None, lock: Lock, person: Person, least: int) -> tuple[str, str | None]:
    """What is said of what a person typed, "" for nothing, and the password that it makes.

    Args:
        cells: None in a workbook without the sheet.
        lock: the passwords so far.
        person: who typed it.
        least: characters that a password has at least.
    """
    typed = () if cells is None else tuple(each for each in (cells.first, cells.second) if not _is_blank(each))
    if len(typed) < 2:
        return ("once_more" if typed else ""), None
    first, second = typed
    if not isinstance(first, str) or not isinstance(second, str):
        return "no_text", None
    if first == lock.passwords[0] and not lock.initial:  # taken in already; the file could not be written then
        return "", None
    called = {text_key(person.id), text_key(person.name)}
    wrong = {
        "differs": first != second,
        "length": not least <= len(first) <= LONGEST,
        "plain": len(set(first)) < FEWEST or text_key(first) in called,
        "used": first in lock.passwords,
    }
    verdict = next((why for why, is_so in wrong.items() if is_so), "")
    return verdict, (None if verdict else first)


def _is_blank(value: CellValue) -> bool:
    return value is None or value == ""
