"""Forecast, cycles, velocity, cohorts and trends equal what sales_by_hand counts, over books that dice made."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.changes import Value
from crm_sheets.language import language
from crm_sheets.rules.summaries.base import PIPELINE, PIPELINE_DAYS, Frames, Number, Rate, Summary, SummaryContext
from crm_sheets.rules.summaries.conversion import CONVERSION
from crm_sheets.rules.summaries.funnel import FUNNEL
from crm_sheets.rules.summaries.outcomes import OUTCOMES
from crm_sheets.rules.summaries.review import REVIEW
from crm_sheets.rules.summaries.trends import TRENDS
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry
from crm_sheets.tables import ColumnKey, TabKey
from tests.rules.summaries import sales_by_hand as by_hand

TODAY = date(2026, 11, 22)
STAGES = ("contact", "needs", "offer")
CHANCES = {"contact": "0.1", "needs": "0.35", "offer": "0.6", "won": "1", "lost": "0"}
KEPT_DAYS = [TODAY - timedelta(days=number) for number in range(130)][::-1]


def frame(**columns: list[Value]) -> dict[ColumnKey, list[Value]]:
    return {ColumnKey(name): values for name, values in columns.items()}


class Book:
    """A made-up team's deals, their stage history, and their pipeline of each day."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.deals = [self._deal(number) for number in range(160)]
        self.moves = [move for deal in self.deals for move in self._moves(deal)]
        self.kept = [line for deal in self.deals for line in self._kept(deal)]

    def _deal(self, number: int) -> by_hand.Deal:
        dice = self.dice
        stage = dice.choice((*STAGES, "won", "lost"))
        outcome = stage if stage in ("won", "lost") else ""
        began = TODAY - timedelta(days=dice.randrange(1, 200))
        closes = began + timedelta(days=dice.randrange(0, 90))
        if not outcome and dice.random() < 0.8:
            closes = TODAY + timedelta(days=dice.randrange(0, 500))
        amount = Fraction(dice.randrange(0, 10_000_000), 100)
        weighted = Fraction(round(amount * 100 * Fraction(CHANCES[stage])), 100)
        reason = dice.choice(("价格", "产品", "")) if outcome else ""
        started = None if dice.random() < 0.1 else began
        return by_hand.Deal(
            f"O-{number}", stage, outcome, amount, weighted, closes, started, dice.choice("甲乙丙"), reason
        )

    def _moves(self, deal: by_hand.Deal) -> list[tuple[str, str, date]]:
        day = (deal.closes or TODAY) - timedelta(days=200)
        told = []
        for stage in self.dice.choices((*STAGES, "won", "lost"), k=self.dice.randrange(0, 5)):
            day += timedelta(days=self.dice.randrange(0, 30))
            told.append((deal.key, stage, day))
        return told

    def _kept(self, deal: by_hand.Deal) -> list[by_hand.Kept]:
        cuts = sorted(self.dice.sample(KEPT_DAYS, 3))
        last = None if not deal.outcome else cuts[2]
        closes = deal.closes or TODAY
        return [
            by_hand.Kept(
                deal.key,
                since,
                until,
                amount := self.dice.randrange(0, 9_000_00),
                amount * self.dice.randrange(1, 9) // 10,
                closes - timedelta(days=self.dice.choice((0, 0, 15, 40))),
            )
            for since, until in ((cuts[0], cuts[1]), (cuts[1], last))
        ]

    @property
    def frames(self) -> Frames:
        def money(value: Fraction) -> Decimal:
            return Decimal(int(value * 100)) / 100

        gone = [("O-gone", "contact", TODAY - timedelta(days=9))]  # a deal that is there no more
        deals, moves, kept = self.deals, [*self.moves, *gone], self.kept
        return {
            TabKey("opportunities"): frame(
                id=[deal.key for deal in deals],
                name=[f"机会{deal.key}" for deal in deals],
                stage=[deal.stage for deal in deals],
                amount=[money(deal.amount) for deal in deals],
                weighted=[money(deal.weighted) for deal in deals],
                close_date=[deal.closes for deal in deals],
                started_on=[deal.began for deal in deals],
                owner=[deal.owner for deal in deals],
                win_reason=[deal.reason if deal.outcome == "won" else None for deal in deals],
                loss_reason=[deal.reason if deal.outcome == "lost" else None for deal in deals],
                stage_since=[None for _ in deals],
                stage_due=[None for _ in deals],
            ),
            TabKey("stage_history"): frame(
                object=[deal for deal, _, _ in moves],
                field=["阶段" for _ in moves],
                to_value=[stage for _, stage, _ in moves],
                at=[datetime(day.year, day.month, day.day, 9, tzinfo=UTC) for _, _, day in moves],
            ),
            PIPELINE: frame(
                deal=[line.deal for line in kept],
                since=[line.since for line in kept],
                until=[line.until for line in kept],
                amount=[line.amount for line in kept],
                weighted=[line.weighted for line in kept],
                close=[line.closes for line in kept],
            ),
            PIPELINE_DAYS: frame(day=list(KEPT_DAYS)),
        }


