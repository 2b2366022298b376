"""What a config that cannot be read wholly still names: its fields, their dictionaries, the roles of its grants.

Who speaks of these makes no mistake of the own: the name is there, and what is wrong with it is told where it stands.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crm_sheets.config_readable import Readable
from crm_sheets.config_source import Tree


@dataclass(frozen=True, slots=True)
class Fragments:
    """Names of which no more is known than that the team means to have them.

    Attributes:
        columns: keys and labels of fields that are no columns yet.
        dictionaries: keys of those that fields bring with them.
        roles: of all grants.
    """

    columns: frozenset[str] = frozenset()
    dictionaries: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    def with_columns(self, names: frozenset[str]) -> "Fragments":
        """The same with more columns."""
        return replace(self, columns=self.columns | names) if names else self

    def named_in(self, expression: str) -> bool:
        """Whether an expression speaks of one of the columns, so that nothing can be said of it."""
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", expression) for name in self.columns if name)


def fragments(tree: Tree, told: Readable[Any]) -> Fragments:
    """What stands in a tree beside what can be read of it."""
    broken = [entry for number, entry in _tables(tree, "field") if told.lacks("field", number)]
    lists = [entry for entry in broken if "values" in entry]
    named = [_text(entry, "dictionary") or f"{_text(entry, 'tab')}_{_text(entry, 'key')}" for entry in lists]
    columns = {text for entry in broken for text in (_text(entry, "key"), *_labels(entry.get("label")))}
    roles = {role for _, entry in _tables(tree, "grant") for role in _texts(entry.get("role"))}
    return Fragments(frozenset(columns), frozenset(named), frozenset(roles))


def _tables(tree: Tree, name: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    given = tree.get(name)
    for number, entry in enumerate(given if isinstance(given, list) else ()):
        if isinstance(entry, Mapping):
            yield number, entry


def _labels(given: object) -> list[str]:
    return _texts(list(given.values()) if isinstance(given, Mapping) else given)


def _texts(given: object) -> list[str]:
    several = given if isinstance(given, list) else [given]
    return [each for each in several if isinstance(each, str)]


def _text(entry: Mapping[str, object], option: str) -> str:
    return next(iter(_texts(entry.get(option))), "")
