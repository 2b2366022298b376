"""The passwords of views as they are kept: among the notes of the state store, encrypted by the vault."""

import base64
import json
import secrets
from dataclasses import dataclass
from typing import Final

from crm_sheets.errors import UsageError
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.store.vault import Vault
from crm_sheets.tables import ReplicaKey

LOCK_NOTE: Final = "lock@"
"""Note: the passwords of a view, sealed. It outlives the view: the old files of somebody who left stay readable."""

PASSWORD_LETTER: Final = "notice-password"  # noqa: S105 - the kind of a mail
"""The mail that brings an initial password."""

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of initial passwords: no characters that are mistaken for others."""

GROUPS, GROUP = 4, 4
MOST_KEPT: Final = 20


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
