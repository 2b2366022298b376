"""What the search of a whole book compares, and what it leaves out unseen."""

import pytest

from crm_sheets.rules.duplicates import Subject, find_links, profile_of
from crm_sheets.rules.duplicates.candidates import candidates


@pytest.mark.parametrize(("count", "pairs"), [(8, 28), (9, 0)])
def test_a_block_beyond_its_limit_is_left_out(count: int, pairs: int) -> None:
    names = [f"光明日{word}" for word in "报刊米安路网饼酒茶"[:count]]
    assert len(list(candidates([profile_of(Subject(name, name)) for name in names]))) == pairs


def test_one_house_links_strangers_faintly() -> None:
    house = "济宁市市中区和平路7号3室"
    (link,) = find_links(
        [
            Subject("1", "米岸电子有限公司", phone="13812345678", address=house),
            Subject("2", "百味食品", phone="13787654321", address=house),
        ]
    )
    assert link.keys == ("address",)
    assert link.score < 0.5
