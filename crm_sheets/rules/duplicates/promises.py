"""What two customers may come to at most, by what they seem to share: tables for `glances`, made from the weights.

A table is looked up by bits: the lower eight say which of eight bytes are equal, those above which flags either has.
Each entry holds two sums in tenths: under names with something in common, and, behind STRANGERS bits, of strangers.
"""

from collections.abc import Callable, Iterator, Sequence, Set
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from crm_sheets.rules.duplicates import weights
from crm_sheets.rules.duplicates.weights import Addresses, Codes, Contacts, Emails, Ids, Likeness, Phones, tenths

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Sums: TypeAlias = NDArray[np.int32]

Bits: TypeAlias = Set[str]
"""The names of the bits that are set."""
STRANGERS = 16
OFFSET = 1000
"""Added to each sum of an entry, so that none is negative."""

PERSON = ("contact", "person_first", "person_last", "person_letters", "person_sound", "email", "digits", "company")
PLACE = ("house", "house_number", "street", "address", "province", "city", "branch", "trader")
NUMBER = ("code", "code_0", "code_1", "code_2", "phone", "phone_low", "phone_high", "phone_outer")
"""The bytes of a customer."""
OF_PERSON = ("no_contact", "western_person", "no_email")
OF_PLACE = ("no_address", "no_house_number", "no_province", "no_city", "a_branch", "no_branch", "chinese")
OF_NUMBER = ("no_code", "no_phone", "odd_phone", "no_id_number")
"""The flags of a customer. Bytes of what it lacks may be equal to another's by chance; flags come first."""
IN_MAILBOX = "in_mailbox"
"""A bit behind the flags of the person: the mailbox of one may begin with the name of the other."""


class _Promise(NamedTuple):
    """What some bits promise.

    Attributes:
        bits: those that are looked at.
        most: for those of them that are set the two sums, as weights.
    """

    bits: Sequence[str]
    most: Callable[[Bits], tuple[float, float]]


@cache
def tables() -> "tuple[Sums, Sums, Sums]":
    """The tables of PERSON, PLACE and NUMBER."""
    person, place, number = (*PERSON, *OF_PERSON, IN_MAILBOX), (*PLACE, *OF_PLACE), (*NUMBER, *OF_NUMBER)
    return (
        _table(
            person,
            _Promise((*PERSON[:5], "no_contact", "western_person", IN_MAILBOX), _best(_contacts)),
            _Promise((*PERSON[5:], "no_email"), _best(_emails)),
        ),
        _table(
            place,
            _Promise((*PLACE[:4], "no_address", "no_house_number"), _best(_addresses)),
            _Promise(("province", "city", "no_province", "no_city"), _regions),
            _Promise(("branch", "a_branch", "no_branch"), _branches),
            _Promise(("trader",), lambda bits: (0.0, 0.0) if bits else (weights.OTHER_TRADER, weights.OTHER_TRADER)),
            _Promise(("chinese",), lambda bits: (0.0, 0.0) if bits else (weights.WESTERN, weights.WESTERN)),
        ),
        _table(
            number,
            _Promise((*NUMBER[:4], "no_code"), _best(_codes)),
            _Promise((*NUMBER[4:], "no_phone", "odd_phone"), _best(_phones)),
            _Promise(("no_id_number",), _best(_ids)),
        ),
    )


def _table(names: Sequence[str], *promises: _Promise) -> "Sums":
    """The sums of some promises, for all bits."""
    import numpy as np

    codes = np.arange(1 << len(names))
    found = np.full(len(codes), (OFFSET << STRANGERS) + OFFSET, np.int32)
    for promise in promises:
        own = np.zeros(len(codes), np.int64)
        for at, name in enumerate(promise.bits):
            own |= (codes >> names.index(name) & 1) << at
        every = [{name for at, name in enumerate(promise.bits) if code >> at & 1} for code in range(own.max() + 1)]
        found += np.array(
            [(tenths(strange) << STRANGERS) + tenths(known) for known, strange in map(promise.most, every)]
        )[own].astype(np.int32)
    return found


def _best(words: Callable[[Bits], Iterator[Likeness]]) -> Callable[[Bits], tuple[float, float]]:
    """The most that any of the words says that a column may turn out to have."""

    def most(bits: Bits) -> tuple[float, float]:
        possible = list(words(bits))
        return max(word.weight for word in possible), max(word.strangers for word in possible)

    return most


def _contacts(bits: Bits) -> Iterator[Likeness]:
    if "no_contact" in bits:
        yield Contacts.MISSING
    else:
        yield Contacts.OTHER
        if "contact" in bits:
            yield Contacts.SAME
        if not bits.isdisjoint((*PERSON[1:5], "western_person", IN_MAILBOX)):
            yield Contacts.SIMILAR
    if not bits.isdisjoint((IN_MAILBOX, "western_person")):
        yield Contacts.IN_MAILBOX


def _emails(bits: Bits) -> Iterator[Likeness]:
    if "no_email" in bits:
        yield Emails.MISSING
        return
    yield Emails.OTHER
    if "email" in bits:
        yield Emails.SAME
    if "digits" in bits:
        yield Emails.SLIP
    if "company" in bits:
        yield Emails.SAME_FIRM


def _addresses(bits: Bits) -> Iterator[Likeness]:
    if "no_address" in bits:
        yield Addresses.MISSING
        return
    yield Addresses.OTHER
    if not bits.isdisjoint(("house", "address")):
        yield Addresses.SAME
    if not bits.isdisjoint(("house_number", "street", "no_house_number")):
        yield Addresses.SIMILAR
        yield Addresses.PART


def _codes(bits: Bits) -> Iterator[Likeness]:
    if "no_code" in bits:
        yield Codes.MISSING
        return
    yield Codes.OTHER
    if "code" in bits:
        yield Codes.SAME
    if not bits.isdisjoint(NUMBER[1:4]):
        yield Codes.SLIP


def _ids(bits: Bits) -> Iterator[Likeness]:
    yield from (Ids.MISSING,) if "no_id_number" in bits else Ids


def _phones(bits: Bits) -> Iterator[Likeness]:
    if "no_phone" in bits:
        yield Phones.MISSING
        return
    yield Phones.OTHER
    if not bits.isdisjoint(("phone", "odd_phone")):
        yield Phones.SAME
    if not bits.isdisjoint((*NUMBER[5:], "odd_phone")):
        yield Phones.SLIP


def _regions(bits: Bits) -> tuple[float, float]:
    same = apart = 0.0
    for place, weight in (("city", weights.SAME_CITY), ("province", weights.SAME_PROVINCE)):
        if "no_" + place not in bits:
            same = max(same, weight * (place in bits))
            apart = min(apart, weights.OTHER_REGION * (place not in bits))
    found = apart or same
    return found, found


def _branches(bits: Bits) -> tuple[float, float]:
    if "a_branch" not in bits:
        found = 0.0
    elif "no_branch" in bits:
        found = weights.NO_BRANCH
    else:
        found = weights.SAME_BRANCH if "branch" in bits else weights.OTHER_BRANCH
    return found, found
