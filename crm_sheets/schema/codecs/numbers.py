"""Numbers as people write them: 1,234.50, ￥1,200, 1.2万, (500), full-width digits, 15%."""

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import cast

from crm_sheets.cells import CellValue
from crm_sheets.changes import Value
from crm_sheets.schema.base import Column
from crm_sheets.schema.codecs.base import CodecContext, Flaw, Present, flaw
from crm_sheets.schema.labels import words

_PLAIN = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d{1,15})?e[+-]?\d{1,2}")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d{1,15})?|[+-]?\d{1,3}(?: \d{3})+(?:\.\d{1,15})?")
_UNCLEAR = re.compile(r"[+-]?[\d.,' ]*\d[\d.,' ]*")
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "﹣": "-", "’": "'"})
_SIGNIFICANT = 15  # digits that a spreadsheet keeps: 0.1 + 0.2 is 0.3 there
_LARGEST = "999,999,999,999,999"
_PERCENT_STEP = Decimal("0.00000001")
_RATIO_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class _Words:
    scales: dict[str, int]  # 万 -> 4, a power of ten
    tail: re.Pattern[str]  # what may follow the digits: a scale, then a currency or a counter
    head: re.Pattern[str]


@cache
def _words() -> _Words:
    scales = {
        unicodedata.normalize("NFKC", word).casefold(): power
        for power in (3, 4, 6, 7, 8, 9)
        for word in words(f"word.scale.{power}")
    }
    currencies = _any_of(words("word.currency"))
    counters = _any_of(words("word.counter"))
    tail = re.compile(rf"(?P<scale>{_any_of(tuple(scales))})?\s*(?:{currencies}|{counters})?$")
    return _Words(scales, tail, re.compile(rf"^(?:{currencies})\s*"))


def _any_of(texts: tuple[str, ...]) -> str:
    folded = {unicodedata.normalize("NFKC", text).casefold() for text in texts}
    return "|".join(re.escape(text) for text in sorted(folded, key=lambda text: (-len(text), text)))


def read_number(raw: Present) -> Decimal | Flaw | None:
    """The number that a cell means; None when it is blank. Larger ones than a spreadsheet keeps exactly are a flaw."""
    found = _read(raw)
    if isinstance(found, Decimal) and found.adjusted() >= _SIGNIFICANT:
        return flaw("out-of-range", raw, minimum=f"-{_LARGEST}", maximum=_LARGEST)
    return found


def read_unscaled(raw: Present) -> Decimal | Flaw | None:
    """As `read_number`, below a header that says the unit: one with a unit of its own (3.5万, 1200元) is a flaw."""
    if isinstance(raw, str):
        text = unicodedata.normalize("NFKC", raw).translate(_MINUS).casefold().strip().strip("()")
        if _without_words(text.strip())[0] != text.strip():
            return flaw("not-a-number", raw)
    return read_number(raw)


def scale_of(unit: str) -> int | None:
    """The power of ten that a unit such as 万元, or `million USD`, means; None when it is none."""
    text = unicodedata.normalize("NFKC", unit).casefold().strip()
    found = _words().tail.fullmatch(_words().head.sub("", text))
    return _words().scales[found["scale"]] if found and found["scale"] else None


def _read(raw: Present) -> Decimal | Flaw | None:
    if isinstance(raw, str):
        return _from_text(raw)
    if isinstance(raw, bool):
        return flaw("not-a-number", str(raw).upper())
    if isinstance(raw, int):
        return Decimal(raw)
    if isinstance(raw, float) and math.isfinite(raw):
        return _from_float(raw)
    return flaw("not-a-number", raw)


def _from_float(raw: float) -> Decimal:
    return Decimal(f"{raw:.{_SIGNIFICANT}g}")


def _from_text(raw: str) -> Decimal | Flaw | None:
    if _PLAIN.fullmatch(raw) and raw.isascii():
        return Decimal(raw)
    text = unicodedata.normalize("NFKC", raw).translate(_MINUS).casefold().strip()
    if not text:
        return None
    negative = text.startswith("(") and text.endswith(")")  # how accountants write it
    digits, power = _without_words(text[1:-1].strip() if negative else text)
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "").replace(" ", "")
    if not (_PLAIN.fullmatch(digits) or _SCIENTIFIC.fullmatch(digits)):
        return flaw("number-ambiguous" if _UNCLEAR.fullmatch(digits) else "not-a-number", raw)
    number = Decimal(digits).scaleb(power)
    return -number if negative else number


def _without_words(text: str) -> tuple[str, int]:
    """The digits without currency and counter, and the power of ten of a scale such as 万."""
    known = _words()
    sign = text[:1] if text[:1] in "+-" else ""
    text = known.head.sub("", text[len(sign) :])
    found = known.tail.search(text)
    if found is None or not text:
        return sign + text, 0
    scale = found.group("scale")
    return sign + text[: found.start()].strip(), known.scales[scale] if scale else 0


def parse_number(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """A number with at most 15 significant digits."""
    found = read_number(raw)
    return found.normalize() + 0 if isinstance(found, Decimal) else found


def parse_integer(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """A whole number; 12.0 is one, 12.5 is a flaw."""
    if type(raw) is int and abs(raw) < 10**_SIGNIFICANT:
        return raw
    found = read_number(raw)
    if not isinstance(found, Decimal):
        return found
    return int(found) if found == found.to_integral_value() else flaw("not-whole", raw)


def parse_money(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """An amount, rounded half up to the currency's digits: 33.335 of a formula is 33.34."""
    found = read_number(raw)
    if not isinstance(found, Decimal):
        return found
    return found.quantize(Decimal(1).scaleb(-context.currency_digits), ROUND_HALF_UP)


def parse_percent(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """A part of one. 15%, 15 and 0.15 are all 0.15: no share is above 1, so a number above it means per cent."""
    text = unicodedata.normalize("NFKC", raw).strip() if isinstance(raw, str) else ""
    found = read_number(text[:-1] if text.endswith("%") else raw)
    if isinstance(found, Flaw):
        return flaw("not-a-percentage", raw)
    if found is None:
        return flaw("not-a-percentage", raw) if text else None
    share = found / 100 if text.endswith("%") or found > 1 else found
    if not 0 <= share <= 1:
        return flaw("out-of-range", raw, minimum="0%", maximum="100%")
    return share.quantize(_PERCENT_STEP, ROUND_HALF_UP).normalize()


def parse_ratio(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """A ratio as a cell has it: 1.2 is 120 %. Unlike a percentage it may exceed one: a bare number stays as it is."""
    text = unicodedata.normalize("NFKC", raw).strip() if isinstance(raw, str) else ""
    found = read_number(text[:-1] if text.endswith("%") else raw)
    if not isinstance(found, Decimal):
        return found
    ratio = found / 100 if text.endswith("%") else found
    return ratio.quantize(_RATIO_STEP, ROUND_HALF_UP).normalize() + 0


def render_number(value: Value, column: Column, context: CodecContext) -> CellValue:
    """The number of a cell: int when whole, else the nearest float, as a reader gives it back."""
    number = cast("int | Decimal", value)
    return int(number) if number == int(number) else float(number)
