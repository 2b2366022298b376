"""A small language for conditions and computed values, the same wherever the team writes one.

`行业-制造业 and level in (VIP, A) and not 流失客户`, `amount * (1 - discount)`, `credit_code is blank`:
docs/expressions.md tells it to the people who write it. It is parsed once, checked against a vocabulary, with all
mistakes and their places at once, bounded in length and depth, and evaluated without any side effect; nothing of it is
Python. What blanks mean is said in values.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm_sheets.expressions.mistakes import Mistake, messages
from crm_sheets.expressions.values import At, Known
from crm_sheets.expressions.vocabulary import Spelling, Type, Variable, Vocabulary, by_spelling

if TYPE_CHECKING:  # what parses is imported when there is something to parse: most cycles have nothing
    from crm_sheets.expressions.evaluation import Evaluator
    from crm_sheets.expressions.nodes import Node

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


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression; two are equal when they mean the same tree. `str` gives its canonical text.

    Attributes:
        type: of its value.
    """

    tree: "Node"
    type: Type
    _run: "Evaluator" = field(repr=False, compare=False)

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
        from crm_sheets.expressions.nodes import Name, walk

        return frozenset(node.variable.name for node in walk(self.tree) if isinstance(node, Name))

    @property
    def tags(self) -> tuple[tuple[str, str], ...]:
        """The tags that it asks for: the variable and the text of each, once, in the order of the text."""
        from crm_sheets.expressions.nodes import tags_in, walk

        return tuple(dict.fromkeys(asked for node in walk(self.tree) for asked in tags_in(node)))

    @property
    def needs_today(self) -> bool:
        """Whether time alone may change its value: at the next midnight."""
        from crm_sheets.expressions.nodes import Call, walk

        return any(isinstance(node, Call) and node.function == "today" for node in walk(self.tree))

    def __str__(self) -> str:
        from crm_sheets.expressions.nodes import text_of

        return text_of(self.tree)


def parse(text: str, vocabulary: Vocabulary, wanted: Type | None = None) -> Expression | tuple[Mistake, ...]:
    """The expression that a text stands for, or all that is wrong with it, in the order of the text.

    Args:
        text: as typed; full-width signs count as half-width ones.
        vocabulary: what its words may stand for.
        wanted: the type that it must have; BOOLEAN for a condition, in which a bare word is a tag or a value.
    """
    from crm_sheets.expressions.parsing import Parsed, parsed

    found = parsed(text, vocabulary, wanted)
    return Expression(found.tree, found.type, found.run) if isinstance(found, Parsed) else found
