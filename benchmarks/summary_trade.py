"""The orders, payments, campaigns, services and targets of benchmarks.summary_book."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from benchmarks.summary_records import DAYS, TODAY, Maker, Values
from crm_sheets.language import Language


class TradeMaker(Maker):
    """One record after the other."""

    def __init__(self, dice: random.Random, words: Language, sizes: Mapping[str, int]) -> None:
        super().__init__(dice, words, sizes)
        self.makes: Mapping[str, Callable[[int], Values]] = {
            "orders": self._order,
            "order_lines": self._line,
            "contracts": self._contract,
            "payments": self._payment,
            "services": self._service,
            "feedback": self._feedback,
            "campaigns": self._campaign,
            "campaign_members": self._member,
            "targets": self._target,
            "reviews": self._review,
            "calendar": self._free_day,
        }
        of = ("order_state", "payment_state", "contract_state", "payment_method", "service_type", "service_priority")
        more = ("feedback_type", "feedback_source", "feedback_state", "member_state", "campaign_type", "target_measure")
        self._known = {name: self.values(name) for name in (*of, *more)}

    def _any(self, dictionary: str) -> str:
        return self.dice.choice(self._known[dictionary])

    def _order(self, number: int) -> Values:
        dice, total = self.dice, self.amount()
        deal = f"O-{dice.randrange(self.sizes['opportunities']):06}" if dice.random() < 0.3 else None
        return {
            "id": f"O-{number:06}", "customer": self.customer(), "opportunity": deal, "ordered_on": self.day(DAYS, 0),
            "state": self._any("order_state"), "total": total, "owner": dice.choice(self.names),
            "profit": Decimal(dice.randrange(int(total * 50))) / 100 if dice.random() < 0.7 else None,
            "paid": total if dice.random() < 0.5 else Decimal(0), "payment_state": self._any("payment_state"),
        }  # fmt: skip

    def _line(self, number: int) -> Values:
        dice, quantity, price = self.dice, dice_quantity(self.dice), self.amount()
        cost = (price * dice.randrange(40, 100) / 100).quantize(Decimal("0.01")) if dice.random() < 0.7 else None
        return {
            "id": f"L-{number:06}", "order": f"O-{dice.randrange(self.sizes['orders']):06}",
            "product": f"产品{dice.randrange(200)}", "quantity": quantity, "unit_price": price, "cost": cost,
            "amount": price * quantity, "profit": None if cost is None else (price - cost) * quantity,
        }  # fmt: skip

    def _contract(self, number: int) -> Values:
        signed = self.day(DAYS, 0)
        return {
            "id": f"C-{number:06}", "number": f"HT{number:06}", "customer": self.customer(), "signed_on": signed,
            "starts_on": signed, "ends_on": signed + timedelta(days=365), "amount": self.amount(),
            "state": self._any("contract_state"), "owner": self.dice.choice(self.names),
        }  # fmt: skip

    def _payment(self, number: int) -> Values:
        dice, due = self.dice, self.day(DAYS, -60)
        ordered = dice.random() < 0.8
        paid = due + timedelta(days=dice.randrange(-20, 60))
        return {
            "id": f"P-{number:06}", "customer": self.customer(), "amount": self.amount(),
            "order": f"O-{dice.randrange(self.sizes['orders']):06}" if ordered else None,
            "contract": None if ordered else f"C-{dice.randrange(self.sizes['contracts']):06}",
            "due_on": due if dice.random() < 0.97 else None,
            "paid_on": paid if paid <= TODAY and dice.random() < 0.8 else None,
            "method": self._any("payment_method"), "owner": dice.choice(self.names),
        }  # fmt: skip

    def _service(self, number: int) -> Values:
        dice, opened = self.dice, self.instant(DAYS, 1)
        answered = opened + timedelta(minutes=dice.randrange(5, 3_000)) if dice.random() < 0.9 else None
        solved = opened + timedelta(minutes=dice.randrange(60, 20_000))
        done = answered is not None and solved.date() < TODAY and dice.random() < 0.9
        states = ("met", "missed") if done else ("normal", "late")
        return {
            "id": f"S-{number:06}", "customer": self.customer(), "opened_at": opened,
            "type": self._any("service_type"), "priority": self._any("service_priority"),
            "state": self.words.text(f"value.service_state.{'solved' if done else 'in_progress'}"),
            "owner": dice.choice(self.names), "first_response_at": answered, "solved_at": solved if done else None,
            "waited": dice.randrange(200) if done and dice.random() < 0.2 else None,
            "response_due": opened + timedelta(hours=20), "solve_due": opened + timedelta(hours=200),
            "sla_state": self.words.text(f"value.sla_state.{dice.choice(states)}"),
        }  # fmt: skip

    def _feedback(self, number: int) -> Values:
        dice, told = self.dice, self.day(DAYS, 0)
        state, resolved = self._any("feedback_state"), told + timedelta(days=dice.randrange(20))
        done = state == self.words.text("value.feedback_state.done")
        return {
            "id": f"B-{number:06}", "customer": self.customer(), "date": told, "type": self._any("feedback_type"),
            "source": self._any("feedback_source"), "content": "不错", "state": state, "owner": dice.choice(self.names),
            "due": told + timedelta(days=7),
            "resolved_at": datetime.combine(resolved, time(3), UTC) if done else None,
            "satisfaction": dice.randrange(1, 6) if dice.random() < 0.6 else None,
            "recommendation": dice.randrange(11) if dice.random() < 0.4 else None,
        }  # fmt: skip

    def _campaign(self, number: int) -> Values:
        starts = self.day(DAYS, 0)
        return {
            "id": f"K-{number:03}", "name": f"活动{number}", "type": self._any("campaign_type"), "starts_on": starts,
            "ends_on": starts + timedelta(days=self.dice.randrange(1, 30)),
            "budget": self.amount() if number % 5 else None,
        }  # fmt: skip

    def _member(self, number: int) -> Values:
        dice, place = self.dice, number % self.sizes["customers"]
        return {
            "campaign": f"K-{dice.randrange(self.sizes['campaigns']):03}", "customer": f"客户{place}有限公司",
            "customer_id": f"C-{place:06}", "state": self._any("member_state") if dice.random() < 0.8 else None,
            "converted_on": self.day(DAYS, 0) if dice.random() < 0.2 else None,
        }  # fmt: skip

    def _target(self, number: int) -> Values:
        """Of every person, department and group, and of the company, for this month, this quarter and some months."""
        scopes = [
            "公司",
            *(f"销售{place}部" for place in range(4)),
            *(f"{place}组" for place in range(10)),
            *self.names,
        ]
        period = ("2026-03", "2026Q1", "2026-02", "2026-01")[number // len(scopes) % 4]
        won = self.words.text("value.target_measure.won_amount")
        value, actual = Decimal(self.dice.randrange(100_000, 9_000_000)), Decimal(self.dice.randrange(9_000_000))
        return {
            "id": f"T-{number:04}", "period": period, "scope": scopes[number % len(scopes)],
            "measure": self._any("target_measure") if number % 3 == 2 else won, "value": value,
            "actual": actual, "attainment": (actual / value).quantize(Decimal("0.0001")), "gap": value - actual,
            "pace": Decimal("0.1364"),
        }  # fmt: skip

    def _review(self, number: int) -> Values:
        return {
            "id": f"R-{number:03}", "period": f"2025-{number % 12 + 1:02}", "scope": f"{number % 10}组",
            "measures": "多回访老客户", "responsible": self.names[number % len(self.names)],
            "due": date(2025, number % 12 + 1, 20), "done": "已做" if number % 2 else None,
        }  # fmt: skip

    def _free_day(self, number: int) -> Values:
        return {
            "date": TODAY - timedelta(days=11 * number + 1),
            "kind": self.words.text(f"value.day_kind.{'rest' if number % 2 else 'work'}"),
        }


def dice_quantity(dice: random.Random) -> Decimal:
    """One to twenty pieces."""
    return Decimal(dice.randrange(1, 21))
