"""Which summaries a cycle must compute again, and what they are computed from."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from crm_sheets.draft import Draft
from crm_sheets.rules.summaries.base import Frame, Frames, Summary, SummaryContext, SummaryRule
from crm_sheets.tables import ColumnKey, TabKey


def concerned(rules: Iterable[SummaryRule], changed: Mapping[TabKey, frozenset[ColumnKey]]) -> bool:
    """Whether a column that some summary reads has changed."""
    return any(
        changed.get(tab, frozenset()) & frozenset(columns) for rule in rules for tab, columns in rule.reads.items()
    )


def compute(rules: Iterable[SummaryRule], draft: Draft, context: SummaryContext) -> tuple[Summary, ...]:
    """All summaries of the records as they are in the draft; rows that are not records yet are left out."""
    frames = _frames(rules := tuple(rules), draft)
    return tuple(rule.compute(frames, context) for rule in rules)


def content_digest(summary: Summary) -> str:
    """Equal for summaries that a reader cannot tell apart, except by their day."""
    return blake2b(repr(summary.content).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _frames(rules: Iterable[SummaryRule], draft: Draft) -> Frames:
    wanted: dict[TabKey, dict[ColumnKey, None]] = {}
    for rule in rules:
        for tab, columns in rule.reads.items():
            wanted.setdefault(tab, {}).update(dict.fromkeys(columns))
    return {tab: _frame(draft, tab, columns) for tab, columns in wanted.items() if tab in draft.tabs}


def _frame(draft: Draft, tab: TabKey, columns: Iterable[ColumnKey]) -> Frame:
    rows = [draft.values((tab, key)) or {} for key in draft.keys(tab) if (tab, key) not in draft.provisional]
    return {column: [row.get(column) for row in rows] for column in columns}
