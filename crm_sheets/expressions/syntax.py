"""Tokens put together by precedence (a Pratt parser), before anybody asks what the words stand for.

From loose to tight: or; and; not; one comparison; + -; * /; the sign of a number.
"""

from dataclasses import dataclass
from typing import Final

from crm_sheets.expressions.mistakes import Mistake
from crm_sheets.expressions.tokens import Constant, Token

DEEPEST: Final = 60
"""Levels of one expression, chains of + included: evaluating stays far from the limits of the interpreter."""

COMPARING = frozenset({"==", "!=", "<", "<=", ">", ">=", "contains", "not contains"})
_BINDING = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6}
_NOT, _COMPARISON, _SIGN = 3, 4, 7
_POSTFIX = frozenset({"blank", "not blank", "in", "not in", "is", "not"})


@dataclass(frozen=True, slots=True)
class Raw:
    """A node of the tree as typed.

    Attributes:
        kind: `word`, `name`, `constant`, `call`, `list`, `negative`, `blank`, or the kind of an operator.
        text: of a word, name or call.
    """

    kind: str
    start: int
    end: int
    depth: int
    text: str = ""
    value: Constant | bool = None
    children: tuple["Raw", ...] = ()


class SyntaxMistake(Exception):
    """Carries the first mistake out of the parser."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.key)
        self.mistake = mistake


def put_together(tokens: list[Token]) -> Raw:
    """The tree of all tokens.

    Raises:
        SyntaxMistake: the first place at which they make no sense.
    """
    parser = _Parser(tokens)
    tree = parser.expression(0, 0)
    if parser.here.kind != "end":
        raise parser.unexpected()
    return tree


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.place = tokens, 0

    @property
    def here(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.here
        self.place += 1
        return token

    def unexpected(self) -> SyntaxMistake:
        token = self.here
        if token.kind == "end":
            return SyntaxMistake(Mistake("unexpected-end", token.start, token.end))
        return SyntaxMistake(Mistake("unexpected", token.start, token.end, {"found": token.text or token.kind}))

    def node(self, kind: str, start: int, children: tuple[Raw, ...], text: str = "") -> Raw:
        end = self.tokens[self.place - 1].end
        depth = 1 + max((child.depth for child in children), default=0)
        if depth > DEEPEST:
            raise SyntaxMistake(Mistake("too-deep", start, end, {"most": str(DEEPEST)}))
        return Raw(kind, start, end, depth, text, None, children)

    def expression(self, least: int, level: int) -> Raw:
        """What binds more tightly than `least`."""
        if level > DEEPEST:
            raise SyntaxMistake(Mistake("too-deep", self.here.start, self.here.end, {"most": str(DEEPEST)}))
        left = self.prefix(level)
        compared = False
        while True:
            kind = self.here.kind
            if (kind in COMPARING or kind in _POSTFIX) and least < _COMPARISON:
                if compared:
                    raise SyntaxMistake(Mistake("chain", self.here.start, self.here.end))
                left, compared = self.comparison(left, level), True
            elif _BINDING.get(kind, -1) > least:
                self.take()
                right = self.expression(_BINDING[kind], level + 1)
                flat = kind in {"and", "or"} and left.kind == kind
                left = self.node(kind, left.start, (*left.children, right) if flat else (left, right))
            else:
                return left

    def prefix(self, level: int) -> Raw:
        token = self.here
        if token.kind == "not":
            self.take()
            return self.node("not", token.start, (self.expression(_NOT, level + 1),))
        if token.kind == "-":
            self.take()
            return self.node("negative", token.start, (self.expression(_SIGN, level + 1),))
        if token.kind == "(":
            self.take()
            inner = self.expression(0, level + 1)
            self.expect(")")
            return inner
        if token.kind == "word" and self.tokens[self.place + 1].kind == "(":
            return self.call(level)
        return self.atom()

    def atom(self) -> Raw:
        token = self.here
        if token.kind in {"text", "number", "date"}:
            self.take()
            value = token.text if token.kind == "text" else token.value
            return Raw("constant", token.start, token.end, 1, token.text, value)
        if token.kind in {"none", "true", "false"}:
            self.take()
            return Raw(
                "constant", token.start, token.end, 1, token.text, {"true": True, "false": False}.get(token.kind)
            )
        if token.kind in {"word", "name"}:
            self.take()
            return Raw(token.kind, token.start, token.end, 1, token.text)
        raise self.unexpected()

    def call(self, level: int) -> Raw:
        name = self.take()
        return self.node("call", name.start, self.listed(level), name.text)

    def listed(self, level: int) -> tuple[Raw, ...]:
        """What stands between parentheses, separated by commas; nothing at all is allowed."""
        self.expect("(")
        parts: list[Raw] = []
        while self.here.kind != ")":
            if parts:
                self.expect(",")
            parts.append(self.expression(0, level + 1))
        self.take()
        return tuple(parts)

    def expect(self, kind: str) -> None:
        if self.here.kind != kind:
            raise self.unexpected()
        self.take()

    def comparison(self, left: Raw, level: int) -> Raw:
        """What stands behind `left`: an operator and another value, a list, or `is blank`."""
        kind = self.take().kind
        if kind in {"is", "not"}:
            kind = self.spelled_out(kind)
        if kind in {"blank", "not blank"}:
            found = self.node("blank", left.start, (left,))
        elif kind in {"in", "not in"}:
            found = self.membership(left, level)
        else:
            right = self.expression(_COMPARISON, level + 1)
            operator = "contains" if kind == "not contains" else kind
            found = self.node(operator, left.start, (left, right))
        negated = kind in {"not blank", "not in", "not contains"}
        return self.node("not", left.start, (found,)) if negated else found

    def spelled_out(self, kind: str) -> str:
        """`is`, `is not`, `is blank`, `is not blank`, `not in`, `not contains` as one operator."""
        negated = kind == "not"
        if kind == "is" and self.here.kind == "not":
            negated = True
            self.take()
        following = self.here.kind
        if following in {"blank", "in", "contains"}:
            self.take()
            return f"not {following}" if negated else following
        if kind == "not":
            raise self.unexpected()
        return "!=" if negated else "=="

    def membership(self, left: Raw, level: int) -> Raw:
        if self.here.kind != "(":  # a tag in the column of tags
            whole = self.expression(_COMPARISON, level + 1)
            return self.node("contains", left.start, (whole, left))
        return self.node("in", left.start, (left, *self.listed(level)))
