"""The tree of an expression once every word is known, and its canonical text.

The text is one that parses into the same tree: columns by their keys, texts in quotes, nothing implied.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from crm_sheets.expressions.keywords import keywords
from crm_sheets.expressions.vocabulary import Type, Variable


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the expression; a moment is naive, on the wall of the office."""

    value: str | Decimal | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Name:
    """The value of a column."""

    variable: Variable


@dataclass(frozen=True, slots=True)
class Not:
    """True when its condition is not."""

    of: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """True when all conditions are: `and`."""

    of: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """True when one of the conditions is: `or`."""

    of: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison.

    Attributes:
        operator: `==`, `!=`, `<`, `<=`, `>`, `>=` or `contains`.
        dictionary: by whose values both sides are compared; "" for none.
    """

    operator: str
    left: "Node"
    right: "Node"
    dictionary: str = ""


@dataclass(frozen=True, slots=True)
class Among:
    """True when the left side equals one of the choices: `in`."""

    left: "Node"
    choices: "tuple[Node, ...]"
    dictionary: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """True when there is nothing."""

    of: "Node"


@dataclass(frozen=True, slots=True)
class Count:
    """Two values counted together by `+`, `-`, `*` or `/`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with the other sign."""

    of: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: "tuple[Node, ...]"


Node: TypeAlias = Literal | Name | Not | All | Either | Compare | Among | Blank | Count | Negative | Call


def walk(node: Node) -> Iterator[Node]:
    """A tree's nodes, each before those below it."""
    yield node
    for child in _children(node):
        yield from walk(child)


def tags_in(node: Node) -> Iterator[tuple[str, str]]:
    """The variable and the text of a node that asks whether tags (not links: those have no dictionary) have a text."""
    match node:
        case Compare("contains", Name(variable), Literal(str(text))) | Call(
            "has", (Name(variable), Literal(str(text)))
        ) if variable.type is Type.LIST and variable.dictionary:
            yield variable.name, text
        case _:
            pass


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Not() | Blank() | Negative():
            return (node.of,)
        case All() | Either():
            return node.of
        case Compare() | Count():
            return (node.left, node.right)
        case Among():
            return (node.left, *node.choices)
        case Call():
            return node.arguments
        case _:
            return ()


_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _ATOM = range(1, 9)


def text_of(node: Node) -> str:
    """The canonical text."""
    return _text(node)[0]


def _text(node: Node) -> tuple[str, int]:  # noqa: PLR0911 - one for each kind of node
    """The text, and how tightly it binds."""
    match node:
        case Literal():
            return _literal(node.value), _ATOM
        case Name():
            return _name(node.variable.name), _ATOM
        case Not():
            return f"not {_within(node.of, _NOT)}", _NOT
        case All():
            return " and ".join(_within(part, _NOT) for part in node.of), _AND
        case Either():
            return " or ".join(_within(part, _AND) for part in node.of), _OR
        case Compare():
            return f"{_within(node.left, _SUM)} {node.operator} {_within(node.right, _SUM)}", _COMPARISON
        case Among():
            choices = ", ".join(text_of(choice) for choice in node.choices)
            return f"{_within(node.left, _SUM)} in ({choices})", _COMPARISON
        case Blank():
            return f"{_within(node.of, _SUM)} is blank", _COMPARISON
        case Count():
            own = _SUM if node.operator in "+-" else _PRODUCT
            return f"{_within(node.left, own)} {node.operator} {_within(node.right, own + 1)}", own
        case Negative():
            return f"-{_within(node.of, _ATOM)}", _SIGN
        case Call():
            return f"{node.function}({', '.join(text_of(each) for each in node.arguments)})", _ATOM


def _within(node: Node, least: int) -> str:
    text, binds = _text(node)
    return text if binds >= least else f"({text})"


def _literal(value: str | Decimal | bool | date | datetime | None) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M}"
        case date():
            return value.isoformat()
    return "'" + value.replace("'", "''") + "'"


def _name(name: str) -> str:
    plain = name.replace(".", "_").isidentifier() and name.isascii() and name not in keywords()
    return name if plain else f"[{name}]"
