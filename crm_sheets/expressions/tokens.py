"""An expression cut into tokens.

Full-width signs count as half-width ones outside quotes. A word may contain dashes, for tags do (`行业-制造业`):
whether `amount-discount` is one word or a subtraction is decided by what the vocabulary knows.
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from crm_sheets.cells import text_key
from crm_sheets.expressions.functions import function_named
from crm_sheets.expressions.keywords import SYMBOLS, connectives, keywords, units
from crm_sheets.expressions.mistakes import Mistake
from crm_sheets.expressions.vocabulary import Vocabulary

MOST_DIGITS = 30
LONGEST_WORD = 80
"""A longer word is not searched for connectives."""

Constant: TypeAlias = str | Decimal | date | datetime | None


class Token(NamedTuple):
    """A piece of an expression.

    Attributes:
        kind: `word`, `name` (a word in brackets), `text`, `number`, `date`, `end`, or what SYMBOLS and keywords() say.
        text: as written; of a name or text what is within.
        value: of a number or date; a moment is naive, on the wall of the office.
    """

    kind: str
    text: str
    start: int
    end: int
    value: Constant = None


_SPACE = re.compile(r"\s+")
_DATE = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:[Tt ]([0-9]{1,2}):([0-9]{2}))?(?![\w.-])")
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?)(%|\w)?(?![\w.])")
_WORD = re.compile(r"[\w.]+(?:-[\w.]+)*")
_NAME = re.compile(r"\[([^\[\]]*)\]")
_QUOTES = {"'": "'", '"': '"', "“": "”", "‘": "’", "「": "」", "”": "”", "’": "’"}
_SYMBOL = re.compile("|".join(re.escape(sign) for sign in sorted(SYMBOLS, key=len, reverse=True)))
_COMMA = "、"


def cut(text: str, vocabulary: Vocabulary) -> tuple[list[Token], list[Mistake]]:
    """The tokens, `end` as the last, and what could not be read."""
    tokens: list[Token] = []
    mistakes: list[Mistake] = []
    plain = "".join(map(_half_width, text))
    place = 0
    while place < len(plain):
        if space := _SPACE.match(plain, place):
            place = space.end()
            continue
        found = _next(text, plain, place, vocabulary)
        if isinstance(found, Mistake):
            mistakes.append(found)
            place = found.end
        else:
            tokens += found
            place = found[-1].end
    return [*tokens, Token("end", "", len(text), len(text))], mistakes


def _half_width(character: str) -> str:
    if character == _COMMA:
        return ","
    if character in _QUOTES:
        return character
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _next(  # noqa: PLR0911 - one for each kind of token
    text: str, plain: str, place: int, vocabulary: Vocabulary
) -> list[Token] | Mistake:
    if plain[place] in _QUOTES:
        return _text(text, plain, place)
    if found := _DATE.match(plain, place):
        return _date(found)
    number = _NUMBER.match(plain, place)
    if number and (number[2] is None or number[2] == "%" or number[2] in units()):
        return _number(number)
    if found := _WORD.match(plain, place):
        return _words(found[0], place, plain[found.end() : found.end() + 1], vocabulary)
    if found := _NAME.match(plain, place):
        return [Token("name", found[1].strip(), place, found.end())]
    if found := _SYMBOL.match(plain, place):
        return [Token(SYMBOLS[found[0]], found[0], place, found.end())]
    return Mistake("unknown-character", place, place + 1, {"found": text[place]})


def _text(text: str, plain: str, place: int) -> list[Token] | Mistake:
    """A text in quotes; the closing sign doubled stands for itself."""
    closing = _QUOTES[plain[place]]
    parts = []
    at = place + 1
    while True:
        end = plain.find(closing, at)
        if end < 0:
            return Mistake("unclosed-text", place, len(plain), {"sign": closing})
        parts.append(text[at:end])
        if plain[end + 1 : end + 2] != closing:
            return [Token("text", closing.join(parts), place, end + 1)]
        at = end + 2


def _date(found: re.Match[str]) -> list[Token] | Mistake:
    year, month, day, hour, minute = (int(part) if part else None for part in found.groups())
    start, end = found.span()
    try:
        value = date(year or 0, month or 0, day or 0)
        if hour is not None:
            value = datetime(value.year, value.month, value.day, hour, minute or 0)  # noqa: DTZ001 - wall time
    except ValueError:
        return Mistake("not-a-date", start, end, {"found": found[0]})
    return [Token("date", found[0], start, end, value)]


def _number(found: re.Match[str]) -> list[Token] | Mistake:
    start, end = found.span()
    if len(found[1]) > MOST_DIGITS:
        return Mistake("number-too-long", start, end, {"most": str(MOST_DIGITS)})
    value = Decimal(found[1])
    if found[2]:
        value = value.scaleb(-2 if found[2] == "%" else units()[found[2]])
    return [Token("number", found[0], start, end, value)]


def _words(word: str, place: int, after: str, vocabulary: Vocabulary) -> list[Token]:
    """A run of letters, digits and dashes: one word, a subtraction, or words with 且 between them."""
    kind = keywords().get(text_key(word))
    if kind:
        return [Token(kind, word, place, place + len(word))]
    if vocabulary.knows(word) or (after == "(" and function_named(word)):
        return [Token("word", word, place, place + len(word))]
    return (
        _subtraction(word, place, after, vocabulary)
        or _joined(word, place, vocabulary)
        or [Token("word", word, place, place + len(word))]
    )


def _subtraction(word: str, place: int, after: str, vocabulary: Vocabulary) -> list[Token]:
    """`amount-1` as three tokens, where all parts are columns, numbers or the name of a function; else none."""
    parts = word.split("-")
    if len(parts) == 1:
        return []
    tokens: list[Token] = []
    for number, part in enumerate(parts):
        if number:
            tokens.append(Token("-", "-", place - 1, place))
        found = _NUMBER.fullmatch(part)
        if found and found[2] is None and len(part) <= MOST_DIGITS:
            tokens.append(Token("number", part, place, place + len(part), Decimal(part)))
        elif vocabulary.variable(part) or (number == len(parts) - 1 and after == "(" and function_named(part)):
            tokens.append(Token("word", part, place, place + len(part)))
        else:
            return []
        place += len(part) + 1
    return tokens


def _joined(word: str, place: int, vocabulary: Vocabulary) -> list[Token]:
    """`流失客户或非VIP` as its words, where what stands between the connectives is known; else none."""
    if len(word) > LONGEST_WORD:
        return []
    for sign, kind in connectives().items():
        at = word.find(sign)
        while at >= 0:
            before, behind = word[:at], word[at + len(sign) :]
            if not before or (kind != "not" and _usable(before, vocabulary)):
                rest = _part(behind, place + at + len(sign), vocabulary) if behind else []
                if rest or (before and not behind):
                    first = [Token("word", before, place, place + at)] if before else []
                    return [*first, Token(kind, sign, place + at, place + at + len(sign)), *rest]
            at = word.find(sign, at + 1)
    return []


def _part(word: str, place: int, vocabulary: Vocabulary) -> list[Token]:
    if vocabulary.knows(word):
        return [Token("word", word, place, place + len(word))]
    return _joined(word, place, vocabulary) or (
        [Token("word", word, place, place + len(word))] if _usable(word, vocabulary) else []
    )


def _usable(word: str, vocabulary: Vocabulary) -> bool:
    """Whether a word can stand alone: a known one, or what looks like a tag where tags are free."""
    if vocabulary.knows(word):
        return True
    free = vocabulary.tags is not None and not vocabulary.values.get(vocabulary.tags.dictionary)
    return free and "-" in word.strip("-") and not any(sign in word for sign in connectives())
