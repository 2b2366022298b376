"""The words that belong to the language itself: `and`, `且`, `is blank`, `为空`; all languages count."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from crm_sheets.cells import text_key
from crm_sheets.language import LOCALES, language

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "==": "==",
        "=": "==",
        "!=": "!=",
        "<>": "!=",
        "≠": "!=",
        "<=": "<=",
        "≤": "<=",
        ">=": ">=",
        "≥": ">=",
        "<": "<",
        ">": ">",
        "&&": "and",
        "&": "and",
        "||": "or",
        "|": "or",
        "!": "not",
        "+": "+",
        "-": "-",
        "*": "*",
        "×": "*",
        "/": "/",
        "÷": "/",
        "(": "(",
        ")": ")",
        ",": ",",
    }
)

_WORDS = {
    "and": "and",
    "or": "or",
    "not": "not",
    "in": "in",
    "not_in": "not in",
    "contains": "contains",
    "not_contains": "not contains",
    "is": "is",
    "equals": "==",
    "differs": "!=",
    "greater": ">",
    "less": "<",
    "at_least": ">=",
    "at_most": "<=",
    "is_blank": "blank",
    "is_not_blank": "not blank",
    "none": "none",
    "true": "true",
    "false": "false",
}
"""Keys of the catalogues under `expression.word.`, with the kind of token that their words are."""

CONNECTIVES = ("and", "or", "not")


@cache
def keywords() -> Mapping[str, str]:
    """Kinds of tokens by word, as text_key."""
    return MappingProxyType({word: kind for key, kind in _WORDS.items() for word in spoken(f"expression.word.{key}")})


@cache
def connectives() -> Mapping[str, str]:
    """Those words that people write without spaces round them: 且, 或, 非."""
    return MappingProxyType(
        {word: kind for word, kind in keywords().items() if kind in CONNECTIVES and not word.isascii()}
    )


@cache
def units() -> Mapping[str, int]:
    """Powers of ten that are written behind a number: 万 is 4."""
    return MappingProxyType({word: power for power in (4, 8) for word in spoken(f"expression.unit.{power}")})


@cache
def spoken(key: str) -> tuple[str, ...]:
    """The words of all languages under a key, as text_key; `-` stands where a language has none."""
    texts = (language(locale).text(key) for locale in LOCALES if language(locale).has(key))
    return tuple(dict.fromkeys(text_key(word) for text in texts for word in text.split("|") if word != "-"))
