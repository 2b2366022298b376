"""Columns of the demo's workbook, worked out once more from what else stands in it, in another way than the rules do.

The tests beside the demo's generator do the same with its raw rows for amounts, stages, deadlines, levels and targets
(tests/demo/test_recounted_columns.py has the list); here is what needs the workbook that a user gets.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl

from crm_sheets.cells import text_key
from crm_sheets.language import language
from crm_sheets.schema.book import TABS
from crm_sheets.schema.labels import column_label, tab_label

WORDS = language("zh-CN")
CALLED_OFF = tuple(WORDS.text("rules.cancelled").split("|"))
DAYS_AFTER = 30
"""Days after a campaign in which a purchase still counts for it."""

Line = Mapping[str, object]
Book = Mapping[str, Sequence[Line]]


def read(path: Path) -> Book:
    """The rows of every tab, by the keys of its columns."""
    workbook = openpyxl.load_workbook(path, data_only=True)
    book: dict[str, list[Line]] = {}
    for tab in TABS:
        name = tab_label(tab.key, WORDS)
        if name in workbook.sheetnames:
            keys = {column_label(tab.key, key, WORDS): str(key) for key in tab.columns}
            header, *rows = workbook[name].iter_rows(values_only=True)
            names = [keys.get(str(cell).rstrip("*")) for cell in header]
            lines = [{key: cell for key, cell in zip(names, row, strict=True) if key} for row in rows]
            book[str(tab.key)] = [line for line in lines if any(line.values())]
    return book


def same(name: object, other: object) -> bool:
    return text_key(str(name or "")) == text_key(str(other or ""))


def moments(rows: Iterable[Line], column: str) -> list[datetime]:
    return [at for row in rows if isinstance(at := row[column], datetime)]


class Recount:
    """What the workbook should show at a moment of the office's clock."""

    def __init__(self, book: Book, now: datetime) -> None:
        self.book, self.now = book, now

    def of(self, tab: str, customer: Line) -> list[Line]:
        names = {text_key(str(customer[key])) for key in ("id", "name") if customer[key]}
        return [row for row in self.book[tab] if text_key(str(row["customer"] or "")) in names]

    def customer_of(self, row: Line) -> Line | None:
        found = [each for each in self.book["customers"] if same(row["customer"], each["name"])]
        return found[0] if len(found) == 1 else None

    # -- each returns what a column should hold --------------------------------------------------------------------

    def state(self, row: Line) -> str:
        if str(row["result"] or "").startswith(CALLED_OFF):
            return "已取消"
        if row["done_at"]:
            return "已完成"
        plan = row["planned_at"]
        if not isinstance(plan, datetime):
            return "待跟进"
        whole_day = plan.hour == plan.minute == 0
        return "已逾期" if plan + timedelta(days=whole_day) <= self.now else "待跟进"

    def last_contact(self, customer: Line) -> datetime | None:
        held = [row for row in self.of("follow_ups", customer) if self.state(row) != "已取消"]
        return max(moments(held, "done_at"), default=None)

    def next_contact(self, customer: Line) -> datetime | None:
        plans = {"待跟进": list[datetime](), "已逾期": list[datetime]()}
        for row in self.of("follow_ups", customer):
            plans.get(self.state(row), []).extend(moments([row], "planned_at"))
        return min(plans["待跟进"], default=max(plans["已逾期"], default=None))

    def department(self, customer: Line) -> object:
        return next((each["department"] for each in self.book["people"] if same(each["name"], customer["owner"])), None)

    def last_order(self, customer: Line) -> datetime | None:
        return max(moments(self._ordered(customer), "ordered_on"), default=None)

    def won_days(self, customer: Line) -> str | None:
        won = [row for row in self.of("opportunities", customer) if row["stage"] == "赢单"]
        days = {at.date() for at in (*moments(won, "stage_since"), *moments(self._ordered(customer), "ordered_on"))}
        past = sorted(day for day in days if day <= self.now.date())[-50:]
        return "; ".join(map(str, past)) or None

    def _ordered(self, customer: Line) -> list[Line]:
        return [row for row in self.of("orders", customer) if row["state"] != "已取消"]

    def weighted(self, deal: Line) -> float | None:
        amount, chance = deal["amount"], deal["probability"]
        if not isinstance(amount, int | float) or not isinstance(chance, int | float):
            return None
        return round(amount * {"赢单": 1, "输单": 0}.get(str(deal["stage"]), chance), 2)

    def cost(self, order: Line) -> float | None:
        names = {text_key(str(order[key])) for key in ("id", "external") if order[key]}
        named = (line for line in self.book["order_lines"] if text_key(str(line["order"] or "")) in names)
        lines = [line for line in named if line["amount"] is not None]  # a line that cannot be read counts for nothing
        costs = [line["cost"] for line in lines]
        known = [cost for cost in costs if isinstance(cost, int | float)]
        return round(sum(known), 2) if costs and len(known) == len(costs) else None

    def customer_id(self, member: Line) -> object:
        customer = self.customer_of(member)
        return customer["id"] if customer else None

    def converted_on(self, member: Line) -> datetime | None:
        customer = self.customer_of(member)
        campaign = next((each for each in self.book["campaigns"] if same(each["name"], member["campaign"])), None)
        starts, ends = (campaign[key] if campaign else None for key in ("starts_on", "ends_on"))
        if customer is None or not isinstance(starts, datetime) or not isinstance(ends, datetime):
            return None
        bought = [datetime.fromisoformat(day) for day in (self.won_days(customer) or "").split("; ") if day]
        return min((day for day in bought if starts <= day <= ends + timedelta(days=DAYS_AFTER)), default=None)

    def _told(self, move: Line) -> Line:
        """The deal or the customer of which a line of the history tells."""
        rows = self.book["opportunities" if move["field"] == "阶段" else "customers"]
        return next((row for row in rows if row["id"] == move["object"]), {})

    def move_name(self, move: Line) -> object:
        return self._told(move).get("name")

    def move_customer(self, move: Line) -> object:
        return self._told(move).get("customer" if move["field"] == "阶段" else "id")

    def move_opportunity(self, move: Line) -> object:
        return move["object"] if move["field"] == "阶段" else None

    def waiting(self, service: Line) -> bool:
        return service["state"] == "等待客户"

    def differences(self) -> Iterator[str]:
        """Every cell that is not what it should be."""
        for tab, columns in self.columns().items():
            for row in self.book[tab]:
                for column, meant in columns.items():
                    found, wanted = row[column], meant(row)
                    if isinstance(wanted, bool):
                        found = found is not None
                    if found != wanted:
                        yield f"{tab} {row.get('id')} {column}: {found!r}, should be {wanted!r}"

    def columns(self) -> dict[str, dict[str, Callable[[Line], object]]]:
        """What is counted again, by tab and column."""
        return {
            "customers": {
                "last_contact": self.last_contact,
                "next_contact": self.next_contact,
                "department": self.department,
                "last_order": self.last_order,
                "won_days": self.won_days,
            },
            "follow_ups": {"state": self.state},
            "opportunities": {"weighted": self.weighted},
            "orders": {"cost": self.cost},
            "campaign_members": {"customer_id": self.customer_id, "converted_on": self.converted_on},
            "services": {"waiting_since": self.waiting},
            "stage_history": {
                "name": self.move_name,
                "customer": self.move_customer,
                "opportunity": self.move_opportunity,
            },
        }
