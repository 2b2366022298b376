"""Two customers compared: how likely they are one, and which columns say so."""

import math
from itertools import compress

from rapidfuzz.distance import OSA

from crm_sheets.rules.duplicates import weights
from crm_sheets.rules.duplicates.likeness import (
    compare_addresses,
    compare_codes,
    compare_contacts,
    compare_emails,
    compare_ids,
    compare_names,
    compare_phones,
    in_mailbox,
)
from crm_sheets.rules.duplicates.profiles import Profile
from crm_sheets.rules.duplicates.subjects import Pair
from crm_sheets.rules.duplicates.weights import Addresses, Codes, Contacts, Ids, Names, Phones

FAINT = 0.05
"""Pairs below this are not worth keeping; faint ones only help to judge groups."""
SURE = 0.99
COLUMNS = ("credit_code", "id_number", "phone", "email", "name", "contact", "address")
"""The columns of Pair.keys, the strongest evidence first."""
HOPELESS = -3.0
"""Names this far apart need a shared code, phone, mailbox, contact or house, or nothing else is looked at."""
_BEST_SURROUNDINGS = weights.SAME_CITY + weights.SAME_BRANCH + max(weights.CROWD)
TOO_FAR_APART = tuple(names for names in Names if weights.START + names.weight + _BEST_SURROUNDINGS < HOPELESS)
"""Names that are hopeless wherever the customers are."""
_BEST_ADDRESS = max(likeness.weight for likeness in Addresses)
_LEAST = math.log(FAINT / (1 - FAINT)) - 0.01
"""A total below this is fainter than FAINT; the margin is for rounding."""


def compare(one: Profile, other: Profile, crowd: int) -> Pair | None:
    """The pair with its score; None below FAINT.

    Args:
        one: a customer.
        other: another one, sharing a block key with it.
        crowd: how many customers bear the name (see `crowd_keys`).
    """
    if other.key < one.key:
        one, other = other, one  # so that the answer does not depend on who asks
    shared = _share(one, other)
    if not shared and (one.name.branch != other.name.branch or not one.name.region.agrees(other.name.region)):
        return None
    names = compare_names(one.name, other.name, one.romanised, other.romanised)
    if not shared and names in TOO_FAR_APART:
        return None
    total = weights.START + names.weight + _surroundings(one, other, names, crowd)
    if not shared and total < HOPELESS:
        return None
    codes = compare_codes(one.code, other.code)
    ids = compare_ids(one.id_number, other.id_number)
    phones = compare_phones(one.phones, other.phones)
    emails = compare_emails(one.email, other.email)
    contacts = _contacts(one, other)
    strangers = names is Names.OTHER
    by_phone = weights.STRANGERS_PHONE if strangers and phones is Phones.SAME else phones.weight
    by_contact = _weight_of_contacts(contacts, strangers)
    if total + codes.weight + ids.weight + emails.weight + by_phone + by_contact + _BEST_ADDRESS < _LEAST:
        return None  # whatever the addresses say, which are the slowest to compare
    addresses = compare_addresses(one.address, other.address)
    total += codes.weight + ids.weight + emails.weight + addresses.weight
    total += by_phone
    total += by_contact
    score = 1 / (1 + math.exp(-total))
    if score < FAINT:
        return None
    agreeing = (codes.agrees, ids.agrees, phones.agrees, emails.agrees, names.agrees, contacts.agrees, addresses.agrees)
    proved = codes.agrees or ids.agrees or phones.agrees or emails.agrees or addresses.agrees
    certain = score >= SURE and proved and names.agrees and codes is not Codes.OTHER and ids is not Ids.OTHER
    return Pair(one.key, other.key, round(score, 4), tuple(compress(COLUMNS, agreeing)), certain)


def _surroundings(one: Profile, other: Profile, names: Names, crowd: int) -> float:
    """What place, branch, form of company and the number of namesakes say."""
    a, b = one.name, other.name
    total = 0.0
    if a.region is not b.region and not a.region.agrees(b.region):
        total += weights.OTHER_REGION
    elif a.region.city and a.region.city == b.region.city:
        total += weights.SAME_CITY
    elif a.region.province and a.region.province == b.region.province:
        total += weights.SAME_PROVINCE
    if a.branch or b.branch:
        total += _branches(a.branch, b.branch)
    if a.trader != b.trader:
        total += weights.OTHER_TRADER
    if a.bare and b.bare:
        total += weights.BARE
    if not a.chinese and not b.chinese:
        total += weights.WESTERN
    if names is not Names.OTHER and names is not Names.MISSING:
        total += weights.CROWD[min(crowd, weights.CROWD_LIMIT).bit_length()]
    return total


def _branches(one: str, other: str) -> float:
    if one == other:
        return weights.SAME_BRANCH
    if not one or not other:
        return weights.NO_BRANCH
    return 0.0 if OSA.distance(one, other, score_cutoff=1) <= 1 and len(one) > 1 else weights.OTHER_BRANCH


def _share(one: Profile, other: Profile) -> bool:
    """Whether anything but the name is the same."""
    return bool(
        (one.code and one.code == other.code)
        or (one.id_number and one.id_number == other.id_number)
        or (one.email.address and one.email.address == other.email.address)
        or (one.address.place and one.address.place == other.address.place)
        or (one.contact and one.contact == other.contact)
        or (one.phones and not set(one.phones).isdisjoint(other.phones))
    )


def _contacts(one: Profile, other: Profile) -> Contacts:
    contacts = compare_contacts(one.contact, other.contact)
    if (contacts is Contacts.OTHER or contacts is Contacts.MISSING) and (
        in_mailbox(one.contact, other.email) or in_mailbox(other.contact, one.email)
    ):
        return Contacts.IN_MAILBOX
    return contacts


def _weight_of_contacts(contacts: Contacts, strangers: bool) -> float:
    if strangers and (contacts is Contacts.SAME or contacts is Contacts.SIMILAR):
        return weights.STRANGERS_CONTACT
    return contacts.weight
