"""The building blocks of a tab: column metadata, the strict record, and what a record is found by.

A tab is one module with one Record class. Its fields are the columns, in the order in which a new workbook shows
them; `Annotated[..., Column(...)]` says what pydantic cannot. Labels and aliases of headers are in the catalogues:
`column.<tab>.<column>` (or `column.<column>` where tabs share it) and `alias.<tab>.<column>`, separated by `|`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from crm_sheets.changes import Value
from crm_sheets.tables import ColumnKey, RowKey, TabKey


class Kind(StrEnum):
    """What a column holds; the codec and the look of a column follow from it.

    Python types of the canonical value: str unless said otherwise.
    """

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"  # int
    NUMBER = "number"  # Decimal
    MONEY = "money"  # Decimal, currency units, at most 2 decimals
    PERCENT = "percent"  # Decimal, 0.15 for 15 %
    RATIO = "ratio"  # Decimal, a percentage that may exceed 100 % or be negative: only computed columns have it
    PERIOD = "period"  # str: 2026-11, 2026Q4 or 2026
    DATE = "date"  # date
    DATETIME = "datetime"  # datetime, aware, UTC, whole seconds
    BOOLEAN = "boolean"  # bool
    CHOICE = "choice"  # str as typed; whether the dictionary knows it is for a rule to say
    PERSON = "person"  # str as typed: name or 工号
    REFERENCE = "reference"  # str as typed: 编号 or exact name
    TAGS = "tags"  # tuple[str, ...]
    LINKS = "links"  # tuple[str, ...]
    PHONE = "phone"  # str, canonical form
    EMAIL = "email"
    CREDIT_CODE = "credit_code"
    ID_NUMBER = "id_number"
    ID = "id"
    WITNESS = "witness"  # the hidden `_key` column


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is, beside its type.

    Attributes:
        required: staff must fill it (a red asterisk in the header; the `required` rule checks it).
        system: written by us only; staff edits are put back.
        computed: by a rule (implies system).
        dictionary: name of the dictionary that feeds the drop-down, as a key: `customer_status`.
        refers_to: tab whose rows a reference or person column names.
        sealed: holds personal numbers, kept encrypted (schema.sealed); never shown in mails or logs.
        hidden: the column is hidden in a new workbook.
        width: of the column in a new workbook, in characters.
        unique: no two rows of the tab may hold the same value.
        own: the team's config adds it.
        switched: there only while an option of the config wants it; a workbook in use gets it then.
        formula: the expression that gives the values of the team's own computed field; "" for any other column.
        default: what a new row gets where staff left the cell blank; None for nothing.
        example: a text of the form that every value must have; "" where any will do.
        inward: no rule of another row reads it, so that a change of it alone makes no other row worth a look: the
            counts of a campaign, which has thousands of members.
        derives: the columns, of this row or of others, that its value is made from: of what the program writes, and of
            what rules fill in for staff. See schema/derivations.py.
        quotes: a rule that fills it in tells what it read, in figures and words: whoever may not read that does not see
            the column, although people may fill it in.
        asks: tab of all whose rows a text in the column asks at once: who types it must be able to read what it asks
            for, or its answer would tell.
        folds: a row goes into the one that it names there, which takes over what it holds: who types it must be able to
            do as much in that one.
        needs: tab without which the column means nothing; a team that leaves that tab out has no such column.
    """

    kind: Kind = Kind.TEXT
    required: bool = False
    system: bool = False
    computed: bool = False
    dictionary: str | None = None
    refers_to: TabKey | None = None
    sealed: bool = False
    hidden: bool = False
    width: int = 14
    unique: bool = False
    own: bool = False
    switched: bool = False
    default: Value = None
    formula: str = ""
    example: str = ""
    inward: bool = False
    needs: TabKey | None = None
    derives: tuple[tuple[TabKey, ColumnKey], ...] = ()
    quotes: bool = False
    asks: TabKey | None = None
    folds: bool = False
    key: ColumnKey = ColumnKey("")


class Record(BaseModel):
    """One row of a tab: strict and frozen. Every column may be None: a row that lacks something is still a row."""

    # A cycle in which nothing changed builds no record, and need not pay for the validators either.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True)

    tab: ClassVar[TabKey]
    name_column: ClassVar[ColumnKey | None] = None
    """The column by which other tabs may name a row, beside its id."""
    alias_column: ClassVar[ColumnKey | None] = None
    """The column with further names of a row (a tuple of texts), which count where no row bears them as its own."""
    passed_on: ClassVar[bool] = True
    """Whether its rows become somebody else's when a person hands their work over."""
    made_by_us: ClassVar[bool] = False
    """Only the program makes and removes the rows, though people may answer in some columns."""


_UNASKED: set[str] = set()
"""Which fields of a record were set: nobody asks, and a set for each record takes as much memory as what it holds."""


