"""spreadsheets.values: reading, writing, appending and clearing ranges of values.

https://developers.google.com/sheets/api/reference/rest/v4/spreadsheets.values
"""

from dataclasses import dataclass

from crm_sheets.google_emulator.a1 import Reference, box_name, parse, written
from crm_sheets.google_emulator.areas import Area, Box
from crm_sheets.google_emulator.changing import change
from crm_sheets.google_emulator.files import File
from crm_sheets.google_emulator.formulas.calculator import Calculator
from crm_sheets.google_emulator.json_values import Json, Object, flag, items, parts, text
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.rendering import Rendering, rendered
from crm_sheets.google_emulator.session import Answering, Session
from crm_sheets.google_emulator.tables import append_place, make_room
from crm_sheets.google_emulator.writing_values import Writer, laid_out


def value_range(book: Book, box: Box, how: Rendering, dimension: str = "ROWS") -> Object:
    """A box as ValueRange: without empty cells at the end of rows, and without empty rows at the end."""
    calculator, values = Calculator(book), list[Json]()
    rows = [_row(calculator, box, index, how) for index in range(box.top, box.bottom)]
    if dimension == "COLUMNS":
        height, width = len(rows), max(map(len, rows), default=0)
        rows = [_trimmed([row[at] if at < len(row) else None for row in rows], height) for at in range(width)]
    while rows and not rows[-1]:
        rows.pop()
    values += [["" if value is None else value for value in row] for row in rows]
    found: Object = {"range": box_name(box), "majorDimension": dimension}
    return found | ({"values": values} if values else {})


def _row(calculator: Calculator, box: Box, index: int, how: Rendering) -> list[Json]:
    """What the cells of a row show, without empty ones at its end; None for empty ones between."""
    row = box.sheet.rows[index]
    key = (how.value, how.dates, calculator.book.locale, str(box.left), str(box.right))
    if row.has_formulas or key not in row.shown:
        shown = _shown(calculator, box, index, how)
        if row.has_formulas:
            return shown
        row.shown[key] = shown
    return row.shown[key]


def _shown(calculator: Calculator, box: Box, index: int, how: Rendering) -> list[Json]:
    """Most cells of most books are plain text; for those nothing needs to be asked."""
    shown: list[Json] = []
    for offset, cell in enumerate(box.sheet.rows[index].cells[box.left : box.right]):
        if cell is None or (cell.value is None and cell.formula is None):
            shown.append(None)
        elif cell.value.__class__ is str:
            shown.append(cell.value)
        else:
            shown.append(rendered(calculator, cell, (box.sheet.sheet_id, index, box.left + offset), how))
    return _trimmed(shown, len(shown))


def _trimmed(line: list[Json], end: int) -> list[Json]:
    while end and line[end - 1] is None:
        end -= 1
    return line[:end]


def _rendering(session: Session) -> Rendering:
    return Rendering(
        session.text("valueRenderOption", "FORMATTED_VALUE"), session.text("dateTimeRenderOption", "SERIAL_NUMBER")
    )


def _dimension(given: str) -> str:
    return "COLUMNS" if given == "COLUMNS" else "ROWS"


def get(session: Session) -> Object:
    """values.get."""
    book = session.reading().book
    box = parse(book, session.text("range")).box()
    return value_range(book, box, _rendering(session), _dimension(session.text("majorDimension")))


def batch_get(session: Session) -> Object:
    """values.batchGet: one ValueRange per range, in their order."""
    book = session.reading().book
    boxes = [parse(book, name).box() for name in session.texts("ranges")]
    dimension = _dimension(session.text("majorDimension"))
    found: list[Json] = [value_range(book, box, _rendering(session), dimension) for box in boxes]
    return {"spreadsheetId": book.spreadsheet_id, "valueRanges": found}


@dataclass(frozen=True, slots=True)
class Echo:
    """Whether and how the values are given back after a write."""

    wanted: bool
    how: Rendering


def _echo(value: str, dates: str, *, wanted: bool) -> Echo:
    return Echo(wanted, Rendering(value or "FORMATTED_VALUE", dates or "SERIAL_NUMBER"))


def _echo_of_parameters(session: Session) -> Echo:
    return _echo(
        session.text("responseValueRenderOption"),
        session.text("responseDateTimeRenderOption"),
        wanted=session.parameters.get("includeValuesInResponse") is True,
    )


def echo_of_body(body: Object) -> Echo:
    """What a batch wants given back."""
    return _echo(
        text(body, "responseValueRenderOption"),
        text(body, "responseDateTimeRenderOption"),
        wanted=flag(body, "includeValuesInResponse"),
    )


def writer(session: Session, file: File, option: str) -> Writer:
    """Writes as this account into this book.

    Raises:
        Refused: without a valueInputOption.
    """
    if option not in ("RAW", "USER_ENTERED"):
        raise Refused("'valueInputOption' is required but not specified")
    return Writer(file.book, session.user, file.owner, option, session.today(file.book))


