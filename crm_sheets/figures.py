"""Which summaries a cycle must compute again, and what they are computed from."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Protocol, runtime_checkable

from crm_sheets.changes import Value
from crm_sheets.rules.summaries.base import (
    FINDINGS,
    PIPELINE,
    PIPELINE_DAYS,
    Cells,
    Frame,
    Frames,
    Summary,
    SummaryContext,
    SummaryRule,
    sight_of,
)
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.snapshots import PipelineHistory
from crm_sheets.state import Finding, RowId
from crm_sheets.tables import ColumnKey, RowKey, TabKey


class Records(Protocol):
    """What figures are computed from: a draft, or what one reader sees of it."""

    @property
    def tabs(self) -> Mapping[TabKey, Tab]:
        """The tabs that there are."""

    def columns(self, tab: TabKey, columns: Sequence[ColumnKey]) -> Frame:
        """Some columns of all rows of a tab that are records, in the order of their keys."""

    def history(self) -> PipelineHistory:
        """The pipeline of each day, of the deals that are among the records."""

    def record_keys(self, tab: TabKey) -> Sequence[RowKey]:
        """The keys of the rows of `columns`."""

    def findings(self, tab: TabKey) -> Mapping[RowKey, Sequence[Finding]]:
        """What is known to be wrong with rows of a tab."""


@runtime_checkable
class Partial(Protocol):
    """Records of which not everything is seen."""

    def readable(self, row: RowId) -> frozenset[ColumnKey] | None:
        """The columns of a row that are seen; None when the row is not."""


def concerned(rules: Iterable[SummaryRule], changed: Mapping[TabKey, frozenset[ColumnKey]]) -> bool:
    """Whether a column that some summary reads has changed."""
    return any(changed.get(tab, frozenset()) & frozenset(columns) for rule in rules for tab, columns in rule.all_reads)


def compute(rules: Iterable[SummaryRule], records: Records, context: SummaryContext) -> tuple[Summary, ...]:
    """All summaries of the records as they are; rows that are not records yet are left out."""
    frames = _frames(rules := tuple(rules), records)
    return tuple(rule.compute(_decided(rule, frames), context) for rule in rules)


def content_digest(summary: Summary) -> str:
    """Equal for summaries that a reader cannot tell apart, except by their day."""
    return blake2b(repr(summary.content).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _decided(rule: SummaryRule, frames: Frames) -> Frames:
    """Without rows of which the reader may not know what they are."""
    found = dict(frames)
    for tab, columns in rule.decisive.items():
        sight = frames.get(sight_of(tab), {})
        flags = [sight[column] for column in columns if column in sight]
        known = [all(row) for row in zip(*flags, strict=True)]
        if all(known):
            continue
        for frame in (tab, sight_of(tab)):
            found[frame] = {
                column: Cells(value for value, is_known in zip(values, known, strict=True) if is_known)
                for column, values in frames[frame].items()
            }
    return found


def _frames(rules: Iterable[SummaryRule], records: Records) -> Frames:
    wanted: dict[TabKey, dict[ColumnKey, None]] = {}
    for rule in rules:
        for tab, columns in rule.all_reads:
            wanted.setdefault(tab, {}).update(dict.fromkeys(columns))
    there = {tab: columns for tab, columns in wanted.items() if tab in records.tabs}
    frames: dict[TabKey, Frame] = {
        tab: {key: Cells(values) for key, values in records.columns(tab, tuple(columns)).items()}
        for tab, columns in there.items()
    }
    if any(rule.history for rule in rules):
        frames |= _history(records.history())
    return frames | _judgement(rules, records, there)


def _history(history: PipelineHistory) -> dict[TabKey, Frame]:
    """The pipeline as columns, like those of a tab."""
    lines = history.lines
    columns: dict[str, Sequence[Value]] = {
        "deal": [line.deal for line in lines],
        "since": [line.since for line in lines],
        "until": [line.until for line in lines],
        "amount": [line.amount for line in lines],
        "weighted": [line.weighted for line in lines],
        "close": [line.close for line in lines],
    }
    return {
        PIPELINE: {ColumnKey(name): Cells(values) for name, values in columns.items()},
        PIPELINE_DAYS: {ColumnKey("day"): list(history.days)},
    }


def _judgement(
    rules: Iterable[SummaryRule], records: Records, there: Mapping[TabKey, Iterable[ColumnKey]]
) -> dict[TabKey, Frame]:
    """What is wrong with the rows, and which cells of them are seen: all for the summaries that judge, and numbers and
    what is computed for every summary: the sum of what is hidden is not 0, and nobody is neglected because their last
    contact is hidden."""
    judged = dict.fromkeys(tab for rule in rules if rule.judges for tab, _ in rule.all_reads if tab in there)
    frames = {TabKey(FINDINGS): _findings(records, judged)} if judged else {}
    if isinstance(records, Partial):
        decisive = {(tab, key) for rule in rules for tab, columns in rule.decisive.items() for key in columns}
        wanted = {
            tab: [key for key in columns if tab in judged or (tab, key) in decisive or _matters(records, tab, key)]
            for tab, columns in there.items()
        }
        frames |= {
            sight_of(tab): _sight(records, records.record_keys(tab), tab, columns)
            for tab, columns in wanted.items()
            if columns
        }
    return frames


def _matters(records: Records, tab: TabKey, key: ColumnKey) -> bool:
    """Whether a blank of the column that only stands for what is hidden would be taken for an answer."""
    column = records.tabs[tab].columns.get(key)
    return column is None or column.kind in (Kind.MONEY, Kind.NUMBER) or bool(column.derives)


def _sight(records: Partial, keys: Iterable[RowKey], tab: TabKey, columns: Iterable[ColumnKey]) -> Frame:
    seen = [records.readable((tab, key)) or frozenset() for key in keys]
    return {column: [column in each for each in seen] for column in columns}


def _findings(records: Records, tabs: Iterable[TabKey]) -> Frame:
    lines: list[tuple[Value, ...]] = []
    for tab in tabs:
        told = sorted(records.findings(tab).items())
        places = {key: place for place, key in enumerate(records.record_keys(tab))} if told else {}
        for key, found in told:
            if key in places:
                issues = [finding.issue for finding in found]
                lines += [(tab, places[key], issue.code, issue.severity.value) for issue in issues]
    names = ("tab", "place", "code", "severity")
    return {ColumnKey(name): [line[place] for line in lines] for place, name in enumerate(names)}
