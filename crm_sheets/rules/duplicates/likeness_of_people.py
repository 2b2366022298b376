"""How mailboxes, people and addresses of many pairs of customers compare."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.addresses import numbers_in
from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.fields import in_mailbox
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.rules.duplicates.likeness_words import by_key, slips_between, words_like
from crm_sheets.rules.duplicates.regions import leading_region
from crm_sheets.rules.duplicates.text import sound
from crm_sheets.rules.duplicates.weights import UNSURE, UNSURE_BUT_CLOSE, Addresses, Contacts, Emails

if TYPE_CHECKING:
    from crm_sheets.rules.duplicates.likeness_words import Rows, Words


def emails_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Addresses, told apart by whether they belong to a person, a desk or only to the same firm."""
    import numpy as np

    desk = columns.truths["desk"]
    found = by_key(columns.keys[Shared.EMAIL][0], one, other, Emails)
    found[(found == Emails.SAME.place) & desk[one]] = Emails.SAME_DESK.place
    length, digits = columns.numbers["length"], columns.numbers["digits"]
    lengths = length[one].astype(np.int16), length[other].astype(np.int16)
    close = (np.abs(lengths[0] - lengths[1]) <= 2) & (np.minimum(*lengths) > 9) & (digits[one] == digits[other])
    apart = (found == UNSURE) & ((desk[one] != desk[other]) | ~close)
    found[apart] = _by_firm(columns, one[apart], other[apart])
    return found


def emails_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Addresses: letters may have slipped; another number is another mailbox: office1@, office2@."""

    texts = [columns.texts["email"].of(rows) for rows in (one, other)]
    found = _by_firm(columns, one, other)
    found[slips_between(*texts, most=2) <= 2] = Emails.SLIP.place
    return found


def _by_firm(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    import numpy as np

    company = columns.numbers["company"]
    same = (company[one] == company[other]) & (company[one] != 0)
    return np.where(same, Emails.SAME_FIRM.place, Emails.OTHER.place).astype(np.uint8)


def contacts_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """People: the same letters; a name may be in the other's mailbox."""
    of = columns.numbers
    found = by_key(of["contact"], one, other, Contacts)
    initials, initial = of["initials"], of["initial"]
    in_mail = ((initials[one] & initial[other]) | (initials[other] & initial[one])) != 0
    alike = columns.truths["person_western"][one] | columns.truths["person_western"][other]
    for name in ("person_first", "person_last", "person_letters", "person_sound"):
        alike |= of[name][one] == of[name][other]
    found[(found == UNSURE) & ~alike & ~in_mail] = Contacts.OTHER.place
    found[(found == Contacts.MISSING.place) & in_mail] = UNSURE
    return found


def contacts_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """People: a short form, a slip, or the other's mailbox carries the name."""
    import numpy as np

    people = [columns.texts["contact"].of(rows) for rows in (one, other)]
    mailboxes = [columns.texts["email"].of(rows) for rows in (one, other)]
    desks = [columns.truths["desk"][each].tolist() for each in (one, other)]
    found = []
    for a, b, mail_a, mail_b, desk_a, desk_b in zip(*people, *mailboxes, *desks, strict=True):
        word = compare_contacts(a, b)
        if not word.agrees and (
            (mail_b and not desk_b and in_mailbox(a, mail_b)) or (mail_a and not desk_a and in_mailbox(b, mail_a))
        ):
            word = Contacts.IN_MAILBOX
        found.append(word.place)
    return np.array(found, np.uint8)


def compare_contacts(one: str, other: str) -> Contacts:
    """People: the same letters, or one a short form or a slip of the other."""
    if not one or not other:
        return Contacts.MISSING
    if one == other:
        return Contacts.SAME
    short, long = (one, other) if (len(one), one) < (len(other), other) else (other, one)
    if one.isascii() or other.isascii():
        words = long.split()
        similar = all(any(word.startswith(part) for word in words) for part in short.split())
    elif len(short) == 1:
        return Contacts.SIMILAR if long[0] == short else Contacts.OTHER
    else:
        similar = sound(one) == sound(other) or sorted(one) == sorted(other)
    limit = 1 if len(long) <= 6 else 2
    slipped = len(short) >= 3 and _distance()(one, other, score_cutoff=limit) <= limit
    return Contacts.SIMILAR if similar or slipped else Contacts.OTHER


@cache
def _distance() -> Callable[..., int]:
    from rapidfuzz.distance import OSA

    return OSA.distance


def addresses_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Addresses: whether both are told, and the house is the same."""
    told, house = columns.truths["addressed"], columns.keys[Shared.HOUSE][0]
    number, street = columns.numbers["house_number"], columns.numbers["street"]
    found = words_like(one, Addresses.OTHER.place)
    found[(number[one] == 0) | (number[other] == 0)] = UNSURE
    found[(street[one] == street[other]) | ((number[one] == number[other]) & (number[one] != 0))] = UNSURE
    found[(house[one] == house[other]) & (house[one] != 0)] = UNSURE_BUT_CLOSE
    found[columns.numbers["address"][one] == columns.numbers["address"][other]] = Addresses.SAME.place
    found[~told[one] | ~told[other]] = Addresses.MISSING.place
    return found


def addresses_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Addresses: the same house number in the same street counts most, the room tells neighbours apart."""
    import numpy as np

    texts = [columns.texts["address"].of(rows) for rows in (one, other)]
    house = columns.keys[Shared.HOUSE][0]
    same_house = ((house[one] == house[other]) & (house[one] != 0)).tolist()
    apart = slips_between(*texts, most=6).tolist()
    found = [
        _compare_addresses(a, b, distance, same).place
        for a, b, distance, same in zip(*texts, apart, same_house, strict=True)
    ]
    return np.array(found, np.uint8)


def _compare_addresses(one: str, other: str, apart: int, same_house: bool) -> Addresses:
    if one == other:
        return Addresses.SAME
    if not same_house and _is_part(one, other):
        return Addresses.PART
    if not same_house and apart > 6:
        return Addresses.OTHER
    a, b = numbers_in(one), numbers_in(other)
    shorter = min(len(a), len(b))
    agree = a[:shorter] == b[:shorter]
    if same_house:
        if not leading_region(one)[0].agrees(leading_region(other)[0]):
            return Addresses.OTHER
        return Addresses.SAME if agree else Addresses.SAME_STREET
    return Addresses.SIMILAR if shorter and (apart <= 2 or agree) else Addresses.OTHER


def _is_part(one: str, other: str) -> bool:
    """Whether one address stops before the house, where the other goes on: 厦门市 of 福建省厦门市解放路8号."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    if numbers_in(short):
        return False
    (place, rest), (other_place, more) = leading_region(short), leading_region(long)
    return place.agrees(other_place) and more.startswith(rest)
