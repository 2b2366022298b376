"""Which workbooks a change concerns: those that show the row, did so before, or show it otherwise now."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeAlias

from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.involvement import TELLING
from crm_sheets.schema.base import Entry, Kind, Role, Tab
from crm_sheets.schema.entries import pointing_at
from crm_sheets.state import RowId, Values
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey

PEOPLE = TabKey("people")
MOST_STEPS = 3
"""How far what may be seen of a row is followed: a line shows with its order, the order with its customer."""

Holders: TypeAlias = Callable[[Collection[ReplicaKey], TabKey, Iterable[RowKey]], Mapping[ReplicaKey, set[RowKey]]]


def concerned(
    draft: Draft, changed: Sequence[RowId], others: Mapping[ReplicaKey, Eyes], holders: Holders
) -> dict[ReplicaKey, dict[TabKey, frozenset[RowKey]]]:
    """Rows that each of the other replicas has to compare with their records.

    Args:
        draft: the records as they are now, and as they were.
        changed: rows whose records are not what they were.
        others: what those replicas show, by the records as they are now.
        holders: which replicas hold which rows.
    """
    views = {replica: eyes for replica, eyes in others.items() if not eyes.sees_all}
    following = _following(draft, changed, views)
    held = _held({*changed, *(row for rows in following.values() for row in rows)}, views, holders)
    marks: dict[ReplicaKey, dict[TabKey, set[RowKey]]] = {}
    for replica, eyes in others.items():
        rows = {row for row in changed if row[0] in eyes.tabs}
        if replica in views:
            has = held.get(replica, set())
            rows = {row for row in rows if _shows_otherwise(draft, row, eyes, row in has)}
            rows |= {row for row in following[replica] if row in has or _visible(draft, row, eyes)}
        for tab, key in rows:
            marks.setdefault(replica, {}).setdefault(tab, set()).add(key)
    return {replica: {tab: frozenset(keys) for tab, keys in tabs.items()} for replica, tabs in marks.items()}


def _following(
    draft: Draft, changed: Sequence[RowId], views: Mapping[ReplicaKey, Eyes]
) -> dict[ReplicaKey, set[RowId]]:
    """Rows of each view that may show otherwise since a row that they name changed. Of 组织 none: when that changes,
    all rows of every view are compared."""
    known: dict[frozenset[RowId], set[RowId]] = {}
    following = {}
    told_of = telling(draft, changed) if views else set[RowId]()
    for replica, eyes in views.items():
        steering = frozenset(row for row in changed if row[0] != PEOPLE and _steers(draft, row, eyes))
        if steering not in known:
            naming = dependents(draft, steering)
            known[steering] = naming | telling(draft, naming)
        following[replica] = {row for row in known[steering] | told_of if row[0] in eyes.tabs}
    return following


def telling(draft: Draft, changed: Iterable[RowId]) -> set[RowId]:
    """Requests and conflicts that tell of rows: where what may be seen of those is otherwise, what may be told is."""
    if not TELLING.keys() & draft.tabs.keys():
        return set()
    return {row for _, key in changed for row in draft.find(pointing_at(key))} - draft.provisional


def _held(changed: Iterable[RowId], views: Mapping[ReplicaKey, Eyes], holders: Holders) -> dict[ReplicaKey, set[RowId]]:
    by_tab: dict[TabKey, list[RowKey]] = {}
    for tab, key in changed:
        by_tab.setdefault(tab, []).append(key)
    found: dict[ReplicaKey, set[RowId]] = {}
    for tab, keys in by_tab.items() if views else ():
        for replica, rows in holders(views.keys(), tab, keys).items():
            found.setdefault(replica, set()).update((tab, key) for key in rows)
    return found


def _shows_otherwise(draft: Draft, row: RowId, eyes: Eyes, held: bool) -> bool:
    """Whether a replica may show a changed row otherwise than it does."""
    values = draft.values(row)
    if values is None or not _visible(draft, row, eyes):
        return held
    before = draft.stored(row)
    if not held or before is None or eyes.rights(row[0], before) != eyes.rights(row[0], values):
        return True
    return any(before.get(column) != values.get(column) for column in eyes.tabs[row[0]].columns)


def _visible(draft: Draft, row: RowId, eyes: Eyes) -> bool:
    values = draft.values(row)
    return values is not None and eyes.rights(row[0], values).visible


def _steers(draft: Draft, row: RowId, eyes: Eyes) -> bool:
    """Whether a change of a row may show or hide rows that name it."""
    steering = eyes.steering(row[0])
    before, now = draft.stored(row), draft.values(row)
    if not steering or before is None or now is None:
        return bool(steering)
    return any(before.get(column) != now.get(column) for column in steering)


def dependents(draft: Draft, rows: Collection[RowId]) -> set[RowId]:
    """Rows that name those or did so, directly or by way of others: what is seen of them may follow."""
    found: set[RowId] = set()
    front = set(rows)
    for _ in range(MOST_STEPS):
        entries = {each for row in front for each in (*draft.entries(row), *draft.former_entries(row))}
        named = {Entry(each.name, each.value, Role.REFERS) for each in entries if each.role is Role.DEFINES}
        front = {row for each in named for row in draft.find(each)} - found - draft.provisional
        found |= front
    return found


def in_reading_order(
    tab: Tab, rows: Sequence[RowKey], shown: Mapping[RowKey, Values | None], eyes: Eyes
) -> Sequence[RowKey]:
    """Rows in the order in which they are put below those that are there.

    In a view by what its reader sees of them, the first date and the name: any other order would tell of what is not
    shown. In the shared workbook as they came.
    """
    if eyes.sees_all:
        return rows
    dates = [key for key, column in tab.columns.items() if column.kind in (Kind.DATE, Kind.DATETIME)]
    told = [*(each for each in dates[:1]), *([tab.record.name_column] if tab.record.name_column else [])]
    return sorted(rows, key=lambda key: (*(_order(shown.get(key), column) for column in told), key))


def _order(values: Values | None, column: ColumnKey) -> str:
    value = (values or {}).get(column)
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value or "")
