"""No mailbox that may carry a person's name is left out unread."""

import pytest

from crm_sheets.rules.duplicates.columns import columns_of
from crm_sheets.rules.duplicates.fields import in_mailbox


@pytest.mark.parametrize("contact", ["李明", "阿明", "李阿", "鄂力恩", "欧阳娜娜", "吕布"])
def test_a_mailbox_that_carries_a_name_may_carry_it(contact: str) -> None:
    ways = (
        "liming",
        "aming",
        "ming.a",
        "lia",
        "a.li",
        "elien",
        "lien.e",
        "en.e",
        "ouyangnana",
        "na.ou",
        "lvbu",
        "bu.lv",
    )
    carried = [way for way in ways if in_mailbox(contact, f"{way}7@mi.cn")]
    assert carried
    for way in carried:
        book = columns_of([("1", "米岸", contact, "", f"{way}7@mi.cn")])
        assert book.numbers["in_mailbox"][0] & book.numbers["mailbox"][0]
