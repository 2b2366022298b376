"""Follow-ups that took place, of which nobody wrote down what came of them: a mail some working days later."""

from crm_sheets.changes import NOTHING, Outcome, Reminder
from crm_sheets.rules.base import Context, Rule, is_blank, record_of
from crm_sheets.rules.moments import shown
from crm_sheets.rules.naming import active_name, owner_of
from crm_sheets.rules.reminders import follow_up_parameters, overdue_instants
from crm_sheets.rules.standing import is_cancelled
from crm_sheets.schema.base import Row
from crm_sheets.schema.follow_ups import FollowUp

KIND = "nudge-result"


def wanting_results(steps: tuple[int, ...]) -> Rule:
    """The rule of a team that asks so many working days later, each time once."""

    def missing_results(row: Row, context: Context) -> Outcome:
        return _missing(row, context, steps)

    return missing_results


def missing_results(row: Row, context: Context) -> Outcome:
    """The rule as it is unless a team says otherwise."""
    return _missing(row, context, (1, 3))


def _missing(row: Row, context: Context, steps: tuple[int, ...]) -> Outcome:
    follow_up = record_of(row, FollowUp)
    done = follow_up.done_at
    if done is None or is_cancelled(follow_up) or not is_blank(follow_up.result) or "result" in row.unreadable:
        return NOTHING
    name = active_name(owner_of(row, context), context)
    if name is None:
        return NOTHING
    told = follow_up_parameters(row, follow_up, context)
    parameters = {
        **{key: told[key] for key in ("subject", "customer", "contact", "customer_phone", "method", "content")},
        "done_at": shown(done, context.zone),
    }
    instants = overdue_instants(done, context, steps)
    reminders = tuple(Reminder(KIND, row.tab, row.key, name, instant, parameters) for instant in instants)
    return Outcome(reminders=reminders, wake_at=min((each for each in instants if each > context.now), default=None))
