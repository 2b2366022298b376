"""How a record stands: what several rules must agree on, so that it is decided once.

A follow-up is pending, overdue, done or cancelled; a deal is open, won or lost, with a probability that follows its
stage until somebody sets it by hand.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache

from crm_sheets.cells import text_key
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.moments import late_from
from crm_sheets.schema.base import Record, Row
from crm_sheets.schema.contracts import Contract
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.feedback import Feedback
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.schema.labels import words
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.schema.orders import Order
from crm_sheets.schema.people import PersonRecord
from crm_sheets.schema.services import Service
from crm_sheets.tables import TabKey

STAGES = "opportunity_stage"
WON = "won"
LOST = "lost"
LONGEST_WORD = 100
"""Of a result, so much is looked at: the word stands at its beginning."""

HANDLED = "done"
"""Code of the feedback state 已处理."""

SOLVED = "solved"
"""Code of the service state 已解决."""

CLOSED: Mapping[TabKey, tuple[str, frozenset[str]]] = {
    Feedback.tab: ("feedback_state", frozenset({HANDLED})),
    Service.tab: ("service_state", frozenset({SOLVED})),
    Order.tab: ("order_state", frozenset({"completed", "cancelled"})),
    Contract.tab: ("contract_state", frozenset({"completed", "terminated"})),
}
"""Dictionary of the column `state`, and the codes at which a row is history."""


class FollowUpState(StrEnum):
    """What the column 状态 of a follow-up says."""

    PENDING = "pending"
    OVERDUE = "overdue"
    DONE = "done"
    CANCELLED = "cancelled"


def follow_up_state(follow_up: FollowUp, context: Context) -> FollowUpState:
    """How a follow-up stands at `context.now`. Only pending ones change with time: at `late_from` their plan."""
    if is_cancelled(follow_up):
        return FollowUpState.CANCELLED
    if follow_up.done_at is not None:
        return FollowUpState.DONE
    planned = follow_up.planned_at
    if planned is not None and late_from(planned, context.zone) <= context.now:
        return FollowUpState.OVERDUE
    return FollowUpState.PENDING


def is_cancelled(follow_up: FollowUp) -> bool:
    """Whether staff called it off: the result is the word 取消 (or the like), alone or before a sign and a reason.

    The words of all languages count. `取消：客户出差` is a cancelled follow-up; `取消了订单` is what came
    out of one that took place.
    """
    if not follow_up.result:
        return False
    result = text_key(follow_up.result[:LONGEST_WORD])
    found = (word for word in _cancelling_words() if result.startswith(word))
    return any(not result[len(word) :][:1].isalnum() for word in found)


@cache
def _cancelling_words() -> tuple[str, ...]:
    return tuple(text_key(word) for word in words("rules.cancelled"))


def is_finished(record: Record, context: Context) -> bool:
    """Whether a record is history: what it names may have changed since without making it wrong."""
    match record:
        case FollowUp():
            return record.done_at is not None or is_cancelled(record)
        case Opportunity():
            return stage_code(record, context) in {WON, LOST}
        case PersonRecord():
            return record.active is False
        case Feedback() | Service() | Order() | Contract():
            dictionary, codes = CLOSED[record.tab]
            return context.dictionaries.code(dictionary, record.state) in codes
        case _:
            return False


def stage_code(deal: Opportunity, context: Context) -> str:
    """The code of a deal's stage; "" when it is blank, unknown or the team's own."""
    return context.dictionaries.code(STAGES, deal.stage)


def stage_moved(row: Row) -> bool:
    """Whether a deal changed its stage since the last cycle; a new row did not move."""
    if row.previous is None:
        return False
    before, now = row.previous, record_of(row, Opportunity)
    return isinstance(before, Opportunity) and text_key(before.stage or "") != text_key(now.stage or "")


def default_probability(stage: str | None, dictionaries: Dictionaries) -> Decimal | None:
    """The probability that the dictionary gives a stage, 0.3 for `30%`; None when it gives none."""
    entry = dictionaries.entry(STAGES, stage)
    text = entry.attributes.get("probability", "").strip() if entry else ""
    try:
        number = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        return None
    probability = number / 100 if text.endswith("%") else number
    return probability if number.is_finite() and 0 <= probability <= 1 else None


def probability_of(row: Row, context: Context) -> Decimal | None:
    """The probability of a deal as it stands after this cycle.

    A blank one takes that of the stage. When the stage moved, it moves along, unless somebody set it by hand: in the
    same edit, or earlier to something else than the default of the old stage. Won and lost leave no doubt.
    """
    deal = record_of(row, Opportunity)
    default = default_probability(deal.stage, context.dictionaries)
    if default is None or "probability" in row.unreadable or "stage" in row.unreadable:
        return deal.probability
    if deal.probability is None:
        return default
    before = row.previous
    if not isinstance(before, Opportunity) or not stage_moved(row):
        return deal.probability
    if stage_code(deal, context) in {WON, LOST}:
        return default
    by_hand = deal.probability != before.probability
    followed = before.probability == default_probability(before.stage, context.dictionaries)
    return default if followed and not by_hand else deal.probability