def context() -> SummaryContext:
    values = (*STAGES, "won", "lost")
    entries = tuple(DictionaryEntry(value, value, place, True, {}) for place, value in enumerate(values))
    zone = ZoneInfo("Asia/Shanghai")
    return SummaryContext(TODAY, zone, Dictionaries({"opportunity_stage": entries}), language("zh-CN"))


def figures(summary: Summary) -> dict[str, Number]:
    return {figure.key: figure.value for figure in summary.figures}


def close_to(value: Number, expected: Fraction | float | None, within: float = 0.006) -> bool:
    if value is None or expected is None:
        return value is None and expected is None
    return abs(float(value) - float(expected)) <= within


@pytest.fixture(scope="module", params=[1, 2, 3])
def book(request: pytest.FixtureRequest) -> Book:
    return Book(request.param)


def test_the_forecast_of_each_month(book: Book) -> None:
    told = figures(FUNNEL.compute(book.frames, context()))
    expected = {name: line for name, line in by_hand.forecast(book.deals, TODAY).items() if name >= "2026-11"}
    assert expected
    for name, (middle, low, high) in expected.items():
        assert close_to(told[f"funnel.forecast.forecast[{name}]"], middle)
        assert close_to(told[f"funnel.forecast.forecast_low[{name}]"], low, 0.51)
        assert close_to(told[f"funnel.forecast.forecast_high[{name}]"], high, 0.51)
    late = [deal for deal in book.deals if not deal.outcome and deal.closes and deal.closes < TODAY]
    assert told["funnel.overdue_open"] == len(late)
    assert close_to(told["funnel.overdue_amount"], sum((deal.amount for deal in late), Fraction()))


def test_cycles_velocity_and_reasons(book: Book) -> None:
    told = figures(OUTCOMES.compute(book.frames, context()))
    for words, outcomes in (("赢单", ("won",)), ("输单", ("lost",)), ("全部已结束", ("won", "lost"))):
        days = by_hand.spans(book.deals, *outcomes)
        assert told[f"outcomes.cycles.cycles[{words}]"] == len(days)
        assert close_to(told[f"outcomes.cycles.cycle_median[{words}]"], by_hand.quantile(days, Fraction(1, 2)))
        assert close_to(told[f"outcomes.cycles.cycle_p90[{words}]"], by_hand.quantile(days, Fraction(9, 10)))
    assert close_to(told["outcomes.velocity"], by_hand.velocity(book.deals))
    for owner in "甲乙丙":
        mine = [deal for deal in book.deals if deal.owner == owner]
        assert close_to(told[f"outcomes.velocity.velocity[{owner}]"], by_hand.velocity(mine))
    lost = [deal for deal in book.deals if deal.outcome == "lost"]
    for reason, name in (("价格", "价格"), ("", "（未填写）")):
        mine = [deal for deal in lost if deal.reason == reason]
        assert told[f"outcomes.loss_reasons.lost[{name}]"] == len(mine)
        assert close_to(told[f"outcomes.loss_reasons.reason_share[{name}]"], Fraction(len(mine), len(lost)), 0.00006)
    stalled = [deal for deal in book.deals if not deal.outcome and deal.closes and deal.closes < TODAY]
    assert told["outcomes.stalled"] == len(stalled)


def test_conversion_by_cohort(book: Book) -> None:
    summary = CONVERSION.compute(book.frames, context())
    told = figures(summary)
    expected = by_hand.cohorts(book.moves, {deal.key: deal.outcome for deal in book.deals}, STAGES)
    names = ("entered", "advanced_rate", "entered_won_rate", "entered_lost", "entered_open")
    for (stage, month), (arrived, beyond, won, lost, still) in expected.items():
        shares = Rate(beyond, arrived).value, Rate(won, arrived).value
        line = dict(zip(names, (arrived, *shares, lost, still), strict=True))
        assert {name: told[f"conversion.cohorts.{name}[{stage} {month}]"] for name in names} == line
    shown = {key.split("[")[1] for key in told if key.startswith("conversion.cohorts.")}
    assert shown == {f"{stage} {month}]" for stage, month in expected}
    few = next(figure for figure in summary.figures if figure.key.startswith("conversion.cohorts.advanced_rate"))
    assert few.cases is not None
    assert few.low is not None
    assert f"n={few.cases}" in few.definition


