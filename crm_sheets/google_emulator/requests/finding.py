"""findReplace."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from crm_sheets.google_emulator.a1 import box_of
from crm_sheets.google_emulator.areas import Box
from crm_sheets.google_emulator.entering import enter
from crm_sheets.google_emulator.formulas.calculator import Calculator
from crm_sheets.google_emulator.json_values import Object, flag, part, text, whole
from crm_sheets.google_emulator.model.cell import BLANK, Cell, without_runs
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.rendering import formatted
from crm_sheets.google_emulator.requests.batch import Batch, Handler


@dataclass(slots=True)
class Counts:
    """What was changed."""

    values: int = 0
    formulas: int = 0
    occurrences: int = 0
    rows: set[tuple[int, int]] = field(default_factory=set)

    def described(self) -> Object:
        """As FindReplaceResponse, without what is 0."""
        found: Object = {
            "valuesChanged": self.values,
            "formulasChanged": self.formulas,
            "rowsChanged": len(self.rows),
            "sheetsChanged": len({sheet for sheet, _ in self.rows}),
            "occurrencesChanged": self.occurrences,
        }
        return {key: value for key, value in found.items() if value}


def find_replace(batch: Batch, request: Object) -> Object | None:
    """Replaces text in what cells show, and in formulas where that is wanted."""
    pattern, counts = _pattern(request), Counts()
    for box in _boxes(batch, request):
        calculator = Calculator(batch.book)
        for row in range(box.top, box.bottom):
            cells: dict[int, Cell | None] = {}
            for column in range(box.left, min(box.right, len(box.sheet.rows[row].cells))):
                cell = box.sheet.cell(row, column)
                found = _content(calculator, cell, (box.sheet.sheet_id, row, column), request)
                new, count = _replaced(pattern, found, request)
                if cell is not None and count and new != found:
                    batch.editing_box(Box(box.sheet, row, row + 1, column, column + 1))
                    cells[column] = _written(batch, cell, new)
                    _count(counts, cell, count, (box.sheet.sheet_id, row))
            box.sheet.put(row, cells)
    return counts.described()


def _pattern(request: Object) -> re.Pattern[str]:
    wanted = text(request, "find")
    if not wanted:
        raise Refused("Must specify what to find.")
    expression = wanted if flag(request, "searchByRegex") else re.escape(wanted)
    if flag(request, "matchEntireCell"):
        expression = rf"\A(?:{expression})\Z"
    try:
        return re.compile(expression, 0 if flag(request, "matchCase") else re.IGNORECASE)
    except re.error:
        raise Refused(f"Invalid regular expression: {wanted}") from None


def _boxes(batch: Batch, request: Object) -> Iterator[Box]:
    if "range" in request:
        yield box_of(batch.book, part(request, "range"))
    elif "sheetId" in request:
        yield box_of(batch.book, {"sheetId": whole(request, "sheetId")})
    elif flag(request, "allSheets"):
        for sheet in batch.book.sheets:
            yield box_of(batch.book, {"sheetId": sheet.sheet_id})
    else:
        raise Refused("Must specify a range, a sheet or all sheets.")


def _content(calculator: Calculator, cell: Cell | None, place: tuple[int, int, int], request: Object) -> str:
    if cell is None:
        return ""
    if cell.formula is not None:
        return cell.formula if flag(request, "includeFormulas") else ""
    number_format = part(cell.format or {}, "numberFormat")
    return formatted(calculator.value(cell, place), number_format, calculator.book.locale)


def _replaced(pattern: re.Pattern[str], content: str, request: Object) -> tuple[str, int]:
    if not content:
        return content, 0
    replacement = text(request, "replacement")
    if not flag(request, "searchByRegex"):
        return pattern.subn(lambda _: replacement, content)
    return pattern.subn(re.sub(r"\$(\d)", r"\\\1", replacement), content)


def _written(batch: Batch, cell: Cell, typed: str) -> Cell | None:
    entered = enter(typed, batch.book.locale, batch.today)
    new = replace(without_runs(cell), value=entered.value, formula=entered.formula)
    return None if new == BLANK else new


def _count(counts: Counts, cell: Cell, occurrences: int, row: tuple[int, int]) -> None:
    counts.occurrences += occurrences
    counts.rows.add(row)
    if cell.formula is not None:
        counts.formulas += 1
    else:
        counts.values += 1


HANDLERS: dict[str, Handler] = {"findReplace": find_replace}
