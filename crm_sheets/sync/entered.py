"""What leads type into 汇总_复盘: the rows of its block of entries become rows of 复盘措施, each once.

They are taken in when the file can be written, so that a row leaves the block in the same write in which it is shown
among the measures. A row that cannot become a record stays as it was typed, with the reason beside it. A row is known
by the replica, the generation of the file that it was typed into, and what it says: after a crash it is not made again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from crm_sheets.cells import CellValue, legible, text_key
from crm_sheets.commands import Act, Command
from crm_sheets.eyes import Eyes
from crm_sheets.language import Language
from crm_sheets.permissions import Level
from crm_sheets.reading import digest_of
from crm_sheets.rules.summaries.base import Shown
from crm_sheets.rules.summaries.periods import month_before, month_of
from crm_sheets.rules.summaries.review import ENTRY_COLUMNS, KEY, NOTE, REVIEWS, entry_header
from crm_sheets.schema.codecs import CodecContext, Flaw, parse
from crm_sheets.state import Values
from crm_sheets.sync.setup import Setup
from crm_sheets.tables import ColumnKey, ReplicaKey, Sheet, SheetRow, Snapshot

PERIOD = ColumnKey("period")

Typed = Mapping[ColumnKey, CellValue]


@dataclass(frozen=True, slots=True)
class Entered:
    """What one look at the block found.

    Attributes:
        offered: whether the reader of the workbook may write measures, so that the block is there.
        commands: records to be made.
        kept: rows that stay in the block: what was typed, and why it is no record.
        sheets: tabs with rows that are not taken in yet: to be read again.
        seen: whether anything was typed, so that the tab must be written anew.
    """

    offered: bool = False
    commands: tuple[Command, ...] = ()
    kept: tuple[tuple[Shown, ...], ...] = ()
    sheets: frozenset[str] = frozenset()
    seen: bool = False

    @property
    def waits(self) -> bool:
        """Whether rows were typed that nobody looked at yet: the file is held."""
        return bool(self.sheets) and not self.seen

    @property
    def rows(self) -> tuple[tuple[Shown, ...], ...] | None:
        """What the summary shows in its block; None for no block."""
        return self.kept if self.offered else None


@dataclass(frozen=True, slots=True)
class Desk:
    """Judges what was typed in one replica.

    Attributes:
        author: whom the measures are put down to.
        today: in the zone of the team; what names no month is about the one before.
    """

    setup: Setup
    eyes: Eyes
    codec: CodecContext
    author: str
    today: date

    def look(self, snapshot: Snapshot, *, writable: bool) -> Entered:
        """Looks at the block, where its tab was read."""
        if not self.offered():
            return Entered()
        words = self.setup.language
        title = words.text(f"tab.summary_{KEY}")
        sheet = snapshot.sheets.get(title)
        typed = list(typed_rows(sheet, words)) if sheet is not None else []
        if not typed:
            return Entered(offered=True)
        if not writable:
            return Entered(offered=True, sheets=frozenset({title}))
        generation = snapshot.stamp.generation if snapshot.stamp is not None else 0
        commands, kept = [], []
        for origin, row in _known_by(typed, self.setup.replica.key, generation):
            values, reason = self._judged(row)
            if reason:
                kept.append(self._as_typed(row, reason))
            else:
                commands.append(Command(Act.CREATE, REVIEWS, None, values, self.author, origin=origin))
        waiting = frozenset({title}) if kept else frozenset()
        return Entered(True, tuple(commands), tuple(kept), waiting, seen=True)

    def offered(self) -> bool:
        """Whether measures may be written here. Those that somebody must approve are typed into their own tab."""
        flows = any(flow.tab == REVIEWS for flow in self.setup.approvals.flows)
        reviewed = any(rule.key == KEY for rule in self.setup.summaries)
        return reviewed and REVIEWS in self.eyes.tabs and not flows and self.eyes.may_create(REVIEWS)

    def _judged(self, row: Typed) -> tuple[Values, str]:
        """The values of a record, or why there is none."""
        words, columns = self.setup.language, self.setup.tabs[REVIEWS].columns
        labels = entry_header(words)
        values: Values = {}
        for key, cell in row.items():
            value = parse(cell, columns[key], self.codec)
            if isinstance(value, Flaw):
                return {}, words.text("review.entry.unreadable", column=labels[key], found=legible(cell))
            if value is not None:
                values[key] = value
        values.setdefault(PERIOD, month_before(month_of(self.today)))
        missing = [key for key in ENTRY_COLUMNS if columns[key].required and values.get(key) is None]
        if missing:
            named = words.text("review.entry.join").join(labels[key] for key in missing)
            return {}, words.text("review.entry.missing", columns=named)
        return (values, "") if self._may(values) else ({}, words.text("review.entry.refused"))

    def _may(self, values: Values) -> bool:
        """Whether the reader may make this very row, with every cell of it."""
        made = self.eyes.made(REVIEWS, values)
        if made is None or any(made.get(key) != value for key, value in values.items()):
            return False
        rights = self.eyes.rights(REVIEWS, made)
        return all(rights.level(key) >= Level.EDIT for key in values)

    def _as_typed(self, row: Typed, reason: str) -> tuple[Shown, ...]:
        shown: dict[ColumnKey, Shown] = {key: _shown(cell) for key, cell in row.items()}
        return tuple(
            reason if key == NOTE else shown.get(key) for key in (*ENTRY_COLUMNS[:-1], NOTE, ENTRY_COLUMNS[-1])
        )


def typed_rows(sheet: Sheet, words: Language) -> Iterator[Typed]:
    """The rows of the block in which something was typed, by column of 复盘措施: from its header to the title of the
    next block, wherever rows that somebody put in have moved them."""
    titles = {text_key(text) for name, text in words.messages.items() if name.startswith(f"summary.block.{KEY}.")}
    mine = text_key(words.text(f"summary.block.{KEY}.entry"))
    header: dict[int, ColumnKey] = {}
    inside = False
    for row in sheet.rows:
        texts = [text_key(cell) if isinstance(cell, str) else "" for cell in row.cells]
        if any(text in titles for text in texts):
            inside, header = mine in texts, {}
        elif inside and not header:
            header = _places(texts, words)
        elif header and (typed := _cells(row, header)):
            yield typed


def _places(texts: list[str], words: Language) -> dict[int, ColumnKey]:
    """Which column stands where; nothing where the header is not the one that we wrote."""
    labels = {text_key(label): key for key, label in entry_header(words).items() if key != NOTE}
    found = {place: labels[text] for place, text in enumerate(texts) if text in labels}
    return found if len(set(found.values())) == len(labels) else {}


def _cells(row: SheetRow, header: Mapping[int, ColumnKey]) -> dict[ColumnKey, CellValue]:
    found = {key: row.cells[place] for place, key in header.items() if place < len(row.cells)}
    return {key: cell for key, cell in found.items() if cell is not None and str(cell).strip()}


def _known_by(typed: list[Typed], replica: ReplicaKey, generation: int) -> Iterator[tuple[str, Typed]]:
    times: Counter[str] = Counter()
    for row in typed:
        digest = digest_of((key, row.get(key)) for key in ENTRY_COLUMNS)
        times[digest] += 1
        name = f"entered|{KEY}|{replica}|{generation}|{digest}|{times[digest]}"
        yield blake2b(name.encode(), digest_size=16).hexdigest(), row


def _shown(cell: CellValue) -> Shown:
    return cell if isinstance(cell, str | int) and not isinstance(cell, bool) else legible(cell)
