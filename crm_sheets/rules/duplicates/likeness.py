"""How each column of two customers compares: one word per column, without weighing it."""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from crm_sheets.rules.duplicates.addresses import Address
from crm_sheets.rules.duplicates.fields import Email, organisation_of
from crm_sheets.rules.duplicates.names import Name
from crm_sheets.rules.duplicates.regions import leading_region
from crm_sheets.rules.duplicates.text import sound, syllables, voices
from crm_sheets.rules.duplicates.weights import Addresses, Codes, Contacts, Emails, Ids, Names, Phones

_NOT_A_DIGIT = re.compile(r"[^0-9]")


def compare_names(one: Name, other: Name, one_roman: str, other_roman: str) -> Names:  # noqa: PLR0911  # a table
    """The strongest way in which two names are alike."""
    if not one.brand or not other.brand:
        return Names.MISSING
    if one.chinese != other.chinese:
        return _compare_scripts(one, other, one_roman, other_roman)
    if one.brand_sound == other.brand_sound:
        return compare_trades(one.trade, other.trade)
    a, b = one.core, other.core
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if len(short) >= (2 if one.chinese else 6) and long.startswith(short):
        return Names.SHORT
    apart = _apart(one, other)
    if apart <= 1:
        return Names.SLIP
    if apart == 2:
        return Names.SLIPS
    return Names.CLOSE if 2 * apart <= max(len(a), len(b)) * (1 if one.chinese else 0.6) else Names.OTHER


@lru_cache(maxsize=16_384)
def compare_trades(one: str, other: str) -> Names:
    """Two names of one brand, by their trades: of these there are few."""
    if one == other:
        return Names.SAME
    if not one or not other:
        return Names.SHORT
    if sound(one) == sound(other):
        return Names.SAME
    if one.startswith(other) or other.startswith(one):
        return Names.SHORT
    return Names.OTHER_TRADE


def _compare_scripts(one: Name, other: Name, one_roman: str, other_roman: str) -> Names:
    chinese, roman = (one, other_roman) if one.chinese else (other, one_roman)
    if not roman:
        return Names.OTHER
    if chinese.brand_sound == roman or chinese.brand_sound.startswith(roman) or roman.startswith(chinese.brand_sound):
        return Names.ROMAN
    return Names.ROMAN if OSA.distance(chinese.brand_sound, roman, score_cutoff=1) <= 1 else Names.OTHER


def _apart(one: Name, other: Name) -> int:
    """Slips between two names, by sound: of what is left of them, or of the whole where a place was misspelt."""
    if one.chinese:
        apart = OSA.distance(voices(one.core), voices(other.core))
        return min(apart, OSA.distance(one.whole, other.whole)) if apart > 1 else apart
    return OSA.distance(one.core, other.core)


def compare_codes(one: str, other: str) -> Codes:
    """Credit codes: alike where the organisation code is the same, or the whole but for two signs."""
    if not one or not other:
        return Codes.MISSING
    if one == other or (organisation_of(one) and organisation_of(one) == organisation_of(other)):
        return Codes.SAME
    if len(one) > 12 and OSA.distance(one, other, score_cutoff=2) <= 2:
        return Codes.SLIP
    return Codes.OTHER


def compare_ids(one: str, other: str) -> Ids:
    """ID numbers of persons: the same but for one sign."""
    if not one or not other:
        return Ids.MISSING
    if one == other:
        return Ids.SAME
    return Ids.SLIP if OSA.distance(one, other, score_cutoff=1) <= 1 else Ids.OTHER


def compare_phones(one: tuple[str, ...], other: tuple[str, ...]) -> Phones:
    """Phone cells: alike where they share a number."""
    if not one or not other:
        return Phones.MISSING
    best = Phones.OTHER
    for a in one:
        for b in other:
            if a == b or (len(a) != len(b) and min(len(a), len(b)) >= 7 and (a.endswith(b) or b.endswith(a))):
                return Phones.SAME
            if OSA.distance(a, b, score_cutoff=1) <= 1:
                best = Phones.SLIP
    return best


def compare_emails(one: Email, other: Email) -> Emails:
    """Addresses, told apart by whether they belong to a person, a desk or only to the same firm."""
    if not one.address or not other.address:
        return Emails.MISSING
    if one.address == other.address:
        return Emails.SAME_DESK if one.shared else Emails.SAME
    if one.shared == other.shared and _slipped(one.address, other.address):
        return Emails.SLIP
    if one.company and one.company == other.company:
        return Emails.SAME_FIRM
    return Emails.OTHER


def _slipped(one: str, other: str) -> bool:
    """Whether letters slipped; another number is another mailbox: office1@, office2@."""
    return (
        OSA.distance(one, other, score_cutoff=2) <= 2
        and _NOT_A_DIGIT.sub("", one) == _NOT_A_DIGIT.sub("", other)
        and min(len(one), len(other)) > 9
    )


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
    slipped = len(short) >= 3 and OSA.distance(one, other, score_cutoff=limit) <= limit
    return Contacts.SIMILAR if similar or slipped else Contacts.OTHER


def compare_addresses(one: Address, other: Address) -> Addresses:
    """Addresses: the same house number in the same street counts most, the room tells neighbours apart."""
    if not one.whole or not other.whole:
        return Addresses.MISSING
    if one.whole == other.whole:
        return Addresses.SAME
    if one.place and one.place == other.place:
        if not leading_region(one.whole)[0].agrees(leading_region(other.whole)[0]):
            return Addresses.OTHER
        shorter = min(len(one.numbers), len(other.numbers))
        return Addresses.SAME if one.numbers[:shorter] == other.numbers[:shorter] else Addresses.SAME_STREET
    if one.numbers and other.numbers:
        shorter = min(len(one.numbers), len(other.numbers))
        apart = OSA.distance(one.whole, other.whole, score_cutoff=6)
        if apart <= 2 or (apart <= 6 and one.numbers[:shorter] == other.numbers[:shorter]):
            return Addresses.SIMILAR
    return Addresses.OTHER


def in_mailbox(contact: str, email: Email) -> bool:
    """Whether a person's mailbox carries the contact's name: 田嘉磊 in tianjialei5419, Paul Clark in pclark."""
    if not contact or not email.address or email.shared:
        return False
    mailbox = email.mailbox
    if contact.isascii():
        words = [word for word in contact.split() if len(word) > 1]
        return len(words) > 1 and (
            all(word in mailbox for word in words)
            or any(mailbox.startswith((a[0] + b, b + a[0])) for a in words for b in words if a != b)
        )
    if len(contact) < 2:
        return False
    first, *given = syllables(contact)
    rest = "".join(given)
    return first + rest in mailbox or f"{rest}.{first}" in mailbox or f"{given[-1]}.{first}" in mailbox
