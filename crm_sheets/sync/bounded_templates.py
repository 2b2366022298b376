"""The sandbox of a team's templates: beside what jinja2 forbids, none takes long or makes a mail too large.

Every turn of a loop, and every call of a macro, counts; what an operator or a filter would blow up is refused before it
is made; the text is counted while it comes.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, Unpack

from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

MOST_TURNS: Final = 20_000
MOST_CHARACTERS: Final = 1_000_000
"""Of one part of a mail; Outlook and Gmail cut off much smaller ones."""

LONGEST: Final = 100_000
"""Of a text that an operator or a filter makes."""

if TYPE_CHECKING:
    from crm_sheets.sync.templates import Options

_TICK: Final = "_tick"
_WIDENING: Final = ("center", "indent", "batch", "slice", "wordwrap")


class BoundedEnvironment(SandboxedEnvironment):
    """An environment whose templates end soon."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, **options: Unpack["Options"]) -> None:
        super().__init__(**options)
        self._turns = 0
        self.globals[_TICK] = self._tick
        for name in _WIDENING:
            self.filters[name] = _narrow(self.filters[name])

    def text_of(self, template: Template, variables: Mapping[str, object]) -> str:
        """The text of a template.

        Raises:
            SecurityError: it takes too long, or is too large.
        """
        self._turns = 0
        pieces: list[str] = []
        left = MOST_CHARACTERS
        for piece in template.generate(variables):
            left -= len(piece)
            if left < 0:
                raise SecurityError(f"the text is longer than {MOST_CHARACTERS} characters")
            pieces.append(piece)
        return "".join(pieces)

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        """Refuses what would be huge."""
        if operator == "*":
            _refuse_repetition(left, right)
            _refuse_repetition(right, left)
        if operator == "**" and not (_is_small(left, 1_000) and _is_small(right, 100)):
            raise SecurityError("a power is too large")
        if operator == "%" and isinstance(left, str) and any(len(run) > 3 for run in _digits(left)):
            raise SecurityError("a format is too wide")
        return super().call_binop(context, operator, left, right)  # type: ignore[arg-type]  # jinja2's own context

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        found: list[nodes.For | nodes.Macro] = [*tree.find_all(nodes.For), *tree.find_all(nodes.Macro)]
        for node in found:
            call = nodes.Call(nodes.Name(_TICK, "load"), [], [], None, None)
            node.body.insert(0, nodes.ExprStmt(call).set_lineno(node.lineno))
        return tree

    def _tick(self) -> str:
        self._turns += 1
        if self._turns > MOST_TURNS:
            raise SecurityError(f"more than {MOST_TURNS} turns of loops")
        return ""


def _narrow(made: Callable[..., object]) -> Callable[..., object]:
    """A filter that refuses widths and counts that are huge."""

    def bounded(*given: object, **named: object) -> object:
        for each in (*given, *named.values()):
            if isinstance(each, int) and not _is_small(each, 1_000):
                raise SecurityError("a width is too large")
        return made(*given, **named)

    for mark in ("jinja_pass_arg",):  # a filter may ask for the environment
        if hasattr(made, mark):
            setattr(bounded, mark, getattr(made, mark))
    return bounded


def _refuse_repetition(what: object, times: object) -> None:
    if isinstance(what, (str, bytes, list, tuple)) and isinstance(times, int) and len(what) * times > LONGEST:
        raise SecurityError("a repetition is too long")


def _is_small(number: object, most: int) -> bool:
    return isinstance(number, (int, float)) and abs(number) <= most


def _digits(text: str) -> Iterable[str]:
    return "".join(each if each.isdigit() else " " for each in text).split()
