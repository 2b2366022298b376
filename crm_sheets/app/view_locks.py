"""The passwords of views: made, kept sealed, changed by what their person types in the view itself."""

import base64
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crm_sheets.cells import CellValue, text_key
from crm_sheets.config_workbook import ViewSettings
from crm_sheets.errors import ConfigError, UsageError, WorkbookBusy, WorkbookChanged, WriteRefused
from crm_sheets.language import Language
from crm_sheets.organisation import Person
from crm_sheets.state import OutboxItem
from crm_sheets.sync.backends.xlsx.backend import XlsxBackend
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.holders import holder
from crm_sheets.sync.backends.xlsx.padlock import Padlock, require_office
from crm_sheets.sync.backends.xlsx.password_sheet import PasswordCells, password_cells, tell
from crm_sheets.sync.logs import Event, log
from crm_sheets.sync.store.commit import put_outbox
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.store.vault import Vault
from crm_sheets.tables import ReplicaKey, TabKey
from crm_sheets.views import Reader

LOCK_NOTE: Final = "lock@"
"""Note: the passwords of a view, sealed. It outlives the view: the old files of somebody who left stay readable."""

CLOSED_NOTE: Final = "locked@"
"""Note: which of its passwords the file of a view was last closed with, by their count; "0" for none."""

LETTER: Final = "notice-password"
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of initial passwords: no characters that are mistaken for others."""

GROUPS, GROUP = 4, 4
LONGEST: Final = 255
"""Characters of a password that the office programs take (MS-OFFCRYPTO 2.3.4.11)."""

MOST_KEPT: Final = 20
PEOPLE = TabKey("people")


@dataclass(frozen=True, slots=True)
class Lock:
    """The passwords of one view.

    Attributes:
        passwords: the one in force first; those before it open files that were saved meanwhile, and old ones.
        number: how many there have been.
        initial: whether the one in force was made by us, and its person is still to choose one.
    """

    passwords: tuple[str, ...]
    number: int = 1
    initial: bool = True

    def followed_by(self, password: str, *, initial: bool) -> "Lock":
        """With another password in force."""
        return Lock((password, *self.passwords)[:MOST_KEPT], self.number + 1, initial)


def new_password() -> str:
    """A random one that can be typed off a mail: 79 bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


@dataclass(frozen=True, slots=True)
class LockShelf:
    """Where the passwords of views are kept: among the notes of the state store, encrypted by the vault."""

    state: SqlState
    vault: Vault

    def of(self, view: ReplicaKey, text: str | None) -> Lock | None:
        """The passwords of a view; None for one that never had any.

        Args:
            view: whose.
            text: of its note: how many passwords there were, and what the vault made of them.

        Raises:
            UsageError: the note was changed, or is that of another view.
        """
        if not text:
            return None
        sealed = base64.b64decode(text.partition(":")[2])
        told = json.loads(self.vault.disclose(sealed, f"{LOCK_NOTE}{view}"))
        if told["view"] != view:
            raise UsageError(
                f"{LOCK_NOTE}{view}: the passwords of another view stand there; nothing is opened with them"
            )
        return Lock(tuple(told["passwords"]), told["number"], told["initial"])

    def keep(self, view: ReplicaKey, lock: Lock) -> None:
        """Keeps the passwords of a view."""
        told = {"view": view, "passwords": lock.passwords, "number": lock.number, "initial": lock.initial}
        self._put(f"{LOCK_NOTE}{view}", lock.number, json.dumps(told).encode())

    def rotate(self) -> int:
        """Encrypts them under the key of today; how many were not yet."""
        moved = 0
        for name, text in self.state.notes(LOCK_NOTE).items():
            number, _, kept = text.partition(":")
            sealed = base64.b64decode(kept)
            if not self.vault.is_current(sealed):
                self._put(name, int(number), self.vault.disclose(sealed, name))
                moved += 1
        return moved

    def _put(self, name: str, number: int, plain: bytes) -> None:
        sealed = base64.b64encode(self.vault.conceal(plain)).decode("ascii")
        self.state.set_note(name, f"{number}:{sealed}")


