"""Books: sheets in their order, names, metadata, and a snapshot to go back to."""

from dataclasses import dataclass, field, replace

from crm_sheets.google_emulator.json_values import Object, text
from crm_sheets.google_emulator.model.sheet import Metadata, Sheet
from crm_sheets.google_emulator.refusals import Refused

MAX_CELLS = 10_000_000
"""Of one book, empty cells included. https://support.google.com/drive/answer/37603"""


@dataclass(slots=True)
class Book:
    """One spreadsheet. Everything that people and programs can change hangs on it."""

    spreadsheet_id: str
    title: str
    locale: str
    time_zone: str
    sheets: list[Sheet]
    properties: Object = field(default_factory=dict)
    """SpreadsheetProperties without title, locale and timeZone."""
    named_ranges: list[Object] = field(default_factory=list)
    metadata: tuple[Metadata, ...] = ()

    def snapshot(self) -> "Book":
        """The book as it is now; cheap, since rows are shared: two pointers per row."""
        return replace(self, sheets=[sheet.copy() for sheet in self.sheets], named_ranges=list(self.named_ranges))

    def restore(self, snapshot: "Book") -> None:
        """Back to a snapshot, which is used up by this."""
        self.title, self.locale, self.time_zone = snapshot.title, snapshot.locale, snapshot.time_zone
        self.sheets, self.properties = snapshot.sheets, snapshot.properties
        self.named_ranges, self.metadata = snapshot.named_ranges, snapshot.metadata

    def sheet(self, sheet_id: int, noun: str = "grid") -> Sheet:
        """The sheet with an id; `noun` is what Google calls it there: requests on whole sheets speak of a "sheet".

        Raises:
            Refused: there is none.
        """
        for sheet in self.sheets:
            if sheet.sheet_id == sheet_id:
                return sheet
        raise Refused(f"No {noun} with id: {sheet_id}")

    def titled(self, title: str) -> Sheet | None:
        """The sheet with a title, which Google compares without case; None when there is none."""
        wanted = title.casefold()
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == wanted), None)

    def index(self, sheet: Sheet) -> int:
        """The place of a sheet, from 0."""
        return next(number for number, found in enumerate(self.sheets) if found.sheet_id == sheet.sheet_id)

    def named(self, name: str) -> Object | None:
        """The named range with a name, without regard to case."""
        wanted = name.casefold()
        return next((found for found in self.named_ranges if text(found, "name").casefold() == wanted), None)

    def check_size(self) -> None:
        """Raises Refused when the book has more cells than Google allows."""
        if sum(sheet.cell_count() for sheet in self.sheets) > MAX_CELLS:
            raise Refused(
                f"This action would increase the number of cells in the workbook above the limit of {MAX_CELLS} cells."
            )
