"""The conditions of grants and denies: about a row, the rows that it names, and the person whose rights are asked.

`user.role`, `user.department` and the like are the person's; `user.owns` holds for rows of the person's own.
A condition that cannot be parsed any more, or that asks for a row which a reference does not tell, has no answer:
then a grant does not match, and a deny does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crm_sheets.changes import Value
from crm_sheets.expressions import At, Expression, Mistake, Type, Variable, Vocabulary, parse
from crm_sheets.language import language
from crm_sheets.organisation import Person
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.dictionaries import Dictionaries, default_dictionaries
from crm_sheets.schema.row_vocabularies import row_vocabulary
from crm_sheets.schema.vocabularies import joined, vocabulary
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.whose import PEOPLE, RowFacts

OWNS: Final = "user.owns"
_ROLE: Final = "role"
_TEXTS: Final = ("id", "name", "role", "department", "group", "manager", "email")
USER: Final = frozenset({OWNS, *(f"user.{name}" for name in _TEXTS)})
"""The variables that are about the person."""


def user_values(person: Person) -> Mapping[str, Value]:
    """What a condition reads of the person, but for `user.owns`."""
    return {f"user.{name}": getattr(person, name) for name in _TEXTS}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the rows of one tab.

    Attributes:
        expression: None where it could not be parsed.
        personal: whether the answer depends on the person.
    """

    tab: Tab
    text: str
    expression: Expression | None
    names: frozenset[str] = frozenset()
    personal: bool = False

    def judge(self, facts: RowFacts, user: Mapping[str, Value], at: At) -> bool | None:
        """Whether it holds of a row; None when it cannot be judged."""
        if self.expression is None:
            return None
        if self.personal:
            return self._judge(self.expression, facts, user, at)
        if self.text not in facts.held:
            facts.held[self.text] = self._judge(self.expression, facts, user, at)
        return facts.held[self.text]

    def _judge(self, expression: Expression, facts: RowFacts, user: Mapping[str, Value], at: At) -> bool | None:
        if not any("." in name for name in self.names):
            return expression.holds(facts.values, at)
        values: dict[str, Value] = {}
        for name in self.names:
            column, point, beyond = name.partition(".")
            if name in USER:
                values[name] = user[name]
            elif not point:
                values[name] = facts.values.get(ColumnKey(name))
            elif facts.values.get(ColumnKey(column)):
                named = facts.named(self.tab.columns[ColumnKey(column)])
                if len(named) != 1:
                    return None
                values[name] = named[0].values.get(ColumnKey(beyond))
        return expression.holds(values, at)


def condition_vocabulary(tab: Tab, tabs: Mapping[TabKey, Tab], dictionaries: Dictionaries | None) -> Vocabulary:
    """The words of a condition on rows of `tab`; the values of drop-downs are only known where dictionaries are."""
    words = language("en")
    person = {f"user.{name}": Variable(f"user.{name}", Type.TEXT, _ROLE * (name == _ROLE)) for name in _TEXTS}
    about = Vocabulary({**person, OWNS: Variable(OWNS, Type.BOOLEAN)}, free=frozenset({_ROLE}))
    roles = _roles(tabs, dictionaries or default_dictionaries(words, wanted={_ROLE}))
    return joined(about, row_vocabulary(tab, tabs, dictionaries, words), roles)


def _roles(tabs: Mapping[TabKey, Tab], dictionaries: Dictionaries) -> Vocabulary:
    """The spellings of roles, which a book without 组织 has too."""
    people = tabs.get(PEOPLE)
    found = vocabulary(people, dictionaries, language("en")).values if people else {}
    return Vocabulary({}, {key: spellings for key, spellings in found.items() if key == _ROLE})


def parsed_condition(
    text: str, tab: Tab, tabs: Mapping[TabKey, Tab], dictionaries: Dictionaries | None
) -> Expression | tuple[Mistake, ...]:
    """A condition, or all that is wrong with it."""
    return parse(text, condition_vocabulary(tab, tabs, dictionaries), Type.BOOLEAN)


def condition(text: str, tab: Tab, tabs: Mapping[TabKey, Tab], dictionaries: Dictionaries) -> Condition:
    """A condition ready to be judged. A value that no drop-down has any more is compared as written."""
    for known in (dictionaries, None):
        found = parsed_condition(text, tab, tabs, known)
        if isinstance(found, Expression):
            names = found.names
            return Condition(tab, text, found, names, bool(names & USER))
    return Condition(tab, text, None)


def hops(names: frozenset[str], tab: Tab) -> frozenset[tuple[TabKey, ColumnKey]]:
    """The columns of rows, and of those that they name, that a condition reads."""
    found = set()
    for name in names - USER:
        column, point, beyond = name.partition(".")
        own = tab.columns.get(ColumnKey(column))
        found.add((tab.key, ColumnKey(column)))
        if point and own is not None and own.refers_to and own.kind in (Kind.REFERENCE, Kind.PERSON):
            found.add((own.refers_to, ColumnKey(beyond)))
    return frozenset(found)
