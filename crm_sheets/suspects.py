"""Suspected duplicates, kept up to date: only customers in the blocks that a change touches are compared again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.rules.duplicates import Pair, Subject, find_pairs
from crm_sheets.rules.duplicates.index import partners
from crm_sheets.rules.duplicates.profiles import Profile, block_keys, profile_of
from crm_sheets.rules.duplicates.compare import LIKELY
from crm_sheets.schema.base import Entry, Role, Row
from crm_sheets.schema.entries import entries_of
from crm_sheets.state import State, StoredPair, Values
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
    profile = profile_of(_subject(row.key, row.record.__dict__))
    return entries | {Entry(INDEX, key, Role.PEER) for key in block_keys(profile)}


@dataclass(slots=True)
class Suspects:
    """Pairs of the customers that were compared anew; they take the place of what was known about them."""

    pairs: list[StoredPair] = field(default_factory=list)
    compared: set[RowKey] = field(default_factory=set)


def find_suspects(draft: Draft, state: State, again: Iterable[RowKey]) -> Suspects:
    """Compares the customers whose telling columns changed in this cycle, and those named in `again`."""
    changed = [key for tab, key in draft.changed() if tab == CUSTOMERS and _telling_change(draft, key)]
    wanted = set(changed) | set(again)
    if not wanted:
        return Suspects()
    everyone = draft.keys(CUSTOMERS) if len(wanted) > 50 else None
    if everyone is not None and len(wanted) > WHOLE_BOOK * len(everyone):
        pairs = find_pairs(_subject(key, draft.values((CUSTOMERS, key)) or {}) for key in everyone)
        compared = set(everyone) | wanted
    else:
        compared = _concerned(draft, state, wanted)
        pairs = _pairs_of(draft, compared)
    dismissed = state.dismissed(CUSTOMERS, compared)
    kept = [_stored(pair) for pair in pairs if (pair.one, pair.other) not in dismissed]
    return Suspects(kept, compared)


def _telling_change(draft: Draft, key: RowKey) -> bool:
    row_id = (CUSTOMERS, key)
    now, was = draft.values(row_id), None if row_id in draft.provisional else draft.stored(row_id)
    if now is None or was is None:
        return True
    return any(now.get(column) != was.get(column) for column in FIELDS)


def _concerned(draft: Draft, state: State, changed: Iterable[RowKey]) -> set[RowKey]:
    """The changed customers and whoever shares, or shared, a block with one of them."""
    concerned = set(changed)
    before = state.entries_of(CUSTOMERS, changed)
    for key in changed:
        for entry in draft.entries((CUSTOMERS, key)) | before.get(key, frozenset()):
            if entry.role is Role.PEER:
                concerned.update(other for _, other in draft.find(entry))
    return concerned


class _Blocks:
    """rules.duplicates.index.Blocks over the draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    def size(self, key: str) -> int:
        return len(self.draft.find(Entry(INDEX, key, Role.PEER)))

    def members(self, key: str) -> Sequence[str]:
        return [member for _, member in self.draft.find(Entry(INDEX, key, Role.PEER))]


def _pairs_of(draft: Draft, keys: Iterable[RowKey]) -> list[Pair]:
    blocks, profiles = _Blocks(draft), dict[str, Profile]()

    def profile(key: str) -> Profile:
        if key not in profiles:
            profiles[key] = profile_of(_subject(key, draft.values((CUSTOMERS, RowKey(key))) or {}))
        return profiles[key]

    found: dict[tuple[str, str], Pair] = {}
    for key in sorted(keys):
        if draft.values((CUSTOMERS, key)) is not None:
            found.update({(pair.one, pair.other): pair for pair in partners(profile(key), profile, blocks)})
    return [pair for _, pair in sorted(found.items()) if pair.score >= LIKELY]


def _subject(key: str, values: Values) -> Subject:
    def text(name: str) -> str | None:
        value: Value = values.get(ColumnKey(name))
        return None if value is None else str(value)

    return Subject(key, *(text(name) for name in FIELDS))


def _stored(pair: Pair) -> StoredPair:
    return StoredPair(CUSTOMERS, RowKey(pair.one), RowKey(pair.other), pair.score, pair.keys, pair.certain)
