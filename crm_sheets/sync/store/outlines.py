"""What is remembered of sheets (crm_sheets.outline). It holds for one state of the base, which the database counts:
whoever writes the base says here in the same transaction what of it still holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from struct import Struct
from zlib import crc32

from sqlalchemy import Connection, and_, delete, insert, select, update

from crm_sheets.outline import Outline
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.base_memory import Moved
from crm_sheets.sync.store.replica_queries import base_version
from crm_sheets.tables import ReplicaKey, TabKey

MOST_MOVED = 2_000
"""Of so many rows at once nothing is looked up: the sheet is read as a whole the next time."""

FORMAT = 1
"""Another one when what is packed, or what the marks of blocks are made of, is not what it was."""

_LENGTHS = Struct(">HI")
"""Of the mark of a block and of its hidden keys, which follow."""


@dataclass(frozen=True, slots=True)
class Outlined:
    """What is remembered of the sheets of a replica, and how often the base of each tab has changed."""

    outlines: Mapping[TabKey, Outline]
    versions: Mapping[TabKey, int]


def outlines_in(connection: Connection, replica: ReplicaKey) -> Outlined:
    """What is remembered and still holds."""
    t, v = tables.outlines, tables.base_versions
    counts = connection.execute(select(v.c.tab, v.c.version).where(v.c.replica == replica))
    versions = {TabKey(tab): version for tab, version in counts}
    query = select(t).where(t.c.replica == replica)
    same = and_(v.c.replica == t.c.replica, v.c.tab == t.c.tab, v.c.version == t.c.version)
    found = connection.execute(query.where(select(v.c.tab).where(same).exists()))
    outlines = {
        TabKey(row.tab): Outline(
            row.sheet, row.layout, bytes(row.meaning), row.generation, row.size, dict(_unpacked(bytes(row.blocks)))
        )
        for row in found
    }
    return Outlined(outlines, versions)


def put_outline(connection: Connection, replica: ReplicaKey, tab: TabKey, outline: Outline, version: int) -> None:
    """Remembers a sheet, if the base of its tab is still the one of `version`."""
    if base_version(connection, replica, tab) != version:
        return
    t = tables.outlines
    connection.execute(delete(t).where(t.c.replica == replica, t.c.tab == tab))
    connection.execute(
        insert(t).values(
            replica=replica,
            tab=tab,
            version=version,
            generation=outline.generation,
            size=outline.size,
            sheet=outline.sheet,
            layout=outline.layout,
            meaning=outline.meaning,
            blocks=_packed(outline.blocks),
        )
    )


def base_moved(connection: Connection, replica: ReplicaKey, tab: TabKey, moves: Iterable[Moved]) -> None:
    """Forgets the blocks in which a row stands whose base is another now."""
    t = tables.outlines
    here = and_(t.c.replica == replica, t.c.tab == tab)
    row = connection.execute(select(t.c.version, t.c.size, t.c.blocks).where(here)).first()
    if row is None:
        return
    version, size, blocks = row.version, row.size, dict(_unpacked(bytes(row.blocks)))
    for move in moves:
        if version != move.before or len(move.witnesses) > MOST_MOVED:
            connection.execute(delete(t).where(here))
            return
        gone = [witness.encode() for witness in move.witnesses]
        blocks = {mark: keys for mark, keys in blocks.items() if not any(each in keys for each in gone)}
        version, size = move.after, size + move.grown
    connection.execute(update(t).where(here).values(version=version, size=size, blocks=_packed(blocks)))


def _packed(blocks: Mapping[bytes, bytes]) -> bytes:
    text = b"".join(part for mark, keys in blocks.items() for part in (_LENGTHS.pack(len(mark), len(keys)), mark, keys))
    return _check(text) + text


def _unpacked(blocks: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What was packed; nothing where it was by another program, or is not whole."""
    at = len(blocks) if blocks[:4] != _check(blocks[4:]) else 4
    while at < len(blocks):
        marked, keyed = _LENGTHS.unpack_from(blocks, at)
        begun = at + _LENGTHS.size
        at = begun + marked + keyed
        yield blocks[begun : begun + marked], blocks[begun + marked : at]


def _check(text: bytes) -> bytes:
    return crc32(text, FORMAT).to_bytes(4, "big")
