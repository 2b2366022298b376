"""BG/NBD against what its authors published, and against histories made by its own story."""

import random
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from crm_sheets.insights.buying import BuyingModel, Purchases, fit
from crm_sheets.insights.returning import purchases, returning

CDNOW = Path(__file__).parents[2].parent / "shared" / "data" / "cdnow" / "CDNOW_sample.txt"
PUBLISHED = BuyingModel(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=-9582.4)


@pytest.fixture(scope="module")
def cdnow() -> list[list[int]]:
    """The days on which each of the 2,357 customers bought."""
    if not CDNOW.is_file():
        pytest.skip("the CDNOW sample is not on this machine")
    bought: dict[str, list[int]] = {}
    for line in CDNOW.read_text(encoding="ascii").splitlines():
        if line.strip():
            customer, _, day, *_ = line.split()
            bought.setdefault(customer, []).append(datetime.strptime(day, "%Y%m%d").toordinal())  # noqa: DTZ007
    return list(bought.values())


def one(repeats: float, recency: float, age: float) -> Purchases:
    return Purchases(np.array([repeats]), np.array([recency]), np.array([age]))


def test_the_parameters_of_the_paper(cdnow: list[list[int]]) -> None:
    model = fit(purchases(cdnow, date(1997, 9, 30).toordinal()))
    assert model is not None
    for name in ("r", "alpha", "a", "b"):
        assert getattr(model, name) == pytest.approx(getattr(PUBLISHED, name), abs=0.002)
    assert model.log_likelihood == pytest.approx(PUBLISHED.log_likelihood, abs=0.1)


def test_the_customer_of_the_authors_spreadsheet() -> None:
    """Customer 0001 of the paper's worked example: 2 repeats, 30.43 weeks, 38.86 weeks: 1.226 purchases in 39 weeks."""
    assert PUBLISHED.expected(one(2, 30.43, 38.86), 39)[0] == pytest.approx(1.226, abs=0.001)


def test_who_never_came_back_has_had_no_occasion_to_leave() -> None:
    assert PUBLISHED.alive(one(0, 0, 30))[0] == 1


def test_long_silence_after_many_purchases_means_gone() -> None:
    lately, long_ago = PUBLISHED.alive(one(20, 38, 39))[0], PUBLISHED.alive(one(20, 10, 39))[0]
    assert long_ago < 0.01 < 0.8 < lately


def test_the_unit_of_time_does_not_matter(cdnow: list[list[int]]) -> None:
    weeks = purchases(cdnow[:400], date(1997, 9, 30).toordinal())
    days = Purchases(weeks.repeats, weeks.recency * 7, weeks.age * 7)
    by_week, by_day = fit(weeks), fit(days)
    assert by_week is not None
    assert by_day is not None
    assert by_day.alpha / 7 == pytest.approx(by_week.alpha, rel=0.01)
    assert by_day.expected(days, 70) == pytest.approx(by_week.expected(weeks, 10), rel=0.01)


def test_cdnow_earns_its_forecast(cdnow: list[list[int]]) -> None:
    found = returning(cdnow, date(1998, 6, 30).toordinal())
    assert found is not None
    assert found.trial is not None
    assert found.trial.passed
    assert found.trial.foretold == pytest.approx(found.trial.bought, rel=0.1)
    assert len(found.alive) == len(found.expected) == len(cdnow)


def test_customers_who_buy_like_clockwork_do_not_earn_it() -> None:
    """Whoever buys every thirty days for ever is foretold exactly by going on as before; the model cannot be better."""
    clockwork = [list(range(100 + start, 700, 30)) for start in range(120)]
    found = returning(clockwork, 700)
    assert found is not None
    assert found.trial is not None
    assert not found.trial.passed
    assert found.alive == found.expected == ()


def test_neither_the_order_of_customers_nor_one_slip_of_the_pen_matters() -> None:
    source = random.Random(3)
    bought = [[source.randint(1000, 1400) for _ in range(source.randint(1, 4))] for _ in range(150)]
    found = returning(bought, 1400)
    assert found is not None
    assert found.trial is not None
    other = returning(bought[::-1], 1400)
    assert other is not None
    assert (other.trial, other.model) == (found.trial, found.model)
    slipped = returning([*bought, [3]], 1400)
    assert slipped is not None
    assert slipped.trial is not None
    assert slipped.trial.customers == found.trial.customers + 1


@pytest.mark.filterwarnings("error")
def test_who_bought_on_two_days_long_ago_is_told_without_a_warning() -> None:
    assert returning([[699_000, 699_001]] * 120, 700_000) is not None


def test_a_handful_is_not_judged() -> None:
    assert returning([[1, 5, 9]] * 20, 100) is None
