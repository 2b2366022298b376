"""The dictionaries tab 字典: the values that drop-downs offer, kept by administrators."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import CHECK_COLUMN, WITNESS_COLUMN, Flag, LongText, Order, ShortText, Witness, Word
from crm_sheets.tables import TabKey


class DictionaryRecord(Record):
    """One value of one dictionary. `attributes` is written `code=won; probability=100%`."""

    tab: ClassVar[TabKey] = TabKey("dictionaries")

    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    dictionary: Annotated[Word | None, Column(required=True, width=18)] = None
    value: Annotated[Word | None, Column(required=True, width=20)] = None
    order: Annotated[Order | None, Column(Kind.INTEGER, width=8)] = None
    attributes: Annotated[ShortText | None, Column(width=40)] = None
    active: Annotated[Flag | None, Column(Kind.BOOLEAN, width=10)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
