"""Who works in the team, and who belongs to whom: 组织 as permissions, approvals and views ask it."""

from collections.abc import Iterable
from dataclasses import dataclass

from crm_sheets.cells import text_key
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.people import PersonRecord


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the team.

    Attributes:
        id: 工号; "" for somebody who has none yet.
        role: its code (`sales`) where the dictionary gives one, else as typed.
        manager: as typed: 工号 or name.
    """

    id: str
    name: str
    role: str
    department: str = ""
    group: str = ""
    manager: str = ""
    email: str = ""
    active: bool = True

    @property
    def unit(self) -> tuple[str, str]:
        """Department and group, as text_key: groups of two departments may have the same name."""
        return text_key(self.department), text_key(self.group)


class Organisation:
    """The people of the team, found by 工号 or name. A text that names two of them names nobody."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = tuple(people)
        bearers: dict[str, list[Person]] = {}
        for person in self.people:
            for name in {text_key(person.id), text_key(person.name)} - {""}:
                bearers.setdefault(name, []).append(person)
        self._named = {name: found[0] for name, found in bearers.items() if len(found) == 1}
        self._names: dict[Person, frozenset[str]] = {}
        for name, person in self._named.items():
            self._names[person] = self._names.get(person, frozenset()) | {name}

    def find(self, text: str | None) -> Person | None:
        """Whom a 工号 or a name stands for; None for nobody, somebody unknown, and for two."""
        return self._named.get(text_key(text)) if text else None

    def names(self, people: Iterable[Person]) -> frozenset[str]:
        """Everything that stands for one of these people and for nobody else, as text_key."""
        return frozenset[str]().union(*(self._names.get(person, frozenset()) for person in people))

    def department(self, name: str) -> tuple[Person, ...]:
        """Who belongs to a department, those who left too; nobody to a blank one."""
        key = text_key(name)
        return tuple(each for each in self.people if key and each.unit[0] == key)

    def group(self, department: str, name: str) -> tuple[Person, ...]:
        """Who belongs to a group of a department; nobody to a blank one."""
        unit = text_key(department), text_key(name)
        return tuple(each for each in self.people if unit[1] and each.unit == unit)

    def manager_of(self, person: Person) -> Person | None:
        """The direct superior."""
        found = self.find(person.manager)
        return None if found == person else found

    def reports(self, person: Person) -> tuple[Person, ...]:
        """Who has the person as manager, directly or through others; never the person, whatever the circle."""
        below: dict[Person, list[Person]] = {}
        for each in self.people:
            manager = self.manager_of(each)
            if manager is not None:
                below.setdefault(manager, []).append(each)
        found: dict[Person, None] = {}
        waiting = [person]
        while waiting:
            for each in below.get(waiting.pop(), ()):
                if each != person and each not in found:
                    found[each] = None
                    waiting.append(each)
        return tuple(found)


def role_code(role: str) -> str:
    """The code of a role that the config names by the label that it is shipped with, 销售专员; else the name itself."""
    return Dictionaries({}).code("role", role) or role


def organisation_of(rows: Iterable[Row], dictionaries: Dictionaries) -> Organisation:
    """The people that the rows of 组织 tell; rows with neither 工号 nor name are nobody yet."""
    records = [row.record for row in rows if isinstance(row.record, PersonRecord)]
    return Organisation(_person(record, dictionaries) for record in records if record.id or record.name)


def _person(record: PersonRecord, dictionaries: Dictionaries) -> Person:
    role = record.role or ""
    return Person(
        id=record.id or "",
        name=record.name or "",
        role=dictionaries.code("role", role) or role,
        department=record.department or "",
        group=record.group or "",
        manager=record.manager or "",
        email=record.email or "",
        active=record.active is not False,
    )
