"""The level of a customer follows what it buys, until somebody sets it by hand."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from crm_sheets.cells import text_key
from crm_sheets.changes import NOTHING, Outcome, Value
from crm_sheets.rules.base import Context, Rule, cells, record_of
from crm_sheets.rules.level_policies import (
    LEVELS,
    SCORE,
    LevelPolicy,
    Method,
    Tally,
    begins_automatic,
    is_automatic,
    is_of_ours,
    number,
    reached,
    tally,
)
from crm_sheets.rules.moments import day_of, start_of
from crm_sheets.rules.moves import differs, memory, text_before
from crm_sheets.rules.rfm import Scores, scores_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.dictionaries import DictionaryEntry


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What the purchases of a customer say: a level, and in what words."""

    level: DictionaryEntry
    basis: str


def customer_levels(row: Row, context: Context) -> Outcome:
    """Computes the level by the thresholds in 字典, and fills it in unless somebody set another by hand."""
    return _levels(row, context, LevelPolicy())


def giving_levels(policy: LevelPolicy) -> Rule:
    """The rule customer_levels by a team's own policy."""
    return partial(_levels, policy=policy)


def _levels(row: Row, context: Context, policy: LevelPolicy) -> Outcome:
    if policy.method is Method.NONE or "level" in row.unreadable:
        return NOTHING
    customer = record_of(row, Customer)
    of = tally(row, context, policy)
    judged = _judged(of, context, policy)
    automatic = is_automatic(customer)
    level = (judged.level.value if judged else None) if automatic else customer.level
    values: dict[str, Value] = {"computed_level": judged.level.value if judged else None}
    values |= _moved(row, level, context)
    if automatic and judged:
        values |= {"level": level, "level_basis": judged.basis + _since(values, context)}
    elif automatic and is_of_ours(customer.level_basis):
        values |= {"level": None, "level_basis": None}
    elif not automatic and begins_automatic(customer.level_basis):
        values["level_basis"] = context.language.text("rules.level_by_hand")
    wake = None if of.changes_on is None else start_of(of.changes_on, context.zone)
    return Outcome(values=cells(**values), wake_at=wake)


def _judged(of: Tally, context: Context, policy: LevelPolicy) -> _Judgement | None:
    """The level that was reached; None where the dictionary has none to give."""
    text = context.language.text
    entries = context.dictionaries.entries.get(LEVELS, ())
    if policy.method is Method.RFM:
        scores = scores_of(of, context.rfm)
        entry = _scored(entries, scores)
        told = {"r": scores.recency, "f": scores.frequency, "m": scores.monetary, "total": scores.total}
        return _Judgement(entry, text("rules.level_rfm", days=policy.period_days, **told)) if entry else None
    entry = reached(entries, of, policy)
    if entry is None:
        return None
    key = "rules.level_orders" if policy.by_orders else "rules.level_deals"
    return _Judgement(entry, text(key, days=policy.period_days, count=of.count, amount=f"{of.amount:,.2f}"))


def _scored(entries: tuple[DictionaryEntry, ...], scores: Scores) -> DictionaryEntry | None:
    active = ((entry, number(entry, SCORE)) for entry in entries if entry.active)
    return next((entry for entry, least in active if least is not None and scores.total >= least), None)


def _moved(row: Row, level: str | None, context: Context) -> dict[str, Value]:
    """What the level was before and since when it is what it is; blank until it moves for the first time."""
    if row.previous is not None and differs(text_before(row, "level"), level):
        return {"level_was": text_before(row, "level"), "level_since": context.now.replace(microsecond=0)}
    return {"level_was": memory(row, "level_was"), "level_since": memory(row, "level_since")}


def _since(values: dict[str, Value], context: Context) -> str:
    """`（2026-11-22 由 B 升级）`, by the order of the dictionary; nothing for a level that never moved."""
    was, at = values["level_was"], values["level_since"]
    entries = context.dictionaries.entries.get(LEVELS, ())
    places = {text_key(entry.value): place for place, entry in enumerate(entries)}
    before, now = places.get(text_key(str(was or ""))), places.get(text_key(str(values["computed_level"] or "")))
    if not isinstance(at, datetime) or before is None or now is None or before == now:
        return ""
    key = "rules.level_up" if now < before else "rules.level_down"
    return context.language.text(key, day=day_of(at, context.zone).isoformat(), previous=str(was))
