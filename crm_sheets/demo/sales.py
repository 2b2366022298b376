"""What became of the made-up team's won deals: orders with their lines, contracts, payments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from crm_sheets.cells import CellValue
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.words.model import Words
from crm_sheets.language import Language

Rows = list[dict[str, CellValue]]

_METHODS = {"bank_transfer": 60.0, "alipay": 8.0, "wechat": 10.0, "cheque": 8.0, "credit_card": 6.0, "cash": 2.0}
_INSTALMENTS = {"100": 40.0, "30,70": 35.0, "30,60,10": 25.0}
_CENT = Decimal("0.01")
UNPAID = 14
"""Payments for which the made-up team is still waiting although they were due."""

_SHARE_ORDERED, _SHARE_CONTRACTED, _SHARE_LATE, _SHARE_CANCELLED = 0.8, 0.45, 0.06, 0.06


@dataclass(frozen=True, slots=True)
class SalesMaker:
    """Makes rows that refer to customers and deals by their exact names, and to orders by their number elsewhere."""

    dice: Dice
    words: Words
    language: Language
    orders: Rows = field(default_factory=list)
    lines: Rows = field(default_factory=list)
    payments: Rows = field(default_factory=list)
    contracts: Rows = field(default_factory=list)

    def rows(self, deals: Sequence[dict[str, CellValue]]) -> dict[str, Rows]:
        """The rows of the four tabs."""
        won, signing = (self.language.text(f"value.opportunity_stage.{stage}") for stage in ("won", "signing"))
        for deal in deals:
            if deal["stage"] == won:
                self._won(deal)
            elif deal["stage"] == signing:
                self._contract(deal, "pending")
        return {
            "orders": self.orders,
            "order_lines": self.lines,
            "payments": self.payments,
            "contracts": self.contracts,
        }

    def _won(self, deal: dict[str, CellValue]) -> None:
        contract = None
        if self.dice.chance(_SHARE_CONTRACTED):
            state = self.dice.weighted({"active": 75.0, "completed": 20.0, "terminated": 5.0})
            contract = self._contract(deal, state)
        if self.dice.chance(_SHARE_ORDERED):
            self._order(deal)
        elif contract is not None and contract["state"] != self._value("contract_state", "terminated"):
            due = _day(contract["signed_on"])
            everything = contract["state"] == self._value("contract_state", "completed")
            self._pay(Decimal(str(deal["amount"])), due, {"contract": contract["number"]}, everything=everything)

    # -- contracts -----------------------------------------------------------------------------------------------------

    def _contract(self, deal: dict[str, CellValue], state: str) -> dict[str, CellValue]:
        signed = None if state == "pending" else _day(deal["close_date"])
        starts = (signed or self.dice.now.date()) + timedelta(days=self.dice.whole(1, 10))
        ends = starts + timedelta(days=self.dice.pick((180, 364, 364, 729)))
        if state in {"active", "pending"} and ends <= self.dice.now.date():
            ends += timedelta(days=364)
        row: dict[str, CellValue] = {
            "number": f"HT-{starts:%Y}-{len(self.contracts) + 1:03d}",
            "customer": deal["customer"],
            "opportunity": deal["name"],
            "signed_on": signed,
            "starts_on": starts,
            "ends_on": ends,
            "amount": deal["amount"],
            "state": self._value("contract_state", state),
            "owner": deal["owner"],
        }
        self.contracts.append(row)
        return row

    # -- orders --------------------------------------------------------------------------------------------------------

    def _order(self, deal: dict[str, CellValue]) -> None:
        today, dice = self.dice.now.date(), self.dice
        ordered = min(_day(deal["close_date"]) + timedelta(days=dice.whole(0, 4)), today)
        due = ordered + timedelta(days=dice.whole(7, 30))
        age = (today - ordered).days
        state = self._state(age, late=due < today)
        delivered = None
        if state in {"delivered", "completed"}:
            delivered = min(due + timedelta(days=dice.whole(-5, 2)), today)
        number = f"PO{ordered:%y%m}-{len(self.orders) + 1:03d}"
        self.orders.append(
            {
                "external": number,
                "customer": deal["customer"],
                "opportunity": deal["name"],
                "ordered_on": ordered,
                "state": self._value("order_state", state),
                "delivery_due": due,
                "delivered_on": delivered,
                "after_sales": self._after_sales() if delivered else None,
                "owner": deal["owner"] if dice.chance(0.8) else None,
            }
        )
        total = sum(self._lines(number, int(str(deal["amount"]))), Decimal(0))
        if state != "cancelled":
            self._pay(total, ordered, {"order": number}, everything=state == "completed" and dice.chance(0.95))

    def _state(self, age: int, *, late: bool) -> str:
        if self.dice.chance(_SHARE_CANCELLED):
            return "cancelled"
        if late and not self.dice.chance(_SHARE_LATE):
            return "completed" if age > 90 else self.dice.pick(("delivered", "completed"))
        return self.dice.pick(("created", "processing") if age < 10 else ("processing", "shipped"))

    def _after_sales(self) -> str:
        return self._value("after_sales", self.dice.weighted({"none": 88.0, "return": 5.0, "repair": 7.0}))

    def _lines(self, order: str, amount: int) -> Iterator[Decimal]:
        """The lines of an order, which come to about `amount`; what each comes to."""
        dice = self.dice
        parts = dice.whole(1, 4)
        for product in dice.random.sample(self.words.sales.products, parts):
            quantity = dice.pick((1, 1, 2, 3, 5, 10, 20))
            price = (Decimal(amount) / parts / quantity).quantize(_CENT, ROUND_HALF_UP)
            discount = dice.pick((Decimal("0.05"), Decimal("0.1"))) if dice.chance(0.2) else None
            total = (quantity * price * (1 - (discount or 0))).quantize(_CENT, ROUND_HALF_UP)
            cost = (total * Decimal(dice.whole(52, 88)) / 100).quantize(_CENT, ROUND_HALF_UP)
            self.lines.append(
                {
                    "order": order,
                    "product": product,
                    "quantity": quantity,
                    "unit_price": float(price),
                    "discount": None if discount is None else float(discount),
                    "cost": float(cost) if dice.chance(0.9) else None,
                }
            )
            yield total

    # -- payments ------------------------------------------------------------------------------------------------------

    def _pay(self, total: Decimal, first: date, purpose: dict[str, CellValue], *, everything: bool) -> None:
        """One to three instalments that add up; those of the past have arrived, but for some that are late."""
        dice, today, left = self.dice, self.dice.now.date(), total
        shares = [int(share) for share in dice.weighted(_INSTALMENTS).split(",")]
        for place, share in enumerate(shares):
            last = place == len(shares) - 1
            amount = left if last else (total * share / 100).quantize(_CENT, ROUND_HALF_UP)
            left -= amount
            due = first + timedelta(days=30 * place + 15)
            paid = min(due + timedelta(days=dice.whole(-6, 5)), today)
            arrived = everything or (due < today and not dice.chance(_SHARE_LATE))
            self.payments.append(
                {
                    **purpose,
                    "due_on": due,
                    "paid_on": paid if arrived else None,
                    "amount": float(amount),
                    "method": self._value("payment_method", dice.weighted(_METHODS)) if arrived else None,
                }
            )

    def _value(self, dictionary: str, code: str) -> str:
        return self.language.text(f"value.{dictionary}.{code}")


def _day(value: CellValue) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value!r} is no day")
    return value


def leave_unpaid(dice: Dice, payments: Sequence[dict[str, CellValue]]) -> None:
    """Some customers pay late: of what was due in the last half year, a part has not arrived, most of it lately due."""
    today = dice.now.date()
    ages = {id(row): (today - _day(row["due_on"])).days for row in payments if row["paid_on"] is not None}
    due = [row for row in payments if 0 < ages.get(id(row), 0) <= 180]
    for row in dice.random.choices(due, [1 / (20 + ages[id(row)]) for row in due], k=UNPAID):
        row |= {"paid_on": None, "method": None}
