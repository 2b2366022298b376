"""The files of a Drive: spreadsheets with their permissions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_sheets.google_emulator.model.book import Book

ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
"""From the least to the most."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may do what with a file. `email` is empty for kind "anyone", a domain's name for kind "domain"."""

    permission_id: str
    kind: str
    role: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said beside a file; `anchor` is text that Google keeps as it was given."""

    comment_id: str
    author: str
    content: str
    created: datetime
    modified: datetime
    anchor: str = ""


@dataclass(slots=True)
class File:
    """A spreadsheet in the Drive."""

    book: Book
    permissions: list[Permission]
    created: datetime
    modified: datetime
    changes: list[datetime] = field(default_factory=list)
    """When it was modified, each time."""
    parents: list[str] = field(default_factory=lambda: ["root"])
    trashed: bool = False
    comments: list[Comment] = field(default_factory=list)
    versions: dict[str, Book] = field(default_factory=dict)
    """Those of the version history that somebody gave a name."""

    @property
    def owner(self) -> str:
        """Its owner's e-mail address."""
        return next((held.email for held in self.permissions if held.role == "owner"), "")

    @property
    def writers(self) -> tuple[str, ...]:
        """The accounts that may edit it by a permission of their own."""
        return tuple(held.email for held in self.permissions if held.kind == "user" and self.may_write(held.email))

    def touch(self, now: datetime) -> None:
        """It is modified now."""
        self.modified = now
        self.changes.append(now)

    def modified_as_told(self, now: datetime, lag: timedelta) -> datetime:
        """When it was modified as Drive tells it, which learns of changes only after a while."""
        return max((moment for moment in self.changes if moment <= now - lag), default=self.created)

    def role(self, user: str) -> str | None:
        """The highest role of an account, None without any."""
        held = [permission.role for permission in self.permissions if _applies(permission, user)]
        return max(held, key=ROLES.index, default=None)

    def may_write(self, user: str) -> bool:
        """Whether an account may edit it."""
        role = self.role(user)
        return role is not None and ROLES.index(role) >= ROLES.index("writer")


def _applies(permission: Permission, user: str) -> bool:
    match permission.kind:
        case "anyone":
            return True
        case "domain":
            return user.endswith("@" + permission.email)
    return permission.email.casefold() == user.casefold()


@dataclass(slots=True)
class Files:
    """All files, by id."""

    held: dict[str, File] = field(default_factory=dict)

    def seen_by(self, user: str) -> Iterator[File]:
        """The files that an account may open, the last changed first."""
        seen = [file for file in self.held.values() if file.role(user) is not None]
        yield from sorted(seen, key=lambda file: file.modified, reverse=True)

    def editable(self, user: str) -> dict[str, Book]:
        """The spreadsheets that an account may edit."""
        return {key: file.book for key, file in self.held.items() if file.may_write(user)}
