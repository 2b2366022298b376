"""What a summary is made of: figures with their definition, blocks of fixed size that charts can point at."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TypeAlias, TypeVar, cast

from crm_sheets.changes import Value
from crm_sheets.insights.judging import wilson
from crm_sheets.language import Language
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.tables import ColumnKey, TabKey

T = TypeVar("T")


class Cells(list[Value]):
    """A column that many summaries read: what one of them made of it (its days, its amounts) the others need not make
    again. It may not change."""

    __slots__ = ("_made",)

    def __init__(self, values: Iterable[Value]) -> None:
        super().__init__(values)
        self._made: dict[Hashable, object] = {}

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, from the second time on what it gave the first time under that key."""
        if key not in self._made:
            self._made[key] = make()
        return cast("T", self._made[key])


def once(values: Sequence[Value], key: Hashable, make: Callable[[], T]) -> T:
    """What `make` makes of a column; see Cells."""
    return values.made(key, make) if isinstance(values, Cells) else make()


Frame: TypeAlias = Mapping[ColumnKey, Sequence[Value]]
"""The columns of a tab, canonical values, all of one length; rows that were deleted are left out."""

Frames: TypeAlias = Mapping[TabKey, Frame]

PIPELINE, PIPELINE_DAYS = TabKey("pipeline"), TabKey("pipeline_days")
"""Frames that are no tabs: how open deals stood (state.PipelineLine), and on which days somebody looked."""
FINDINGS = "findings"
"""The tab of the frames of a summary that judges: `tab`, `place` (of the row in its tab), `code` and `severity`."""


def sight_of(tab: TabKey) -> TabKey:
    """Under which the frames say which cells of a tab the reader may see; not there when it is all of them."""
    return TabKey(f"sight of {tab}")


Number: TypeAlias = int | Decimal | None
Shown: TypeAlias = str | int | Decimal | date | None


FEW = 30
"""A rate of fewer cases than these is told with its interval."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of cases. It knows how many they are, so that few of them are told with how sure the share is."""

    part: int
    whole: int

    @property
    def value(self) -> Decimal | None:
        """The share, four decimals; None where there are no cases."""
        return ratio(self.part, self.whole)

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """Where the share lies with 95 % certainty (Wilson, 1927); None from FEW cases on, and for none at all."""
        found = wilson(self.part, self.whole) if self.whole < FEW else None
        return None if found is None else (Decimal(str(round(found[0], 4))), Decimal(str(round(found[1], 4))))


Counted: TypeAlias = Number | Rate
"""What is counted of a group: a number, or a share that knows its cases."""


class Unit(StrEnum):
    """What a figure counts in; the number format of its cell follows from it."""

    COUNT = "count"
    MONEY = "money"
    RATIO = "ratio"  # 0.25 for 25 %
    DAYS = "days"
    POINTS = "points"
    SCORE = "score"  # −100 to 100
    INTERVAL = "interval"  # how sure a rate is, in words
    TEXT = "text"
    DATE = "date"


class ChartKind(StrEnum):
    """How a block is drawn."""

    COLUMN = "column"
    BAR = "bar"
    LINE = "line"
    PIE = "pie"


