"""What sales says about a customer goes with its deals, with the contact that there is, and the way that is allowed."""

from datetime import datetime
from functools import partial

from crm_sheets.cells import text_key
from crm_sheets.changes import NOTHING, Issue, Outcome, Severity
from crm_sheets.rules.base import Context, Rule, cells, found, record_of
from crm_sheets.rules.conversions import BEFORE_A_DEAL, BOUGHT, STATUSES, status_after_winning
from crm_sheets.rules.dormancy import (
    DORMANT,
    DormancyPolicy,
    dormant_from,
    dormant_value,
    waking_value,
    was_contacted,
)
from crm_sheets.rules.moments import day_after, start_of
from crm_sheets.rules.moves import came_from, refused_move, with_code
from crm_sheets.rules.purchases import purchases
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer


def customer_statuses(row: Row, context: Context) -> Outcome:
    """Moves a status that a first purchase made old; tells of one that is behind the deals, dormant, or not allowed."""
    return _statuses(row, context, DormancyPolicy())


def judging_statuses(policy: DormancyPolicy) -> Rule:
    """The rule customer_statuses with a team's policy about dormant customers."""
    return partial(_statuses, policy=policy)


def _statuses(row: Row, context: Context, policy: DormancyPolicy) -> Outcome:
    status = record_of(row, Customer).status
    if "status" in row.unreadable:
        return NOTHING
    won = status_after_winning(row, context)
    if not status:
        return Outcome(defaults=cells(status=won or _bought(row, context)))
    if text_key(won or "") != text_key(status):
        return Outcome(values=cells(status=won))
    refused = refused_move(row, "status", STATUSES, came_from(row, "status", "status_was"), context)
    issues = [issue for issue in (refused, _behind(row, status, context)) if issue is not None]
    return _with_dormancy(row, issues, context, policy)


def _bought(row: Row, context: Context) -> str | None:
    entry = with_code(STATUSES, BOUGHT, context.dictionaries) if purchases(row, context) else None
    return entry.value if entry else None


def _behind(row: Row, status: str, context: Context) -> Issue | None:
    if context.dictionaries.code(STATUSES, status) not in BEFORE_A_DEAL:
        return None
    bought = purchases(row, context)
    if not bought:
        return None
    return found("status-behind-deals", row, "status", Severity.INFO, value=status, deal=bought[0].name)


def _with_dormancy(row: Row, issues: list[Issue], context: Context, policy: DormancyPolicy) -> Outcome:
    """Days are looked at one by one: a new row keeps what was typed in it at least until the next."""
    tomorrow = start_of(day_after(context.today), context.zone)
    moves = policy.moves and row.previous is not None
    if context.dictionaries.code(STATUSES, record_of(row, Customer).status) == DORMANT:
        target = waking_value(row, context) if was_contacted(row, context) else None
        if target is not None and not moves:
            issues.append(found("dormant-contacted", row, "status", Severity.INFO, value=target))
        return _moved_or_told(target, issues, tomorrow if policy.moves else None, moves=moves)
    quiet = dormant_from(row, context, policy)
    if quiet is None or quiet > context.today:
        wake = start_of(quiet, context.zone) if quiet is not None else None
        return Outcome(tuple(issues), wake_at=wake)
    target = dormant_value(row, context)
    if target is not None and not moves:
        issues.append(found("customer-dormant", row, "status", Severity.INFO, since=quiet.isoformat(), value=target))
    return _moved_or_told(target, issues, tomorrow if policy.moves else None, moves=moves)


def _moved_or_told(target: str | None, issues: list[Issue], tomorrow: datetime | None, *, moves: bool) -> Outcome:
    if target is None:
        return Outcome(tuple(issues))
    return Outcome(tuple(issues), cells(status=target)) if moves else Outcome(tuple(issues), wake_at=tomorrow)
