"""What formulas give, each computed once per reading.

Operators by binding, weakest first: comparison, &, + and -, * and /, unary sign, ^, %.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from crm_sheets.google_emulator.a1 import Reference, parse
from crm_sheets.google_emulator.formulas.functions import FUNCTIONS
from crm_sheets.google_emulator.formulas.lexing import Token, tokens
from crm_sheets.google_emulator.formulas.operands import (
    CIRCULAR,
    DIVIDED_BY_ZERO,
    NOT_A_FORMULA,
    UNKNOWN_NAME,
    Failed,
    Grid,
    Operand,
    as_number,
    as_text,
    compared,
    failure,
    single,
)
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.cell import Cell, Scalar
from crm_sheets.google_emulator.refusals import Refused

_LEVELS = (("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"), ("*", "/"))
Place = tuple[int, int, int]


@dataclass(slots=True)
class Calculator:
    """Values of the cells of a book as it is now; not to be kept over a change."""

    book: Book
    known: dict[Place, Scalar] = field(default_factory=dict)
    running: set[Place] = field(default_factory=set)

    def value(self, cell: Cell | None, place: Place) -> Scalar:
        """What a cell shows; `place` is its sheet id, row and column."""
        if cell is None or cell.formula is None:
            return None if cell is None else cell.value
        if place in self.running:
            return CIRCULAR
        if place not in self.known:
            self.running.add(place)
            self.known[place] = self._computed(cell.formula, place[0])
            self.running.discard(place)
        return self.known[place]

    def _computed(self, formula: str, sheet_id: int) -> Scalar:
        try:
            found = [token for token in tokens(formula[1:]) if token.kind != "space"]
            reader = _Reader(self, sheet_id, found)
            result = reader.expression(0)
            if reader.position != len(found):
                return NOT_A_FORMULA
            given = single(result)
            return 0.0 if given is None else given
        except Failed as failed:
            return failed.error
        except (ValueError, IndexError):
            return NOT_A_FORMULA
        except OverflowError:
            return failure("NUM")
        except RecursionError:
            return CIRCULAR

    def grid(self, reference: Reference) -> Grid:
        """The values of a range, cut to its sheet."""
        try:
            box = reference.box()
        except Refused:
            raise Failed(failure("REF")) from None
        return [
            [
                self.value(box.sheet.cell(row, column), (box.sheet.sheet_id, row, column))
                for column in range(box.left, box.right)
            ]
            for row in range(box.top, box.bottom)
        ]


@dataclass(slots=True)
class _Reader:
    calculator: Calculator
    sheet_id: int
    tokens: list[Token]
    position: int = 0

    def peek(self) -> str:
        return self.tokens[self.position].text if self.position < len(self.tokens) else ""

    def take(self) -> Token:
        self.position += 1
        return self.tokens[self.position - 1]

    def expression(self, level: int) -> Operand:
        if level == len(_LEVELS):
            return self._power()
        left = self.expression(level + 1)
        while self.peek() in _LEVELS[level] and self.tokens[self.position].kind == "operator":
            operator = self.take().text
            left = _OPERATIONS[operator](single(left), single(self.expression(level + 1)), operator)
        return left

    def _power(self) -> Operand:
        if self.peek() in ("-", "+"):
            operator = self.take().text
            operand = self._power()
            return -as_number(single(operand)) if operator == "-" else operand
        left = self._percent()
        while self.peek() == "^":
            self.take()
            left = float(as_number(single(left)) ** as_number(single(self._power())))
        return left

    def _percent(self) -> Operand:
        left = self._primary()
        while self.peek() == "%":
            self.take()
            left = as_number(single(left)) / 100
        return left

    def _primary(self) -> Operand:
        token = self.take()
        match token.kind:
            case "number":
                return float(token.text)
            case "string":
                return token.text[1:-1].replace('""', '"')
            case "error":
                raise Failed(failure(token.text))
            case "reference":
                return self._reference(token.text)
            case "name":
                return self._name(token.text)
            case "function":
                return self._call(token.text.upper())
        return self._bracketed(token.text)

    def _bracketed(self, opening: str) -> Operand:
        if opening != "(":
            raise ValueError(opening)
        inner = self.expression(0)
        self._expect(")")
        return inner

    def _expect(self, text: str) -> None:
        if self.take().text != text:
            raise ValueError(text)

    def _reference(self, text: str) -> Operand:
        book = self.calculator.book
        title = text if "!" in text else "'" + book.sheet(self.sheet_id).title.replace("'", "''") + "'!" + text
        try:
            reference = parse(book, title)
        except Refused:
            raise Failed(failure("REF")) from None
        grid = self.calculator.grid(reference)
        return grid[0][0] if reference.single else grid

    def _name(self, text: str) -> Operand:
        if text.upper() in ("TRUE", "FALSE"):
            return text.upper() == "TRUE"
        if self.calculator.book.named(text) is None:
            raise Failed(UNKNOWN_NAME)
        return self.calculator.grid(parse(self.calculator.book, text))

    def _call(self, name: str) -> Operand:
        self._expect("(")
        arguments: list[Callable[[], Operand]] = []
        while self.peek() != ")":
            arguments.append(self._argument())
            if self.peek() in (",", ";"):
                self.take()
        self._expect(")")
        function = FUNCTIONS.get(name)
        if function is None:
            raise Failed(UNKNOWN_NAME)
        return function(arguments)

    def _argument(self) -> Callable[[], Operand]:
        """An argument, computed already: its value, or its failure when it is asked for (IF and IFERROR need that)."""
        start = self.position
        if self.peek() in (",", ";"):
            return lambda: None
        try:
            value = self.expression(0)
        except Failed as failed:
            error = failed.error
            self._skip_argument(start)
            return lambda: error
        return lambda: value

    def _skip_argument(self, start: int) -> None:
        self.position, depth = start, 0
        while depth or self.peek() not in (",", ";", ")"):
            depth += {"(": 1, ")": -1}.get(self.take().text, 0)


def _arithmetic(left: Scalar, right: Scalar, operator: str) -> Scalar:
    first, second = as_number(left), as_number(right)
    match operator:
        case "+":
            return first + second
        case "-":
            return first - second
        case "*":
            return first * second
    if second == 0:
        raise Failed(DIVIDED_BY_ZERO)
    return first / second


def _joined(left: Scalar, right: Scalar, _operator: str) -> Scalar:
    return as_text(left) + as_text(right)


_OPERATIONS: dict[str, Callable[[Scalar, Scalar, str], Scalar]] = {
    **dict.fromkeys(("+", "-", "*", "/"), _arithmetic),
    **dict.fromkeys(_LEVELS[0], compared),
    "&": _joined,
}
