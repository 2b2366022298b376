"""The method that did best is used, and says how far it is off."""

import math
import random
from collections.abc import Sequence

import pytest

from crm_sheets.insights.forecasting import LEAST, forecast, methods


def test_few_months_tell_nothing() -> None:
    assert forecast([1.0] * (LEAST - 1), 3) is None


def test_what_stays_the_same_goes_on_the_plainest_way() -> None:
    found = forecast([100.0] * 12, 2)
    assert found is not None
    assert (found.method, found.values, found.low, found.error) == ("naive", (100.0, 100.0), (100.0, 100.0), 0.0)


def test_a_method_that_fails_on_the_last_month_only_is_passed_over() -> None:
    series = [100.0 + 10 * month for month in range(12)]

    def rising(known: Sequence[float], _steps: int) -> list[float]:
        return [] if len(known) == len(series) else [known[-1] + 10]

    found = forecast(series, 2, ways={"naive": methods()["naive"], "rising": rising})
    assert found is not None
    assert (found.method, found.values, found.errors["rising"]) == ("naive", (210.0, 210.0), 0)


def test_a_trend_is_followed() -> None:
    found = forecast([100.0 + 10 * month for month in range(24)], 3)
    assert found is not None
    assert found.method in {"ets", "theta"}
    assert found.values == pytest.approx((340, 350, 360), rel=0.03)


def test_seasons_of_several_years_are_followed() -> None:
    months = [1000 + 500 * math.sin(month * math.tau / 12) for month in range(51)]
    found = forecast([month + random.Random(number).gauss(0, 10) for number, month in enumerate(months[:48])], 3)
    assert found is not None
    assert found.method == "theta"
    assert found.values == pytest.approx(months[48:], rel=0.1)


def test_noise_round_a_level_is_averaged() -> None:
    source = random.Random(1)
    found = forecast([1000 + source.gauss(0, 100) for _ in range(36)], 1)
    assert found is not None
    assert found.method != "naive"
    assert found.errors["naive"] > found.error
    assert found.low[0] < 1000 < found.high[0]


def test_the_error_is_that_of_foretelling_each_month_from_those_before_it() -> None:
    series = [10.0, 20, 10, 20, 10, 20, 10, 20]
    found = forecast(series, 1)
    assert found is not None
    assert found.tested == 4
    assert found.errors["naive"] == 10
    expected = sum(abs(sum(series[at - 3 : at]) / 3 - series[at]) for at in range(4, 8)) / 4
    assert found.errors["moving_mean"] == pytest.approx(expected)


def test_revenue_is_not_negative() -> None:
    found = forecast([max(0.0, 900 - 100 * month) for month in range(9)], 3)
    assert found is not None
    assert min(*found.values, *found.low) >= 0


@pytest.mark.parametrize("series", [[0.0] * 8, [0, 0, 0, 0, 0, 5e9, 0, 0], [1e-9] * 7 + [1e9]])
def test_odd_months_break_no_method(series: list[float]) -> None:
    found = forecast(series, 2)
    assert found is not None
    assert all(math.isfinite(value) for value in (*found.values, *found.low, *found.high))
    assert set(found.errors) <= set(methods())
