"""New spreadsheets, and copies of sheets into other ones."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime

from crm_sheets.google_emulator.changing import batch_for, change
from crm_sheets.google_emulator.files import File, Files, Permission
from crm_sheets.google_emulator.getting import View, spreadsheet
from crm_sheets.google_emulator.json_values import Object, flag, part, parts, text, whole
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Sheet, blank_sheet
from crm_sheets.google_emulator.refusals import forbidden, not_found
from crm_sheets.google_emulator.requests.copying_sheets import copied, copy_title
from crm_sheets.google_emulator.requests.sheets import check_title, insert_sheet
from crm_sheets.google_emulator.session import Answering, Session

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def new_id(ids: random.Random) -> str:
    """An id of a file, as long as Google's."""
    return "1" + "".join(ids.choices(_ALPHABET, k=43))


def new_permission(ids: random.Random, email: str, role: str, kind: str = "user") -> Permission:
    """A permission with an id of its own."""
    return Permission(str(ids.randrange(10**19, 10**20)), kind, role, email)


def store(files: Files, ids: random.Random, book: Book, owner: str, now: datetime) -> File:
    """Puts a book into the Drive of its owner."""
    moment = now.astimezone(UTC)
    file = File(book, [new_permission(ids, owner, "owner")], created=moment, modified=moment)
    files.held[book.spreadsheet_id] = file
    return file


def blank_sheets(ids: random.Random, titles: Sequence[str]) -> list[Sheet]:
    """Empty sheets; the id of the first is 0, as in every new spreadsheet."""
    return [blank_sheet(ids.randrange(1, 1 << 31) if number else 0, title) for number, title in enumerate(titles)]


def is_robot(user: str) -> bool:
    """Whether an account is a service account: those have no storage, so they own no spreadsheet."""
    return user.endswith(".gserviceaccount.com")


def create(session: Session) -> Object:
    """spreadsheets.create: with the sheets and the properties that are given.

    Raises:
        GoogleError: 403 for a service account.
    """
    if is_robot(session.user):
        raise forbidden()
    given = part(session.body, "properties")
    book = Book(
        new_id(session.ids),
        text(given, "title", "Untitled spreadsheet"),
        text(given, "locale", "en_US"),
        text(given, "timeZone", "Etc/GMT"),
        [],
    )
    for number, sheet in enumerate(parts(session.body, "sheets")):
        _add_sheet(session, book, part(sheet, "properties"), number)
    if not book.sheets:
        book.sheets = blank_sheets(session.ids, ["Sheet1"])
    book.check_size()
    file = store(session.files, session.ids, book, session.user, session.now)
    return spreadsheet(book, View((), flag(session.parameters, "includeGridData"), {}, session.user, file.owner))


def _add_sheet(session: Session, book: Book, given: Object, number: int) -> None:
    title, grid = text(given, "title", f"Sheet{number + 1}"), part(given, "gridProperties")
    check_title(book, title)
    sheet_id = whole(given, "sheetId", session.ids.randrange(1, 1 << 31) if number else 0)
    sheet = blank_sheet(sheet_id, title, whole(grid, "rowCount", 1000), whole(grid, "columnCount", 26))
    frozen: Object = {key: value for key, value in grid.items() if key not in ("rowCount", "columnCount")}
    own = ("sheetId", "title", "index", "sheetType", "gridProperties")
    sheet.properties = {key: value for key, value in given.items() if key not in own}
    if frozen:
        sheet.properties["gridProperties"] = frozen
    book.sheets.append(sheet)


def copy_to(session: Session) -> Object:
    """spreadsheets.sheets.copyTo: into a spreadsheet that this account may edit.

    Raises:
        GoogleError: 404 or 403 for either spreadsheet.
    """
    source = session.reading()
    sheet = source.book.sheet(whole(session.parameters, "sheetId"))
    target = session.files.held.get(text(session.body, "destinationSpreadsheetId"))
    if target is None:
        raise not_found()
    if not target.may_write(session.user):
        raise forbidden()
    with change(session, target):
        title = copy_title(target.book, sheet.title)
        number = session.ids.randrange(1, 1 << 31)
        copy = copied(batch_for(session, target), sheet, number, title)
        insert_sheet(target.book, copy, None)
    return copy.described(target.book.index(copy))


METHODS: dict[str, Answering] = {
    "sheets.spreadsheets.create": create,
    "sheets.spreadsheets.sheets.copyTo": copy_to,
}
