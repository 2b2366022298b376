"""One call of one account, as the methods of the APIs see it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_sheets.google_emulator.files import File, Files
from crm_sheets.google_emulator.json_values import Json, Object
from crm_sheets.google_emulator.masks import Tree
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.refusals import forbidden, not_found
from crm_sheets.google_emulator.switches import Switches


@dataclass(frozen=True, slots=True)
class Session:
    """Who asks for what; `parameters` are of path and query, checked and typed, `body` is in canonical form."""

    files: Files
    user: str
    parameters: Mapping[str, Json]
    body: Object
    mask: Tree
    """Of the answer."""
    switches: Switches
    ids: random.Random
    now: datetime

    def text(self, name: str, default: str = "") -> str:
        """A parameter that is one word."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else default

    def texts(self, name: str) -> list[str]:
        """A parameter that may be repeated."""
        value = self.parameters.get(name)
        return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []

    def reading(self) -> File:
        """The spreadsheet of the call, for reading.

        Raises:
            GoogleError: 404 without it, 403 without the right.
        """
        file = self.files.held.get(self.text("spreadsheetId"))
        if file is None:
            raise not_found()
        if file.role(self.user) is None:
            raise forbidden()
        return file

    def writing(self) -> File:
        """The spreadsheet of the call, for editing.

        Raises:
            GoogleError: 404 without it, 403 without the right.
        """
        file = self.reading()
        if not file.may_write(self.user):
            raise forbidden()
        return file

    def today(self, book: Book) -> date:
        """The date in the zone of a book."""
        try:
            zone = ZoneInfo(book.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        return self.now.astimezone(zone).date()


Answering = Callable[[Session], Object]
"""A method of an API."""
