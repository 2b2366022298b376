"""A sealed value as the records know it: never the text itself, only what tells it from others and what a cell shows.

The text of a sealed cell is taken out where the sheet is cut into columns, before anything is compared, judged or kept.
What goes on is `sealed:<index>:<flaw>:<mask>`: a keyed index of the text (equal texts, equal indices; nobody who lacks
the key can tell the text by it), what is wrong with the text, and what stands in the cell from then on. The text is
encrypted in the state store, under the index.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Protocol

from crm_sheets.tables import ColumnKey, TabKey

PREFIX = "sealed:"
MASK_FLAW = "sealed-mask"
"""Code of the flaw of a cell that holds a mask and not a text."""

HIDDEN = "********"
"""What is shown of a text that is no number or code."""

LONG, SHORT = 15, 8
"""From so many characters on, a number shows its first six and last four, or its first and its last two."""

_CODE = re.compile(r"[0-9A-Za-z]{8,40}")
_MASK = re.compile(r"[0-9A-Za-z]{0,6}\*{4,}[0-9A-Za-z]{0,4}")
_KEPT = ("expected", "length", "maximum")
"""Parameters of a flaw that say nothing of the text."""


class Sealed(str):
    """A sealed value; a str, so that it is stored, compared and digested as one."""

    __slots__ = ()


class Revealed(Sealed):
    """A sealed value that its reader may read: their own workbook holds the text. The text is fetched when it is asked
    for, and is no part of the value: what is stored, compared and digested stays the same."""

    __slots__ = ("_fetch",)
    _fetch: Callable[[], str]

    @classmethod
    def of(cls, value: str, fetch: Callable[[], str]) -> "Revealed":
        """A value with what fetches its text."""
        made = cls(value)
        made._fetch = fetch
        return made

    @property
    def text(self) -> str:
        """What the cell holds."""
        return self._fetch()


class Sealer(Protocol):
    """Takes texts into safe keeping; the state store is behind it."""

    def index(self, tab: TabKey, column: ColumnKey, text: str) -> str:
        """The keyed index of a text of a column, in letters and digits; the text is kept with the next commit."""

    def keyed(self, digest: str) -> str:
        """A digest that says nothing to whoever lacks the key, in letters and digits."""


def sealed_as(index: str, mask: str, flaw: str = "", parameters: Mapping[str, str] | None = None) -> Sealed:
    """The value of a text; `flaw` is the code of what is wrong with it, `parameters` what its message names."""
    told = [f"{name}={value}" for name, value in sorted((parameters or {}).items()) if name in _KEPT]
    return Sealed(f"{PREFIX}{index}:{';'.join([flaw, *told])}:{mask}")


def is_sealed(value: object) -> bool:
    """Whether a value of a sealed column is one that was sealed."""
    return isinstance(value, str) and value.startswith(PREFIX) and value.count(":") >= 3


def index_of(value: str) -> str:
    """The keyed index within a sealed value."""
    return value.split(":", 3)[1]


def mask_in(value: str) -> str:
    """What the cell of a sealed value shows."""
    return value.split(":", 3)[3]


def flaw_in(value: str) -> tuple[str, dict[str, str]]:
    """What is wrong with the text of a sealed value, code and parameters; "" when nothing is."""
    code, *told = value.split(":", 3)[2].split(";")
    return code, dict(each.split("=", 1) for each in told)


def mask_of(text: str, shown: str = "ends") -> str:
    """What a cell shows of a text: `110101********1234`. Texts that are not codes, or short ones, show nothing.

    Args:
        text: to be hidden.
        shown: `ends`, as above; `tail`, only the end; `nothing`.
    """
    digits = sum(character.isdigit() for character in text)
    if shown == "nothing" or not _CODE.fullmatch(text) or 2 * digits < len(text):
        return HIDDEN
    head, tail = (6, 4) if len(text) >= LONG else (1, 2)
    head = 0 if shown == "tail" else head
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


def is_mask(text: str) -> bool:
    """Whether a text is what a cell shows of a sealed value, or somebody's own way of hiding a number."""
    return "*" in (plain := unicodedata.normalize("NFKC", text).strip()) and _MASK.fullmatch(plain) is not None


def shows(text: object, value: object) -> bool:
    """Whether a cell's text is the mask of a value."""
    if not isinstance(text, str) or not isinstance(value, str) or not is_sealed(value):
        return False
    return unicodedata.normalize("NFKC", text).strip() == mask_in(value)
