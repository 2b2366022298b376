"""A row that is called otherwise: whoever named it by its former name still means it. Pure.

Other rows name customers, deals, contracts, orders and campaigns as people typed it. If a name that is mended broke
these references, the customer would lose its contacts and orders, and by that its level, its status, even its person;
a deal its contract, an order its lines. A customer keeps its former names as aliases, and what was typed stays; of the
other tabs, which have no column for that, the cells follow the new name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.permissions import Level
from crm_sheets.schema.base import Column, Entry, Kind, Role
from crm_sheets.schema.codecs import CodecContext, canonical
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.fields import MOST_NAMES
from crm_sheets.schema.people import PersonRecord
from crm_sheets.state import RowId, State
from crm_sheets.tables import ColumnKey, ReplicaKey

NAME, MERGED_FROM = ColumnKey("name"), ColumnKey("merged_from")

Others: TypeAlias = Callable[[Draft], Mapping[ReplicaKey, Eyes]]


def keep_former_names(draft: Draft, rows: Iterable[RowId], codec: CodecContext) -> set[RowId]:
    """Notes the former names of those of `rows` that are customers with another name; the rows to look at then.

    To be called before the rules are asked: a status or an owner that they take away would not come back.
    """
    tab = draft.tabs.get(Customer.tab)
    if tab is None or MERGED_FROM not in tab.columns:
        return set()
    dirty: set[RowId] = set()
    for row in sorted(each for each in rows if each[0] == Customer.tab and each not in draft.provisional):
        now, before = draft.values(row) or {}, draft.stored(row) or {}
        name, former = str(now.get(NAME) or ""), str(before.get(NAME) or "")
        if not name or not former or text_key(name) == text_key(former):
            continue
        known = tuple(each for each in _texts(now.get(MERGED_FROM)) if text_key(each) != text_key(name))
        if text_key(former) not in map(text_key, known) and _can_be_kept(draft, row, former, codec):
            known = (*known, former)[-MOST_NAMES:]
        draft.update(row, {MERGED_FROM: known or None})
        dirty |= {row} | draft.neighbours(draft.entries(row))
    return dirty


def _texts(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _can_be_kept(draft: Draft, row: RowId, former: str, codec: CodecContext) -> bool:
    """Whether a former name can be read back from its cell, and is not the name of another customer."""
    borne = {each.key for each in draft.named(Customer.tab, former)} - {row[1]}
    column = draft.tabs[Customer.tab].columns[MERGED_FROM]
    return not borne and canonical((former,), column, codec) == (former,)


# -- cells that follow -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Renamed:
    """A row whose name is another one than at the end of the last cycle; `column` is the one with the name."""

    row: RowId
    column: ColumnKey
    former: str
    name: str


def follow_new_names(
    draft: Draft, state: State, rows: Iterable[RowId], readers: tuple[Eyes, Others], codec: CodecContext
) -> set[RowId]:
    """Points the cells that named one of `rows` by its former name to its new one; the rows to look at then.

    Only cells that meant this row and no other at the end of the last cycle, and that nobody touched since. Where
    another row bears the former name now, they mean that one.
    People are left out: rows of 业绩 are kept by the name of their person, and the pool would take another name in
    负责人 for a hand-over.

    Args:
        draft: the records, with the names as they are now.
        state: the records as they were.
        rows: those that changed.
        readers: what this replica shows, and what the others do. A cell that somebody sees who does not see the name
            stays as it was typed: neither the new name nor that there is such a row may be told by it.
        codec: how names come back from cells.
    """
    found = (_renamed(draft, row) for row in rows if row not in draft.provisional)
    renamed = sorted((each for each in found if each is not None), key=lambda each: each.row)
    if not renamed:
        return set()
    was, (own, others) = Draft(state, draft.tabs), readers
    eyes = [each for each in (own, *others(draft).values()) if not each.sees_all]
    cells = [cell for each in renamed for cell in _following(draft, was, each, eyes, codec)]
    dirty: set[RowId] = set()
    for row, column, text in cells:
        before = draft.entries(row)
        draft.update(row, {column: text})
        dirty |= {row} | draft.neighbours(before | draft.entries(row))
    return dirty


def _renamed(draft: Draft, row: RowId) -> _Renamed | None:
    record = draft.tabs[row[0]].record if row[0] in draft.tabs else None
    column = record.name_column if record is not None and not record.alias_column else None
    if column is None or row[0] == PersonRecord.tab or not draft.is_changed(row):
        return None  # most rows are only neighbours of what changed: they need not be fetched for this
    former, name = (str((values or {}).get(column) or "") for values in (draft.stored(row), draft.values(row)))
    changed = former and name and text_key(former) != text_key(name)
    return _Renamed(row, column, former, name) if changed else None


def _following(
    draft: Draft, was: Draft, renamed: _Renamed, eyes: Iterable[Eyes], codec: CodecContext
) -> Iterator[tuple[RowId, ColumnKey, str]]:
    """The cells that are to follow a row, and what they are to say."""
    (tab, key), former = renamed.row, renamed.former
    if draft.named(tab, former) or [each.key for each in was.named(tab, former)] != [key]:
        return
    naming = sorted(was.find(Entry(tab, text_key(former), Role.REFERS)))
    for of in {of for of, _ in naming}:
        for records in (draft, was):
            records.prefetch(of, [each for where, each in naming if where == of])
    blind = [each for each in eyes if not _shows(each, draft, renamed.row, renamed.column)]
    for row in naming:
        for column in draft.tabs[row[0]].staff_columns(Kind.REFERENCE):
            if column.refers_to != tab or not _stands(draft, was, row, column, former):
                continue
            text = _calling(draft, renamed, column, codec)
            if text and not any(_shows(each, draft, row, column.key) for each in blind):
                yield row, column.key, text


def _stands(draft: Draft, was: Draft, row: RowId, column: Column, former: str) -> bool:
    """Whether a cell says what it said, which is the former name, and can be read."""
    now, then = draft.row(*row), (was.values(row) or {}).get(column.key)
    if now is None or column.key in now.unreadable or not isinstance(then, str):
        return False
    return now.record.__dict__[column.key] == then and text_key(then) == text_key(former)


def _calling(draft: Draft, renamed: _Renamed, column: Column, codec: CodecContext) -> str | None:
    """What means the row and no other: its new name, or else its 编号."""
    tab, key = renamed.row
    for text in (renamed.name, str(key)):
        if [each.key for each in draft.named(tab, text)] == [key] and canonical(text, column, codec) == text:
            return text
    return None


def _shows(eyes: Eyes, draft: Draft, row: RowId, column: ColumnKey) -> bool:
    values = draft.values(row)
    if row[0] not in eyes.tabs or values is None:
        return False
    rights = eyes.rights(row[0], values)
    return rights.visible and rights.level(column) >= Level.READ
