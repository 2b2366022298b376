"""What can be read of a config whatever else is wrong with it, so that one start tells all of its mistakes.

Values that cannot be read are left out, and the rest is read again: what is wrong with the meaning of the rest can be
told in the same start. What was left out is remembered, so that nothing is told that only follows from it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeAlias, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from crm_sheets.config_section import Section
from crm_sheets.config_source import Tree, lines_of, meant
from crm_sheets.errors import Line

Place: TypeAlias = tuple[int | str, ...]
"""Where something stands in the file, from the outside in; entries of lists are counted from 0."""

_SettingsT = TypeVar("_SettingsT", bound=Section)
_SectionT = TypeVar("_SectionT", bound=Section)


@dataclass(frozen=True, slots=True)
class Readable(Generic[_SettingsT]):
    """Settings, with defaults in place of what cannot be read.

    Attributes:
        settings: entries of lists that cannot be read are missing.
        lines: one for each thing that cannot be read.
        lost: the places of these, and of the options that unknown ones were meant for.
        numbers: by the place of a list, where the entries that are left stand in it, counted from 0.
    """

    settings: _SettingsT
    lines: tuple[Line, ...]
    lost: frozenset[Place]
    numbers: Mapping[Place, Sequence[int]]

    def numbered(self, entries: Sequence[_SectionT], *place: int | str) -> list[tuple[int, _SectionT]]:
        """The entries of a list that can be read, each with the number that people count it by, from 1."""
        numbers = self.numbers.get(place, range(len(entries)))
        return [(number + 1, entry) for number, entry in zip(numbers, entries, strict=True)]

    def lacks(self, *place: int | str) -> bool:
        """Whether an option, something in it, or what it is in could not be read."""
        return any(each[: len(place)] == place[: len(each)] for each in self.lost)

    def without(self, *place: int | str) -> frozenset[str]:
        """The options of a table that could not be read."""
        length = len(place)
        return frozenset(str(each[length]) for each in self.lost if len(each) > length and each[:length] == place)

    def disagreements(self) -> Iterator[tuple[Place, Line]]:
        """What options of one table say against each other, as far as each of these could be read."""
        yield from self._disagreements(self.settings, ())

    def _disagreements(self, section: Section, place: Place) -> Iterator[tuple[Place, Line]]:
        for options, said in section.disagreements():
            if not any(self.lacks(*place, option) for option in options):
                yield place, said
        for name in type(section).model_fields:
            value = getattr(section, name)
            if isinstance(value, Section):
                yield from self._disagreements(value, (*place, name))
            elif isinstance(value, tuple):
                entries = [each for each in value if isinstance(each, Section)]
                for number, entry in self.numbered(entries, *place, name) if entries else ():
                    yield from self._disagreements(entry, (*place, name, number - 1))


def readable(
    tree: Tree, root: type[_SettingsT], name: str, wrong: Mapping[tuple[str, ...], Line] = MappingProxyType({})
) -> Readable[_SettingsT]:
    """The settings in a tree, as far as they can be read.

    Args:
        tree: as written.
        root: what they are read as.
        name: of the file, for the messages.
        wrong: what is known to be wrong already, by its place.
    """
    lines: tuple[Line, ...] = ()
    lost: set[Place] = set(wrong)
    gone: set[Place] = set(wrong)
    while True:
        numbers: dict[Place, Sequence[int]] = {}
        left = _without(tree, gone, (), numbers)
        try:
            return Readable(root.model_validate(left), (*wrong.values(), *lines), frozenset(lost), numbers)
        except ValidationError as error:
            details = _placed(error, tree, numbers)
            lines = lines or lines_of(details, root, name)  # what is wrong without these, follows from them
            for detail in details:
                place = detail["loc"]
                if detail["type"] == "extra_forbidden":
                    lost.add(meant(place, root))
                elif detail["type"] == "missing":
                    place = place[:-1]
                while place in gone:  # the table cannot do without: it goes as a whole
                    place = place[:-1]
                gone.add(place)
        lost |= gone


def _without(node: object, gone: Collection[Place], place: Place, numbers: dict[Place, Sequence[int]]) -> object:
    if isinstance(node, Mapping):
        kept = {key: value for key, value in node.items() if (*place, key) not in gone}
        return {key: _without(value, gone, (*place, key), numbers) for key, value in kept.items()}
    if isinstance(node, list):
        numbers[place] = [number for number in range(len(node)) if (*place, number) not in gone]
        return [_without(node[number], gone, (*place, number), numbers) for number in numbers[place]]
    return node


def _placed(error: ValidationError, tree: Tree, numbers: Mapping[Place, Sequence[int]]) -> list[ErrorDetails]:
    """What is wrong, with its place in the tree; of a value that is none of several kinds it is told once."""
    found: dict[Place, ErrorDetails] = {}
    for detail in error.errors(include_url=False):
        place = _place(tree, detail["loc"], numbers)
        if detail["type"] == "missing":
            place = (*place, detail["loc"][-1])
        if place not in found or found[place]["type"].startswith("bool_"):  # others say more
            found[place] = {**detail, "loc": place}
    return list(found.values())


def _place(tree: object, path: Sequence[int | str], numbers: Mapping[Place, Sequence[int]]) -> Place:
    """Where in the tree something is that pydantic names, which counts what is left and names kinds of values, too."""
    place: Place = ()
    node = tree
    for part in path:
        if isinstance(node, Mapping) and part in node:
            node, place = node[part], (*place, part)
        elif isinstance(node, list) and isinstance(part, int) and part < len(numbers[place]):
            number = numbers[place][part]
            node, place = node[number], (*place, number)
    return place
