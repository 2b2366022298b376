"""What the words of a tree stand for, and whether its types go together. All mistakes are found at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from crm_sheets.expressions.functions import DATES, Function, function_named, function_names
from crm_sheets.expressions.mistakes import Mistake, nearest
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
from crm_sheets.expressions.syntax import COMPARING, Raw
from crm_sheets.expressions.vocabulary import Type, Variable, Vocabulary

ORDERED = frozenset({Type.NUMBER}) | DATES
_NOTHING = Literal(None)
MOST_COLUMNS = 4
"""So many are named in a message about an ambiguous word."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A node, its type, the dictionary that its texts are of, and where it stands."""

    node: Node
    type: Type
    start: int
    end: int
    dictionary: str = ""

    @property
    def is_literal(self) -> bool:
        """Whether it is written out in the expression."""
        return isinstance(self.node, Literal)


@dataclass(slots=True)
class Binder:
    """Walks a tree and keeps the mistakes. A part with a mistake has the type ANY, so that it is told once."""

    vocabulary: Vocabulary
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, raw: Raw | Bound, key: str, **parameters: str) -> Bound:
        """Notes a mistake; what stands in for the part that has it."""
        self.mistakes.append(Mistake(key, raw.start, raw.end, parameters))
        return Bound(_NOTHING, Type.ANY, raw.start, raw.end)

    # -- conditions ------------------------------------------------------------------------------------------------

    def condition(self, raw: Raw) -> Bound:
        """A part that must be true or false; a bare word there is a tag, or a value that some column has."""
        if raw.kind == "word" and (self.vocabulary.variable(raw.text) is None or self._is_choice(raw.text)):
            return self._bare(raw)
        if raw.kind == "constant" and isinstance(raw.value, str) and raw.text:
            return self._bare(raw)
        found = self.value(raw)
        if found.type not in {Type.BOOLEAN, Type.ANY}:
            return self.wrong(raw, "not-a-condition", found=self._shown(raw, found))
        return found

    def _is_known(self, word: str) -> bool:
        return self.vocabulary.variable(word) is not None

    def _is_choice(self, word: str) -> bool:
        """Whether a word that names a column is meant as a value: the column is no condition by itself."""
        variable = self.vocabulary.variable(word)
        return variable is not None and variable.type is not Type.BOOLEAN and bool(self.vocabulary.columns_with(word))

    def _bare(self, raw: Raw) -> Bound:
        columns = self.vocabulary.columns_with(raw.text)
        if len(columns) == 1:
            spelling = self.vocabulary.spelling(columns[0].dictionary, raw.text)
            value = Literal(spelling.shown if spelling else raw.text)
            compared = Compare("==", Name(columns[0]), value, columns[0].dictionary)
            return Bound(compared, Type.BOOLEAN, raw.start, raw.end)
        if columns:
            choices = ", ".join(column.shown or column.name for column in columns[:MOST_COLUMNS])
            return self.wrong(raw, "ambiguous-word", word=raw.text, choices=choices)
        tags = self.vocabulary.tags
        if tags is None or ("-" not in raw.text.strip("-") and not self.vocabulary.is_tag(raw.text)):
            return self.unknown_word(raw)
        said = self.literal_of(Bound(Literal(raw.text), Type.TEXT, raw.start, raw.end), tags)
        return Bound(Compare("contains", Name(tags), said.node, tags.dictionary), Type.BOOLEAN, raw.start, raw.end)

    def unknown_word(self, raw: Raw) -> Bound:
        """A word that is nothing we know, with the nearest one that is."""
        values = [each.shown for spellings in self.vocabulary.values.values() for each in spellings.values()]
        near = nearest(raw.text, [*self.vocabulary.names(), *dict.fromkeys(values)])
        if near:
            return self.wrong(raw, "unknown-word-similar", word=raw.text, suggestion=near)
        return self.wrong(raw, "unknown-word", word=raw.text)

    # -- values ----------------------------------------------------------------------------------------------------

    def value(self, raw: Raw) -> Bound:
        """Any part."""
        handlers: dict[str, Callable[[Raw], Bound]] = {
            "word": self._named,
            "name": self._named,
            "constant": self._constant,
            "call": self._call,
            "negative": self._negative,
            "blank": self._blank,
            "in": self._among,
            "not": self._not,
            "and": self._joined,
            "or": self._joined,
        }
        if raw.kind in COMPARING:
            return self._compare(raw)
        return handlers.get(raw.kind, self._count)(raw)

    def _named(self, raw: Raw) -> Bound:
        variable = self.vocabulary.variable(raw.text)
        if variable is None:
            return self.unknown_word(raw)
        return Bound(Name(variable), variable.type, raw.start, raw.end, variable.dictionary)

    def _constant(self, raw: Raw) -> Bound:
        types = {str: Type.TEXT, Decimal: Type.NUMBER, bool: Type.BOOLEAN, datetime: Type.MOMENT, date: Type.DATE}
        value = raw.value if raw.value != "" else None
        return Bound(Literal(value), types.get(type(value), Type.ANY), raw.start, raw.end)

    def _not(self, raw: Raw) -> Bound:
        return Bound(Not(self.condition(raw.children[0]).node), Type.BOOLEAN, raw.start, raw.end)

    def _joined(self, raw: Raw) -> Bound:
        kind = All if raw.kind == "and" else Either
        parts: list[Node] = []
        for child in raw.children:
            node = self.condition(child).node
            parts += node.of if isinstance(node, kind) else (node,)
        return Bound(kind(tuple(parts)), Type.BOOLEAN, raw.start, raw.end)

    def _blank(self, raw: Raw) -> Bound:
        return Bound(Blank(self.value(raw.children[0]).node), Type.BOOLEAN, raw.start, raw.end)

    def _negative(self, raw: Raw) -> Bound:
        found = self.value(raw.children[0])
        if found.type not in {Type.NUMBER, Type.ANY}:
            return self.wrong(raw.children[0], "not-a-number", found=self._shown(raw.children[0], found))
        if isinstance(found.node, Literal) and isinstance(found.node.value, Decimal):
            return Bound(Literal(0 - found.node.value), Type.NUMBER, raw.start, raw.end)
        return Bound(Negative(found.node), Type.NUMBER, raw.start, raw.end)

    def _count(self, raw: Raw) -> Bound:
        left, right = (self.value(child) for child in raw.children)
        gives = _counted(raw.kind, left.type, right.type)
        if gives is None:
            wrong = left if left.type not in ORDERED | {Type.ANY} else right
            key = "not-a-number" if wrong.type not in ORDERED | {Type.ANY} else "not-countable"
            place = raw if key == "not-countable" else wrong
            return self.wrong(place, key, found=self._type(wrong), one=self._type(left), other=self._type(right))
        return Bound(Count(raw.kind, left.node, right.node), gives, raw.start, raw.end)

    def _call(self, raw: Raw) -> Bound:
        function = function_named(raw.text)
        if function is None:
            near = nearest(raw.text, function_names())
            return self.wrong(raw, "unknown-function", name=raw.text, suggestion=near or "round, today, year …")
        if not function.fits(len(raw.children)):
            return self.wrong(raw, "argument-count", name=raw.text, found=str(len(raw.children)))
        arguments = [self._argument(function, place, child) for place, child in enumerate(raw.children)]
        gives = function.gives or self._common([each.type for each in arguments[function.same_from :]])
        call = Call(function.name, tuple(each.node for each in arguments))
        return Bound(call, gives, raw.start, raw.end)

    def _argument(self, function: Function, place: int, raw: Raw) -> Bound:
        wanted = function.wanted(place)
        if wanted == {Type.BOOLEAN}:
            return self.condition(raw)
        found = self.value(raw)
        if found.type not in wanted | {Type.ANY}:
            kinds = "type." + min(wanted, key=list(Type).index)
            return self.wrong(raw, "argument-type", name=function.name, wanted=kinds, found=self._type(found))
        return found

    def _common(self, types: list[Type]) -> Type:
        known = {each for each in types if each is not Type.ANY}
        return known.pop() if len(known) == 1 else Type.ANY

    # -- comparisons -----------------------------------------------------------------------------------------------

    def _compare(self, raw: Raw) -> Bound:
        left, right = self._sides(raw.children[0], raw.children[1])
        if raw.kind in {"==", "!="} and _NOTHING in (left.node, right.node) and Type.ANY in (left.type, right.type):
            other = right if left.node == _NOTHING else left
            blank: Node = Blank(other.node)
            return Bound(Not(blank) if raw.kind == "!=" else blank, Type.BOOLEAN, raw.start, raw.end)
        dictionary = left.dictionary or right.dictionary
        self._check(raw, left, right)
        return Bound(Compare(raw.kind, left.node, right.node, dictionary), Type.BOOLEAN, raw.start, raw.end)

    def _check(self, raw: Raw, left: Bound, right: Bound) -> None:
        if Type.ANY in (left.type, right.type):
            return
        one, other = self._type(left), self._type(right)
        if raw.kind == "contains":
            if left.type not in {Type.TEXT, Type.LIST} or right.type is not Type.TEXT:
                self.wrong(raw, "not-contained", one=one, other=other)
        elif not _comparable(left.type, right.type):
            self.wrong(raw, "not-comparable", one=one, other=other)
        elif raw.kind not in {"==", "!="} and left.type not in ORDERED:
            self.wrong(raw, "not-ordered", found=one)

    def _among(self, raw: Raw) -> Bound:
        first, *choices = raw.children
        left = self._side(first, None)
        bound: list[Bound] = []
        for choice in choices:
            found = self._side(choice, left)
            if Type.ANY not in (left.type, found.type) and not _comparable(left.type, found.type):
                self.wrong(choice, "not-comparable", one=self._type(left), other=self._type(found))
            bound.append(found)
        if not bound:
            return self.wrong(raw, "empty-list")
        return Bound(
            Among(left.node, tuple(each.node for each in bound), left.dictionary), Type.BOOLEAN, raw.start, raw.end
        )

    def _sides(self, one: Raw, other: Raw) -> tuple[Bound, Bound]:
        """Both sides; a bare word is read in the light of the column on the other side."""
        names = [side.kind in {"word", "name"} and self._is_known(side.text) for side in (one, other)]
        if names == [False, True]:
            right = self._side(other, None)
            return self._side(one, right), right
        left = self._side(one, None)
        return left, self._side(other, left)

    def _side(self, raw: Raw, beside: Bound | None) -> Bound:
        column = beside.node.variable if beside is not None and isinstance(beside.node, Name) else None
        if raw.kind == "word" and beside is not None and beside.type is Type.ANY and not self._is_known(raw.text):
            return Bound(Literal(raw.text), Type.TEXT, raw.start, raw.end)  # the other side was told about already
        if raw.kind == "word" and column is not None and column.type in {Type.TEXT, Type.LIST}:
            known = self.vocabulary.spelling(column.dictionary, raw.text)
            if known or self.vocabulary.variable(raw.text) is None:
                return self.literal_of(Bound(Literal(raw.text), Type.TEXT, raw.start, raw.end), column)
        found = self.value(raw)
        if column is not None and found.is_literal and found.type is Type.TEXT:
            return self.literal_of(found, column)
        return found

    def literal_of(self, found: Bound, column: Variable) -> Bound:
        """A text as a value of a column's dictionary, as a day where the column has days."""
        text = found.node.value if isinstance(found.node, Literal) else None
        if not isinstance(text, str):
            return found
        if column.type in DATES:
            return self._date_of(found, text)
        spellings = self.vocabulary.values.get(column.dictionary)
        if not spellings:
            return found
        spelling = self.vocabulary.spelling(column.dictionary, text)
        free = column.dictionary in self.vocabulary.free
        if spelling is None and (free or (column == self.vocabulary.tags and self.vocabulary.is_tag(text))):
            return found
        if spelling is None:
            shown = column.shown or column.name
            near = nearest(text, list(dict.fromkeys(each.shown for each in spellings.values())))
            key = "unknown-value-similar" if near else "unknown-value"
            return self.wrong(found, key, value=text, column=shown, **({"suggestion": near} if near else {}))
        return Bound(Literal(spelling.shown), Type.TEXT, found.start, found.end, column.dictionary)

    def _date_of(self, found: Bound, text: str) -> Bound:
        """A day in quotes."""
        try:
            value = datetime.fromisoformat(text) if len(text) > len("2026-11-01") else date.fromisoformat(text)
        except ValueError:
            return self.wrong(found, "not-a-date", found=text)
        if isinstance(value, datetime):
            plain = value.replace(tzinfo=None, second=0, microsecond=0)
            return Bound(Literal(plain), Type.MOMENT, found.start, found.end)
        return Bound(Literal(value), Type.DATE, found.start, found.end)

    # -- words for messages ------------------------------------------------------------------------------------------

    def _type(self, found: Bound) -> str:
        if isinstance(found.node, Name):
            return found.node.variable.shown or found.node.variable.name
        return f"type.{found.type}"

    def _shown(self, raw: Raw, found: Bound) -> str:
        return raw.text or self._type(found)


def _comparable(one: Type, other: Type) -> bool:
    if one in DATES and other in DATES:
        return True
    return one is other or {one, other} == {Type.TEXT, Type.LIST}


def _counted(operator: str, one: Type, other: Type) -> Type | None:
    """The type that counting gives; None where it makes no sense."""
    if Type.ANY in (one, other):
        return Type.ANY
    if one is Type.NUMBER and other is Type.NUMBER:
        return Type.NUMBER
    if operator == "-" and one in DATES and other in DATES:
        return Type.NUMBER
    if operator in "+-" and one in DATES and other is Type.NUMBER:
        return one
    if operator == "+" and one is Type.NUMBER and other in DATES:
        return other
    return None
