"""The tables of the state store. Instants are ISO 8601 texts in UTC, so that both databases sort them alike."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

notes = Table(
    "notes",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
records = Table(
    "records",
    metadata,
    Column("tab", String(32), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("data", Text, nullable=False),
    Column("deleted", Integer, nullable=False, default=0),
)
records_living = Index("records_living", records.c.tab, records.c.deleted)
"""How many rows a tab has is counted in it: the rows themselves are long."""

entries = Table(
    "entries",
    metadata,
    Column("name", String(48), nullable=False),
    Column("value", Text, nullable=False),
    Column("role", String(8), nullable=False),
    Column("tab", String(32), nullable=False),
    Column("key", String(32), nullable=False),
    Index("entries_by_value", "name", "value", "role"),
    Index("entries_by_row", "tab", "key"),
)
findings = Table(
    "findings",
    metadata,
    Column("tab", String(32), nullable=False),
    Column("key", String(32), nullable=False),
    Column("code", String(64), nullable=False),
    Column("column", String(64)),
    Column("severity", String(8), nullable=False),
    Column("source", String(8), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("replica", String(64), nullable=False, server_default="shared"),
    Index("findings_by_row", "tab", "key"),
)
wakes = Table(
    "wakes",
    metadata,
    Column("tab", String(32), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("at", String(40), nullable=False, index=True),
)
# A row of the base holds from generation `since` up to, not including, `until` (None: still). An old file is merged
# against the rows that held at its own generation.
base = Table(
    "base",
    metadata,
    Column("replica", String(64), primary_key=True),
    Column("tab", String(32), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("since", Integer, primary_key=True),
    Column("until", Integer),
    Column("witness", String(32), nullable=False),
    Column("digest", String(32), nullable=False),
    Column("content", String(32), nullable=False),
    Column("data", Text, nullable=False),
    Column("flaws", Text, nullable=False),
)
base_known = Index(
    "base_known",
    *(base.c[name] for name in ("replica", "tab", "witness", "since", "until", "key", "digest", "content")),
)
"""All that a cycle asks of each row of a tab stands in it: the rows themselves, which are long, are left alone. Rows
are found by their hidden keys, too."""

# How often the base of a tab changed (store.base_memory): whoever writes `base` counts, in the same transaction.
base_versions = Table(
    "base_versions",
    metadata,
    Column("replica", String(64), primary_key=True),
    Column("tab", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
)
# What is remembered of a sheet, as long as the base of its tab is the one of `version` (store.outlines).
outlines = Table(
    "outlines",
    metadata,
    Column("replica", String(64), primary_key=True),
    Column("tab", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("layout", String(32), nullable=False),
    Column("meaning", LargeBinary, nullable=False),
    Column("blocks", LargeBinary, nullable=False),
)
issued = Table(
    "issued",
    metadata,
    Column("replica", String(64), primary_key=True),
    Column("tab", String(32), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("witness", String(32), nullable=False),
    Column("at", String(40), nullable=False),
)
pending = Table(
    "pending",
    metadata,
    Column("replica", String(64), primary_key=True),
    Column("tab", String(32), primary_key=True),
    Column("key", String(32), primary_key=True),
)
held = Table(
    "held",
    metadata,
    Column("replica", String(64), primary_key=True),
    Column("tab", String(32), primary_key=True),
    Column("content", String(32), primary_key=True),
    Column("code", String(64), nullable=False),
)
generations = Table(
    "generations",
    metadata,
    Column("replica", String(64), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("parent", Integer, nullable=False),
    Column("reserved", String(40), nullable=False),
    Column("confirmed", String(40)),
    Column("run", Integer, nullable=False, server_default="0"),
)
readings = Table(
    "readings",
    metadata,
    Column("replica", String(64), primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("parts", Text, nullable=False),
    Column("sheets", Text, nullable=False),
)
journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", Integer, nullable=False, index=True),
    Column("at", String(40), nullable=False, index=True),
    Column("replica", String(64), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("tab", String(32), nullable=False),
    Column("key", String(32), nullable=False),
    Column("column", String(64)),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("author", String(128), nullable=False),
    Column("dedupe", String(64), unique=True),
    Index("journal_by_row", "tab", "key"),
)
origins = Table("origins", metadata, Column("origin", String(160), primary_key=True))
imported = Table(
    "imported",
    metadata,
    Column("origin", String(64), primary_key=True),
    Column("tab", String(32), nullable=False),
    Column("key", String(32), nullable=False),
    Index("imported_by_row", "tab", "key"),
)
pairs = Table(
    "pairs",
    metadata,
    Column("tab", String(32), primary_key=True),
    Column("one", String(32), primary_key=True),
    Column("other", String(32), primary_key=True),
    Column("score", Float, nullable=False),
    Column("keys", Text, nullable=False),
    Column("certain", Integer, nullable=False),
    Index("pairs_by_other", "tab", "other"),
)
# Customers by what they share (rules.duplicates.keys): looked up by key only, and so one tree, without a second index.
blocks = Table(
    "blocks",
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String(32), primary_key=True),
    sqlite_with_rowid=False,
)
dismissed = Table(
    "dismissed",
    metadata,
    Column("tab", String(32), primary_key=True),
    Column("one", String(32), primary_key=True),
    Column("other", String(32), primary_key=True),
    Column("at", String(40), nullable=False),
    Column("author", String(128), nullable=False),
    Index("dismissed_by_other", "tab", "other"),
)
outbox = Table(
    "outbox",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("person", String(128), nullable=False),
    Column("tab", String(32), nullable=False),
    Column("row", String(32), nullable=False, index=True),
    Column("parameters", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("not_before", String(40), nullable=False),
    Column("next_try", String(40), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("sent_at", String(40)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text, nullable=False, default=""),
    Column("identity", String(255), nullable=False, default=""),
    Column("address", String(254), nullable=False, server_default=""),
)
outbox_by_identity = Index("outbox_by_identity", outbox.c.identity)
# Events that were sent to people's calendars, as they stand there.
appointments = Table(
    "appointments",
    metadata,
    Column("row", String(32), primary_key=True),
    Column("person", String(128), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("starts", String(40), nullable=False),
    Column("content", String(32), nullable=False),
    Column("stands", Integer, nullable=False),
)
# Mails that came back, by the identity of what was sent; addresses to which nothing is sent any more.
bounces = Table(
    "bounces",
    metadata,
    Column("identity", String(255), primary_key=True),
    Column("address", String(254), nullable=False, index=True),
    Column("hard", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Column("at", String(40), nullable=False),
)
answers = Table(
    "answers",
    metadata,
    Column("identity", String(255), primary_key=True),
    Column("about", String(255), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("at", String(40), nullable=False),
)
suspensions = Table(
    "suspensions",
    metadata,
    Column("address", String(254), primary_key=True),
    Column("said", Text, nullable=False),
    Column("at", String(40), nullable=False),
)
# The pipeline: what an open deal was, from the beginning of one day up to, not including, that of another (None:
# still). Amounts are hundredths. On the days between two of `pipeline_days` nobody looked.
pipeline = Table(
    "pipeline",
    metadata,
    Column("deal", String(32), primary_key=True),
    Column("since", String(10), primary_key=True),
    Column("until", String(10), index=True),
    Column("stage", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("weighted", BigInteger, nullable=False),
    Column("close", String(10)),
    Column("owner", Text, nullable=False),
)
pipeline_days = Table("pipeline_days", metadata, Column("day", String(10), primary_key=True))
summaries = Table(
    "summaries",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("content", String(64), nullable=False),
)
# Texts of sealed columns, encrypted: `token` is the keyed index of the text, `data` nonce and ciphertext.
sealed = Table(
    "sealed",
    metadata,
    Column("tab", String(32), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("column", String(64), primary_key=True),
    Column("token", String(32), primary_key=True),
    Column("cipher", String(16), nullable=False, index=True),
    Column("data", LargeBinary, nullable=False),
    Index("sealed_by_token", "token"),
)
# Keys that are random and stand here encrypted under the team's key.
sealed_keys = Table(
    "sealed_keys",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("cipher", String(16), nullable=False),
    Column("data", LargeBinary, nullable=False),
)
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
