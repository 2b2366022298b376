"""The people tab 组织: who works in the team, kept by administrators."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from crm_sheets.cells import text_key
from crm_sheets.schema.base import Column, Kind, Record, Row
from crm_sheets.schema.fields import CHECK_COLUMN, WITNESS_COLUMN, Email, Flag, LongText, ShortText, Witness, Word
from crm_sheets.tables import ColumnKey, TabKey

PEOPLE = TabKey("people")


class PersonRecord(Record):
    """A member of the team. `id` is the 工号 that the administrator types, not a row key."""

    tab: ClassVar[TabKey] = PEOPLE
    name_column: ClassVar[ColumnKey | None] = ColumnKey("name")

    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    id: Annotated[Word | None, Column(required=True, width=12)] = None
    name: Annotated[Word | None, Column(required=True, width=12)] = None
    department: Annotated[Word | None, Column(required=True, width=14)] = None
    group: Annotated[Word | None, Column(width=12)] = None
    post: Annotated[Word | None, Column(width=14)] = None
    role: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="role", width=14)] = None
    manager: Annotated[Word | None, Column(Kind.PERSON, refers_to=PEOPLE, width=12)] = None
    email: Annotated[Email | None, Column(Kind.EMAIL, required=True, width=28)] = None
    chat: Annotated[ShortText | None, Column(width=24)] = None
    active: Annotated[Flag | None, Column(Kind.BOOLEAN, width=10)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the team as others look them up; texts are "" where the 组织 tab has none."""

    number: str
    name: str
    department: str
    group: str
    manager: str
    email: str
    role: str
    active: bool


@dataclass(frozen=True, slots=True)
class People:
    """The team, by name or 工号 (compared as text_key)."""

    members: tuple[Person, ...]
    _by_text: Mapping[str, tuple[Person, ...]]

    def named(self, text: str | None) -> tuple[Person, ...]:
        """Who is meant: one person is the rule, none is unknown, several are ambiguous."""
        return self._by_text.get(text_key(text), ()) if text else ()


def people_of(rows: Iterable[Row]) -> People:
    """The team as the rows of the 组织 tab say; a row without a name is nobody."""
    members = tuple(
        _person(row.record) for row in rows if isinstance(row.record, PersonRecord) and row.record.name is not None
    )
    by_text: dict[str, tuple[Person, ...]] = {}
    for person in members:
        for text in dict.fromkeys((text_key(person.name), text_key(person.number))):
            if text:
                by_text[text] = (*by_text.get(text, ()), person)
    return People(members, by_text)


def _person(record: PersonRecord) -> Person:
    return Person(
        number=record.id or "",
        name=record.name or "",
        department=record.department or "",
        group=record.group or "",
        manager=record.manager or "",
        email=record.email or "",
        role=record.role or "",
        active=record.active is not False,
    )
