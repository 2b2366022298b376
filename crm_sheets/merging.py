"""Two customers that are one: what the one that stays takes over, which references move, and the way back. Pure.

The one that goes becomes a tombstone; its 编号 and name stay behind as aliases of the one that stays, so that whoever
still types them means it. The journal keeps the whole merge, which is all that undoing it needs.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from crm_sheets.approval_flows import Flow
from crm_sheets.cells import same_value, text_key
from crm_sheets.changes import Value
from crm_sheets.commands import UPDATED_AT, Act, Command, Desk
from crm_sheets.draft import Draft
from crm_sheets.journal import cell_text
from crm_sheets.rules.level_policies import is_of_ours
from crm_sheets.rules.merge_decisions import names_back
from crm_sheets.schema.base import Column, Entry, Kind, Role, Tab
from crm_sheets.schema.codecs import CodecContext, canonical
from crm_sheets.schema.storage import decode_values
from crm_sheets.state import JournalEntry, RowId
from crm_sheets.tables import ColumnKey, RowKey, TabKey

CUSTOMERS = TabKey("customers")
LONGEST_CELL = 32_767
"""Excel's specification, in UTF-16 code units: texts that are longer together are not joined."""

MERGE_INTO, MERGED_FROM, LEVEL_BASIS = map(ColumnKey, ("merge_into", "merged_from", "level_basis"))

Edited = Callable[[RowKey], Mapping[ColumnKey, datetime]]
"""When people edited each column of a customer last."""


Permit = Callable[["MergeWish", ColumnKey, Value, Value], Flow | bool]
"""Whether a value of the customer that stays may become another one by a merge: yes, no, or once it is approved."""


class Take(StrEnum):
    """Which of two values stays where both customers have one."""

    NOT_EMPTY = "not_empty"  # that of the customer that stays
    NEWEST = "newest"  # the one that was edited last
    LONGEST = "longest"
    JOIN = "join"  # both: lines of a text, tags without repetition; other kinds as NOT_EMPTY


@dataclass(frozen=True, slots=True)
class MergeRules:
    """How values are chosen.

    Attributes:
        default: for columns that `columns` does not name; None: texts of several lines and tags are joined, all
            others stay as they are in the customer that stays.
    """

    default: Take | None = None
    columns: Mapping[ColumnKey, Take] = field(default_factory=dict)

    def take(self, column: Column) -> Take:
        """What is done with a column."""
        several = column.kind in {Kind.LONG_TEXT, Kind.TAGS, Kind.LINKS}
        return self.columns.get(column.key) or self.default or (Take.JOIN if several else Take.NOT_EMPTY)


@dataclass(frozen=True, slots=True)
class MergeWish:
    """Somebody wants `other` to be merged into `keep`; `typed`: in a workbook, whose rights count then."""

    keep: RowKey
    other: RowKey
    author: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class MergedCell:
    """A column in which the two differed."""

    column: ColumnKey
    kept: Value
    other: Value
    result: Value
    rule: Take


@dataclass(frozen=True, slots=True)
class Asked:
    """A value that the customer that stays may take over only once somebody agrees."""

    column: ColumnKey
    stays: Value
    wanted: Value
    flow: Flow


