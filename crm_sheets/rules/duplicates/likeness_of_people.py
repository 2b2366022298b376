"""How mailboxes and people of many pairs of customers compare."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.fields import in_mailbox
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.rules.duplicates.likeness_words import by_key, slips, slips_between
from crm_sheets.rules.duplicates.text import sound
from crm_sheets.rules.duplicates.weights import UNSURE, Contacts, Emails, agreements

if TYPE_CHECKING:
    from crm_sheets.rules.duplicates.likeness_words import Flags, Rows, Words


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
    names, mailbox = of["in_mailbox"], of["mailbox"]
    in_mail = ((names[one] & mailbox[other]) | (names[other] & mailbox[one])) != 0
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
    contact = columns.numbers["contact"]
    missing = (contact[one] == 0) | (contact[other] == 0)
    found = np.where(missing, Contacts.MISSING.place, Contacts.OTHER.place).astype(np.uint8)
    at = np.flatnonzero(~missing)
    at = at[_may_be_alike(columns, one[at], other[at], [[texts[row] for row in at.tolist()] for texts in people])]
    found[at] = [compare_contacts(people[0][row], people[1][row]).place for row in at.tolist()]
    names, mailbox, length = (columns.numbers[name] for name in ("in_mailbox", "mailbox", "length"))
    western, desk = columns.truths["person_western"], columns.truths["desk"]
    for own, their, texts in ((one, other, people[0]), (other, one, people[1])):
        may = ((names[own] & mailbox[their] != 0) | western[own]) & (length[their] > 0)
        at = np.flatnonzero(may & ~desk[their] & ~agreements(Contacts)[found])
        mails = columns.texts["email"].of(their[at])
        carried = [in_mailbox(texts[row], mail) for row, mail in zip(at.tolist(), mails, strict=True)]
        found[at[np.array(carried, np.bool_)]] = Contacts.IN_MAILBOX.place
    return found


def _may_be_alike(columns: Columns, one: "Rows", other: "Rows", people: Sequence[Sequence[str]]) -> "Flags":
    """Which people numbers do not tell apart: of two Chinese names that are no slip apart they do, or one is a sign."""
    import numpy as np

    of, western = columns.numbers, columns.truths["person_western"]
    found: Flags = western[one] | western[other]
    for name in ("person_letters", "person_sound"):
        found |= of[name][one] == of[name][other]
    left = np.flatnonzero(~found)
    pairs = [[texts[row] for row in left.tolist()] for texts in people]
    shorter = np.minimum(*(np.fromiter(map(len, texts), np.int64, len(left)) for texts in pairs))
    apart = slips_between(*pairs, most=2)
    found[left] = (shorter == 1) | ((shorter >= 3) & (apart <= 2))
    return found


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
    slipped = len(short) >= 3 and slips()(one, other, score_cutoff=limit) <= limit
    return Contacts.SIMILAR if similar or slipped else Contacts.OTHER
