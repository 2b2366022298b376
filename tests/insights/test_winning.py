"""When a chance of winning is told, and when it is not."""

import random
from collections.abc import Sequence

import pytest

from crm_sheets.insights.winning import ENOUGH, Deals, Verdict, judged, win_chances

RATES = {"referral": 0.8, "fair": 0.5, "web": 0.3, "call": 0.1}


def deals(count: int, seed: int, *, signal: bool) -> Deals:
    source = random.Random(seed)
    names = [source.choice(list(RATES)) for _ in range(count)]
    won = [source.random() < (RATES[name] if signal else 0.6) for name in names]
    return Deals({"source": names, "owner": [source.choice("xyz") for _ in names]}, won, list(range(count)))


def running(*sources: str) -> dict[str, Sequence[str]]:
    return {"source": sources, "owner": ["x"] * len(sources)}


@pytest.mark.parametrize("seed", range(3))
def test_a_signal_is_told_and_calibrated(seed: int) -> None:
    found = win_chances(deals(800, seed, signal=True), running("referral", "call"), 2, "source")
    assert found.verdict is Verdict.MODEL
    assert found.judgement is not None
    assert found.judgement.brier < found.judgement.base
    off = [abs(step.predicted - step.won) * step.deals for step in found.judgement.calibration]
    assert sum(off) / found.judgement.tested < 0.1
    assert found.chances == pytest.approx((0.8, 0.1), abs=0.12)


@pytest.mark.parametrize("seed", range(3))
def test_without_a_signal_nothing_is_told(seed: int) -> None:
    found = win_chances(deals(800, seed, signal=False), running("referral", "call"), 2, "source")
    assert found.verdict is Verdict.DECLINED
    assert found.judgement is not None
    assert abs(found.judgement.auc - 0.5) < 0.1
    assert found.chances == pytest.approx((0.6, 0.6), abs=0.1)  # base rates, pulled together


def test_few_deals_give_base_rates_pulled_towards_all() -> None:
    known = Deals({"source": ["web"] * 4 + ["fair"] * 16}, [True] * 4 + [False] * 16, list(range(20)))
    assert len(known) < ENOUGH
    found = win_chances(known, {"source": ["web", "fair", "new"]}, 3, "source")
    everywhere = (4 + 0.5) / 21
    assert found.verdict is Verdict.BASE
    assert found.chances == pytest.approx(((4 + 10 * everywhere) / 14, 10 * everywhere / 26, everywhere))


def test_what_is_known_only_afterwards_is_left_out() -> None:
    """Amounts that are blank in every lost deal would foretell everything, and nothing."""
    known = deals(400, 1, signal=False)
    told = Deals({**known.features, "amount": ["9" if won else "" for won in known.won]}, known.won, known.order)
    found = win_chances(told, {**running("web"), "amount": [""]}, 1, "source")
    assert found.verdict is Verdict.DECLINED


def test_a_signal_that_ended_is_not_told() -> None:
    """Judged on the later deals: what held only among the earlier ones must not be published."""
    before, after = deals(560, 2, signal=True), deals(240, 3, signal=False)
    known = Deals(
        {name: [*before.features[name], *after.features[name]] for name in before.features},
        [*before.won, *after.won],
        list(range(800)),
    )
    assert win_chances(known, running("web"), 1, "source").verdict is Verdict.DECLINED


def test_a_day_is_on_one_side_only() -> None:
    known = deals(100, 4, signal=True)
    together = Deals(known.features, known.won, [1] * 60 + [2] * 40)
    judgement = judged(together)
    assert judgement is None or judgement.tested in {40, 100}


def test_the_order_of_the_rows_does_not_matter() -> None:
    """Many deals are closed on one day: which of them comes first in the sheet must not decide what is said."""
    made = deals(120, 6, signal=True)
    known = Deals(made.features, made.won, [place // 12 for place in range(120)])
    places = random.Random(1).sample(range(120), 120)
    shuffled = Deals(
        {name: [values[place] for place in places] for name, values in known.features.items()},
        [known.won[place] for place in places],
        [known.order[place] for place in places],
    )
    assert win_chances(shuffled, running("web"), 1, "source") == win_chances(known, running("web"), 1, "source")


def test_deals_with_the_same_chance_are_in_one_step_of_the_calibration() -> None:
    """Which of them are on this side of a border would follow from nothing but their order."""
    known = deals(400, 6, signal=True)
    judgement = judged(Deals({"source": known.features["source"]}, known.won, known.order))
    assert judgement is not None
    steps = judgement.calibration
    assert 2 <= len(steps) <= len(RATES)
    assert sum(step.deals for step in steps) == judgement.tested
    later = known.features["source"][-judgement.tested :]
    counts = {sum(name in some for name in later) for some in (("call",), ("web",), ("fair",), ("referral",))}
    assert {step.deals for step in steps[:1]} <= counts


def test_no_open_deals() -> None:
    assert win_chances(deals(300, 5, signal=True), {"source": [], "owner": []}, 0, "source").chances == ()


def test_nothing_is_known() -> None:
    found = win_chances(Deals({"source": []}, [], []), {"source": ["web"]}, 1, "source")
    assert (found.verdict, found.rate, found.chances) == (Verdict.BASE, None, (0.5,))
