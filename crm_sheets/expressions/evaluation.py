"""A tree made into one function, so that a condition over many rows costs little for each."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from crm_sheets.expressions.functions import function_named
from crm_sheets.expressions.nodes import (
    All,
    Among,
    Blank,
    Call,
    Compare,
    Count,
    Either,
    Literal,
    Name,
    Negative,
    Node,
    Not,
)
from crm_sheets.expressions.values import (
    At,
    Known,
    add,
    contains,
    divide,
    equal,
    known,
    less,
    multiply,
    subtract,
)
from crm_sheets.expressions.vocabulary import Type, Vocabulary

Evaluator: TypeAlias = Callable[[Mapping[str, object], At], Known]
Operation: TypeAlias = Callable[[Known, Known, At], Known]

_COUNTING: Mapping[str, Operation] = {"+": add, "-": subtract, "*": multiply, "/": divide}
_COMPARING: Mapping[str, Operation] = {
    "==": equal,
    "!=": lambda one, other, at: not equal(one, other, at),
    "<": less,
    ">": lambda one, other, at: less(other, one, at),
    "<=": lambda one, other, at: less(one, other, at) or _same(one, other, at),
    ">=": lambda one, other, at: less(other, one, at) or _same(one, other, at),
    "contains": lambda one, other, at: contains(one, other),
}


def _same(one: Known, other: Known, at: At) -> bool:
    return one is not None and equal(one, other, at)


def compiled(node: Node, vocabulary: Vocabulary) -> Evaluator:  # noqa: PLR0911 - one for each kind of node
    """The function that a tree stands for; it never raises."""
    match node:
        case Literal():
            value: Known = node.value
            return lambda values, at: value
        case Name():
            name = node.variable.name
            if node.variable.type is Type.BOOLEAN:  # a condition may be nothing but this name
                return lambda values, at: _truth(known(values.get(name)))
            return lambda values, at: known(values.get(name))
        case Not():
            of = compiled(node.of, vocabulary)
            return lambda values, at: of(values, at) is not True
        case All():
            parts = tuple(compiled(part, vocabulary) for part in node.of)
            return lambda values, at: all(part(values, at) is True for part in parts)
        case Either():
            parts = tuple(compiled(part, vocabulary) for part in node.of)
            return lambda values, at: any(part(values, at) is True for part in parts)
        case Blank():
            of = compiled(node.of, vocabulary)
            return lambda values, at: of(values, at) is None
        case Negative():
            of = compiled(node.of, vocabulary)
            return lambda values, at: subtract(None, of(values, at), at)
        case Call():
            return _call(node, vocabulary)
        case Count():
            return _binary(_COUNTING[node.operator], node.left, node.right, "", vocabulary)
        case Compare():
            return _binary(_COMPARING[node.operator], node.left, node.right, node.dictionary, vocabulary)
        case Among():
            return _among(node, vocabulary)


def _truth(value: Known) -> bool | None:
    """What stands in a column of yes and no; anything else there is as good as blank."""
    return value if isinstance(value, bool) else None


def _call(node: Call, vocabulary: Vocabulary) -> Evaluator:
    function = function_named(node.function)
    arguments = tuple(compiled(each, vocabulary) for each in node.arguments)
    if function is None:
        return lambda values, at: None
    body = function.body
    return lambda values, at: body([argument(values, at) for argument in arguments], at)


def _binary(operation: Operation, left: Node, right: Node, dictionary: str, vocabulary: Vocabulary) -> Evaluator:
    one, other = _side(left, dictionary, vocabulary), _side(right, dictionary, vocabulary)
    return lambda values, at: operation(one(values, at), other(values, at), at)


def _among(node: Among, vocabulary: Vocabulary) -> Evaluator:
    left = _side(node.left, node.dictionary, vocabulary)
    choices = tuple(_side(choice, node.dictionary, vocabulary) for choice in node.choices)

    def among(values: Mapping[str, object], at: At) -> Known:
        value = left(values, at)
        return any(equal(value, choice(values, at), at) for choice in choices)

    return among


def _side(node: Node, dictionary: str, vocabulary: Vocabulary) -> Evaluator:
    """One side of a comparison; texts of a dictionary become what they mean there."""
    plain = compiled(node, vocabulary)
    spellings = vocabulary.values.get(dictionary)
    if not spellings:
        return plain

    def meaning(value: Known) -> Known:
        if isinstance(value, str):
            return vocabulary.meaning(dictionary, value)
        if isinstance(value, tuple):
            return tuple(vocabulary.meaning(dictionary, each) for each in value)
        return value

    if isinstance(node, Literal):
        meant = meaning(node.value)
        return lambda values, at: meant
    return lambda values, at: meaning(plain(values, at))
