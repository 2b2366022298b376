"""What of a contract has been paid, and whether its state says so."""

from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.base import Context, cells, found, record_of
from crm_sheets.rules.money import COMPLETED, Receipts, next_arrival, receipts
from crm_sheets.schema.base import Row
from crm_sheets.schema.contracts import Contract

NOT_SIGNED, ENDED = "pending", "terminated"


def contract_payments(row: Row, context: Context) -> Outcome:
    """Computes paid from the payments that have arrived; flags what does not go with amount and state.

    No finding names an amount: findings go into mails, and what a contract is worth does not.
    """
    received = receipts(row, context)
    issues = _issues(row, record_of(row, Contract), received, context)
    return Outcome(tuple(issues), cells(paid=received.paid), wake_at=next_arrival(row, context))


def _issues(row: Row, contract: Contract, received: Receipts, context: Context) -> list[Issue]:
    state, said = context.dictionaries.code("contract_state", contract.state), str(contract.state)
    issues = []
    if state == NOT_SIGNED and contract.signed_on is not None:
        issues.append(found("state-behind-dates", row, "state", Severity.WARNING, value=said))
    if state == ENDED and received.open:
        issues.append(found("ended-with-open-payments", row, "state", Severity.WARNING, number=str(received.open)))
    if contract.amount is None:
        return issues
    if received.paid > contract.amount:
        issues.append(found("contract-overpaid", row, "paid", Severity.WARNING))
    elif received.open and state != ENDED and received.paid + received.planned != contract.amount:
        issues.append(found("contract-instalments-differ", row, "amount", Severity.WARNING))
    if state == COMPLETED and received.paid < contract.amount:
        issues.append(found("completed-unpaid", row, "state", Severity.WARNING, value=said))
    return issues
