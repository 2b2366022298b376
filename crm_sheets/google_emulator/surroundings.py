"""What conditions are judged with, in one spreadsheet: its locale, its day, its ranges."""

from datetime import date

from crm_sheets.google_emulator.a1 import parse
from crm_sheets.google_emulator.conditions import Surroundings
from crm_sheets.google_emulator.entering import enter
from crm_sheets.google_emulator.formulas.calculator import Calculator
from crm_sheets.google_emulator.json_values import part
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.cell import Cell, Scalar
from crm_sheets.google_emulator.rendering import formatted


def surroundings(book: Book, today: date) -> Surroundings:
    """Of a book as it is now; not to be kept over a change."""
    calculator = Calculator(book)

    def listed(name: str) -> list[Scalar]:
        box = parse(book, name.removeprefix("=")).box()
        return [
            calculator.value(box.sheet.cell(row, column), (box.sheet.sheet_id, row, column))
            for row in range(box.top, box.bottom)
            for column in range(box.left, box.right)
        ]

    return Surroundings(
        today=today,
        entered=lambda typed: enter(typed, book.locale, today).value,
        shown=lambda value: formatted(value, {}, book.locale),
        listed=listed,
    )


def shown_in(calculator: Calculator, cell: Cell | None, place: tuple[int, int, int]) -> str:
    """What people see in a cell."""
    if cell is None:
        return ""
    return formatted(calculator.value(cell, place), part(cell.format or {}, "numberFormat"), calculator.book.locale)
