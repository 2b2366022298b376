"""Text, tags, links, booleans, e-mail addresses, codes."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import cast

from crm_sheets.cells import CellValue, text_key
from crm_sheets.changes import Value
from crm_sheets.schema.base import Column
from crm_sheets.schema.codecs.base import CodecContext, Flaw, Present, flaw
from crm_sheets.schema.labels import words

_BREAKS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_RUBBISH = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u200b]")
_LINE = re.compile(r"[ \t\xa0\u3000]*\n[ \t\xa0\u3000\n]*")
_SEPARATORS = re.compile(r"[;；,，、\n]")
_LINK_SEPARATORS = re.compile(r"[;；\n]")
_MAIL_PREFIX = re.compile(r"^(?:mailto:|[<>;,.])+")
_PLAIN_ID = re.compile(r"[0-9A-Z-]+")
_DASHES = re.compile(r"[\s\-‐-―_]")
_GAPS = re.compile(r"\s+")
_DIGITS_KEPT = 15  # significant digits that a spreadsheet keeps of a number
_JOIN = "; "


def as_text(raw: Present) -> str:
    """A cell as the text that a person meant: 12.0 is "12", a number has no exponent, spaces at the ends are gone."""
    if isinstance(raw, str):
        return cleaned(raw)
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, float):
        return format(Decimal(repr(raw)).normalize() + 0, "f")  # a negative zero is a zero
    return raw.isoformat(" ") if isinstance(raw, datetime) else raw.isoformat()


def cleaned(text: str) -> str:
    """NFC, line breaks as \\n, no control characters, nothing at the ends."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _RUBBISH.sub("", _BREAKS.sub("\n", text))
    return unicodedata.normalize("NFC", text).strip()


def parse_text(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """One line: a line break within a name is a slip."""
    if type(raw) is str and raw.isprintable() and raw.isascii():
        return raw.strip() or None
    text = as_text(raw)
    return (_LINE.sub(" ", text) if "\n" in text else text) or None


def parse_long_text(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """Several lines, tabs kept."""
    return as_text(raw) or None


def parse_code(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """A credit code or ID number: half-width capitals and digits without spaces or dashes."""
    if isinstance(raw, float | int) and not isinstance(raw, bool) and abs(raw) >= 10**_DIGITS_KEPT:
        return flaw("digits-lost", raw)
    return _settled(as_text(raw), _code) or None


def _code(text: str) -> str:
    return _DASHES.sub("", unicodedata.normalize("NFKC", text).upper())


def _settled(text: str, fold: Callable[[str], str]) -> str:
    """Folds until nothing changes: what falls out may leave characters that combine."""
    while (folded := fold(text)) != text:
        text = folded
    return text


def parse_email(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """An address in lower case; whether it is one is for the record to say."""
    return _settled(as_text(raw), _address) or None


def _address(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return _MAIL_PREFIX.sub("", _GAPS.sub("", text).replace("。", ".")).rstrip("<>;,.")


def parse_id(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """A row key: capitals, half-width."""
    if type(raw) is str and _PLAIN_ID.fullmatch(raw):
        return raw
    return _settled(as_text(raw), _row_key) or None


def _row_key(text: str) -> str:
    return _GAPS.sub("", unicodedata.normalize("NFKC", text).upper())


def parse_tags(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """Tags, each once, in the order typed."""
    return _parts(_SEPARATORS, as_text(raw))


def parse_links(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """Links or paths; commas and spaces may be part of one."""
    return _parts(_LINK_SEPARATORS, as_text(raw))


def _parts(separators: re.Pattern[str], text: str) -> tuple[str, ...] | None:
    found: dict[str, str] = {}
    for part in separators.split(text):
        stripped = part.strip()
        if stripped:
            found.setdefault(text_key(stripped), stripped)
    return tuple(found.values()) or None


def render_parts(value: Value, column: Column, context: CodecContext) -> CellValue:
    """Tags or links in one cell."""
    return _JOIN.join(cast("tuple[str, ...]", value))


def render_as_is(value: Value, column: Column, context: CodecContext) -> CellValue:
    """What is text already."""
    return cast(str, value)


def parse_boolean(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """是, Y, TRUE, 1 … and their opposites, in every language."""
    if isinstance(raw, bool):
        return raw
    text = text_key(as_text(raw))
    if not text:
        return None
    found = _booleans().get(text)
    if found is None:
        return flaw("not-a-boolean", raw, yes=context.language.text("word.yes"), no=context.language.text("word.no"))
    return found


@cache
def _booleans() -> dict[str, bool]:
    said = {text_key(word): False for word in words("word.false")}
    return said | {text_key(word): True for word in words("word.true")}


def render_boolean(value: Value, column: Column, context: CodecContext) -> CellValue:
    """是 or 否: TRUE and FALSE say nothing to most people."""
    return context.language.text("word.yes" if value else "word.no")