ALL_TIME = "all"
"""The period of a figure that counts everything that there is."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, and everything that is needed to argue about it.

    Attributes:
        key: stable; a figure of a group carries the group in brackets, `funnel.stages.deals[赢单]`.
        label: as shown.
        value: None where there is nothing to divide by.
        definition: how it is counted, in words.
        period: what it covers: `all`, `2026`, `2026Q4`, `2026-11`, or an ISO 8601 interval of days.
        as_of: the day in the team's zone on which it was counted.
        cases: of how many a rate is one; low, high: its interval (Rate), where they are few.
    """

    key: str
    label: str
    value: Number
    unit: Unit
    definition: str
    period: str
    as_of: date
    cases: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of a block. Label and definition are `summary.measure.<key>` and `summary.definition.<key>`.

    Attributes:
        adds_up: whether counts or amounts of several groups may be added; a mean may not.
        interval: it is a Rate; a column of its own, the last of the block, tells the intervals of few cases.
        place: what tells it from others with the same words, at the end of the keys of its figures.
    """

    key: str
    unit: Unit
    parameters: Mapping[str, str] = field(default_factory=dict)
    adds_up: bool = True
    interval: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of a block; `series` are columns of it, 1 for the first measure; `signed`: some may be below 0."""

    kind: ChartKind
    series: tuple[int, ...] = (1,)
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A table of fixed size on a summary tab.

    Attributes:
        header: one text per column, the first names the groups.
        rows: at most `capacity`; what does not fit is summed up in the last row.
        units: one per column.
        capacity: rows that the block takes up on the sheet, however many are filled.
        figures: every number of every group, those that do not fit as well.
        definitions: (label, definition) of its measures.
        entry: its rows are for people to type into; none of them is ever hidden.
        nothing: why it has no rows, said in their place; "" for just that there are none.
    """

    key: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]
    units: tuple[Unit, ...]
    capacity: int
    chart: Chart | None = None
    figures: tuple[Figure, ...] = ()
    definitions: tuple[tuple[str, str], ...] = ()
    entry: bool = False
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What one summary tab says. Two summaries with the same `content` need not be written twice.

    Attributes:
        conclusion: one sentence above everything, "" where there is nothing to conclude.
        remake: its tab has another layout than the one that it was made with.
        as_of_words: the key of its third line, which says of when it is and who writes it.
    """

    key: str
    title: str
    as_of: date
    headlines: tuple[Figure, ...]
    blocks: tuple[Block, ...]
    conclusion: str = ""
    as_of_words: str = "summary.as_of"
    remake: bool = False

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, the headlines first."""
        return self.headlines + tuple(figure for block in self.blocks for figure in block.figures)

    @property
    def content(self) -> object:
        """What a reader sees, the day left out: the tab is rewritten only when this changes."""
        tiles = tuple((figure.label, figure.value, figure.period, figure.definition) for figure in self.headlines)
        return (
            self.title,
            self.conclusion,
            self.as_of_words,
            tiles,
            tuple((b.title, b.header, b.rows, b.definitions) for b in self.blocks),
        )


@dataclass(frozen=True, slots=True)
class SummaryContext:
    """What a summary may know beside the records.

    Attributes:
        today: in the team's zone.
        quiet_days: after how many days without contact a customer counts as neglected.
        calendar: when the team works, but for the days that it entered itself.
        entries: rows that were typed into the review and are no records yet; None where nobody may type there.
    """

    today: date
    zone: tzinfo
    dictionaries: Dictionaries
    language: Language
    quiet_days: int = 30
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    entries: tuple[tuple[Shown, ...], ...] | None = None

    def day(self, value: Value) -> date | None:
        """The day of a date or of an instant in the team's zone; None for anything else."""
        if isinstance(value, datetime):
            return value.astimezone(self.zone).date()
        return value if isinstance(value, date) else None


@dataclass(frozen=True, slots=True)
class SummaryRule:
    """A summary tab: what it is called, which columns it reads, and how it is made.

    Its sheet is called `tab.summary_<key>`. It is computed again only when a column that it reads or the day changed.

    Attributes:
        also: columns that it reads as far as its reader may: without them it tells less.
        decisive: columns that say what a row is (won, paid, done): a row of which the reader may not see one of them is
            left out, as a blank would say that it is not.
        judges: it is told what is wrong with the rows, too, and which cells its reader may see.
        needs: tabs without which there is nothing to tell: a team that leaves one out has no such summary.
        history: it is also given the pipeline of each day, as PIPELINE and PIPELINE_DAYS.
        rest: it costs seconds: in the shared workbook it is computed again only so long after the last time.
    """

    key: str
    reads: Mapping[TabKey, tuple[ColumnKey, ...]]
    compute: Callable[[Frames, SummaryContext], Summary]
    rest: timedelta = timedelta(0)
    needs: frozenset[TabKey] = frozenset()
    history: bool = False
    also: Mapping[TabKey, tuple[ColumnKey, ...]] = field(default_factory=dict)
    decisive: Mapping[TabKey, tuple[ColumnKey, ...]] = field(default_factory=dict)
    judges: bool = False

    @property
    def all_reads(self) -> Iterator[tuple[TabKey, tuple[ColumnKey, ...]]]:
        """What it reads, without fail or as far as its reader may; a tab may come twice."""
        yield from self.reads.items()
        yield from self.also.items()


def ratio(part: Number, whole: Number) -> Decimal | None:
    """`part / whole`, four decimals; None when there is nothing to divide by."""
    return _divided(part, whole, "0.0001")


def mean(total: Number, count: Number) -> Decimal | None:
    """`total / count`, two decimals; None when nothing was counted."""
    return _divided(total, count, "0.01")


def _divided(part: Number, whole: Number, places: str) -> Decimal | None:
    if not whole or part is None:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(Decimal(places), ROUND_HALF_UP)


def columns(**tabs: str) -> dict[TabKey, tuple[ColumnKey, ...]]:
    """The `reads` of a summary, from tab="column column …"."""
    return {TabKey(tab): tuple(ColumnKey(name) for name in names.split()) for tab, names in tabs.items()}
