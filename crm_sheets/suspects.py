"""Suspected duplicates, kept up to date: only customers in the blocks that a change touches are compared again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.rules.duplicates import (
    TOGETHER,
    Cells,
    Pair,
    affected,
    around,
    block_keys,
    groups,
    links_and_keys,
    links_round,
    pairs_of,
)
from crm_sheets.rules.duplicates.explaining import Explanation, explain
from crm_sheets.schema.sealed import index_of, is_sealed
from crm_sheets.state import State
from crm_sheets.tables import ColumnKey, RowKey, TabKey

CUSTOMERS = TabKey("customers")
FIELDS = tuple(ColumnKey(name) for name in ("name", "contact", "phone", "email", "address", "credit_code", "id_number"))
WHOLE_BOOK = 0.1
"""Share of changed customers from which on searching the whole book costs less than following each change."""


@dataclass(slots=True)
class Suspects:
    """What was compared in a cycle.

    Attributes:
        links: of the customers in `compared`, faint ones too: they take the place of what was kept.
        pairs: what staff are told about the customers in `told`.
        gone, come: keys of the index that customers have no longer, or have now.
        reindexed: `come` is the whole index.
    """

    links: list[Pair] = field(default_factory=list)
    compared: set[RowKey] = field(default_factory=set)
    pairs: list[Pair] = field(default_factory=list)
    told: set[RowKey] = field(default_factory=set)
    gone: set[tuple[int, RowKey]] = field(default_factory=set)
    come: set[tuple[int, RowKey]] = field(default_factory=set)
    reindexed: bool = False


def find_suspects(draft: Draft, state: State, again: Iterable[RowKey], threshold: float | None = TOGETHER) -> Suspects:
    """Compares the customers whose telling columns changed in this cycle, and those named in `again`.

    Args:
        draft: the records as they are to be.
        state: what is known of earlier cycles.
        again: customers to be compared although nothing in them changed.
        threshold: the likeness from which staff are told; None for a team that wants none of it.
    """
    changed = {key for tab, key in draft.changed() if tab == CUSTOMERS and _telling_change(draft, key)} | set(again)
    if not changed:
        return Suspects()
    if threshold is None:
        found = Suspects(compared=changed, reindexed=True)
    elif len(changed) > WHOLE_BOOK * state.count(CUSTOMERS):
        found = _whole_book(draft, changed)
    else:
        found = _followed(draft, state, changed)
    apart = state.dismissed(CUSTOMERS, found.compared)
    found.links = [link for link in found.links if (link.one, link.other) not in apart]
    _tell(found, state, TOGETHER if threshold is None else threshold)
    return found


def _whole_book(draft: Draft, changed: set[RowKey]) -> Suspects:
    everyone = draft.keys(CUSTOMERS)
    links, keys = links_and_keys(telling_cells(key, draft.values((CUSTOMERS, key)) or {}) for key in everyone)
    come = {(block, RowKey(key)) for key, its in keys.items() for block in its}
    return Suspects(links, changed | set(everyone), come=come, reindexed=True)


def _followed(draft: Draft, state: State, changed: set[RowKey]) -> Suspects:
    """Compares the changed customers, and all whose comparison depends on a block that they made larger or smaller."""
    draft.prefetch(CUSTOMERS, sorted(changed))
    gone = _entries(telling_cells(key, was) for key in changed if (was := _stored(draft, key)) is not None)
    come = _entries(telling_cells(key, now) for key in changed if (now := draft.values((CUSTOMERS, key))) is not None)
    index = BlockIndex(state, gone - come, come - gone)
    concerned = affected((block for block, _ in index.gone), (block for block, _ in index.come), index)
    compared = changed | {RowKey(key) for key in concerned}

    def cells_of(keys: Collection[str]) -> Iterable[Cells]:
        rows = [RowKey(key) for key in keys]
        draft.prefetch(CUSTOMERS, rows)
        values = ((key, draft.values((CUSTOMERS, key))) for key in rows)
        return [telling_cells(key, its) for key, its in values if its is not None]

    return Suspects(links_round(compared, cells_of, index), compared, gone=index.gone, come=index.come)


def explain_pair(state: State, draft: Draft, one: RowKey, other: RowKey) -> Explanation:
    """Why two customers have their score, as the records stand."""
    first, second = (telling_cells(key, draft.values((CUSTOMERS, key)) or {}) for key in (one, other))
    return explain(first, second, BlockIndex(state, set(), set()))


class BlockIndex:
    """rules.duplicates.Blocks: the index that is kept, under the changes of this cycle."""

    def __init__(self, state: State, gone: set[tuple[int, RowKey]], come: set[tuple[int, RowKey]]) -> None:
        self.gone, self.come = gone, come
        self._state = state
        self._gone, self._come = _by_block(gone), _by_block(come)
        self._most_gone = max(map(len, self._gone.values()), default=0)

    def sizes(self, wanted: Collection[int], most: int) -> Mapping[int, int]:
        """See rules.duplicates.Blocks."""
        kept = self._state.block_sizes(wanted, most + self._most_gone)
        nobody: set[RowKey] = set()
        return {
            block: min(
                most,
                kept.get(block, 0) - len(self._gone.get(block, nobody)) + len(self._come.get(block, nobody)),
            )
            for block in wanted
        }

    def members(self, wanted: Collection[int]) -> Mapping[int, Collection[str]]:
        """See rules.duplicates.Blocks."""
        kept = self._state.block_members(wanted)
        nobody: set[RowKey] = set()
        return {
            block: (set(kept.get(block, ())) - self._gone.get(block, nobody)) | self._come.get(block, nobody)
            for block in wanted
        }


def _by_block(entries: Iterable[tuple[int, RowKey]]) -> dict[int, set[RowKey]]:
    found: dict[int, set[RowKey]] = {}
    for block, key in entries:
        found.setdefault(block, set()).add(key)
    return found


def _entries(customers: Iterable[Cells]) -> set[tuple[int, RowKey]]:
    return {(block, RowKey(key)) for key, blocks in block_keys(customers).items() for block in blocks}


def told_pairs(links: Iterable[Pair], threshold: float = TOGETHER) -> list[Pair]:
    """What staff are told of, given all links of a book."""
    known = list(links)
    return pairs_of(groups(known, threshold), known)


def _tell(found: Suspects, state: State, threshold: float) -> None:
    """Adds the pairs round the customers that were compared, and round those that lost a link to one of them."""
    compared = found.compared
    own: dict[str, list[Pair]] = {}
    for link in found.links:
        own.setdefault(link.one, []).append(link)
        own.setdefault(link.other, []).append(link)
    lost = {key for link in state.pairs_of(CUSTOMERS, compared) for key in (link.one, link.other)}

    def links_of(keys: Collection[str]) -> Iterable[Pair]:
        yield from (link for key in keys for link in own.get(key, ()))
        kept = state.pairs_of(CUSTOMERS, [RowKey(key) for key in keys if key not in compared])
        yield from (link for link in kept if not {link.one, link.other} & compared)

    region = around(lost | compared, links_of)
    found.pairs = told_pairs(region, threshold)
    found.told = compared | {RowKey(key) for link in region for key in (link.one, link.other)}
    found.told |= {RowKey(key) for key in lost}


def _stored(draft: Draft, key: RowKey) -> Mapping[ColumnKey, Value] | None:
    row = (CUSTOMERS, key)
    return None if row in draft.provisional else draft.stored(row)


def _telling_change(draft: Draft, key: RowKey) -> bool:
    now, was = draft.values((CUSTOMERS, key)), _stored(draft, key)
    if now is None or was is None:
        return True
    return any(now.get(column) != was.get(column) for column in FIELDS)


def telling_cells(key: str, values: Mapping[ColumnKey, Value]) -> Cells:
    """What customers are compared by, of one; of what is sealed its index."""
    texts = (values.get(column) for column in FIELDS)
    return (key, *(None if text is None else index_of(str(text)) if is_sealed(text) else str(text) for text in texts))
