"""Runs the rules on the rows that may have another answer than before, until nothing moves any more."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crm_sheets.cells import same_value
from crm_sheets.changes import NOTHING, Issue, NewRow, Outcome, Reminder, Value
from crm_sheets.draft import Draft
from crm_sheets.ledger import arranged
from crm_sheets.rules.base import Context, Rule, merged
from crm_sheets.schema.base import Row, Tab
from crm_sheets.schema.codecs import CodecContext, Flaw, canonical
from crm_sheets.state import RowId
from crm_sheets.tables import ColumnKey, TabKey

MOST_ROUNDS = 8
"""How often one row may be looked at in one cycle. Two rules that undo each other would never come to rest."""


LAST = frozenset({TabKey("campaigns")})
"""Tabs whose rules look at all rows of another one (Book.every): they are asked when those have come to rest."""


@dataclass(slots=True)
class Evaluation:
    """What the rules said, for each row that was looked at.

    Attributes:
        findings: what stands about a row now; empty when all is well (or the row is gone).
        wakes: when to look again although nothing changed.
        reminders: of living, accepted rows.
        new_rows: that rules asked for, of living, accepted rows.
    """

    findings: dict[RowId, tuple[Issue, ...]] = field(default_factory=dict)
    wakes: dict[RowId, datetime | None] = field(default_factory=dict)
    reminders: dict[RowId, tuple[Reminder, ...]] = field(default_factory=dict)
    new_rows: dict[RowId, tuple[NewRow, ...]] = field(default_factory=dict)


def evaluate(
    draft: Draft,
    dirty: Iterable[RowId],
    rules: Mapping[TabKey, tuple[Rule, ...]],
    context: Context,
    codec: CodecContext,
    into: Evaluation,
) -> None:
    """Looks at the dirty rows, and at whatever those that change thereby concern. The order does not matter."""
    queued = set(dirty)
    queue = deque(sorted(row for row in queued if row[0] not in LAST))
    late = deque(sorted(row for row in queued if row[0] in LAST))
    rounds: Counter[RowId] = Counter()
    asked: dict[RowId, Outcome] = {}
    while queue or late:
        row_id = (queue or late).popleft()
        queued.discard(row_id)
        rounds[row_id] += 1
        row = draft.row(*row_id)
        if row is None:
            _forget(row_id, into, asked)
            continue
        outcome = _asked(rules.get(row_id[0], ()), row, context)
        if row_id not in draft.provisional:
            asked[row_id] = outcome
        for neighbour in sorted(_note(draft, row, outcome, codec, into)):
            if neighbour in queued or not rules.get(neighbour[0]):  # a tab without rules has nothing to say
                continue
            if rounds[neighbour] >= MOST_ROUNDS:
                _unstable(neighbour, into)
                continue
            queued.add(neighbour)
            (late if neighbour[0] in LAST else queue).append(neighbour)
    _remind(asked, context, into)


def _forget(row_id: RowId, into: Evaluation, asked: dict[RowId, Outcome]) -> None:
    """Nothing is said of a row that is gone."""
    into.findings[row_id] = ()
    into.wakes[row_id] = None
    into.reminders[row_id] = ()
    into.new_rows.pop(row_id, None)
    asked.pop(row_id, None)


def _remind(asked: Mapping[RowId, Outcome], context: Context, into: Evaluation) -> None:
    """What the rules said last of each row: its reminders with their times, and the rows that it asks for."""
    for row_id, outcome in asked.items():
        reminders = into.reminders[row_id] = arranged(outcome.reminders, context) if outcome.reminders else ()
        starts = [each.starts for each in reminders if each.starts > context.now]
        into.wakes[row_id] = min([*starts, *([outcome.wake_at] if outcome.wake_at else [])], default=None)
        into.new_rows[row_id] = outcome.new_rows


def _note(draft: Draft, row: Row, outcome: Outcome, codec: CodecContext, into: Evaluation) -> set[RowId]:
    """Takes over what the rules said of a row; the rows to look at next, because this one changed."""
    row_id = (row.tab, row.key)
    into.findings[row_id] = outcome.issues
    into.wakes[row_id] = outcome.wake_at
    changes = _changes(row, outcome, draft.tabs[row.tab], codec)
    if not changes:
        return set()
    columns = draft.tabs[row.tab].columns
    if all(columns[column].inward for column in changes):
        draft.update(row_id, changes)
        return {row_id}
    before = draft.entries(row_id)
    draft.update(row_id, changes)
    return draft.neighbours(before | draft.entries(row_id)) | {row_id}


def _asked(rules: Iterable[Rule], row: Row, context: Context) -> Outcome:
    """What all rules say of a row; of one that failed, that it did."""
    outcomes: list[Outcome] = []
    for rule in rules:
        try:
            outcome = rule(row, context)
        except Exception as error:
            parameters = {"rule": getattr(rule, "__name__", repr(rule)), "error": f"{type(error).__name__}: {error}"}
            outcome = Outcome(issues=(Issue("rule-failed", row.tab, row.key, parameters=parameters),))
        if outcome is not NOTHING:
            outcomes.append(outcome)
    return merged(outcomes)


def _changes(row: Row, outcome: Outcome, tab: Tab, codec: CodecContext) -> dict[ColumnKey, Value]:
    """What a row's columns become, in the form in which they will come back from a cell."""
    values = row.record.__dict__
    changes: dict[ColumnKey, Value] = {}
    for column, computed in (*outcome.values.items(), *outcome.defaults.items()):
        have = values.get(column)
        if column in outcome.defaults and (have not in {None, ""} or column in row.unreadable):
            continue
        if computed == have and (computed is None or type(computed) is str):
            continue  # what is there has that form already
        told = canonical(computed, tab.columns[column], codec)
        value = None if isinstance(told, Flaw) else told  # what no cell can hold is blank, and not what it was before
        if not same_value(have, value):
            changes.setdefault(column, value)
    return changes


def _unstable(row_id: RowId, into: Evaluation) -> None:
    tab, key = row_id
    issue = Issue("rules-unstable", tab, key)
    if issue not in into.findings.get(row_id, ()):
        into.findings[row_id] = (*into.findings.get(row_id, ()), issue)
