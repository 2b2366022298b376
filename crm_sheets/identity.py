"""Which record a row of a workbook is. Two witnesses, the visible id and the hidden `_key`; nothing is guessed.

Rows move, are copied, lose their ids and come back from old files. What cannot be decided is held: the row stays
where it is, is flagged, and as long as a held row may be a missing one, no missing row counts as deleted.
"""

from collections import ChainMap, Counter
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field

from crm_sheets.cells import text_key
from crm_sheets.known import KnownRows
from crm_sheets.state import IssuedKey
from crm_sheets.tables import RowKey, TabRow

SCRAMBLED_ROWS = 3
"""So many rows whose two witnesses name different rows are an accident of one row each; more are a sort that left
the hidden column behind."""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that is neither accepted nor touched until a person mends it; `code` is that of its finding."""

    row: TabRow
    code: str
    candidates: tuple[RowKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What identity must ask when the witnesses do not suffice.

    Attributes:
        content: digest of what staff typed in a row; "" when they typed nothing.
        resembles: which of the missing rows share something telling with a row (a name, a phone number …).
        means_new: whether the text in the id column is the word by which staff say "this is a new row".
        held_before: findings' codes of rows that were held as left-overs of an old file, by the digest of their
            content: our own write has renewed the file's stamp since, and must not let them in.
    """

    content: Callable[[TabRow], str]
    resembles: Callable[[TabRow, Sequence[RowKey]], tuple[RowKey, ...]]
    means_new: Callable[[str], bool]
    held_before: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Identity:
    """What identify() found.

    Attributes:
        standing: rows that were known beforehand to be what the base says, by key.
        matched: other rows of the base, by key.
        arrived: rows whose issued key was read back: records from now on.
        fresh: new rows, in the order of the sheet.
        copies: keys of the rows that fresh rows were copied from, by row number.
        missing: rows of the base that are not in the sheet and may be taken for deleted.
        unsure: missing rows that a held row may be; nothing is concluded about them.
        emptied: row numbers whose content staff erased; they count as missing.
        scrambled: how many rows have two witnesses that name different rows.
    """

    standing: MutableMapping[RowKey, TabRow] = field(default_factory=dict)
    matched: dict[RowKey, TabRow] = field(default_factory=dict)
    arrived: dict[RowKey, TabRow] = field(default_factory=dict)
    fresh: list[TabRow] = field(default_factory=list)
    copies: dict[int, RowKey] = field(default_factory=dict)
    held: list[HeldRow] = field(default_factory=list)
    missing: list[RowKey] = field(default_factory=list)
    unsure: set[RowKey] = field(default_factory=set)
    emptied: dict[RowKey, int] = field(default_factory=dict)
    scrambled: int = 0

    def placed(self) -> MutableMapping[RowKey, TabRow]:
        """Every row of the base that is in the sheet, by key."""
        return ChainMap(dict(self.matched), self.standing)