@dataclass(frozen=True, slots=True)
class MovedReference:
    """A cell that named the customer that goes, as it was typed, and what it says now."""

    tab: TabKey
    row: RowKey
    column: ColumnKey
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge in full.

    Attributes:
        updated: when the customer that stays was changed last before the merge; merged: when the merge changed it.
        asked: what waits for an approval; nothing of it is done by the merge.
        had: the aliases that the customer that stays had before.
    """

    keep: RowKey
    other: RowKey
    cells: tuple[MergedCell, ...]
    aliases: tuple[str, ...]
    moved: tuple[MovedReference, ...]
    updated: Value = None
    merged: Value = None
    asked: tuple[Asked, ...] = ()
    had: tuple[str, ...] = ()

    def commands(self, author: str) -> list[Command]:
        """What carries it out."""
        values: dict[ColumnKey, Value] = {cell.column: cell.result for cell in self.cells}
        values[MERGED_FROM] = self.aliases or None
        return [
            Command(Act.DELETE, CUSTOMERS, self.other, {}, author),
            Command(Act.SET, CUSTOMERS, self.keep, values, author),
            *(Command(Act.SET, each.tab, each.row, {each.column: each.new}, author) for each in self.moved),
        ]


def wanted_merges(draft: Draft, rows: Iterable[RowId], author: str) -> list[MergeWish]:
    """The merges that staff asked for in the column 合并到 of some rows: where it names one other customer."""
    wishes = []
    for row in sorted(row for row in rows if row[0] == CUSTOMERS and row not in draft.provisional):
        going = draft.row(*row)
        text = (draft.values(row) or {}).get(MERGE_INTO)
        named = draft.named(CUSTOMERS, text) if isinstance(text, str) else ()
        if going is None or len(named) != 1 or named[0].key == row[1] or names_back(going, named[0], draft):
            continue  # a rule says so
        if (CUSTOMERS, named[0].key) not in draft.provisional:
            wishes.append(MergeWish(named[0].key, row[1], author, typed=True))
    return wishes


def merge_customers(
    desk: Desk,
    wishes: Iterable[MergeWish],
    rules: MergeRules,
    edited: Edited,
    codec: CodecContext,
    permit: Permit = lambda *_: True,
) -> tuple[list[Merge], set[RowId]]:
    """Carries out merges, one after the other, in the draft and the journal; the rows to look at then."""
    merges: list[Merge] = []
    dirty: set[RowId] = set()
    for wish in wishes:
        two = {wish.keep, wish.other}
        if len(two) < 2 or any(desk.draft.row(CUSTOMERS, key) is None for key in two):
            continue  # merged by an earlier wish
        if unreadable(desk.draft, wish.other):
            continue  # what is typed there would be lost with the row; a rule says so
        merge = replace(plan_merge(desk.draft, wish, rules, edited, codec, permit), merged=desk.now)
        dirty |= desk.obey(merge.commands(wish.author))
        tab = desk.draft.tabs[CUSTOMERS]
        desk.journal.merge(tab, merge.keep, merge.other, encoded(merge, tab), wish.author)
        merges.append(merge)
    return merges, dirty


def unreadable(draft: Draft, customer: RowKey) -> frozenset[ColumnKey]:
    """Columns of a customer whose cells hold what no record has: it cannot be merged into another."""
    row = draft.row(CUSTOMERS, customer)
    return row.unreadable if row else frozenset()


def plan_merge(
    draft: Draft,
    wish: MergeWish,
    rules: MergeRules,
    edited: Edited,
    codec: CodecContext,
    permit: Permit = lambda *_: True,
) -> Merge:
    """What merging two living customers means; `codec` says how values come back from cells."""
    tab = draft.tabs[CUSTOMERS]
    keep, other = (draft.values((CUSTOMERS, key)) or {} for key in (wish.keep, wish.other))
    closed = {MERGE_INTO} | unreadable(draft, wish.keep)
    cells, asked = [], []
    for column in tab.staff_columns():
        kept, given = keep.get(column.key), other.get(column.key)
        if column.key in closed or given is None or same_value(kept, given) or _is_of_ours(column, given):
            continue
        rule = Take.NOT_EMPTY if kept is None else rules.take(column)
        newer = edited(wish.other)[column.key] > edited(wish.keep)[column.key]
        result = given if kept is None else _chosen(kept, given, column, rule, newer=newer)
        permitted = same_value(kept, result) or permit(wish, column.key, kept, result)
        if isinstance(permitted, Flow):
            asked.append(Asked(column.key, kept, result, permitted))
        if permitted is not True:
            result = kept
        cells.append(MergedCell(column.key, kept, given, result, rule))
    aliases, moved = _aliases(draft, wish, codec), _moved(draft, wish)
    had, since = _texts(keep.get(MERGED_FROM)), keep.get(UPDATED_AT)
    return Merge(wish.keep, wish.other, tuple(cells), aliases, moved, since, asked=tuple(asked), had=had)


def _is_of_ours(column: Column, given: Value) -> bool:
    """Whether the program itself wrote what the customer that goes has in a column that people may write in."""
    return column.key == LEVEL_BASIS and is_of_ours(str(given))


def _chosen(kept: Value, given: Value, column: Column, rule: Take, *, newer: bool) -> Value:
    match rule:
        case Take.NEWEST:
            return given if newer else kept
        case Take.LONGEST:
            return given if len(str(given)) > len(str(kept)) else kept
        case Take.JOIN:
            return _joined(kept, given, column)
        case Take.NOT_EMPTY:
            return kept


def _joined(kept: Value, given: Value, column: Column) -> Value:
    if isinstance(kept, tuple) and isinstance(given, tuple):
        known = {text_key(each) for each in kept}
        return (*kept, *(each for each in given if text_key(each) not in known))
    if column.kind is Kind.LONG_TEXT and isinstance(kept, str) and isinstance(given, str):
        both = kept if given in kept else f"{kept}\n{given}"
        return both if len(both.encode("utf-16-le", "surrogatepass")) // 2 <= LONGEST_CELL else kept
    return kept


def _aliases(draft: Draft, wish: MergeWish, codec: CodecContext) -> tuple[str, ...]:
    """What the customer that stays is also called from now on; only what can be read back from its cell."""
    column = draft.tabs[CUSTOMERS].columns.get(MERGED_FROM)
    keep, other = (draft.values((CUSTOMERS, key)) or {} for key in (wish.keep, wish.other))
    if column is None:
        return ()
    names = [wish.other, other.get(ColumnKey("name")), *_texts(other.get(MERGED_FROM))]
    known = [*_texts(keep.get(MERGED_FROM))]
    taken = {text_key(each) for each in (*known, wish.keep, str(keep.get(ColumnKey("name")) or ""))}
    for name in names:
        if isinstance(name, str) and text_key(name) not in taken and canonical((name,), column, codec) == (name,):
            taken.add(text_key(name))
            known.append(name)
    return tuple(known)


def _texts(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _moved(draft: Draft, wish: MergeWish) -> tuple[MovedReference, ...]:
    """Cells that name the customer that goes and no other. What names both will name the one that stays by itself."""
    going = (CUSTOMERS, wish.other)
    name = str((draft.values((CUSTOMERS, wish.keep)) or {}).get(ColumnKey("name")) or "")
    by_name = {row.key for row in draft.named(CUSTOMERS, name)} if name else set[RowKey]()
    new_name = name if by_name <= {wish.keep, wish.other} and name else wish.keep
    own = {entry.value for entry in draft.entries(going) if entry.role is Role.DEFINES and entry.name == CUSTOMERS}
    rows = {row for value in own for row in draft.find(Entry(CUSTOMERS, value, Role.REFERS))}
    moved = []
    for tab_key, key in sorted(rows - draft.provisional):
        values = draft.values((tab_key, key)) or {}
        for column in _naming_customers(draft.tabs[tab_key]):
            text = values.get(column.key)
            if isinstance(text, str) and [row.key for row in draft.named(CUSTOMERS, text)] == [wish.other]:
                new = wish.keep if text_key(text) == text_key(wish.other) else new_name
                moved.append(MovedReference(tab_key, key, column.key, text, new))
    return tuple(moved)


def _naming_customers(tab: Tab) -> Iterable[Column]:
    for column in tab.columns.values():
        if column.kind is Kind.REFERENCE and column.refers_to == CUSTOMERS and column.key != MERGE_INTO:
            yield column


# -- what the journal keeps ------------------------------------------------------------------------------------------


def encoded(merge: Merge, tab: Tab) -> str:
    """The merge as a text; `tab` is that of the customers."""
    cells = [
        [each.column, *(cell_text(tab, each.column, it) for it in (each.kept, each.other, each.result)), each.rule]
        for each in merge.cells
    ]
    moved = [[each.tab, each.row, each.column, each.old, each.new] for each in merge.moved]
    kept = {
        "keep": merge.keep,
        "other": merge.other,
        "cells": cells,
        "aliases": merge.aliases,
        "had": merge.had,
        "moved": moved,
    }
    if UPDATED_AT in tab.columns:
        kept |= {
            name: cell_text(tab, UPDATED_AT, it) for name, it in (("updated", merge.updated), ("merged", merge.merged))
        }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def decoded(text: str, tab: Tab) -> Merge:
    """What encoded() was given."""
    kept = json.loads(text)
    cells = []
    for column, *texts, rule in kept["cells"]:
        mine, theirs, result = (decode_values(tab, each).get(ColumnKey(column)) for each in texts)
        cells.append(MergedCell(ColumnKey(column), mine, theirs, result, Take(rule)))
    moved = tuple(
        MovedReference(TabKey(of), RowKey(row), ColumnKey(column), old, new)
        for of, row, column, old, new in kept["moved"]
    )
    updated, merged = (decode_values(tab, kept.get(name, "{}")).get(UPDATED_AT) for name in ("updated", "merged"))
    aliases, had = tuple(kept["aliases"]), tuple(kept.get("had", ()))
    return Merge(RowKey(kept["keep"]), RowKey(kept["other"]), tuple(cells), aliases, moved, updated, merged, had=had)


# -- the way back ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unmerge:
    """What takes a merge back.

    Attributes:
        cells, moved: what is put back.
        kept: how much of what the merge did was changed since, and stays.
    """

    merge: Merge
    commands: tuple[Command, ...]
    cells: tuple[MergedCell, ...]
    moved: tuple[MovedReference, ...]
    kept: int


def plan_unmerge(draft: Draft, line: JournalEntry, author: str) -> Unmerge:
    """Takes the merge that a journal entry keeps back: the same row again, its references, the values that it gave."""
    merge = decoded(line.new, draft.tabs[CUSTOMERS])
    keep = draft.values((CUSTOMERS, merge.keep)) or {}
    changed = [cell for cell in merge.cells if not same_value(cell.kept, cell.result)]
    cells = tuple(cell for cell in changed if same_value(keep.get(cell.column), cell.result))
    moved = tuple(
        each for each in merge.moved if (draft.values((each.tab, each.row)) or {}).get(each.column) == each.new
    )
    before = draft.tombstone((CUSTOMERS, merge.other)) or {}
    names = (merge.other, str(before.get(ColumnKey("name")) or ""), *_texts(before.get(MERGED_FROM)))
    known = set(map(text_key, (*names, *merge.had)))
    left = (*merge.had, *(each for each in _texts(keep.get(MERGED_FROM)) if text_key(each) not in known))
    values: dict[ColumnKey, Value] = {cell.column: cell.kept for cell in cells}
    if merge.updated is not None and keep.get(UPDATED_AT) == merge.merged:
        values[UPDATED_AT] = merge.updated  # nobody touched it since: it is the row that it was
    commands = [
        Command(Act.CREATE, CUSTOMERS, merge.other, {**before, MERGE_INTO: None}, author),
        Command(Act.SET, CUSTOMERS, merge.keep, {**values, MERGED_FROM: left or None}, author),
        *(Command(Act.SET, each.tab, each.row, {each.column: each.old}, author) for each in moved),
    ]
    kept = len(changed) + len(merge.moved) - len(cells) - len(moved)
    return Unmerge(merge, tuple(commands), cells, moved, kept)
