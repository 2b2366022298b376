"""The words of an expression: which columns there are, of which type, and what the values of a drop-down are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crm_sheets.cells import text_key


class Type(StrEnum):
    """What an expression, or a part of it, gives."""

    TEXT = "text"  # str
    NUMBER = "number"  # Decimal or int
    DATE = "date"  # date
    MOMENT = "moment"  # datetime, aware
    BOOLEAN = "boolean"  # bool
    LIST = "list"  # tuple of str
    ANY = "any"  # only known when it is evaluated; nothing is checked


@dataclass(frozen=True, slots=True)
class Variable:
    """A column, or something else that has a value, such as `user.role`.

    Attributes:
        name: under which its value stands in the mapping that an expression is evaluated with; lower case letters,
            digits, underscores and points.
        dictionary: whose values the column takes; "" for none.
        shown: what people call it.
    """

    name: str
    type: Type
    dictionary: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a value of a dictionary.

    Attributes:
        meaning: equal for all spellings of one value: its code, or its text as text_key.
        shown: as the drop-down has it.
    """

    meaning: str
    shown: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a word may stand for.

    Attributes:
        variables: by spelling, as text_key: keys, labels and aliases in all languages.
        values: the spellings of each dictionary, by text_key. With the columns of a dictionary that is not there, or
            has none, any text may be compared.
        free: dictionaries with whose columns other texts may be compared too.
        tags: the variable of type LIST that a bare word with a dash is looked for in; None where there is none.
        open_tags: beginnings, as text_key, of tags that need not be in the library: `备注-`.
    """

    variables: Mapping[str, Variable]
    values: Mapping[str, Mapping[str, Spelling]] = field(default_factory=dict)
    tags: Variable | None = None
    open_tags: tuple[str, ...] = ()
    free: frozenset[str] = frozenset()

    def variable(self, word: str) -> Variable | None:
        """The variable that a word stands for; `rec.` before it says nothing new."""
        key = text_key(word)
        return self.variables.get(key) or self.variables.get(key.removeprefix("rec."))

    def spelling(self, dictionary: str, text: str) -> Spelling | None:
        """The value that a text stands for in a dictionary."""
        return self.values.get(dictionary, {}).get(text_key(text))

    def meaning(self, dictionary: str, text: str) -> str:
        """What two texts of a dictionary are compared by."""
        key = text_key(text)
        found = self.values.get(dictionary, {}).get(key)
        return found.meaning if found else key

    def columns_with(self, text: str) -> tuple[Variable, ...]:
        """The variables whose dictionary has a value that is written so, tags apart; those of the row itself, where it
        has any, before those of rows that it names."""
        library = self.tags.dictionary if self.tags else ""  # of the tags of rows that it names, too
        found = {
            variable.name: variable
            for variable in self.variables.values()
            if variable.dictionary not in ("", library) and self.spelling(variable.dictionary, text)
        }
        own = tuple(variable for variable in found.values() if "." not in variable.name)
        return own or tuple(found.values())

    def is_tag(self, text: str) -> bool:
        """Whether the library has the tag, or lets it stand."""
        if self.tags is None:
            return False
        return self.spelling(self.tags.dictionary, text) is not None or text_key(text).startswith(self.open_tags)

    def knows(self, word: str) -> bool:
        """Whether a bare word is a column, a value or a tag."""
        return bool(self.variable(word) or self.is_tag(word) or self.columns_with(word))

    def names(self) -> list[str]:
        """What people call the variables, for a message that offers the nearest one."""
        return list(dict.fromkeys([*(each.shown or each.name for each in self.variables.values()), *self.variables]))


def by_spelling(variables: Iterable[tuple[Variable, Iterable[str]]]) -> dict[str, Variable]:
    """Variables by their names and the other spellings given with each; names win, then whoever comes first."""
    pairs = list(variables)
    found = {text_key(variable.name): variable for variable, _ in pairs}
    for variable, spellings in pairs:
        for spelling in spellings:
            found.setdefault(text_key(spelling), variable)
    return found
