"""The workbooks of people: `views`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ViewLine:
    """The workbook of one person.

    Attributes:
        person: 工号.
        rows: key of a tab -> rows that it shows.
        written: when we last wrote it; None when we never did.
        state: `fine`, `open` (somebody has it open), `waiting` (rows are to be written), `trouble` (it cannot be read
            or written, or a brake is pulled), `missing` (there is no file yet) or `leaving` (its person has left or may
            see nothing any more, and the file could not be put away yet).
        told: who has it open, or what the trouble is.
        password: `initial` or `own`; "" for a view without.
    """

    person: str
    name: str
    path: Path | str
    rows: Mapping[str, int]
    written: datetime | None
    state: str
    told: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class ViewsReport:
    """`views`: everybody's, by 工号. `enabled` tells whether the team has any."""

    enabled: bool
    views: tuple[ViewLine, ...]


@dataclass(frozen=True, slots=True)
class PasswordReport:
    """The password of one view.

    Attributes:
        person, name: 工号 and name.
        state: `initial`, `own`, or `none` for a view without.
        sent: whether a new one goes out by mail.
        password: the initial one, when it was asked for; one that its person chose is never shown.
    """

    person: str
    name: str
    path: Path
    state: str
    sent: bool = False
    password: str = ""


@dataclass(frozen=True, slots=True)
class LookupReport:
    """Whether a customer is known: in the words of the workbook; "" for what is not told.

    Attributes:
        known: numbers of customers whom the asker sees.
    """

    question: str
    answer: str
    department: str
    known: str
