"""The steps that a deal takes through the stages: none left out, none back."""

from typing import NamedTuple

from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.moves import came_from, followers, refused_move
from crm_sheets.rules.standing import LOST, STAGES, WON
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import DictionaryEntry
from crm_sheets.schema.opportunities import Opportunity


class _Step(NamedTuple):
    """From one known stage to another."""

    before: DictionaryEntry
    now: DictionaryEntry


def stage_steps(row: Row, context: Context) -> Outcome:
    """Remembers the stage before, and tells of steps that left stages out, went back or opened a decided deal again.

    Where the dictionary says which stages may follow one (`next=`), it decides, and the order of the stages does not.
    """
    if "stage" in row.unreadable:
        return Outcome()
    before = came_from(row, "stage", "stage_was")
    issue = _judge(row, before, context)
    return Outcome((issue,) if issue else (), cells(stage_was=before))


def _judge(row: Row, before: str | None, context: Context) -> Issue | None:
    if followers(STAGES, before, context.dictionaries) is not None:
        return refused_move(row, "stage", STAGES, before, context)
    dictionaries = context.dictionaries
    was = dictionaries.entry(STAGES, before)
    now = dictionaries.entry(STAGES, record_of(row, Opportunity).stage)
    if was is None or now is None or was == now:
        return None
    told = {"previous": was.value, "value": now.value}
    if was.code in {WON, LOST}:
        reopened = now.code not in {WON, LOST}
        return found("deal-reopened", row, "stage", Severity.INFO, **told) if reopened else None
    skipped = _left_out(_Step(was, now), context)
    if skipped is None:
        return found("stage-backward", row, "stage", Severity.WARNING, **told)
    stages = context.language.text("list.and").join(entry.value for entry in skipped)
    return found("stage-skipped", row, "stage", Severity.INFO, stages=stages, **told) if skipped else None


def _left_out(step: _Step, context: Context) -> tuple[DictionaryEntry, ...] | None:
    """The open stages between the two; None for a step back. A deal may be lost from everywhere."""
    if step.now.code == LOST:
        return ()
    way = [entry for entry in context.dictionaries.entries[STAGES] if entry.code not in {WON, LOST}]
    start = way.index(step.before)
    end = len(way) if step.now.code == WON else way.index(step.now)
    if end < start:
        return None
    return tuple(entry for entry in way[start + 1 : end] if entry.active)
