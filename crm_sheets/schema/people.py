"""The people tab 组织: who works in the team, kept by administrators."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
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
    calendar: Annotated[Flag | None, Column(Kind.BOOLEAN, width=10)] = None
    active: Annotated[Flag | None, Column(Kind.BOOLEAN, width=10)] = None
    work_hours: Annotated[ShortText | None, Column(width=22)] = None
    quiet_hours: Annotated[ShortText | None, Column(width=18)] = None
    time_zone: Annotated[Word | None, Column(width=18)] = None
    remind_by: Annotated[Word | None, Column(Kind.CHOICE, dictionary="remind_by", width=12)] = None
    remind_off: Annotated[ShortText | None, Column(width=20)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
