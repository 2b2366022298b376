"""What the handlers of requests work on."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from crm_sheets.google_emulator.areas import Area, Box
from crm_sheets.google_emulator.json_values import Object
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.protection import check_editable
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.switches import Switches


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of one account on one book."""

    book: Book
    user: str
    """The e-mail address of the account."""
    owner: str
    """Of the spreadsheet: protection does not hold for them."""
    writers: tuple[str, ...]
    """All accounts that may edit the spreadsheet."""
    switches: Switches
    ids: random.Random
    """Where new ids come from."""
    today: date
    """In the time zone of the book."""
    books: Mapping[str, Book]
    """All spreadsheets that this account may edit, by id."""

    def editing(self, sheet: Sheet, area: Area) -> None:
        """Raises Refused when the account may not edit some cell of an area. Every handler that changes cells asks."""
        check_editable(sheet, area, user=self.user, owner=self.owner)

    def editing_box(self, box: Box) -> None:
        """The same for a box."""
        self.editing(box.sheet, Area(box.top, box.bottom, box.left, box.right))

    def new_id(self, taken: Callable[[int], bool], given: int | None, what: str) -> int:
        """An id that the request gives, or a new one.

        Raises:
            Refused: it is taken or negative.
        """
        if given is None:
            given = self.ids.randrange(1, 1 << 31)
            return self.new_id(taken, None, what) if taken(given) else given
        if given < 0:
            raise Refused(f"{what.capitalize()} id must be non-negative.")
        if taken(given):
            raise Refused(
                _TAKEN.get(what, "{what} with id {given} already exists.").format(what=what.capitalize(), given=given)
            )
        return given


_TAKEN = {
    "developer metadata": (
        "Cannot add developer metadata with ID [{given}] because developer metadata with that ID already exists."
    )
}
"""How Google says that an id is taken, where it is not "Sheet with id 5 already exists.", as measured by others."""


Handler: TypeAlias = Callable[[Batch, Object], Object | None]
