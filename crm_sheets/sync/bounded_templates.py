"""The sandbox of a team's templates: beside what jinja2 forbids, none takes long or makes a mail too large.

Every turn of a loop, and every call of a macro, counts; what an operator, a filter or a method would blow up is refused
before it is made; whatever is made and gone through on the way is counted, and so is the text while it comes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, Unpack

from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

MOST_TURNS: Final = 20_000
MOST_CHARACTERS: Final = 1_000_000
"""Of one part of a mail; Outlook and Gmail cut off much smaller ones."""

MOST_ON_THE_WAY: Final = 10_000_000
"""Characters and elements that the expressions of one part make or go through."""

LONGEST: Final = 100_000
"""Of a text that an operator makes."""

WIDEST: Final = 1_000
"""Of a width, a count, or a text that is put in many times."""

if TYPE_CHECKING:
    from crm_sheets.sync.templates import Options

_WIDENING: Final = frozenset({"center", "indent", "batch", "slice", "wordwrap", "tojson", "urlize"})
_WIDE_FORMAT: Final = re.compile(r"\d{4}|%[^a-zA-Z%]*\*|:[^{}]*\{")
"""A number of four digits; a width that an argument gives, `%*d` or `{:{width}}`."""

_SIZED = (str, bytes, bytearray, list, tuple, dict, set, frozenset, range)


class BoundedEnvironment(SandboxedEnvironment):
    """An environment whose templates end soon."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, **options: Unpack["Options"]) -> None:
        super().__init__(**options)
        self._turns, self._left = 0, MOST_ON_THE_WAY
        self.filters = {name: self._bounded(name, made) for name, made in self.filters.items()}
        self.globals.pop("lipsum")

    def text_of(self, template: Template, variables: Mapping[str, object]) -> str:
        """The text of a template.

        Raises:
            SecurityError: it takes too long, or is too large.
        """
        self._turns, self._left = 0, MOST_ON_THE_WAY
        pieces: list[str] = []
        left = MOST_CHARACTERS
        for piece in template.generate(variables):
            left -= len(piece)
            if left < 0:
                raise SecurityError(f"the text is longer than {MOST_CHARACTERS} characters")
            pieces.append(piece)
        return "".join(pieces)

    def tick(self) -> str:
        """A turn of a loop, or a call of a macro."""
        self._turns += 1
        if self._turns > MOST_TURNS:
            raise SecurityError(f"more than {MOST_TURNS} turns of loops")
        return ""

    def counted(self, value: object) -> object:
        """A value that an expression made or goes through, as it is."""
        if isinstance(value, _SIZED):
            self._count(len(value))
        return value

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        """Refuses what would be huge."""
        if operator == "*":
            _refuse_repetition(left, right)
            _refuse_repetition(right, left)
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > LONGEST:
            raise SecurityError("a number is too large")
        if operator == "**" and not (_is_small(left, 1_000) and _is_small(right, 100)):
            raise SecurityError("a power is too large")
        if operator == "%":
            _refuse_format(left)
        return self.counted(super().call_binop(context, operator, left, right))  # type: ignore[arg-type]  # jinja2's own

    def call(__self, __context: object, __obj: object, *args: object, **kwargs: object) -> object:  # noqa: N805  # as jinja2 has it
        """Calls something; a method of a text or a number makes nothing huge."""
        method = getattr(__obj, "__wrapped__", __obj)  # jinja2 wraps str.format
        owner, name = getattr(method, "__self__", None), getattr(method, "__name__", "")
        if isinstance(owner, (str, bytes, bytearray, int)):
            __self._judge_method(owner, name, (*args, *kwargs.values()))
        return __self.counted(super().call(__context, __obj, *args, **kwargs))  # type: ignore[arg-type]  # jinja2's own

    def _judge_method(self, owner: str | bytes | bytearray | int, name: str, given: tuple[object, ...]) -> None:
        if name == "translate":
            raise SecurityError("translate is not for templates")
        if name in {"format", "format_map"}:
            _refuse_format(owner)
        if name == "join":
            self._count_joined(owner, given[0] if isinstance(given[0], _SIZED) else ())
        elif name == "replace":
            self._count_replaced(owner, given[0], given[1])
        else:
            _refuse_wide(given, most=MOST_CHARACTERS)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Counting().visit(super()._parse(source, name, filename))
        found: list[nodes.For | nodes.Macro] = [*tree.find_all(nodes.For), *tree.find_all(nodes.Macro)]
        for node in found:
            node.body.insert(0, nodes.ExprStmt(_asked("tick", [], node.lineno)).set_lineno(node.lineno))
        return tree

    def _bounded(self, name: str, made: Callable[..., object]) -> Callable[..., object]:
        """A filter that refuses widths and counts that are huge, and counts what it is given and what it makes."""
        mark = "jinja_pass_arg"  # a filter may ask for the environment, which then comes first
        place = 1 if hasattr(made, mark) else 0

        def bounded(*given: object, **named: object) -> object:
            value, rest = self.counted(given[place]), (*given[place + 1 :], *named.values())
            if name in _WIDENING:
                _refuse_wide(rest)
            elif name == "format":
                _refuse_format(value)
            elif name == "replace" and len(rest) > 1:
                self._count_replaced(value, rest[0], rest[1])
            elif name == "join" and isinstance(value, Iterable):
                value = list(map(self.counted, value))
                self._count_joined(rest[0] if rest else "", value)
            return self.counted(made(*given[:place], value, *given[place + 1 :], **named))

        if place:
            setattr(bounded, mark, getattr(made, mark))
        return bounded

    def _count_joined(self, between: object, parts: Iterable[object]) -> None:
        number = sum(1 for part in parts if self.counted(part) is part)
        self._count(len(str(between)) * number)

    def _count_replaced(self, text: object, old: object, new: object) -> None:
        found = str(text).count(str(old))
        self._count(found * len(str(new)))

    def _count(self, size: int) -> None:
        self._left -= size
        if size > MOST_CHARACTERS or self._left < 0:
            raise SecurityError("an expression makes too much")


