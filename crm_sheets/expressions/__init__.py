"""A small language for conditions and computed values, the same wherever the team writes one.

`行业-制造业 and level in (VIP, A) and not 流失客户`, `amount * (1 - discount)`, `credit_code is blank`:
docs/expressions.md tells it to the people who write it. It is parsed once, checked against a vocabulary, with all
mistakes and their places at once, bounded in length and depth, and evaluated without any side effect; nothing of it is
Python. What blanks mean is said in values.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from crm_sheets.expressions.binding import Binder
from crm_sheets.expressions.evaluation import Evaluator, compiled
from crm_sheets.expressions.mistakes import Mistake, messages
from crm_sheets.expressions.nodes import (
    All,
    Among,
    Blank,
    Call,
    Compare,
    Count,
    Either,
    Name,
    Negative,
    Node,
    Not,
    text_of,
)
from crm_sheets.expressions.syntax import SyntaxMistake, put_together
from crm_sheets.expressions.tokens import cut
from crm_sheets.expressions.values import At, Known
from crm_sheets.expressions.vocabulary import Spelling, Type, Variable, Vocabulary, by_spelling

__all__ = [
    "At",
    "Expression",
    "Mistake",
    "Spelling",
    "Type",
    "Variable",
    "Vocabulary",
    "by_spelling",
    "messages",
    "parse",
]

LONGEST = 4_000
"""Characters of one expression."""

MOST_TOKENS = 1_000


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression; two are equal when they mean the same tree. `str` gives its canonical text.

    Attributes:
        type: of its value.
    """

    tree: Node
    type: Type
    _run: Evaluator = field(repr=False, compare=False)

    def evaluate(self, values: Mapping[str, object], at: At) -> Known:
        """Its value: numbers as Decimal, a blank as None. It raises nothing, whatever the values are.

        Args:
            values: of the variables by name; one that is missing is blank.
            at: the day and zone of the team.
        """
        return self._run(values, at)

    def holds(self, values: Mapping[str, object], at: At) -> bool:
        """Whether it is true, for a condition."""
        return self._run(values, at) is True

    @property
    def names(self) -> frozenset[str]:
        """The variables that it reads."""
        return frozenset(node.variable.name for node in _nodes(self.tree) if isinstance(node, Name))

    @property
    def needs_today(self) -> bool:
        """Whether time alone may change its value: at the next midnight."""
        return any(isinstance(node, Call) and node.function == "today" for node in _nodes(self.tree))

    def __str__(self) -> str:
        return text_of(self.tree)


def parse(text: str, vocabulary: Vocabulary, wanted: Type | None = None) -> Expression | tuple[Mistake, ...]:
    """The expression that a text stands for, or all that is wrong with it, in the order of the text.

    Args:
        text: as typed; full-width signs count as half-width ones.
        vocabulary: what its words may stand for.
        wanted: the type that it must have; BOOLEAN for a condition, in which a bare word is a tag or a value.
    """
    if len(text) > LONGEST:
        return (Mistake("too-long", 0, len(text), {"most": str(LONGEST)}),)
    tokens, mistakes = cut(text, vocabulary)
    if mistakes:
        return tuple(mistakes)
    if len(tokens) > MOST_TOKENS:
        return (Mistake("too-long", 0, len(text), {"most": str(LONGEST)}),)
    try:
        raw = put_together(tokens)
    except SyntaxMistake as found:
        return (found.mistake,)
    binder = Binder(vocabulary)
    bound = binder.condition(raw) if wanted is Type.BOOLEAN else binder.value(raw)
    if not binder.mistakes and wanted is not None and bound.type not in {wanted, Type.ANY}:
        binder.wrong(bound, "wrong-result", wanted=f"type.{wanted}", found=f"type.{bound.type}")
    if binder.mistakes:
        return tuple(sorted(binder.mistakes, key=lambda each: (each.start, each.end)))
    return Expression(bound.node, bound.type, compiled(bound.node, vocabulary))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in _children(node):
        yield from _nodes(child)


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