def update(session: Session) -> Object:
    """values.update."""
    file = session.writing()
    reference = parse(file.book, session.text("range"))
    named = text(session.body, "range")
    if named and parse(file.book, named) != reference:
        raise Refused(f"Request range[{reference.name}] does not match value's range[{parse(file.book, named).name}]")
    with change(session, file):
        scribe = writer(session, file, session.text("valueInputOption"))
        return write(file.book, scribe, reference, session.body, _echo_of_parameters(session))


def write(book: Book, scribe: Writer, reference: Reference, given: Object, echo: Echo) -> Object:
    """Writes a ValueRange at a reference: UpdateValuesResponse."""
    dimension = _dimension(text(given, "majorDimension"))
    rows = laid_out(items(given, "values"), dimension)
    box, count = scribe.write(reference, rows)
    answer: Object = {"spreadsheetId": book.spreadsheet_id, "updatedRange": box_name(box)}
    if count:
        rows_changed, columns_changed = box.bottom - box.top, box.right - box.left
        answer |= {"updatedRows": rows_changed, "updatedColumns": columns_changed, "updatedCells": count}
    if echo.wanted:
        answer["updatedData"] = value_range(book, box, echo.how, dimension)
    return answer


def batch_update(session: Session) -> Object:
    """values.batchUpdate: all of the ranges or none."""
    file = session.writing()
    with change(session, file):
        scribe = writer(session, file, text(session.body, "valueInputOption"))
        echo, answers = echo_of_body(session.body), list[Json]()
        for number, given in enumerate(parts(session.body, "data")):
            try:
                answers.append(write(file.book, scribe, parse(file.book, text(given, "range")), given, echo))
            except Refused as refused:
                raise Refused(f"Invalid data[{number}]: {refused}") from refused
    return totals(file.book, answers)


def totals(book: Book, answers: list[Json]) -> Object:
    """BatchUpdateValuesResponse of the answers of its parts."""
    found: Object = {"spreadsheetId": book.spreadsheet_id}
    changed = [answer for answer in answers if isinstance(answer, dict)]
    for total, name in (
        ("totalUpdatedRows", "updatedRows"),
        ("totalUpdatedColumns", "updatedColumns"),
        ("totalUpdatedCells", "updatedCells"),
    ):
        number = sum(value for answer in changed if isinstance(value := answer.get(name), int))
        if number:
            found[total] = number
    sheets = {text(answer, "updatedRange").rpartition("!")[0] for answer in changed if "updatedCells" in answer}
    return found | ({"totalUpdatedSheets": len(sheets)} if sheets else {}) | {"responses": answers}


def append(session: Session) -> Object:
    """values.append: below the table that the range touches."""
    file = session.writing()
    reference = parse(file.book, session.text("range"))
    with change(session, file):
        scribe = writer(session, file, session.text("valueInputOption"))
        rows = laid_out(items(session.body, "values"), _dimension(text(session.body, "majorDimension")))
        place = append_place(reference.box())
        make_room(file.book, place, len(rows), insert=session.text("insertDataOption") == "INSERT_ROWS")
        area = Area(place.row, place.row + 1, place.column, place.column + 1)
        at = Reference(reference.sheet, area, single=True)
        updates = write(file.book, scribe, at, session.body, _echo_of_parameters(session))
    answer: Object = {"spreadsheetId": file.book.spreadsheet_id}
    if place.table is not None:
        answer["tableRange"] = written(reference.sheet.title, place.table)
    return answer | {"updates": updates}


def clear(session: Session) -> Object:
    """values.clear."""
    file = session.writing()
    with change(session, file):
        box = parse(file.book, session.text("range")).box()
        clear_box(session, file, box)
    return {"spreadsheetId": file.book.spreadsheet_id, "clearedRange": box_name(box)}


def clear_box(session: Session, file: File, box: Box) -> None:
    """Takes values and formulas out of a box; formats, notes and validation stay."""
    Writer(file.book, session.user, file.owner, "RAW", session.today(file.book)).clear(box)


def batch_clear(session: Session) -> Object:
    """values.batchClear: all of the ranges or none."""
    file, cleared = session.writing(), list[Json]()
    with change(session, file):
        for number, name in enumerate(items(session.body, "ranges")):
            try:
                box = parse(file.book, str(name)).box()
                clear_box(session, file, box)
            except Refused as refused:
                raise Refused(f"Invalid range[{number}]: {refused}") from refused
            cleared.append(box_name(box))
    return {"spreadsheetId": file.book.spreadsheet_id, "clearedRanges": cleared}


METHODS: dict[str, Answering] = {
    "sheets.spreadsheets.values.get": get,
    "sheets.spreadsheets.values.batchGet": batch_get,
    "sheets.spreadsheets.values.update": update,
    "sheets.spreadsheets.values.batchUpdate": batch_update,
    "sheets.spreadsheets.values.append": append,
    "sheets.spreadsheets.values.clear": clear,
    "sheets.spreadsheets.values.batchClear": batch_clear,
}
