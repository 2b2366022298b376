"""From a text to a tree and the function that it stands for."""

from dataclasses import dataclass

from crm_sheets.expressions.binding import Binder
from crm_sheets.expressions.evaluation import Evaluator, compiled
from crm_sheets.expressions.mistakes import Mistake
from crm_sheets.expressions.nodes import Node
from crm_sheets.expressions.syntax import SyntaxMistake, put_together
from crm_sheets.expressions.tokens import cut
from crm_sheets.expressions.vocabulary import Type, Vocabulary

LONGEST = 4_000
"""Characters of one expression."""

MOST_TOKENS = 1_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an Expression is made from."""

    tree: Node
    type: Type
    run: Evaluator


def parsed(text: str, vocabulary: Vocabulary, wanted: Type | None) -> Parsed | tuple[Mistake, ...]:
    """See expressions.parse."""
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
    return Parsed(bound.node, bound.type, compiled(bound.node, vocabulary))
