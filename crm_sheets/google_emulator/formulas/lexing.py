"""Formulas as tokens; references are one token, with their sheet."""

import re
from dataclasses import dataclass

_SHEET = r"(?:'(?:[^']|'')*'|[^\W\d][\w.]*)!"
_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9]\d*"
_KINDS = (
    ("string", r'"(?:[^"]|"")*"'),
    ("error", r"#(?:REF!|N/A|NAME\?|DIV/0!|VALUE!|NUM!|NULL!|ERROR!)"),
    (
        "reference",
        rf"(?:{_SHEET})?(?:{_CELL}(?::(?:{_CELL}|\$?[A-Za-z]{{1,3}}(?![\w(])|\$?[1-9]\d*(?![\w(])))?"
        r"|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w(])|\$?[1-9]\d*:\$?[1-9]\d*)(?![\w(!.])",
    ),
    ("number", r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?"),
    ("function", r"[^\W\d][\w.]*(?=\s*\()"),
    ("name", rf"(?:{_SHEET})?[^\W\d][\w.]*"),
    ("operator", r"<>|<=|>=|[-+*/^&=<>%(){},;:]"),
    ("space", r"\s+"),
)
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _KINDS))


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind ("string", "reference", "operator" …) and its text as written."""

    kind: str
    text: str


def tokens(formula: str) -> list[Token]:
    """The tokens of a formula without its equals sign, spaces included.

    Raises:
        ValueError: something that cannot stand in a formula.
    """
    found: list[Token] = []
    position = 0
    while position < len(formula):
        match = _TOKEN.match(formula, position)
        if match is None or match.lastgroup is None:
            raise ValueError(f"not a formula at {position}: {formula}")
        found.append(Token(match.lastgroup, match.group(0)))
        position = match.end()
    return found
