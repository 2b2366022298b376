"""Bases of tabs, kept from cycle to cycle: a process that runs one after another reads again only the rows that moved.

The database counts the changes of each base (tables.base_versions). A kept base whose count is not the database's was
changed by another process, and is read anew.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from crm_sheets.known import KnownRow, KnownRows
from crm_sheets.tables import ReplicaKey, RowKey, TabKey

MOST_ROWS = 400_000
"""Rows that are kept altogether, of some 400 bytes each; tabs that were asked about longest ago go first."""

Place: TypeAlias = tuple[ReplicaKey, TabKey]


class Moved(NamedTuple):
    """A change of a base.

    Attributes:
        before, after: the database's count of changes.
        keys: rows of which the base has another, or none, from some generation on.
        witnesses: their hidden keys.
        grown: by how many rows the base is larger.
    """

    before: int
    after: int
    keys: frozenset[RowKey]
    witnesses: frozenset[str] = frozenset()
    grown: int = 0


class Asked(NamedTuple):
    """Which base is asked for: the count of its changes, and whether a later generation than this was reserved."""

    generation: int
    version: int
    newest: bool


@dataclass(slots=True)
class _Kept:
    """`moved` are the keys that changed since the generation was first asked for, whatever they changed to."""

    rows: KnownRows
    asked: Asked
    moved: set[RowKey] = field(default_factory=set)


class BaseMemory:
    """What was asked for last of each base, brought up to date."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Place, _Kept] = OrderedDict()

    def rows(
        self, place: Place, asked: Asked, read: Callable[[Iterable[RowKey] | None], Iterable[KnownRow]]
    ) -> KnownRows:
        """The base that is asked for. `read` gives its rows under some keys, or all of them."""
        kept = self._kept.pop(place, None)
        if kept is not None and _leads_to(kept.asked, asked):
            kept.rows.move(kept.moved, {row.key: row for row in read(kept.moved)} if kept.moved else {})
            moved = kept.moved if kept.asked.generation == asked.generation else set()
            kept = _Kept(kept.rows, asked, moved)
        else:
            kept = _Kept(KnownRows(read(None)), asked)
        self._kept[place] = kept
        self._make_room()
        return kept.rows

    def moved(self, place: Place, changes: Iterable[Moved]) -> None:
        """A transaction that changed a base was committed."""
        for change in changes:
            kept = self._kept.get(place)
            if kept is None:
                return
            if kept.asked.version != change.before:
                del self._kept[place]
                return
            kept.asked = kept.asked._replace(version=change.after)
            kept.moved |= change.keys

    def _make_room(self) -> None:
        total = sum(len(kept.rows) for kept in self._kept.values())
        while total > MOST_ROWS and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            total -= len(gone.rows)


def _leads_to(before: Asked, now: Asked) -> bool:
    """Whether what moved since is all in which the two differ: of an older generation that is asked for, or of one that
    another followed already, more is unknown."""
    same = before.generation == now.generation
    return before.version == now.version and (same or (before.newest and before.generation < now.generation))
