"""Where the texts of sealed columns are kept: encrypted, in the state store, each bound to its place in the book.

A text is known by its index, HMAC-SHA256 under a random key that stands in the store itself, encrypted under the team's
key: so the team's key can be changed without any record changing.
"""

import base64
import hmac
import json
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from sqlalchemy import Connection, insert, select, tuple_, update

from crm_sheets.changes import Value
from crm_sheets.errors import ConfigError, ServiceError, UsageError
from crm_sheets.schema.sealed import index_of, is_sealed
from crm_sheets.state import Commit, EntryKind, JournalEntry
from crm_sheets.sync.store import tables
from crm_sheets.sync.store.ciphers import ID_CHARACTERS, KEY_BYTES, KeyRing
from crm_sheets.sync.store.queries import chunks
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, RowKey, TabKey

INDEX_BYTES = 16
INDEX = "index"
AT_ONCE = 1_000
"""Texts that one transaction encrypts anew."""

MAGIC = b"crm-sheets sealed file 1\n"
"""Beginning of a file that conceal() made; the id of its key follows, then nonce and ciphertext."""

Kept: TypeAlias = tuple[TabKey, RowKey, ColumnKey, str]
"""A text in its place: tab, row, column and the index of the text."""


class Vault:
    """Implements schema.sealed.Sealer and store.sql.Keeper over a state store."""

    def __init__(self, state: SqlState, ring: KeyRing) -> None:
        """Makes the key of the index when there is none yet.

        Raises:
            ConfigError: the store was sealed under another key than those that are given.
        """
        self._state, self._ring = state, ring
        self._workbook = state.secret("workbook").hex()
        self._fresh: dict[tuple[TabKey, ColumnKey, str], str] = {}
        self._index_key: bytes | None = None
        self._cipher, self._ciphers = ring.current("data"), ring.by_id("data")
        with state.transaction() as connection:
            self._require_index_key(connection)

    # -- schema.sealed.Sealer --------------------------------------------------------------------------------------

    def index(self, tab: TabKey, column: ColumnKey, text: str) -> str:
        """See Sealer."""
        index = self.keyed("\0".join((tab, column, text)))
        self._fresh[tab, column, index] = text
        return index

    def keyed(self, digest: str) -> str:
        """See Sealer."""
        found = hmac.digest(self._key_of_the_index(), digest.encode("utf-8", "surrogatepass"), "sha256")
        return base64.b32encode(found[:INDEX_BYTES]).decode("ascii").rstrip("=")

    # -- store.sql.Keeper ------------------------------------------------------------------------------------------

    def keep(self, connection: Connection, plan: Commit) -> None:
        """See Keeper.

        Raises:
            ServiceError: a record has a sealed value whose text nobody knows; nothing is remembered then.
        """
        self._forget_what_is_kept(connection)
        in_records = set(self._in_records(plan))
        self._store(connection, in_records, must=True)
        self._store(connection, set(self._in_journal(plan)) - in_records, must=False)

    def keep_all(self, connection: Connection, wanted: Collection[Kept]) -> None:
        """Stores texts that were just indexed."""
        self._store(connection, wanted, must=True)

    def _forget_what_is_kept(self, connection: Connection) -> None:
        """Not before: what was cut once is not cut again, and a transaction may have come to nothing."""
        t = tables.sealed
        for chunk in chunks({index for _, _, index in self._fresh}):
            for row in connection.execute(select(t.c.tab, t.c.column, t.c.token).where(t.c.token.in_(chunk))):
                self._fresh.pop((row.tab, row.column, row.token), None)

    def _in_records(self, plan: Commit) -> Iterator[Kept]:
        for tab, change in plan.tabs.items():
            columns = self._sealed_columns(tab)
            for key, values in change.records.items() if columns else ():
                yield from _kept(tab, key, values or {}, columns)

    def _in_journal(self, plan: Commit) -> Iterator[Kept]:
        for entry in plan.journal:
            columns = self._sealed_columns(entry.tab)
            for values in _told(entry) if columns else ():
                yield from _kept(entry.tab, entry.row, values, columns)

    def _sealed_columns(self, tab: TabKey) -> list[ColumnKey]:
        return [column.key for column in self._state.tabs[tab].columns.values() if column.sealed]

    def _store(self, connection: Connection, wanted: Collection[Kept], *, must: bool) -> None:
        t = tables.sealed
        missing = set(wanted)
        place = (t.c.tab, t.c.key, t.c.column, t.c.token)
        for chunk in chunks(sorted(missing), 200):
            missing -= {tuple(row) for row in connection.execute(select(*place).where(tuple_(*place).in_(chunk)))}
        rows = []
        for each in sorted(missing):
            text = self._text_elsewhere(connection, each)
            if text is not None:
                rows.append(_row(each, self._cipher.id, self._cipher.encrypt(_bytes(text), self._about(each))))
            elif must and not self._was_lost_before(connection, each):
                tab, key, column, _ = each
                raise ServiceError(f"{tab} {key} {column}: the text of a sealed cell is not known; nothing was taken")
        for batch in chunks(rows, 5_000):
            connection.execute(insert(t), batch)

    def _text_elsewhere(self, connection: Connection, wanted: Kept) -> str | None:
        """A text that was read in this process, or is kept for another row: the one was merged into the other."""
        tab, _, column, index = wanted
        fresh = self._fresh.get((tab, column, index))
        if fresh is not None:
            return fresh
        t = tables.sealed
        query = select(t).where(t.c.token == index, t.c.tab == tab, t.c.column == column).order_by(t.c.key).limit(1)
        row = connection.execute(query).first()
        return None if row is None else self._open(row)

    def _was_lost_before(self, connection: Connection, wanted: Kept) -> bool:
        tab, key, _, index = wanted
        t = tables.records
        data = connection.scalar(select(t.c.data).where(t.c.tab == tab, t.c.key == key))
        return data is not None and index in data

    # -- revealing ---------------------------------------------------------------------------------------------------

    def reveal(self, tab: TabKey, row: RowKey, column: ColumnKey, value: Value) -> str:
        """The text of a sealed value; whoever asks must have been allowed to.

        Raises:
            UsageError: there is no such text, its key is not in the config, or somebody changed it.
        """
        if not isinstance(value, str) or not is_sealed(value):
            raise UsageError(f"{tab} {row} {column}: nothing is sealed there")
        t = tables.sealed
        here = (t.c.tab == tab) & (t.c.key == row) & (t.c.column == column) & (t.c.token == index_of(value))
        with self._state.engine.connect() as connection:
            found = connection.execute(select(t).where(here)).first()
        if found is None:
            raise UsageError(f"{tab} {row} {column}: the store has no text for this value; look in an older backup")
        return self._open(found)

    def _open(self, row) -> str:  # type: ignore[no-untyped-def]  # a row of the sealed table
        about = self._about((row.tab, row.key, row.column, row.token))
        cipher = self._ciphers.get(row.cipher)
        if cipher is None:
            raise _other_key(row.cipher)
        text = cipher.decrypt(row.data, about)
        if text is None:
            raise UsageError(f"{row.tab} {row.key} {row.column}: the sealed text was changed or moved; it is not shown")
        return text.decode("utf-8", "surrogatepass")

    def _about(self, place: Kept) -> bytes:
        """What a text belongs to: moved elsewhere, it does not open."""
        return "\0".join((self._workbook, *place)).encode()

    # -- keys --------------------------------------------------------------------------------------------------------

    def count(self) -> dict[str, int]:
        """How many texts are kept under each key, by its id."""
        t = tables.sealed
        counts: dict[str, int] = {}
        with self._state.engine.connect() as connection:
            for cipher in connection.scalars(select(t.c.cipher)):
                counts[cipher] = counts.get(cipher, 0) + 1
        return counts

    @property
    def key_id(self) -> str:
        """Id of the key that new texts get."""
        return self._cipher.id

    def rotate(self) -> int:
        """Encrypts under the current key whatever stands under another one; how many texts that were.

        Broken off, it goes on where it was; until it is done, the old keys are needed.

        Raises:
            ConfigError: a key is not in the config.
        """
        done = 0
        while moved := self._rotate_some():
            done += moved
        with self._state.transaction() as connection:
            key = self._key_of_the_index()
            connection.execute(tables.sealed_keys.delete().where(tables.sealed_keys.c.name == INDEX))
            self._put_index_key(connection, key)
        return done

    def _rotate_some(self) -> int:
        t = tables.sealed
        with self._state.transaction() as connection:
            rows = connection.execute(select(t).where(t.c.cipher != self._cipher.id).limit(AT_ONCE)).all()
            for row in rows:
                place = (row.tab, row.key, row.column, row.token)
                data = self._cipher.encrypt(_bytes(self._open(row)), self._about(place))
                here = tuple_(t.c.tab, t.c.key, t.c.column, t.c.token) == place
                connection.execute(update(t).where(here).values(cipher=self._cipher.id, data=data))
        return len(rows)

    def _require_index_key(self, connection: Connection) -> None:
        t = tables.sealed_keys
        cipher = connection.scalar(select(t.c.cipher).where(t.c.name == INDEX))
        if cipher is None:
            self._put_index_key(connection, secrets.token_bytes(KEY_BYTES))
        elif cipher not in self._ciphers:
            raise _other_key(cipher)

    def _put_index_key(self, connection: Connection, key: bytes) -> None:
        cipher = self._ring.current("keys")
        data = cipher.encrypt(key, self._about_index())
        connection.execute(insert(tables.sealed_keys).values(name=INDEX, cipher=cipher.id, data=data))

    def _key_of_the_index(self) -> bytes:
        """Opened when the first text is met: a cycle that meets none need not load the ciphers."""
        if self._index_key is None:
            t = tables.sealed_keys
            with self._state.engine.connect() as connection:
                row = connection.execute(select(t).where(t.c.name == INDEX)).one()
            key = self._ring.by_id("keys")[row.cipher].decrypt(row.data, self._about_index())
            if key is None:
                raise ConfigError(("the state store's own key was changed; take the store from a backup",))
            self._index_key = key
        return self._index_key

    def _about_index(self) -> bytes:
        return f"{self._workbook}\0{INDEX}".encode()

    # -- files -------------------------------------------------------------------------------------------------------

    def conceal(self, content: bytes) -> bytes:
        """A whole file, encrypted: a backup of a workbook in which texts may still stand."""
        cipher = self._ring.current("files")
        head = MAGIC + cipher.id.encode("ascii")
        return head + cipher.encrypt(content, head)

    def is_current(self, content: bytes) -> bool:
        """Whether a file was concealed under the key of today."""
        return content.startswith(MAGIC + self._cipher.id.encode("ascii"))

    def disclose(self, content: bytes, name: str) -> bytes:
        """What conceal() was given; `name` is for messages.

        Raises:
            UsageError: the file is none of ours, was changed, or its key is not in the config.
        """
        end = len(MAGIC) + ID_CHARACTERS
        head, rest = content[:end], content[end:]
        if not head.startswith(MAGIC):
            raise UsageError(f"{name}: not a file that crm-sheets sealed")
        key = head[len(MAGIC) :].decode("ascii", "replace")
        cipher = self._ring.by_id("files").get(key)
        if cipher is None:
            raise _other_key(key)
        found = cipher.decrypt(rest, head)
        if found is None:
            raise UsageError(f"{name}: changed since it was sealed")
        return found


def _other_key(key: str) -> ConfigError:
    return ConfigError((f"[sealed]: key {key} is needed and not among those of the config: add it to old_keys",))


def _kept(tab: TabKey, key: RowKey, values: Mapping[ColumnKey, Value], columns: Iterable[ColumnKey]) -> Iterator[Kept]:
    for column in columns:
        value = values.get(column)
        if isinstance(value, str) and is_sealed(value):
            yield tab, key, column, index_of(value)


def _told(entry: JournalEntry) -> Iterator[Mapping[ColumnKey, Value]]:
    """The values that an entry speaks of. Those of a merge are the values of its two records."""
    silent = entry.kind in {EntryKind.MERGE, EntryKind.REVEAL}
    for text in () if silent else (entry.old, entry.new):
        if text.startswith("{") and "sealed:" in text:
            yield json.loads(text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _row(place: Kept, cipher: str, data: bytes) -> dict[str, object]:
    tab, key, column, token = place
    return {"tab": tab, "key": key, "column": column, "token": token, "cipher": cipher, "data": data}
