"""The first purchase of a customer moves its status to 成交客户, unless sales or the dictionary say otherwise."""

from crm_sheets.cells import text_key
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.moves import followers, has_moved, may_follow, with_code
from crm_sheets.rules.purchases import purchases
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer

STATUSES = "customer_status"
BOUGHT = "won"
"""Code of 成交客户."""

BEFORE_A_DEAL = frozenset({"potential", "interested", "negotiating"})
MAY_BE_WON = BEFORE_A_DEAL | {"lost", "dormant"}


def status_after_winning(row: Row, context: Context) -> str | None:
    """The status as it stands after this cycle, as far as a first purchase moves it.

    It moves in the cycle in which the customer converts, and in no later one: what sales says from then on stays. What
    was typed in that same cycle, or together with a new row, stays too.
    """
    customer = record_of(row, Customer)
    won = with_code(STATUSES, BOUGHT, context.dictionaries)
    if won is None or not _converts(row, context) or not _yields(customer.status, won.value, context):
        return customer.status
    return won.value


def _converts(row: Row, context: Context) -> bool:
    before = row.previous
    if not isinstance(before, Customer) or before.converted_at is not None or "status" in row.unreadable:
        return False
    # What was bought on no known day would convert the customer in every cycle anew.
    return not has_moved(row, "status") and any(bought.at is not None for bought in purchases(row, context))


def _yields(status: str | None, won: str, context: Context) -> bool:
    """Whether a status gives way to a purchase; one of the team's own does if the dictionary says so (`next=`)."""
    if not status:
        return True
    code = context.dictionaries.code(STATUSES, status)
    if followers(STATUSES, status, context.dictionaries) is None:
        return code in MAY_BE_WON
    return text_key(won) != text_key(status) and may_follow(STATUSES, status, won, context.dictionaries)
