"""A payment is for an order, a contract, or both; customer and owner are theirs."""

from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.base import Context, cells, found, is_blank, label, record_of
from crm_sheets.rules.naming import CONTRACTS, CUSTOMERS, ORDERS, names, the_one
from crm_sheets.schema.base import Row
from crm_sheets.schema.contracts import Contract
from crm_sheets.schema.orders import Order
from crm_sheets.schema.payments import Payment


def payment_purposes(row: Row, context: Context) -> Outcome:
    """Computes customer and owner; flags a payment for nothing, or for order and contract of two customers."""
    payment = record_of(row, Payment)
    order, contract = _order_of(payment, context), _contract_of(payment, context)
    purposes = [purpose for purpose in (order, contract) if purpose is not None]
    values = cells(
        customer=next((purpose.customer for purpose in purposes if purpose.customer), None),
        owner=next((purpose.owner for purpose in purposes if purpose.owner), None),
    )
    blank = all(is_blank(getattr(payment, name)) and name not in row.unreadable for name in ("order", "contract"))
    issues: list[Issue] = []
    if blank and payment.amount is not None:
        issues.append(found("payment-for-nothing", row, "order", other=label(row, "contract", context)))
    elif order is not None and contract is not None and _differ(payment, contract.customer, context):
        issues.append(
            found(
                "payment-of-two-customers",
                row,
                "contract",
                Severity.WARNING,
                value=str(payment.contract),
                customer=str(contract.customer),
                other=str(order.customer),
            )
        )
    return Outcome(tuple(issues), values)


def _differ(payment: Payment, said: str | None, context: Context) -> bool:
    """Whether a contract's customer is another than the payment's, which is its order's."""
    customer = the_one(CUSTOMERS, payment.customer, context)
    return customer is not None and bool(said) and not names(said, customer)


def _order_of(payment: Payment, context: Context) -> Order | None:
    row = the_one(ORDERS, payment.order, context)
    return record_of(row, Order) if row else None


def _contract_of(payment: Payment, context: Context) -> Contract | None:
    row = the_one(CONTRACTS, payment.contract, context)
    return record_of(row, Contract) if row else None
