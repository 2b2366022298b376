"""No mailbox that may carry a person's name is left out unread."""

import numpy as np
import pytest

from crm_sheets.rules.duplicates.columns import columns_of
from crm_sheets.rules.duplicates.fields import in_mailbox
from crm_sheets.rules.duplicates.likeness_of_people import contacts_read
from crm_sheets.rules.duplicates.weights import Contacts


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


@pytest.mark.parametrize("mail", ["al.bo@q.cn", "a.bo@q.cn", "1albo@q.cn", "info@q.cn", "alba@q.cn", "albo", ""])
def test_the_shortest_mailbox_is_read_and_none_is_no_mailbox(mail: str) -> None:
    book = columns_of([("1", "米岸", "Al Bo", "", ""), ("2", "米岸", "", "", mail)])
    one, other = np.array([0, 1]), np.array([1, 0])
    word = Contacts.IN_MAILBOX if in_mailbox("al bo", mail) and "@" in mail else Contacts.MISSING
    assert contacts_read(book, one, other).tolist() == [word.place] * 2
