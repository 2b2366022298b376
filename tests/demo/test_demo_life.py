"""Stages, statuses, lifecycles and levels in the demo's book, worked out once more from the raw rows in another way."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.cells import CellValue
from crm_sheets.demo import generate
from crm_sheets.schema import tab
from crm_sheets.tables import ColumnKey, TabKey
from tests.sync.desks import Desk

NOW = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)
LATER = 40
"""Days after which staff move deals on, and everything is looked at again."""

TABS = ("customers", "opportunities", "follow_ups", "stage_history")
ORDER = ("初步接触", "需求分析", "方案提交", "商务谈判", "合同签订")
GOALS = dict(zip(ORDER, (14, 21, 21, 30, 14), strict=True))
LIMITS = dict(zip(ORDER, (30, 45, 45, 60, 30), strict=True))
LEVELS = (("VIP", 1_000_000), ("A", 300_000), ("B", 50_000), ("C", 0))
BEFORE = {"潜在客户", "意向客户", "方案洽谈"}
Line = Mapping[str, CellValue]


class Demo:
    """The demo's rows in a book, what they were typed as, and what the sheets show after each act."""

    def __init__(self) -> None:
        book = generate(1, NOW, ZoneInfo("Asia/Shanghai"), "zh-CN")
        self.raw = {key: [_plain(row) for row in book.tabs.get(TabKey(key), [])] for key in TABS}
        self.raw["customers"] = self.raw["customers"][::2]
        names = {row["name"] for row in self.raw["customers"]}
        for key, step in (("opportunities", 1), ("follow_ups", 3)):
            self.raw[key] = [row for row in self.raw[key] if row["customer"] in names][::step]
        columns = {key: " ".join(tab(TabKey(key)).columns) for key in TABS}
        self.desk = Desk(columns=columns, now=NOW - timedelta(seconds=30))
        self.desk.cycle.setup = replace(self.desk.setup, threshold=None)
        for key in TABS:
            for row in self.raw[key]:
                self.desk.add(key, **row)
        self.desk.sync()
        self.first = {key: self.shown(key) for key in TABS}
        self.desk.sync()
        self.second = {key: self.shown(key) for key in TABS}
        self.moved = self._move()
        self.desk.sync(later=timedelta(days=LATER))
        self.last = {key: self.shown(key) for key in TABS}

    def shown(self, key: str) -> list[Line]:
        names = self.desk.columns[key].split()
        return [dict(zip(names, [*cells, *[None] * len(names)], strict=False)) for cells in self.desk.grid(key)[1:]]

    def _move(self) -> dict[int, str]:
        """Every third deal that is open goes to another stage, by turns one on, two on, one back, won or lost."""
        moved: dict[int, str] = {}
        for row, deal in enumerate(self.first["opportunities"]):
            stage = str(deal["stage"])
            if stage in ORDER and row % 3 == 0:
                place = ORDER.index(stage)
                ways = (
                    (*ORDER, "赢单")[place + 1],
                    (*ORDER, "赢单", "赢单")[place + 2],
                    ORDER[place - 1],
                    "赢单",
                    "输单",
                )
                moved[row] = ways[len(moved) % 5]
                self.desk.type("opportunities", row, "stage", moved[row])
                self.desk.type("opportunities", row, "close_date", deal["close_date"])
        return {row: stage for row, stage in moved.items() if stage != self.first["opportunities"][row]["stage"]}


def _plain(row: Mapping[ColumnKey, CellValue]) -> dict[str, CellValue]:
    return {str(column): value for column, value in row.items()}


@pytest.fixture(scope="module")
def demo() -> Demo:
    return Demo()


def day(value: CellValue) -> date | None:
    """The day of a cell, which a write made a serial number."""
    if isinstance(value, int | float):
        return date(1899, 12, 30) + timedelta(days=int(value))
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None


def deals_of(customer: Line, deals: Iterable[Line]) -> list[Line]:
    """Deals that name a customer."""
    name = str(customer["name"]).strip()
    return [deal for deal in deals if str(deal["customer"]).strip() == name]


def entered(deal: Line) -> date:
    """Since when a deal that was typed today is in its stage."""
    known = day(deal.get("close_date")) if deal["stage"] in {"赢单", "输单"} else None
    if deal["stage"] == ORDER[0]:
        known = day(deal.get("started_on"))
    return min(known or TODAY, TODAY)


def test_a_second_cycle_changes_nothing(demo: Demo) -> None:
    assert demo.second == demo.first


def test_the_days_in_a_stage_and_the_day_to_leave_it(demo: Demo) -> None:
    seen: Counter[str] = Counter()
    for raw, now in zip(demo.raw["opportunities"], demo.first["opportunities"], strict=True):
        stage = str(raw["stage"])
        assert day(now["stage_since"]) == entered(raw)
        if stage in ORDER:
            since = day(now["stage_since"]) or TODAY
            assert now["stage_days"] == (TODAY - since).days
            assert day(now["stage_due"]) == since + timedelta(days=GOALS[stage])
            check = str(now["check"] or "")
            days = (TODAY - since).days
            late = days > GOALS[stage]
            assert ("的目标" in check) == (late and days <= LIMITS[stage]), check
            assert ("的期限" in check or "已停滞" in check) == (days > LIMITS[stage]), check
            seen[f"{late}"] += 1
        elif stage in {"赢单", "输单"}:
            assert (now["stage_days"], now["stage_due"]) == (None, None)
    assert min(seen.values()) > 5


