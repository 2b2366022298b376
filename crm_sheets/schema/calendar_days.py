"""The calendar tab 工作日历: days on which the team works otherwise than the public calendar says."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import CHECK_COLUMN, WITNESS_COLUMN, Day, LongText, ShortText, Witness, Word
from crm_sheets.tables import TabKey


class CalendarDay(Record):
    """One day that is worked or free whatever else is known of it; kept by administrators."""

    tab: ClassVar[TabKey] = TabKey("calendar")

    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    date: Annotated[Day | None, Column(Kind.DATE, required=True, width=12)] = None
    kind: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="day_kind", width=12)] = None
    name: Annotated[ShortText | None, Column(width=28)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
