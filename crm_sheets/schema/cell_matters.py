"""What the rows have in common that we make about one cell of another row: a request, a conflict."""

from typing import Annotated, ClassVar

from crm_sheets.schema.base import Column, Record
from crm_sheets.schema.fields import ID_COLUMN, WITNESS_COLUMN, RowId, ShortText, Witness


class CellMatter(Record):
    """`in_tab`, `row`, `subject` and `field` say which cell it is about, `state` what became of it."""

    made_by_us: ClassVar[bool] = True

    id: Annotated[RowId | None, ID_COLUMN] = None
    key_: Annotated[Witness | None, WITNESS_COLUMN] = None
    state: Annotated[ShortText | None, Column(system=True, width=10)] = None
    in_tab: Annotated[ShortText | None, Column(system=True, width=10)] = None
    row: Annotated[RowId | None, Column(system=True, width=12)] = None
    subject: Annotated[ShortText | None, Column(system=True, width=26)] = None
    field: Annotated[ShortText | None, Column(system=True, width=12)] = None
