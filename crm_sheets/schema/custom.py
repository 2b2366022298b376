"""Fields that a team adds to a tab by its config: the tab with more columns, and a record class that knows them."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Annotated, Final, Optional

from pydantic import Field, create_model

from crm_sheets.schema.base import Column, Kind, Record, Tab
from crm_sheets.schema.fields import (
    CreditCode,
    Email,
    IdNumber,
    Links,
    LongText,
    Moment,
    Phone,
    ShortText,
    Tags,
    Word,
)
from crm_sheets.tables import ColumnKey, TabKey

NUMBERS: Final[Mapping[Kind, tuple[int, int]]] = {
    Kind.INTEGER: (-(10**9), 10**9),
    Kind.NUMBER: (-(10**13), 10**13),
    Kind.MONEY: (0, 10**13),
    Kind.PERCENT: (0, 1),
    Kind.RATIO: (-(10**9), 10**9),
}
"""The smallest and the largest number that a field takes when the config says nothing of it; a computed one may be as
far below zero as above."""

TEXTS: Final = frozenset({Kind.TEXT, Kind.LONG_TEXT})
"""Kinds whose form a regular expression may describe."""

SEALED_KINDS: Final = TEXTS | {Kind.PHONE, Kind.EMAIL, Kind.CREDIT_CODE, Kind.ID_NUMBER}
"""Kinds whose values are texts, and may be sealed."""

_TYPES: Mapping[Kind, object] = {
    Kind.TEXT: ShortText,
    Kind.LONG_TEXT: LongText,
    Kind.DATE: dt.date,
    Kind.DATETIME: Moment,
    Kind.BOOLEAN: bool,
    Kind.CHOICE: Word,
    Kind.PERSON: Word,
    Kind.REFERENCE: ShortText,
    Kind.TAGS: Tags,
    Kind.LINKS: Links,
    Kind.PHONE: Phone,
    Kind.EMAIL: Email,
    Kind.CREDIT_CODE: CreditCode,
    Kind.ID_NUMBER: IdNumber,
}

_WIDTHS: Mapping[Kind, int] = {
    Kind.LONG_TEXT: 28,
    Kind.TAGS: 24,
    Kind.LINKS: 28,
    Kind.REFERENCE: 22,
    Kind.EMAIL: 26,
    Kind.DATETIME: 17,
    Kind.PHONE: 18,
    Kind.CREDIT_CODE: 22,
    Kind.ID_NUMBER: 22,
}


@dataclass(frozen=True, slots=True)
class CustomField:
    """A column that a team adds.

    Attributes:
        labels, help: by locale.
        after: the column that it stands behind in a new workbook; None for behind the last one that staff fill in.
        pattern: regular expression that the whole text must match, in the syntax of Rust's regex crate, which takes
            time in proportion to the text, whatever either of them is; "" for any text.
        minimum, maximum: of a number; None for those of its kind.
    """

    tab: TabKey
    column: Column
    labels: Mapping[str, str]
    help: Mapping[str, str] = field(default_factory=dict)
    after: ColumnKey | None = None
    pattern: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def annotation(self) -> object:
        """The type of its values with their limits, as pydantic takes it."""
        kind = self.column.kind
        if kind in NUMBERS:
            least, most = NUMBERS[kind]
            least = -most if self.column.formula else least
            limits = Field(
                ge=least if self.minimum is None else self.minimum, le=most if self.maximum is None else self.maximum
            )
            return Annotated[int if kind is Kind.INTEGER else Decimal, limits]
        if self.pattern:
            return Annotated[str, Field(max_length=1_000, pattern=whole(self.pattern))]
        return _TYPES[kind]


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule of the team: once `when` holds, columns are required or forbidden; with neither, the row is flagged.

    Attributes:
        name: goes into the code of its findings, `custom:<name>`.
        message: by locale; none for the words that the program has.
        severity: `error`, `warning` or `info`.
    """

    name: str
    tab: TabKey
    when: str
    required: tuple[ColumnKey, ...] = ()
    forbidden: tuple[ColumnKey, ...] = ()
    message: Mapping[str, str] = field(default_factory=dict)
    severity: str = "error"


def in_order(needs: Mapping[ColumnKey, Collection[str]]) -> tuple[ColumnKey, ...]:
    """Computed columns, each behind those that it needs; those that wait for each other are left out."""
    ordered: list[ColumnKey] = []
    while ready := [
        key
        for key in needs
        if key not in ordered and not any(other in needs[key] for other in needs.keys() - {*ordered})
    ]:
        ordered += ready
    return tuple(ordered)


def width_of(kind: Kind) -> int:
    """The width of a field's column in a new workbook, in characters."""
    return _WIDTHS.get(kind, 14)


def with_fields(tab: Tab, fields: Sequence[CustomField]) -> Tab:
    """The tab with the team's fields among its columns. Rows of it are still records of the shipped class."""
    if not fields:
        return tab
    fields = [replace(each, column=replace(each.column, own=True)) for each in fields]
    definitions = {str(each.column.key): (_blank_or(each), None) for each in fields}
    shipped = tab.record
    make: Callable[..., type[Record]] = create_model  # what fields there are is known at run time only
    record = make(
        shipped.__name__, __base__=shipped, __module__=shipped.__module__, __doc__=shipped.__doc__, **definitions
    )
    names = {each.column.key: tuple(dict.fromkeys(each.labels.values())) for each in fields}
    return Tab(tab.key, record, _placed(tab.columns, fields), tab.id_prefix, names)


def _blank_or(field: CustomField) -> object:
    return Annotated[Optional[field.annotation], field.column]  # noqa: UP045 - a value


def whole(pattern: str) -> str:
    """A regular expression that the whole text must match, and not only a part of it."""
    return rf"^(?:{pattern})$"


def _placed(columns: Mapping[ColumnKey, Column], fields: Iterable[CustomField]) -> dict[ColumnKey, Column]:
    """All columns in the order of a new workbook."""
    last = [key for key, column in columns.items() if not column.system][-1:] or list(columns)[-1:]
    following: dict[ColumnKey, list[Column]] = {}
    homes = {key: key for key in columns}
    for each in fields:  # a field that follows a field stands with it, behind what that one follows
        home = homes[each.after if each.after in homes else last[0]]
        homes[each.column.key] = home
        behind = following.setdefault(home, [])
        before = next((place for place, column in enumerate(behind, 1) if column.key == each.after), len(behind))
        behind.insert(before, each.column)
    placed: dict[ColumnKey, Column] = {}
    for key, column in columns.items():
        placed[key] = column
        placed.update({own.key: own for own in following.get(key, ())})
    return placed
