"""Groups are found where there are some, and not told where there are none."""

import random

from crm_sheets.insights.judging import wilson
from crm_sheets.insights.segments import Customer, segments


def test_two_kinds_of_customers() -> None:
    source = random.Random(1)
    regulars = [Customer(source.randint(18, 22), source.uniform(9e4, 11e4), source.randint(1, 9)) for _ in range(60)]
    strangers = [Customer(1, source.uniform(90, 110), source.randint(300, 400)) for _ in range(140)]
    found = segments(regulars + strangers)
    assert found is not None
    assert found.clear
    best, rest = found.groups
    assert (best.customers, best.often, best.much, best.lately) == (60, 1, 1, 1)
    assert rest.customers == 140


def test_a_cloud_has_no_borders() -> None:
    source = random.Random(2)
    cloud = [Customer(source.randint(1, 60), source.lognormvariate(7, 1), source.randint(1, 700)) for _ in range(900)]
    found = segments(cloud)
    assert found is not None
    assert found.silhouette < 0.45
    assert sum(group.customers for group in found.groups) == 900


def test_the_order_of_customers_does_not_matter() -> None:
    source = random.Random(5)
    cloud = [Customer(source.randint(1, 60), source.lognormvariate(7, 1), source.randint(1, 700)) for _ in range(120)]
    assert segments(source.sample(cloud, len(cloud))) == segments(cloud)


def test_few_or_equal_customers_are_not_parted() -> None:
    assert segments([Customer(1, 10, 5)] * 29) is None
    assert segments([Customer(1, 10, 5)] * 100) is None


def test_wilson_as_in_his_paper() -> None:
    """The interval of 15 of 20 for 95 %: 0.531 to 0.888 (method 3 of Newcombe, Statistics in Medicine 17, 1998)."""
    low, high = wilson(15, 20) or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.531, 0.888)
    assert wilson(0, 10) is not None
    assert wilson(0, 0) is None