def identify(
    rows: Iterable[TabRow],
    known: KnownRows,
    issued: Mapping[str, IssuedKey],
    born: Mapping[str, RowKey],
    ask: Ask,
    *,
    stale: bool,
    standing: MutableMapping[RowKey, TabRow] | None = None,
) -> Identity:
    """Decides for each row of a tab which record it is.

    Args:
        rows: as read, in the order of the sheet, without those that stand.
        known: the base of the generation that the file carries.
        issued: keys that were given to this replica and not read back yet, by witness.
        born: rows that entered the records after the file's generation, by the digest of their content; a row of a
            stale file that has no key and this content is that row, as it was before it got its key.
        ask: what costs more than a look at the witnesses.
        stale: the file carries an older generation than the last one that we wrote.
        standing: rows that are what the base says and that no other row lays claim to (KnownRows.sort_out).
    """
    found = Identity({} if standing is None else standing)
    claims: dict[RowKey, list[TabRow]] = {}
    unkeyed: list[TabRow] = []
    for row in rows:
        key = None if ask.means_new(row.shown) else _key_of(row, known, issued, found)
        if key is not None:
            claims.setdefault(key, []).append(row)
        elif ask.content(row):
            unkeyed.append(row)
    for key, claimants in claims.items():
        _settle(key, claimants, known, found, ask, stale=stale)
    found.scrambled = found.scrambled if found.scrambled > max(SCRAMBLED_ROWS, len(known) // 5) else 0
    missing = _reattach_by_id(unkeyed, _missing(known, found), known, found, ask)
    _place_unkeyed(unkeyed, missing, known, born, found, ask, stale=stale)
    found.missing = [key for key in missing if key not in found.matched and key not in found.unsure]
    found.fresh.sort(key=lambda row: row.number)
    return found


def _key_of(
    row: TabRow,
    known: KnownRows,
    issued: Mapping[str, IssuedKey],
    found: Identity,
) -> RowKey | None:
    """The key that the hidden witness names. Where the visible id names another row of which this is an exact copy,
    the hidden cell was left behind by a move, and the id is believed."""
    base = known.by_witness.get(row.witness)
    if base is None:
        fresh = issued.get(row.witness) if row.witness else None
        return fresh.key if fresh else None
    if row.shown and row.shown != base.key:
        other = known.by_key.get(RowKey(row.shown))
        if other is not None:
            found.scrambled += 1
            if row.digest == other.digest:
                return other.key
    return base.key


def _settle(
    key: RowKey,
    claimants: list[TabRow],
    known: KnownRows,
    found: Identity,
    ask: Ask,
    *,
    stale: bool,
) -> None:
    """One row per key. Of several, the one equal to its base is the original and the others are new rows (R3)."""
    base = known.by_key.get(key)
    filled = [row for row in claimants if ask.content(row)] if len(claimants) > 1 else claimants
    original: TabRow | None = None
    if len(filled) == 1:
        original = filled[0]
    elif filled:
        same = [row for row in filled if base is not None and row.digest == base.digest]
        # What was held as a left-over of an old file is not the row that stood beside it, even if that was edited.
        others = [row for row in filled if ask.content(row) not in ask.held_before] or filled
        same = same or [row for row in others if base is not None and ask.content(row) == base.content]
        if same or len({ask.content(row) for row in others}) == 1:
            original = (same or others)[0]
    if original is None and filled:
        codes = (ask.held_before.get(ask.content(row), "row-copies-all-edited") for row in filled)
        found.held += [HeldRow(row, code, (key,)) for row, code in zip(filled, codes, strict=True)]
        found.unsure.add(key)
        return
    for row in filled:
        if row is not original:
            code = ask.held_before.get(ask.content(row), "row-copied-in-old-file" if stale else None)
            if code is not None:
                found.held.append(HeldRow(row, code, (key,)))
            else:
                found.fresh.append(row)
                found.copies[row.number] = key
    touched = original is not None and (base is None or original.digest != base.digest)
    if original is None or (touched and not ask.content(original)):
        for row in claimants:  # everything that staff typed was erased: that is how many people delete a row
            found.emptied[key] = row.number
        return
    (found.matched if base is not None else found.arrived)[key] = original


def _missing(known: KnownRows, found: Identity) -> list[RowKey]:
    """Rows of the base that no row of the sheet is, ordered."""
    if len(found.matched) + len(found.standing) == len(known):
        return []
    placed = (found.standing, found.matched, found.unsure)
    return sorted(key for key in known.whole() if not any(key in each for each in placed))


def _reattach_by_id(
    unkeyed: list[TabRow], missing: list[RowKey], known: KnownRows, found: Identity, ask: Ask
) -> list[RowKey]:
    """A row that lost its hidden key but shows the id of a row that is nowhere else is that row; unless another one has
    its whole text, which no accident gives."""
    if not unkeyed or not missing:
        return missing
    texts = Counter(ask.content(row) for row in unkeyed)
    content = {key: known.by_key[key].content for key in missing}
    gone = {key for key, text in content.items() if not text or texts[text] != 1}
    gone |= {key for row in unkeyed if content.get(key := RowKey(row.shown)) == ask.content(row)}
    claims: dict[RowKey, list[TabRow]] = {}
    for row in unkeyed:
        if RowKey(row.shown) in gone:
            claims.setdefault(RowKey(row.shown), []).append(row)
    for key, rows in claims.items():
        if len(rows) == 1:
            found.matched[key] = rows[0]
            unkeyed.remove(rows[0])
            gone.discard(key)
    return [key for key in missing if key not in found.matched]


def _place_unkeyed(
    unkeyed: Sequence[TabRow],
    missing: Sequence[RowKey],
    known: KnownRows,
    born: Mapping[str, RowKey],
    found: Identity,
    ask: Ask,
    *,
    stale: bool,
) -> None:
    """Rows without a key: a missing row that lost its ids (its text is the same), or a new one, or held (R5)."""
    by_content: dict[str, list[RowKey]] = {}
    for key in missing:
        by_content.setdefault(known.by_key[key].content, []).append(key)
    texts: dict[str, int] = {}
    for row in unkeyed:
        texts[ask.content(row)] = texts.get(ask.content(row), 0) + 1
    for row in unkeyed:
        content = ask.content(row)
        same = [key for key in by_content.get(content, ()) if key not in found.matched]
        if ask.means_new(row.shown):
            found.fresh.append(row)
        elif len(same) == 1 and texts[content] == 1:
            found.matched[same[0]] = row
        elif content in ask.held_before:
            found.held.append(HeldRow(row, ask.held_before[content]))
        elif stale:
            twin = born.get(content)
            if twin is not None and twin not in found.arrived and texts[content] == 1:
                found.arrived[twin] = row
            else:
                found.held.append(HeldRow(row, "row-new-in-old-file"))
        else:
            candidates = tuple(same) or ask.resembles(row, [key for key in missing if key not in found.matched])
            if candidates:
                found.held.append(HeldRow(row, "row-without-id", candidates))
                found.unsure.update(candidates)
            else:
                found.fresh.append(row)


def means_new(words: Iterable[str]) -> Callable[[str], bool]:
    """The test of Ask.means_new for the words of the catalogues ("新", "new")."""
    keys = {text_key(word) for word in words}
    return lambda shown: text_key(shown) in keys