def test_moved_deals_say_what_they_were_and_how_they_went(demo: Demo) -> None:
    steps: Counter[str] = Counter()
    for row, stage in demo.moved.items():
        before, now = demo.first["opportunities"][row], demo.last["opportunities"][row]
        assert now["stage_was"] == before["stage"]
        assert day(now["stage_since"]) == TODAY + timedelta(days=LATER)
        way = [*ORDER, "赢单"]
        jump = 1 if stage == "输单" else way.index(stage) - way.index(str(before["stage"]))
        told = {"跳过": jump > 1, "退回": jump < 0}
        assert {word: word in str(now["check"]) for word in told} == told
        steps.update(word for word, said in told.items() if said)
    assert len(demo.moved) > 15
    assert min(steps["跳过"], steps["退回"]) > 2


def test_the_stage_history_tells_every_move(demo: Demo) -> None:
    moves = [line for line in demo.last["stage_history"] if line["field"] == "阶段"]
    by_deal: dict[str, list[Line]] = {}
    for line in sorted(moves, key=lambda line: int(str(line["number"]))):
        by_deal.setdefault(str(line["object"]), []).append(line)
    for row, now in enumerate(demo.last["opportunities"]):
        lines = by_deal.pop(str(now["id"]), [])
        typed = str(demo.raw["opportunities"][row]["stage"])
        expected = [(1, None, typed)] + ([(2, typed, demo.moved[row])] if row in demo.moved else [])
        assert [(line["number"], line["from_value"], line["to_value"]) for line in lines] == expected
        if row in demo.moved:
            since = day(demo.first["opportunities"][row]["stage_since"]) or TODAY
            assert lines[1]["days"] == (TODAY + timedelta(days=LATER) - since).days
    assert by_deal == {}


def test_lifecycle_conversion_and_path(demo: Demo) -> None:
    for act, until in ((demo.first, TODAY), (demo.last, TODAY + timedelta(days=LATER))):
        for customer in act["customers"]:
            won = [deal for deal in deals_of(customer, act["opportunities"]) if deal["stage"] == "赢单"]
            count = min(len(won), 2)
            wanted = "流失" if customer["status"] == "流失客户" else ("潜在", "成交", "忠诚")[count]
            assert customer["lifecycle"] == wanted
            days = [day(deal["stage_since"]) or until for deal in won]
            assert day(customer["converted_at"]) == min(days, default=None)
            assert bool(customer["path"]) == bool(won)
            if won:
                assert str(customer["path"]).split(" → ")[-1] in {deal["name"] for deal in won}


def test_a_first_purchase_moves_the_status_and_nothing_else_does(demo: Demo) -> None:
    moved = 0
    for before, now in zip(demo.first["customers"], demo.last["customers"], strict=True):
        converts = before["converted_at"] is None and now["converted_at"] is not None
        stays = before["status"] not in BEFORE | {"流失客户", "休眠客户"}
        assert now["status"] == (before["status"] if stays or not converts else "成交客户")
        if now["status"] != before["status"]:
            moved += 1
            assert now["status_was"] == before["status"]
            assert day(now["status_since"]) == TODAY + timedelta(days=LATER)
    lines = [line for line in demo.last["stage_history"] if line["field"] == "客户状态"]
    assert moved == len(lines) > 2


def test_dormant_customers(demo: Demo) -> None:
    dormant = 0
    for before, now in zip(demo.first["customers"], demo.last["customers"], strict=True):
        done = [day(row["done_at"]) for row in demo.first["follow_ups"] if row["customer"] == before["name"]]
        held = [each for each in done if each is not None]
        quiet = (TODAY + timedelta(days=LATER) - max(held)).days if held else 0
        told = "长时间没有跟进" in str(now["check"])
        if now["status"] in BEFORE | {"成交客户"} and now["status"] == before["status"] and held:
            assert told == (quiet >= 180), (now["name"], quiet)
            dormant += told
    assert dormant > 1


def level_of(amount: float) -> str:
    return next(level for level, threshold in LEVELS if amount >= threshold)


def test_levels(demo: Demo) -> None:
    given: Counter[str] = Counter()
    for act, today in ((demo.first, TODAY), (demo.last, TODAY + timedelta(days=LATER))):
        for raw, customer in zip(demo.raw["customers"], act["customers"], strict=True):
            amount, count = 0.0, 0
            for deal in deals_of(customer, act["opportunities"]):
                bought = day(deal["stage_since"])
                if deal["stage"] == "赢单" and bought and today - timedelta(days=365) < bought <= today:
                    amount, count = amount + float(str(deal["amount"] or 0)), count + 1
            assert customer["computed_level"] == level_of(amount)
            assert customer["level"] == (raw.get("level") or level_of(amount))
            if not raw.get("level"):
                assert f"赢单{count}个，金额{amount:,.2f}" in str(customer["level_basis"])
                given[str(customer["level"])] += 1
    assert min(given[level] for level in "ABC") > 1


def test_moved_levels_say_since_when(demo: Demo) -> None:
    moved = 0
    for before, now in zip(demo.first["customers"], demo.last["customers"], strict=True):
        if now["level"] != before["level"]:
            moved += 1
            places = [level for level, _ in LEVELS]
            word = "升级" if places.index(str(now["level"])) < places.index(str(before["level"])) else "降级"
            assert f"（2026-12-30由{before['level']}{word}）" in str(now["level_basis"])
            assert now["level_was"] == before["level"]
            assert day(now["level_since"]) == TODAY + timedelta(days=LATER)
    assert moved > 3
    assert moved == sum(line["field"] == "客户等级" for line in demo.last["stage_history"])
