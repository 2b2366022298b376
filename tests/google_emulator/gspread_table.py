"""Which names of gspread's public API a test has really used, and which none need use, with the reason.

A test says with @uses what it exercises; when it has run, each of these names must have been called or read.
"""

import functools
from collections.abc import Callable
from typing import Any, Final, TypeVar

import gspread
from gspread.spreadsheet import Spreadsheet
from gspread.worksheet import Worksheet

Test = TypeVar("Test", bound=Callable[..., None])

CLASSES: Final = {"Client": gspread.Client, "Spreadsheet": Spreadsheet, "Worksheet": Worksheet}

NOT_COVERED: Final = {
    "Client.export": "makes PDF, xlsx or CSV of a whole spreadsheet in Drive; crm_sheets never asks for any",
    "Spreadsheet.export": "the same as Client.export",
    "Client.import_csv": "uploads through Drive v2, for which Google ships no discovery document any more",
    "Spreadsheet.transfer_ownership": "ownership is given over by people, in two steps and with mails",
    "Spreadsheet.accept_ownership": "the other half of transfer_ownership",
}

_CLAIMED: set[str] = set()
_USED: set[str] = set()


def public_names() -> set[str]:
    """`Worksheet.find` and so on: methods and properties that gspread documents."""
    return {f"{title}.{name}" for title, owner in CLASSES.items() for name in vars(owner) if not name.startswith("_")}


def claimed() -> set[str]:
    """What the tests of this table say that they use."""
    return set(_CLAIMED)


def uses(*names: str) -> Callable[[Test], Test]:
    """Marks a test with what it exercises, and fails it when it did not."""

    def mark(test: Test) -> Test:
        _CLAIMED.update(names)

        @functools.wraps(test)
        def checked(*arguments: Any, **named: Any) -> None:
            _USED.clear()
            test(*arguments, **named)
            assert set(names) <= _USED, f"not used after all: {set(names) - _USED}"

        return checked  # type: ignore[return-value]

    return mark


def watched(title: str, name: str, member: Any) -> Any:
    """The member of a class of gspread, noting that it was used."""
    noted = f"{title}.{name}"
    if isinstance(member, property):
        return property(_noting(noted, member.fget))
    return _noting(noted, member)


def _noting(noted: str, function: Any) -> Any:
    @functools.wraps(function)
    def noting(*arguments: Any, **named: Any) -> Any:
        _USED.add(noted)
        return function(*arguments, **named)

    return noting
