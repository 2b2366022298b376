"""What 汇总_销售漏斗, 汇总_阶段转化 and 汇总_跟进 tell of each department, group and person, counted a second time."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest

from crm_sheets.changes import Value
from crm_sheets.language import language
from crm_sheets.rules.summaries.base import Figure, Frames, Summary, SummaryRule
from crm_sheets.rules.summaries.conversion import CONVERSION
from crm_sheets.rules.summaries.follow_ups import FOLLOW_UPS
from crm_sheets.rules.summaries.funnel import FUNNEL
from crm_sheets.tables import ColumnKey, TabKey
from tests.rules.summaries import sales_by_hand as by_hand
from tests.rules.summaries.test_sales_figures import TODAY, Book, close_to, context, frame

PEOPLE = {"甲": ("销售部", "一组"), "乙": ("销售部", "二组"), "丙": ("渠道部", None)}
NUMBERS = {"甲": "E1", "乙": "E2", "丙": "E3"}
BLANK = "（未填写）"
LAST = date(2027, 10, 31)
UNITS = ("department", "group", "person")


def unit_of(owner: str, unit: str) -> str:
    department, group = PEOPLE.get(owner, (None, None))
    return {"department": department, "group": group, "person": owner}[unit] or BLANK


def staffed(frames: Frames) -> Frames:
    """With 组织; every second owner is told by 工号."""
    people = frame(
        id=list(NUMBERS.values()),
        name=list(NUMBERS),
        department=[department for department, _ in PEOPLE.values()],
        group=[group for _, group in PEOPLE.values()],
        manager=[None for _ in PEOPLE],
    )
    return {**frames, TabKey("people"): people}


def told(summary: Summary, block: str) -> dict[tuple[str, str], Figure]:
    """The figures of a block by measure and group."""
    begin = f"{summary.key}.{block}."
    found = {}
    for figure in summary.figures:
        if figure.key.startswith(begin):
            measure, _, group = figure.key.removeprefix(begin).removesuffix("]").partition("[")
            found[measure, group] = figure
    return found


def without(frames: Frames, tab: str, *names: str) -> Frames:
    """What a reader has who may not read some columns."""
    seen = {key: values for key, values in frames[TabKey(tab)].items() if key not in names}
    return {**frames, TabKey(tab): seen}


@pytest.fixture(scope="module")
def book() -> Book:
    return Book(4)


@pytest.fixture(scope="module")
def frames(book: Book) -> Frames:
    found = staffed(book.frames)
    deals = {**found[TabKey("opportunities")]}
    owners = deals[ColumnKey("owner")]
    deals[ColumnKey("owner")] = [NUMBERS[str(name)] if place % 2 else name for place, name in enumerate(owners)]
    return {**found, TabKey("opportunities"): deals}


@pytest.fixture(scope="module")
def funnel(frames: Frames) -> Summary:
    return FUNNEL.compute(frames, context())


@pytest.mark.parametrize("unit", UNITS)
def test_deals_of_each_unit(book: Book, funnel: Summary, unit: str) -> None:
    found = told(funnel, f"by_{unit}")
    names = {unit_of(deal.owner, unit) for deal in book.deals}
    assert {group for _, group in found} == names
    for name in names:
        mine = [deal for deal in book.deals if unit_of(deal.owner, unit) == name]
        running = [deal for deal in mine if not deal.outcome]
        won, lost = (sum(deal.outcome == outcome for deal in mine) for outcome in ("won", "lost"))
        assert found["open", name].value == len(running)
        assert close_to(found["open_amount", name].value, sum(deal.amount for deal in running))
        assert close_to(found["open_weighted", name].value, sum(deal.weighted for deal in running))
        assert (found["won", name].value, found["lost", name].value) == (won, lost)
        assert close_to(found["won_amount", name].value, sum(deal.amount for deal in mine if deal.outcome == "won"))
        rate = found["win_rate", name]
        assert close_to(rate.value, Fraction(won, won + lost), 0.00006)
        assert rate.cases == won + lost
        assert (rate.low is None) == (won + lost >= 30)


@pytest.mark.parametrize("unit", UNITS)
def test_the_forecast_of_each_unit(book: Book, funnel: Summary, unit: str) -> None:
    found = told(funnel, f"forecast_by_{unit}")
    within = [deal for deal in book.deals if deal.closes and date(2026, 11, 1) <= deal.closes <= LAST]
    assert len(within) < len(book.deals)
    late = [deal for deal in within if not deal.outcome and deal.closes and deal.closes < TODAY]
    names = {unit_of(deal.owner, unit) for deal in within if deal.outcome != "lost" and deal not in late}
    assert {group for _, group in found} == names
    for name in names:
        mine = [deal for deal in within if unit_of(deal.owner, unit) == name]
        middle, low, high = _together(mine)
        ahead = [deal for deal in mine if not deal.outcome and deal.closes and deal.closes >= TODAY]
        assert found["coming", name].value == len(ahead)
        assert close_to(found["coming_amount", name].value, sum(deal.amount for deal in ahead))
        assert close_to(found["coming_weighted", name].value, sum(deal.weighted for deal in ahead))
        assert close_to(found["coming_won", name].value, sum(d.amount for d in mine if d.outcome == "won"))
        assert close_to(found["coming_forecast", name].value, middle)
        assert close_to(found["coming_low", name].value, low, 0.51)
        assert close_to(found["coming_high", name].value, high, 0.51)
        assert found["coming_low", name].period == "2026-11-01/2027-10-31"


def _together(deals: list[by_hand.Deal]) -> tuple[Fraction, float, float]:
    """by_hand.forecast, as if all of them closed in one month."""
    day = TODAY + timedelta(days=1)
    past = [deal for deal in deals if not deal.outcome and deal.closes and deal.closes < TODAY]
    moved = [replace(deal, closes=day) for deal in deals if deal not in past]
    return by_hand.forecast(moved, TODAY)["2026-11"]


@pytest.mark.parametrize("unit", UNITS)
def test_who_came_from_the_first_stage_to_the_win(book: Book, frames: Frames, unit: str) -> None:
    found = told(CONVERSION.compute(frames, context()), f"by_{unit}")
    moved: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for key, stage, day in book.moves:
        moved[key].append((day, stage))
    begun: dict[str, list[by_hand.Deal]] = defaultdict(list)
    for deal in book.deals:
        if deal.key in moved:
            begun[unit_of(deal.owner, unit)].append(deal)
    assert {group for _, group in found} == set(begun)
    for name, deals in begun.items():
        won = [deal for deal in deals if deal.outcome == "won"]
        assert found["started", name].value == len(deals)
        assert close_to(found["started_won_rate", name].value, Fraction(len(won), len(deals)), 0.00006)
        assert found["entered_lost", name].value == sum(deal.outcome == "lost" for deal in deals)
        assert found["entered_open", name].value == sum(not deal.outcome for deal in deals)
        lasted = [
            (min(day for day, stage in moved[deal.key] if stage == "won") - min(moved[deal.key])[0]).days
            for deal in won
            if any(stage == "won" for _, stage in moved[deal.key])
        ]
        assert close_to(found["days_to_win", name].value, by_hand.quantile(lasted, Fraction(1, 2)))


class Calls:
    """Made-up follow-ups: who, with whom, until when, and when they were done."""

    def __init__(self, seed: int) -> None:
        dice = Random(seed)
        self.rows = [
            (
                dice.choice("甲乙丙丁"),
                dice.choice(("A", "a", "B", "C", None)),
                TODAY - timedelta(days=dice.randrange(-9, 40)),
                TODAY - timedelta(days=dice.randrange(0, 40)) if dice.random() < 0.7 else None,
            )
            for _ in range(120)
        ]

    @property
    def frames(self) -> Frames:
        words = language("zh-CN")

        def state(planned: date, done: date | None) -> str:
            code = "done" if done else "overdue" if planned < TODAY else "pending"
            return words.text(f"value.follow_up_state.{code}")

        def noon(day: date | None) -> Value:
            return None if day is None else datetime(day.year, day.month, day.day, 4, tzinfo=UTC)

        calls = frame(
            owner=[row[0] for row in self.rows],
            customer=[row[1] for row in self.rows],
            method=[None for _ in self.rows],
            state=[state(planned, done) for _, _, planned, done in self.rows],
            planned_at=[noon(row[2]) for row in self.rows],
            done_at=[noon(row[3]) for row in self.rows],
        )
        customers = frame(owner=[], status=[], last_contact=[], created_at=[])
        return staffed({TabKey("follow_ups"): calls, TabKey("customers"): customers})


@pytest.mark.parametrize("unit", ["department", "group"])
def test_follow_ups_of_each_unit(unit: str) -> None:
    calls = Calls(5)
    found = told(FOLLOW_UPS.compute(calls.frames, context()), f"by_{unit}")
    names = {unit_of(row[0], unit) for row in calls.rows}
    assert {group for _, group in found} == names
    assert BLANK in names
    for name in names:
        mine = [row for row in calls.rows if unit_of(row[0], unit) == name]
        done = [(customer, planned, day) for _, customer, planned, day in mine if day]
        this_month = [row for row in done if row[2] >= date(2026, 11, 1)]
        lately = [row for row in done if row[2] > TODAY - timedelta(days=30)]
        on_time = found["on_time_rate", name]
        assert found["done_this_week", name].value == sum(day >= date(2026, 11, 16) for _, _, day in done)
        assert found["done_this_month", name].value == on_time.cases == len(this_month)
        assert close_to(
            on_time.value, Fraction(sum(day <= planned for _, planned, day in this_month), len(this_month)), 0.00006
        )
        assert found["overdue", name].value == sum(not day and planned < TODAY for _, _, planned, day in mine)
        assert found["pending", name].value == sum(not day and planned >= TODAY for _, _, planned, day in mine)
        assert found["done_7_days", name].value == sum(day > TODAY - timedelta(days=7) for _, _, day in done)
        assert found["done_30_days", name].value == len(lately)
        assert found["contacted_30_days", name].value == len({row[0].lower() for row in lately if row[0]})


def _blocks(rule: SummaryRule, frames: Frames) -> set[str]:
    return {block.key for block in rule.compute(frames, context()).blocks if "by_" in block.key}


@pytest.mark.parametrize(("rule", "count"), [(FUNNEL, 6), (CONVERSION, 3)])
def test_who_may_not_read_whose_a_deal_is_has_no_tables_of_units(rule: SummaryRule, count: int, frames: Frames) -> None:
    assert len(_blocks(rule, frames)) == count
    assert _blocks(rule, without(frames, "opportunities", "owner")) == set()
    no_groups = _blocks(rule, without(frames, "people", "group"))
    assert {key.rpartition("_")[2] for key in no_groups} == {"department", "person"}


def test_amounts_that_are_hidden_are_in_no_figure_of_a_unit(frames: Frames) -> None:
    owners = frames[TabKey("opportunities")][ColumnKey("owner")]
    seen = [owner not in ("丙", "E3") for owner in owners]
    sight = {ColumnKey("amount"): seen, ColumnKey("weighted"): seen}
    found = FUNNEL.compute({**frames, TabKey("sight of opportunities"): sight}, context())
    whole = FUNNEL.compute(frames, context())
    for block, measures in (
        ("by_person", ("open_amount", "open_weighted", "won_amount")),
        ("forecast_by_person", ("coming_amount", "coming_weighted", "coming_low", "coming_forecast", "coming_high")),
    ):
        mine, all_of_it = told(found, block), told(whole, block)
        assert {mine[measure, "丙"].value for measure in measures} == {None}
        assert all(mine[measure, "甲"] == all_of_it[measure, "甲"] for measure in measures)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("make", [FUNNEL, CONVERSION, FOLLOW_UPS], ids=lambda rule: rule.key)
def test_their_words_are_in_the_catalogues(make: SummaryRule, locale: str, frames: Frames) -> None:
    emptied: Frames = {
        tab: {column: [] for column in columns} for tab, columns in {**frames, **Calls(1).frames}.items()
    }
    blocks = [
        block
        for block in make.compute(emptied, replace(context(), language=language(locale))).blocks
        if block.key.startswith(("by_", "forecast_by_"))
    ]
    assert blocks
    texts = [text for block in blocks for text in (block.title, *block.header, *sum(block.definitions, ()))]
    assert [text for text in texts if text.startswith("summary.") or "{" in text] == []
