"""How a cell becomes a value and a value a cell: `parse`, `render`, `display`, one codec for each Kind.

What went in comes out: for every value v that `parse` gives, parse(render(v)) == v.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from crm_sheets.cells import CellError, CellValue, Formula, same_value
from crm_sheets.changes import Value
from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.codecs import moments, numbers, periods, phones, texts
from crm_sheets.schema.codecs.base import CodecContext, Flaw, Parser, PhoneKind, Renderer, flaw
from crm_sheets.schema.sealed import is_sealed, mask_in

__all__ = ["CodecContext", "Flaw", "PhoneKind", "canonical", "display", "holds", "parse", "render"]

FLAW_CODES = (
    "cell-error",
    "formula-without-value",
    "digits-lost",
    "not-a-date",
    "not-a-moment",
    "date-ambiguous",
    "date-short-year",
    "date-without-year",
    "date-not-in-calendar",
    "date-out-of-range",
    "not-a-number",
    "number-ambiguous",
    "not-whole",
    "not-a-percentage",
    "not-a-period",
    "not-a-boolean",
    "not-a-phone",
    "phone-without-area-code",
    "phone-several",
    "phone-kind-not-allowed",
)
"""Every code that a codec may give; those of the records are in schema.validation."""


@dataclass(frozen=True, slots=True)
class _Codec:
    parse: Parser
    render: Renderer = texts.render_as_is


_TEXT = _Codec(texts.parse_text)
_LONG_TEXT = _Codec(texts.parse_long_text)
_CODE = _Codec(texts.parse_code)

_CODECS: dict[Kind, _Codec] = {
    Kind.TEXT: _TEXT,
    Kind.LONG_TEXT: _LONG_TEXT,
    Kind.INTEGER: _Codec(numbers.parse_integer, numbers.render_number),
    Kind.NUMBER: _Codec(numbers.parse_number, numbers.render_number),
    Kind.MONEY: _Codec(numbers.parse_money, numbers.render_number),
    Kind.PERCENT: _Codec(numbers.parse_percent, numbers.render_number),
    Kind.RATIO: _Codec(numbers.parse_ratio, numbers.render_number),
    Kind.PERIOD: _Codec(periods.parse_period),
    Kind.DATE: _Codec(moments.parse_date, moments.render_date),
    Kind.DATETIME: _Codec(moments.parse_datetime, moments.render_datetime),
    Kind.BOOLEAN: _Codec(texts.parse_boolean, texts.render_boolean),
    Kind.CHOICE: _TEXT,
    Kind.PERSON: _TEXT,
    Kind.REFERENCE: _TEXT,
    Kind.TAGS: _Codec(texts.parse_tags, texts.render_parts),
    Kind.LINKS: _Codec(texts.parse_links, texts.render_parts),
    Kind.PHONE: _Codec(phones.parse_phone),
    Kind.EMAIL: _Codec(texts.parse_email),
    Kind.CREDIT_CODE: _CODE,
    Kind.ID_NUMBER: _CODE,
    Kind.ID: _Codec(texts.parse_id),
    Kind.WITNESS: _TEXT,
}


def parse(raw: CellValue, column: Column, context: CodecContext) -> Value | Flaw:
    """What a cell means in its column: a canonical value, None for a blank, or the flaw that keeps it from having one.

    A formula counts as its saved result. Limits (lengths, ranges, check digits) are for the record to judge.
    """
    if isinstance(raw, Formula):
        if raw.cached is None:
            return Flaw("formula-without-value")
        raw = raw.cached
    if raw is None or raw == "":
        return None
    if isinstance(raw, CellError):
        return flaw("cell-error", raw.code)
    if isinstance(raw, Decimal):
        raw = int(raw) if raw == raw.to_integral_value() else float(raw)
    found = _CODECS[column.kind].parse(raw, column, context)
    return _masked(found) if column.sealed and isinstance(found, Flaw) else found


def _masked(found: Flaw) -> Flaw:
    """What stands in a sealed column goes into no message."""
    return replace(found, parameters={**found.parameters, "found": "***"}) if "found" in found.parameters else found


def render(value: Value, column: Column, context: CodecContext) -> CellValue:
    """What to write into a cell for a canonical value; dates and instants as naive Python ones.

    Of a sealed value, its mask.
    """
    if column.sealed and isinstance(value, str) and is_sealed(value):
        return mask_in(value)
    return None if value is None else _CODECS[column.kind].render(value, column, context)


def canonical(value: Value, column: Column, context: CodecContext) -> Value | Flaw:
    """A value as it comes back from a cell, for values that rules compute: rounded, cleaned, in whole seconds."""
    return parse(render(value, column, context), column, context)


def holds(raw: CellValue, value: Value, column: Column, context: CodecContext) -> bool:
    """Whether a cell already holds the canonical form of a value, so that it need not be written."""
    cell = render(value, column, context)
    return same_value(raw, moments.serial_of(cell, context.date1904) if isinstance(cell, date) else cell)


def display(value: Value, column: Column, context: CodecContext) -> str:
    """A value as messages and mails show it; "" for None, *** for a sealed column."""
    if value is None:
        return ""
    if column.sealed:
        return "***"
    cell = render(value, column, context)
    if isinstance(cell, datetime):
        return format(cell, "%Y-%m-%d %H:%M")
    if column.kind is Kind.MONEY:
        return f"{cell:,.{context.currency_digits}f}"
    if column.kind in (Kind.PERCENT, Kind.RATIO) and isinstance(value, Decimal):
        return f"{(value * 100).normalize():f}%"
    return f"{cell:,}" if column.kind is Kind.NUMBER else str(cell)
