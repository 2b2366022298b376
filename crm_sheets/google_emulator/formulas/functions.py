"""The functions of formulas. Arguments come as thunks, so that IF and IFERROR may leave one alone."""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress

from crm_sheets.google_emulator.formulas.operands import (
    DIVIDED_BY_ZERO,
    Failed,
    Operand,
    as_number,
    as_text,
    as_truth,
    compared,
    failure,
    single,
)
from crm_sheets.google_emulator.model.cell import CellError, Scalar

Arguments = list[Callable[[], Operand]]
Function = Callable[[Arguments], Operand]


def _values(arguments: Arguments) -> Iterator[tuple[Scalar, bool]]:
    """Every value of the arguments, and whether it stood in a range."""
    for argument in arguments:
        operand = argument()
        if isinstance(operand, list):
            yield from ((value, True) for row in operand for value in row)
        else:
            yield operand, False


def _numbers(arguments: Arguments) -> list[float]:
    """Numbers of the arguments: in ranges only what is a number counts."""
    found = []
    for value, ranged in _values(arguments):
        if isinstance(value, CellError):
            raise Failed(value)
        if not ranged or (isinstance(value, float) and not isinstance(value, bool)):
            found.append(as_number(value))
    return found


def _average(arguments: Arguments) -> Operand:
    found = _numbers(arguments)
    if not found:
        raise Failed(DIVIDED_BY_ZERO)
    return math.fsum(found) / len(found)


def _count(arguments: Arguments) -> Operand:
    return float(sum(1 for value, _ in _values(arguments) if isinstance(value, float)))


def _count_filled(arguments: Arguments) -> Operand:
    return float(sum(1 for value, _ in _values(arguments) if value is not None))


def _count_if(arguments: Arguments) -> Operand:
    criterion = _criterion(single(arguments[1]()))
    return float(sum(1 for value, _ in _values(arguments[:1]) if criterion(value)))


def _sum_if(arguments: Arguments) -> Operand:
    criterion = _criterion(single(arguments[1]()))
    tested = [value for value, _ in _values(arguments[:1])]
    summed = [value for value, _ in _values(arguments[2:3])] or tested
    return math.fsum(
        value for test, value in zip(tested, summed, strict=False) if criterion(test) and isinstance(value, float)
    )


def _criterion(given: Scalar) -> Callable[[Scalar], bool]:
    """A criterion of COUNTIF and SUMIF: a value, or a comparison written as text (">=5")."""
    written = given if isinstance(given, str) else ""
    operator = next((mark for mark in ("<>", "<=", ">=", "<", ">", "=") if written.startswith(mark)), "=")
    operand: Scalar = written.removeprefix(operator) if written else given
    if isinstance(operand, str):
        with suppress(ValueError):
            operand = float(operand)
    return lambda value: compared(value, operand, operator)


def _if(arguments: Arguments) -> Operand:
    chosen = 1 if as_truth(single(arguments[0]())) else 2
    return arguments[chosen]() if chosen < len(arguments) else False


def _if_error(arguments: Arguments) -> Operand:
    value = arguments[0]()
    if isinstance(value, CellError):
        return arguments[1]() if len(arguments) > 1 else None
    return value


def _round(arguments: Arguments) -> Operand:
    places = int(as_number(single(arguments[1]()))) if len(arguments) > 1 else 0
    value, scale = as_number(single(arguments[0]())), 10.0**places
    return math.copysign(math.floor(abs(value) * scale + 0.5) / scale, value)


def _vlookup(arguments: Arguments) -> Operand:
    wanted, table, column = single(arguments[0]()), arguments[1](), int(as_number(single(arguments[2]())))
    for row in table if isinstance(table, list) else []:
        if compared(row[0], wanted, "="):
            return row[column - 1]
    raise Failed(failure("N_A"))


def _date(arguments: Arguments) -> Operand:
    from datetime import datetime, timedelta

    from crm_sheets.google_emulator.serials import serial

    year, month, day = (int(as_number(single(argument()))) for argument in arguments)
    years, months = divmod(month - 1, 12)
    return serial(datetime(year + years, months + 1, 1) + timedelta(days=day - 1))  # noqa: DTZ001 - cells have no zone


def _joined(arguments: Arguments) -> Operand:
    return "".join(as_text(value) for value, _ in _values(arguments))


def _text_join(arguments: Arguments) -> Operand:
    divider, skip = as_text(single(arguments[0]())), as_truth(single(arguments[1]()))
    found = [as_text(value) for value, _ in _values(arguments[2:])]
    return divider.join(entry for entry in found if entry or not skip)


def _hyperlink(arguments: Arguments) -> Operand:
    return single(arguments[1 if len(arguments) > 1 else 0]())


def _row_text(take: Callable[[str, int], str]) -> Function:
    return lambda arguments: take(
        as_text(single(arguments[0]())), int(as_number(single(arguments[1]()))) if len(arguments) > 1 else 1
    )


def _not_available(_arguments: Arguments) -> Operand:
    raise Failed(failure("N_A"))


FUNCTIONS: dict[str, Function] = {
    "SUM": lambda arguments: math.fsum(_numbers(arguments)),
    "AVERAGE": _average,
    "MIN": lambda arguments: min(_numbers(arguments), default=0.0),
    "MAX": lambda arguments: max(_numbers(arguments), default=0.0),
    "PRODUCT": lambda arguments: math.prod(_numbers(arguments)),
    "COUNT": _count,
    "COUNTA": _count_filled,
    "COUNTIF": _count_if,
    "SUMIF": _sum_if,
    "IF": _if,
    "IFERROR": _if_error,
    "ROUND": _round,
    "ABS": lambda arguments: abs(as_number(single(arguments[0]()))),
    "INT": lambda arguments: float(math.floor(as_number(single(arguments[0]())))),
    "MOD": lambda arguments: as_number(single(arguments[0]())) % as_number(single(arguments[1]())),
    "AND": lambda arguments: all(as_truth(value) for value, _ in _values(arguments) if value is not None),
    "OR": lambda arguments: any(as_truth(value) for value, _ in _values(arguments) if value is not None),
    "NOT": lambda arguments: not as_truth(single(arguments[0]())),
    "CONCATENATE": _joined,
    "CONCAT": _joined,
    "TEXTJOIN": _text_join,
    "LEN": lambda arguments: float(len(as_text(single(arguments[0]())))),
    "UPPER": lambda arguments: as_text(single(arguments[0]())).upper(),
    "LOWER": lambda arguments: as_text(single(arguments[0]())).lower(),
    "TRIM": lambda arguments: " ".join(as_text(single(arguments[0]())).split()),
    "LEFT": _row_text(lambda given, count: given[:count]),
    "RIGHT": _row_text(lambda given, count: given[-count:] if count else ""),
    "DATE": _date,
    "VLOOKUP": _vlookup,
    "HYPERLINK": _hyperlink,
    "NA": _not_available,
    "ISBLANK": lambda arguments: arguments[0]() is None,
    "TRUE": lambda arguments: True,
    "FALSE": lambda arguments: False,
}
