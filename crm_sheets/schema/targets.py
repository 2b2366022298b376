"""The targets tab 销售目标: who is to reach what in a month, quarter or year."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Kind, Record
from crm_sheets.schema.fields import (
    CHECK_COLUMN,
    ID_COLUMN,
    WITNESS_COLUMN,
    Figure,
    LongText,
    Ratio,
    RowId,
    Share,
    ShortText,
    SignedFigure,
    Witness,
    Word,
)
from crm_sheets.tables import TabKey


class Target(Record):
    """A target. `scope` is the company, a department, a group or a person; `gap` is what is still missing."""

    tab: ClassVar[TabKey] = TabKey("targets")

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    period: Annotated[Word | None, Column(Kind.PERIOD, required=True, width=12)] = None
    scope: Annotated[ShortText | None, Column(required=True, width=16)] = None
    measure: Annotated[Word | None, Column(Kind.CHOICE, required=True, dictionary="target_measure", width=14)] = None
    value: Annotated[Figure | None, Column(Kind.NUMBER, required=True, width=14)] = None
    actual: Annotated[Figure | None, Column(Kind.NUMBER, system=True, computed=True, width=14)] = None
    attainment: Annotated[Ratio | None, Column(Kind.RATIO, system=True, computed=True, width=10)] = None
    gap: Annotated[SignedFigure | None, Column(Kind.NUMBER, system=True, computed=True, width=14)] = None
    pace: Annotated[Share | None, Column(Kind.RATIO, system=True, computed=True, width=10)] = None
    check: Annotated[LongText | None, CHECK_COLUMN] = None