class _Counting(NodeTransformer):
    """Has everything that is put out or put together counted."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802  # as jinja2 calls it
        """`a ~ b`."""
        self.generic_visit(node)
        return _asked("counted", [node], node.lineno)

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802  # as jinja2 calls it
        """`{{ a }}`, be it in the text or in what a macro or a block makes."""
        self.generic_visit(node)
        node.nodes = [
            each if isinstance(each, nodes.TemplateData) else _asked("counted", [each], node.lineno)
            for each in node.nodes
        ]
        return node


def _asked(method: str, given: list[nodes.Expr], line: int) -> nodes.Call:
    """A call of a method of the environment, which no name of a template can hide."""
    call = nodes.Call(nodes.EnvironmentAttribute(method), given, [], None, None)
    call.set_lineno(line, override=False)
    return call


def _refuse_wide(given: Iterable[object], most: int = WIDEST) -> None:
    for each in given:
        if isinstance(each, int) and not _is_small(each, WIDEST):
            raise SecurityError("a width is too large")
        if isinstance(each, (str, bytes)) and len(each) > most:
            raise SecurityError("a text that is put in is too long")


def _refuse_format(text: object) -> None:
    if isinstance(text, (str, bytes)) and _WIDE_FORMAT.search(
        text if isinstance(text, str) else text.decode("latin-1")
    ):
        raise SecurityError("a format is too wide")


def _refuse_repetition(what: object, times: object) -> None:
    if isinstance(what, (str, bytes, list, tuple)) and isinstance(times, int) and len(what) * times > LONGEST:
        raise SecurityError("a repetition is too long")


def _is_small(number: object, most: int) -> bool:
    return isinstance(number, (int, float)) and abs(number) <= most