def test_trends_from_what_was_kept(book: Book) -> None:
    told = figures(TRENDS.compute(book.frames, context()))
    for day in KEPT_DAYS[-30:]:
        then = by_hand.standing(book.kept, day)
        assert told[f"trends.days.open[{day}]"] == len(then)
        assert told[f"trends.days.open_amount[{day}]"] == Decimal(sum(line.amount for line in then)) / 100
    beginnings = [date(2026, month, 1) for month in (8, 9, 10)]
    for day in beginnings:
        due, won, lost, slipped = by_hand.fates(book.kept, book.deals, day)
        names = ("due_at_beginning", "due_won", "due_lost", "due_slipped")
        line = [told[f"trends.slippage.{name}[{by_hand.month(day)}]"] for name in names]
        assert line == [due, won, lost, slipped]
        then = [line for line in by_hand.standing(book.kept, day) if by_hand.month(line.closes) == by_hand.month(day)]
        forecast = Decimal(sum(line.weighted for line in then)) / 100
        assert told[f"trends.accuracy.forecast_begin[{by_hand.month(day)}]"] == forecast
        won_then = [
            deal
            for deal in book.deals
            if deal.outcome == "won" and by_hand.month(deal.closes or day) == by_hand.month(day)
        ]
        result = sum((deal.amount for deal in won_then), Fraction())
        assert close_to(told[f"trends.accuracy.month_result[{by_hand.month(day)}]"], result)
    assert sorted(key for key in told if key.startswith("trends.accuracy.forecast_begin[")) == [
        f"trends.accuracy.forecast_begin[{by_hand.month(day)}]" for day in beginnings
    ]


def test_the_review_of_each_month(book: Book) -> None:
    reviews = frame(
        period=["2026-08", "2026-10", "2026-09"],
        scope=["公司", "甲", "乙"],
        measures=["少打折", "多拜访", "每周复盘"],
        responsible=[None, "甲", None],
        due=[None, date(2026, 11, 30), None],
        done=["已执行", None, None],
    )
    targets = frame(period=["2026-10"], scope=["公司"], measure=["成交金额"], value=[Decimal(1_000_000)])
    people = frame(id=["E1"], name=["甲"], department=["销售部"], group=["一组"])
    more = {TabKey("reviews"): reviews, TabKey("targets"): targets, TabKey("people"): people}
    summary = REVIEW.compute({**book.frames, **more}, context())
    told = figures(summary)

    def won(month: str, *owners: str) -> Fraction:
        mine = (deal for deal in book.deals if deal.outcome == "won" and (not owners or deal.owner in owners))
        return sum((deal.amount for deal in mine if deal.closes and by_hand.month(deal.closes) == month), Fraction())

    for month, before in (("2026-09", "2026-08"), ("2026-10", "2026-09")):
        assert close_to(told[f"review.months.goal_result[{month}]"], won(month))
        assert close_to(told[f"review.months.result_change[{month}]"], won(month) - won(before))
    assert close_to(told["review.goal_gap"], 1_000_000 - won("2026-10"))
    for owner in "甲乙丙":
        change = won("2026-10", owner) - won("2026-09", owner)
        assert close_to(told.get(f"review.by_person.part_change[{owner}]", 0), change)
    rows = next(block.rows for block in summary.blocks if block.key == "measures")
    assert [(row[0], row[1], row[7], row[8]) for row in rows] == [
        ("2026-10", "甲", "多拜访", ""),
        ("2026-09", "乙", "每周复盘", ""),
        ("2026-08", "公司", "少打折", "已执行"),
    ]
    assert rows[0][5] is None  # November is not over
    assert rows[1][4:7] == tuple(
        Decimal(int(amount * 100)) / 100
        for amount in (won("2026-09", "乙"), won("2026-10", "乙"), won("2026-10", "乙") - won("2026-09", "乙"))
    )


def test_a_won_deal_without_a_close_date_was_won_in_no_month() -> None:
    book = Book(1)
    place = next(place for place, deal in enumerate(book.deals) if deal.outcome == "won")
    book.deals[place] = replace(book.deals[place], closes=None)
    told = figures(REVIEW.compute(book.frames, context()))
    won = [deal for deal in book.deals if deal.outcome == "won" and deal.closes]
    month = by_hand.month(won[0].closes or TODAY)
    brought = sum(deal.amount for deal in won if deal.closes and by_hand.month(deal.closes) == month)
    assert close_to(told[f"review.months.goal_result[{month}]"], Fraction(brought))
    assert not [key for key in told if "[]" in key]