@dataclass
class ViewLocks:
    """The passwords of all views of a team, as of the last `look`."""

    settings: ViewSettings
    state: SqlState
    vault: Vault | None
    words: Language
    _kept: Mapping[str, str] = field(default_factory=dict)
    _closed: Mapping[str, str] = field(default_factory=dict)
    _padlocks: dict[ReplicaKey, tuple[str, Padlock]] = field(default_factory=dict)

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
        lock = self._lock(reader.replica)
        if lock is None:
            return None
        made = self._padlocks[reader.replica][1]
        made.closes = self.wanted(reader.person)
        return made

    def require(self, reader: Reader, path: str, now: datetime) -> None:
        """Makes the first password of a view that is to have one, and has it sent to its person."""
        if self.wanted(reader.person) and self._lock(reader.replica) is None:
            self.give(reader, path, now)

    def give(self, reader: Reader, path: str, now: datetime) -> Lock:
        """A new initial password, sent to its person by mail; kept before it is sent."""
        if self.vault is None:
            raise ConfigError(("views.encrypt: passwords are kept sealed; name a key in [sealed] key",))
        known = self._lock(reader.replica)
        lock = Lock((new_password(),)) if known is None else known.followed_by(new_password(), initial=True)
        self._keep(reader.replica, lock)
        key = f"{LETTER}|{reader.replica}|{lock.number}"
        told = {"workbook": path, "number": str(lock.number)}
        letter = OutboxItem(key, LETTER, reader.person.name, now, PEOPLE, reader.key, told)
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
        lock = self._lock(reader.replica)
        if padlock is None or lock is None:
            return
        expected, package = backend.fingerprint(), backend.open()
        cells = password_cells(package, self.words)
        verdict, password = self._judged(cells, lock, reader.person)
        if password is not None:
            lock = lock.followed_by(password, initial=False)
            self._keep(reader.replica, lock)
            log(Event("a view has a new password", workbook=str(backend.path)))
        said = self._said(verdict, lock, wanted=wanted)
        in_force = lock.passwords[0] if wanted else None
        typed = cells is not None and (cells.first, cells.second) != (None, None)
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

    def _judged(self, cells: PasswordCells | None, lock: Lock, person: Person) -> tuple[str, str | None]:
        """What is said of what was typed, and the password that it makes."""
        if cells is None or (_blank(cells.first) and _blank(cells.second)):
            return "", None
        if _blank(cells.first) or _blank(cells.second):
            return "once_more", None
        first, second = cells.first, cells.second
        if not isinstance(first, str) or not isinstance(second, str):
            return "no_text", None
        if first != second:
            return "differs", None
        if first == lock.passwords[0] and not lock.initial:  # taken in already; the file could not be written then
            return "", None
        if not self.settings.password_length <= len(first) <= LONGEST:
            return "length", None
        if len(set(first)) < 4 or text_key(first) in {text_key(person.id), text_key(person.name)}:
            return "plain", None
        return ("used", None) if first in lock.passwords else ("", first)

    def _said(self, verdict: str, lock: Lock, *, wanted: bool) -> str:
        stands = "initial" if lock.initial else "own"
        least = self.settings.password_length
        told = [self.words.text(f"password.told.{verdict}", least=least)] if verdict else []
        return " ".join([*told, self.words.text(f"password.told.{stands if wanted else 'off'}", least=least)])

    # -- within ------------------------------------------------------------------------------------------------------

    def _lock(self, view: ReplicaKey) -> Lock | None:
        name = f"{LOCK_NOTE}{view}"
        text = self._kept.get(name)
        if not text or self.vault is None:
            return None
        lock = LockShelf(self.state, self.vault).of(view, text)
        if lock is not None:
            known = self._padlocks.get(view)
            if known is None:
                self._padlocks[view] = (text, Padlock(lock.passwords))
            elif known[0] != text:
                known[1].passwords = lock.passwords
                self._padlocks[view] = (text, known[1])
        return lock

    def _keep(self, view: ReplicaKey, lock: Lock) -> None:
        if self.vault is not None:
            LockShelf(self.state, self.vault).keep(view, lock)
            self._kept = self.state.notes(LOCK_NOTE)
            self._lock(view)

    def _close(self, view: ReplicaKey, number: int) -> None:
        name = f"{CLOSED_NOTE}{view}"
        if self._closed.get(name) != str(number):
            self.state.set_note(name, str(number))
            self._closed = {**self._closed, name: str(number)}


def _blank(value: CellValue) -> bool:
    return value is None or (isinstance(value, str) and not value)
