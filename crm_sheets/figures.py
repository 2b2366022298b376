"""Which summaries a cycle must compute again, and what they are computed from."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Protocol

from crm_sheets.changes import Value
from crm_sheets.rules.summaries.base import PIPELINE, PIPELINE_DAYS, Frame, Frames, Summary, SummaryContext, SummaryRule
from crm_sheets.schema.base import Tab
from crm_sheets.state import PipelineHistory
from crm_sheets.tables import ColumnKey, TabKey


class Records(Protocol):
    """What figures are computed from: a draft, or what one reader sees of it."""

    @property
    def tabs(self) -> Mapping[TabKey, Tab]:
        """The tabs that there are."""

    def columns(self, tab: TabKey, columns: Sequence[ColumnKey]) -> Frame:
        """Some columns of all rows of a tab that are records, in the order of their keys."""

    def history(self) -> PipelineHistory:
        """The pipeline of each day, of the deals that are among the records."""


def concerned(rules: Iterable[SummaryRule], changed: Mapping[TabKey, frozenset[ColumnKey]]) -> bool:
    """Whether a column that some summary reads has changed."""
    return any(changed.get(tab, frozenset()) & frozenset(columns) for rule in rules for tab, columns in rule.all_reads)


def compute(rules: Iterable[SummaryRule], records: Records, context: SummaryContext) -> tuple[Summary, ...]:
    """All summaries of the records as they are; rows that are not records yet are left out."""
    frames = _frames(rules := tuple(rules), records)
    return tuple(rule.compute(frames, context) for rule in rules)


def content_digest(summary: Summary) -> str:
    """Equal for summaries that a reader cannot tell apart, except by their day."""
    return blake2b(repr(summary.content).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _frames(rules: Iterable[SummaryRule], records: Records) -> Frames:
    wanted: dict[TabKey, dict[ColumnKey, None]] = {}
    for rule in rules:
        for tab, columns in rule.all_reads:
            wanted.setdefault(tab, {}).update(dict.fromkeys(columns))
    frames = {tab: records.columns(tab, tuple(columns)) for tab, columns in wanted.items() if tab in records.tabs}
    return frames | (_history(records.history()) if any(rule.history for rule in rules) else {})


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
        PIPELINE: {ColumnKey(name): values for name, values in columns.items()},
        PIPELINE_DAYS: {ColumnKey("day"): list(history.days)},
    }
