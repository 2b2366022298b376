"""Suspected duplicates, kept up to date: only customers in the blocks that a change touches are compared again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.rules.duplicates import (
    TOGETHER,
    Pair,
    Profile,
    Subject,
    affected,
    around,
    block_keys,
    find_links,
    groups,
    pairs_of,
    partners,
    profile_of,
)
from crm_sheets.schema.base import Entry, Role, Row, Tab, values_of
from crm_sheets.schema.entries import entries_of, telling_columns
from crm_sheets.state import State
from crm_sheets.tables import ColumnKey, RowKey, TabKey

CUSTOMERS = TabKey("customers")
INDEX = "duplicates"
FIELDS = tuple(ColumnKey(name) for name in ("name", "contact", "phone", "email", "address", "credit_code", "id_number"))
WHOLE_BOOK = 0.1
"""Share of changed customers from which on searching the whole book costs less than following each change."""


def entries_with_peers(row: Row) -> frozenset[Entry]:
    """What a row is found by, the block keys of customers among it."""
    entries = entries_of(row)
    if row.tab != CUSTOMERS:
        return entries
    profile = profile_of(_subject(row.key, values_of(row.record)))
    return entries | {Entry(INDEX, key, Role.PEER) for key in block_keys(profile)}


def entry_columns(tab: Tab) -> frozenset[ColumnKey]:
    """The columns that entries_with_peers() looks at."""
    return telling_columns(tab.record) | (frozenset(FIELDS) if tab.key == CUSTOMERS else frozenset())


@dataclass(slots=True)
class Suspects:
    """What was compared in a cycle.

    Attributes:
        links: of the customers in `compared`, faint ones too: they take the place of what was kept.
        pairs: what staff are told about the customers in `told`.
    """

    links: list[Pair] = field(default_factory=list)
    compared: set[RowKey] = field(default_factory=set)
    pairs: list[Pair] = field(default_factory=list)
    told: set[RowKey] = field(default_factory=set)


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
        return _told(state, [], changed, TOGETHER)
    everyone = draft.keys(CUSTOMERS) if len(changed) > 50 else []
    if len(changed) > WHOLE_BOOK * len(everyone) > 0:
        compared = set(everyone) | changed
        links = find_links(_subject(key, draft.values((CUSTOMERS, key)) or {}) for key in everyone)
    else:
        compared = _concerned(draft, state, changed)
        links = _links_of(draft, compared)
    apart = state.dismissed(CUSTOMERS, compared)
    links = [link for link in links if (link.one, link.other) not in apart]
    return _told(state, links, compared, threshold)


def told_pairs(links: Iterable[Pair], threshold: float = TOGETHER) -> list[Pair]:
    """What staff are told of, given all links of a book."""
    known = list(links)
    return pairs_of(groups(known, threshold), known)


def _told(state: State, links: list[Pair], compared: set[RowKey], threshold: float) -> Suspects:
    """The pairs round the customers that were compared, and round those that lost a link to one of them."""
    own: dict[str, list[Pair]] = {}
    for link in links:
        own.setdefault(link.one, []).append(link)
        own.setdefault(link.other, []).append(link)
    lost = {key for link in state.pairs_of(CUSTOMERS, compared) for key in (link.one, link.other)}

    def links_of(key: str) -> list[Pair]:
        if key in compared:
            return own.get(key, [])
        kept = state.pairs_of(CUSTOMERS, [RowKey(key)])
        return own.get(key, []) + [link for link in kept if not {link.one, link.other} & compared]

    region = around(lost | compared, links_of)
    told = compared | {RowKey(key) for link in region for key in (link.one, link.other)}
    return Suspects(links, compared, told_pairs(region, threshold), told | {RowKey(key) for key in lost})


def _telling_change(draft: Draft, key: RowKey) -> bool:
    row_id = (CUSTOMERS, key)
    now, was = draft.values(row_id), None if row_id in draft.provisional else draft.stored(row_id)
    if now is None or was is None:
        return True
    return any(now.get(column) != was.get(column) for column in FIELDS)


def _concerned(draft: Draft, state: State, changed: set[RowKey]) -> set[RowKey]:
    """The changed customers, and all whose comparison depends on a block that the change made larger or smaller."""
    before = state.entries_of(CUSTOMERS, changed)
    gone = [entry.value for key in changed for entry in before.get(key, ()) if entry.role is Role.PEER]
    come = [entry.value for key in changed for entry in draft.entries((CUSTOMERS, key)) if entry.role is Role.PEER]
    return changed | {RowKey(key) for key in affected(gone, come, _Blocks(draft))}


class _Blocks:
    """rules.duplicates.Blocks over the draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    def size(self, key: str) -> int:
        return len(self.draft.find(Entry(INDEX, key, Role.PEER)))

    def members(self, key: str) -> Sequence[str]:
        return [member for _, member in self.draft.find(Entry(INDEX, key, Role.PEER))]


def _links_of(draft: Draft, keys: Iterable[RowKey]) -> list[Pair]:
    blocks, profiles = _Blocks(draft), dict[str, Profile]()

    def profile(key: str) -> Profile:
        if key not in profiles:
            profiles[key] = profile_of(_subject(key, draft.values((CUSTOMERS, RowKey(key))) or {}))
        return profiles[key]

    found: dict[tuple[str, str], Pair] = {}
    for key in sorted(keys):
        if draft.values((CUSTOMERS, key)) is not None:
            found.update({(pair.one, pair.other): pair for pair in partners(profile(key), profile, blocks)})
    return [pair for _, pair in sorted(found.items())]


def _subject(key: str, values: Mapping[ColumnKey, Value]) -> Subject:
    texts = [values.get(column) for column in FIELDS]
    return Subject(key, *(None if text is None else str(text) for text in texts))
