"""Who may do what: [[grant]] and [[deny]]."""

import difflib
from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from crm_sheets.config_section import Section
from crm_sheets.organisation import role_code
from crm_sheets.permissions import Change, Declassified, Deny, Extent, Grant, Level, Rows, Scope, Where
from crm_sheets.tables import ColumnKey, TabKey

LevelName: TypeAlias = Literal["hidden", "read", "propose", "edit"]

_DELETING: Final[Mapping[bool | str, Level]] = {
    False: Level.HIDDEN,
    "none": Level.HIDDEN,
    "propose": Level.PROPOSE,
    "allow": Level.EDIT,
    True: Level.EDIT,
}
_MAKING: Final[Mapping[bool | str, Extent]] = {
    False: Extent.NONE,
    "none": Extent.NONE,
    "own": Extent.OWN,
    "all": Extent.ALL,
    True: Extent.ALL,
}

_CHANGES: Final[Mapping[str, str]] = {"from": "before", "to": "after", "to_propose": "proposed"}


def _listed(given: object) -> object:
    return (given,) if isinstance(given, str) else given


def _rows(given: object) -> Rows:
    """`"own"`, `{ where = "..." }`, or a list of them.

    Raises:
        ValueError: something else.
    """
    parts = given if isinstance(given, list | tuple) else [given]
    return tuple(_part(part) for part in parts)


def _part(given: object) -> Scope | Where:
    known = ", ".join(Scope)
    match given:
        case str() if given in list(Scope):
            return Scope(given)
        case str():
            near = difflib.get_close_matches(given, list(Scope), n=1, cutoff=0.6)
            if near:
                raise PydanticCustomError("rows_meant", "no such rows; did you mean {near}?", {"near": near[0]})
            raise PydanticCustomError("rows_unknown", "no such rows; there are {known}", {"known": known})
        case {"where": str(text), **others} if text.strip() and not others:
            return Where(text)
    raise PydanticCustomError("rows_scope", 'write one of {known}, or { where = "a condition" }', {"known": known})


Names: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]
"""One name, or several of them."""

RowsSetting: TypeAlias = Annotated[tuple[Scope | Where, ...], BeforeValidator(_rows), Field(min_length=1)]


def _change(given: object) -> Change:
    """`{ from = [], to = [], to_propose = [] }`: which values of a column may become which.

    Raises:
        ValueError: something else.
    """
    if isinstance(given, Change):
        return given
    if not isinstance(given, Mapping) or not given or given.keys() - _CHANGES.keys():
        ways = {"ways": f"{{ {', '.join(f'{key} = []' for key in _CHANGES)} }}"}
        raise PydanticCustomError("change_ways", "write which values may become which: {ways}", ways)
    values = {name: given.get(key, []) for key, name in _CHANGES.items()}
    if not all(isinstance(each, list) and all(isinstance(text, str) for text in each) for each in values.values()):
        raise PydanticCustomError("change_lists", 'write values in a list: ["won"], and "" for a blank cell')
    return Change(**{name: tuple(each) for name, each in values.items()})


ChangeSetting: TypeAlias = Annotated[Change, BeforeValidator(_change)]


class GrantSettings(Section):
    """[[grant]]: what roles may do with the columns of some rows of tabs."""

    role: Names
    tab: Names
    rows: RowsSetting = (Scope.ALL,)
    columns: Mapping[str, LevelName]
    create: bool | Literal["own", "all", "none"] = False
    delete: bool | Literal["allow", "propose", "none"] = False
    change: Mapping[str, ChangeSetting] = Field(default_factory=dict)
    approve_by: str = ""
    may_leave_scope: bool = False
    may_take_over: bool = False
    memo: str = ""
    reveal: tuple[str, ...] = ()

    def grants(self) -> tuple[Grant, ...]:
        """The same as the core takes it, one for each role and tab."""
        return tuple(
            Grant(
                role=role_code(role),
                tab=tab,
                columns={column: Level[name.upper()] for column, name in self.columns.items()},
                create=_MAKING[self.create],
                delete=_DELETING[self.delete],
                rows=self.rows,
                change=self.change,
                approve_by=self.approve_by,
                may_leave_scope=self.may_leave_scope,
                may_take_over=self.may_take_over,
                memo=self.memo,
                reveal=self.reveal,
            )
            for role in self.role
            for tab in self.tab
        )


class DenySettings(Section):
    """[[deny]]: a cap over every grant that matches it. Its `reason` may also be called `memo`."""

    role: Names
    tab: Names
    columns: tuple[str, ...] = ("*",)
    cap: LevelName = "read"
    when: Annotated[str, Field(max_length=1_000)] = ""
    reason: str = Field(default="", validation_alias=AliasChoices("reason", "memo"))

    def denies(self) -> tuple[Deny, ...]:
        """The same as the core takes it, one for each role and tab."""
        return tuple(
            Deny(
                role_code(role),
                tab,
                self.columns,
                Level[self.cap.upper()],
                self.reason,
                when=self.when,
            )
            for role in self.role
            for tab in self.tab
        )


class DeclassifySettings(Section):
    """[[declassify]]: a computed column that may be shown although not everything that it is made from may be."""

    tab: str
    column: str
    reason: Annotated[str, Field(min_length=1)]

    def declassified(self) -> Declassified:
        """The same as the core takes it."""
        return Declassified(TabKey(self.tab), ColumnKey(self.column), self.reason)