def unchecked(record: type[Record], values: Mapping[ColumnKey, Value]) -> Record:
    """A record of values that were checked before. As `model_construct`, which takes several times as long: every
    column of every record may be None, and there are no aliases, extra fields or private attributes to see to."""
    made = record.__new__(record)
    object.__setattr__(made, "__dict__", {**_blank(record), **values})
    object.__setattr__(made, "__pydantic_fields_set__", _UNASKED)
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


@cache
def _blank(record: type[Record]) -> dict[ColumnKey, Value]:
    return {ColumnKey(name): None for name in record.model_fields}


def columns_of(record: type[Record]) -> dict[ColumnKey, Column]:
    """The columns of a record class in their order, each with its key filled in."""
    columns = {}
    for name, info in record.model_fields.items():
        marks = [mark for mark in info.metadata if isinstance(mark, Column)]
        if len(marks) != 1:
            raise TypeError(f"{record.__name__}.{name}: annotate it with exactly one Column(...)")
        columns[ColumnKey(name)] = replace(marks[0], key=ColumnKey(name))
    return columns


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the book."""

    key: TabKey
    record: type[Record]
    columns: Mapping[ColumnKey, Column]
    id_prefix: str
    """Letter(s) before the dash of a row key, `C` in `C-7K3Q9`."""
    names: Mapping[ColumnKey, tuple[str, ...]] = field(default_factory=dict)
    """What the team calls the columns that it added, in all languages; the catalogues have the names of the others."""
    sealed_columns: tuple[Column, ...] = field(init=False, repr=False, compare=False)
    """Those whose texts are kept encrypted."""
    _staff: Mapping[Kind | None, tuple[Column, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        staff: dict[Kind | None, tuple[Column, ...]] = {}
        for column in self.columns.values():
            for kind in (None, column.kind) if not column.system else ():
                staff[kind] = (*staff.get(kind, ()), column)
        object.__setattr__(self, "_staff", staff)
        object.__setattr__(self, "sealed_columns", tuple(each for each in self.columns.values() if each.sealed))

    @property
    def ours(self) -> bool:
        """Whether only the program makes the rows of the tab: those that people type there are held, edits are put back
        but for those of fields that the team added."""
        return self.record.made_by_us or all(column.system or column.own for column in self.columns.values())

    def without(self, left_out: frozenset[ColumnKey]) -> "Tab":
        """The tab with fewer columns; its records have them still, always blank."""
        kept = {key: column for key, column in self.columns.items() if key not in left_out}
        return replace(self, columns=kept) if left_out else self

    def staff_columns(self, kind: Kind | None = None) -> tuple[Column, ...]:
        """The columns that staff fill in, with values of a kind, in their order."""
        return self._staff.get(kind, ())

    @property
    def id_column(self) -> ColumnKey | None:
        """The column that shows the row key; None where people give the numbers (组织) or none is shown (字典)."""
        for column in self.columns.values():
            if column.kind is Kind.ID and column.system:
                return column.key
        return None


def tab_of(record: type[Record], id_prefix: str) -> Tab:
    """The tab that a record class describes."""
    return Tab(record.tab, record, columns_of(record), id_prefix)


@dataclass(frozen=True, slots=True)
class Row:
    """A record with its key: what rules look at.

    Attributes:
        record: the last valid values.
        unreadable: columns whose cell holds something that could not be read as the column's kind; the record has
            the last valid value there (or None), and a finding already says so.
        previous: the record at the end of the last cycle; None for a row that is new in this one.
    """

    key: RowKey
    record: Record
    unreadable: frozenset[ColumnKey] = frozenset()
    previous: Record | None = None

    @property
    def tab(self) -> TabKey:
        """The tab that the row is in."""
        return self.record.tab


class Role(StrEnum):
    """How a row takes part in an entry of the index."""

    DEFINES = "defines"  # this row is what the entry names
    REFERS = "refers"  # this row names another one
    COUNTS = "counts"  # this row is one of those that are added up under the entry
    GATHERS = "gathers"  # this row adds up those that count; what becomes of it concerns none of them

    __hash__ = str.__hash__  # Enum's is written in Python, and roles are hashed with every entry


class Entry(NamedTuple):
    """Something that a row can be found by; `value` is a text_key. A tuple, for there are millions of look-ups.

    A customer defines ("customers", "c-7k3q9") and ("customers", "华为"); a follow-up refers to one of them. When a row
    changes, the rows at the other end of its entries, old and new, are looked at again, and nothing else is.
    """

    name: str
    value: str
    role: Role


def values_of(record: Record) -> dict[ColumnKey, Value]:
    """The values of a record by column, in the order of the columns."""
    return {ColumnKey(name): value for name, value in record.__dict__.items()}
