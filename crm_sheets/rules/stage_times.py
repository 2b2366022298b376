"""How long a deal has been in its stage, against the stage's goal and limit in 字典."""

from datetime import date, datetime
from typing import NamedTuple

from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.attributes import whole
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.contacts import last_contact
from crm_sheets.rules.moments import day_after, day_of, start_of
from crm_sheets.rules.moves import entered_stage
from crm_sheets.rules.naming import customer_of
from crm_sheets.rules.standing import STAGES, is_finished
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import DictionaryEntry
from crm_sheets.schema.opportunities import Opportunity

MOST_DAYS = 10_000


class StageTimes(NamedTuple):
    """What the dictionary says of a stage: days within which it should, and must, be left; what it is for."""

    goal_days: int | None
    limit_days: int | None
    goal: str


def stage_times(row: Row, context: Context) -> Outcome:
    """Computes the days in the stage and the day by which it should be left, of deals that are not decided yet.

    A deal past the goal is told; past the limit it is warned of, and called stalled when nobody was in contact with the
    customer for as long either.
    """
    deal = record_of(row, Opportunity)
    since = entered_stage(row, context)
    if since is None or deal.stage is None or is_finished(deal, context):
        return Outcome(values=cells(stage_days=None, stage_due=None))
    entered = day_of(since, context.zone)
    times = times_of(context.dictionaries.entry(STAGES, deal.stage))
    goal = times.goal_days if times.goal_days is not None else times.limit_days
    values = cells(
        stage_days=max((context.today - entered).days, 0),
        stage_due=None if goal is None else day_after(entered, goal),
    )
    issue = _judge(row, deal, entered, times, context)
    tomorrow = start_of(day_after(context.today), context.zone)
    return Outcome((issue,) if issue else (), values, wake_at=tomorrow)


def times_of(entry: DictionaryEntry | None) -> StageTimes:
    """The goal and the limit that the attributes of a stage give; None where they give none that can be read."""
    attributes = entry.attributes if entry else {}
    goal, limit = (whole(attributes.get(name), MOST_DAYS) for name in ("goal_days", "limit_days"))
    return StageTimes(goal, limit, attributes.get("goal", "").strip())


def _judge(row: Row, deal: Opportunity, entered: date, times: StageTimes, context: Context) -> Issue | None:
    told = {"stage": str(deal.stage), "since": entered.isoformat()}
    if _is_over(entered, times.limit_days, context):
        last = _last_contact(row, deal, context)
        quiet = last is None or _is_over(day_of(last, context.zone), times.limit_days, context)
        told["days"] = str(times.limit_days)
        if quiet:
            return found("deal-stalled", row, "stage", Severity.WARNING, **told)
        return found("stage-over-limit", row, "stage", Severity.WARNING, **told)
    if _is_over(entered, times.goal_days, context):
        goal = context.language.text("rules.stage_goal", goal=times.goal) if times.goal else ""
        return found("stage-over-goal", row, "stage", Severity.INFO, days=str(times.goal_days), goal=goal, **told)
    return None


def _is_over(start: date, days: int | None, context: Context) -> bool:
    return days is not None and day_after(start, days) < context.today


def _last_contact(row: Row, deal: Opportunity, context: Context) -> datetime | None:
    """When somebody last spoke with the customer, or about the deal."""
    customer = customer_of(deal.customer, context)
    seen = (last_contact(row, context), customer.last_contact if customer else None)
    return max((instant for instant in seen if instant is not None), default=None)
