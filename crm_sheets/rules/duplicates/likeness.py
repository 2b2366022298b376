"""How each column of many pairs of customers compares: a word for each pair, as its place among the words of its kind.

For each column there are two functions: `..._told` asks the numbers, which leave some pairs unsure; `..._read` asks the
texts of these.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, TypeAlias

from crm_sheets.rules.duplicates.addresses import numbers_in
from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.fields import in_mailbox
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.rules.duplicates.regions import leading_region
from crm_sheets.rules.duplicates.text import sound, voices_all
from crm_sheets.rules.duplicates.weights import (
    UNSURE,
    UNSURE_BUT_CLOSE,
    Addresses,
    Codes,
    Contacts,
    Emails,
    Ids,
    Likeness,
    Names,
    Phones,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Numbers

    Rows: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]
    Words: TypeAlias = NDArray[np.uint8]

Compared = Callable[[Columns, "Rows", "Rows"], "Words"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one column is compared."""

    kind: type[Likeness]
    told: Compared
    read: Compared


def names_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Names: those of one brand are judged by their trades."""
    import numpy as np

    brand = columns.keys[Shared.BRAND][0]
    chinese = columns.truths["chinese"]
    found = _words(one, UNSURE)
    same = (brand[one] == brand[other]) & (chinese[one] == chinese[other])
    found[(brand[one] == 0) | (brand[other] == 0)] = Names.MISSING.place
    at = np.flatnonzero(same & (found == UNSURE))
    trade, count = columns.numbers["trade"].astype(np.int64), len(columns.trades)
    codes, back = np.unique(trade[one[at]] * count + trade[other[at]], return_inverse=True)
    pairs = (divmod(code, count) for code in codes.tolist())
    verdicts = [compare_trades(columns.trades[a], columns.trades[b]).place for a, b in pairs]
    found[at] = np.array(verdicts, np.uint8)[back]
    return found


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


def names_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Names of two brands: the strongest way in which they are alike."""

    chinese = columns.truths["chinese"]
    mixed = chinese[one] != chinese[other]
    found = _words(one, Names.OTHER.place)
    for of, read in ((mixed, _scripts), (~mixed & chinese[one], _chinese_names), (~mixed & ~chinese[one], _western)):
        if of.any():
            found[of] = read(columns, one[of], other[of])
    return found


def _scripts(columns: Columns, one: "Rows", other: "Rows") -> list[int]:
    """A Chinese name and a Western one that may be its pinyin."""
    import numpy as np
    from rapidfuzz.distance import OSA

    chinese = columns.truths["chinese"]
    pairs = zip(one.tolist(), other.tolist(), strict=True)
    ordered = [(a, b) if chinese[a] else (b, a) for a, b in pairs]
    romans = columns.texts["roman"].of(np.array([b for _, b in ordered], np.int64))
    found = []
    for (a, _), roman in zip(ordered, romans, strict=True):
        heard = sound(_brand(columns, a)) if roman else ""
        alike = roman and (
            heard.startswith(roman) or roman.startswith(heard) or OSA.distance(heard, roman, score_cutoff=1) <= 1
        )
        found.append((Names.ROMAN if alike else Names.OTHER).place)
    return found


def _chinese_names(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    import numpy as np

    names = [columns.texts["name"].of(rows) for rows in (one, other)]
    cores = [_cut(columns, rows, texts) for rows, texts in zip((one, other), names, strict=True)]
    apart = _apart(*map(voices_all, cores), most=255)
    far = np.flatnonzero(apart > 1)
    whole = _apart(*([texts[at] for at in far.tolist()] for texts in names), most=255)
    apart[far] = np.minimum(apart[far], whole)  # a place may be misspelt, or a form of company
    return _by_distance(apart, *cores, shortest=2, close=1.0)


def _western(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    cores = [columns.texts["name"].of(rows) for rows in (one, other)]
    return _by_distance(_apart(*cores, most=255), *cores, shortest=6, close=0.6)


def _by_distance(
    apart: "NDArray[np.uint8]", one: Sequence[str], other: Sequence[str], *, shortest: int, close: float
) -> "Words":
    """The word for each distance; names that are the beginning of the other are SHORT."""
    import numpy as np

    lengths = [np.fromiter(map(len, texts), np.int64, len(texts)) for texts in (one, other)]
    found = np.where(2 * apart.astype(np.int64) <= close * np.maximum(*lengths), Names.CLOSE.place, Names.OTHER.place)
    found[apart == 2] = Names.SLIPS.place
    found[apart <= 1] = Names.SLIP.place
    begins = [a.startswith(b) if len(a) > len(b) else b.startswith(a) for a, b in zip(one, other, strict=True)]
    found[np.array(begins, np.bool_) & (np.minimum(*lengths) >= shortest)] = Names.SHORT.place
    return found.astype(np.uint8)


def codes_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Credit codes: the same where the organisation code is."""
    import numpy as np

    found = _by_key(columns.keys[Shared.CODE][0], one, other, Codes)
    thirds = [columns.numbers[f"code_{at}"] for at in range(3)]
    alike = np.logical_or.reduce([third[one] == third[other] for third in thirds])
    found[(found == UNSURE) & ~alike] = Codes.OTHER.place
    return found


def codes_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Credit codes: alike but for two signs."""
    texts = [columns.texts["code"].of(rows) for rows in (one, other)]
    return _slipped(_apart(*texts, most=2) <= 2, [len(text) > 12 for text in texts[0]], Codes)


def ids_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """ID numbers of persons."""
    return _by_key(columns.keys[Shared.ID_NUMBER][0], one, other, Ids)


def ids_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """ID numbers: alike but for one sign."""
    texts = [columns.texts["id_number"].of(rows) for rows in (one, other)]
    return _slipped(_apart(*texts, most=1) <= 1, [True] * len(one), Ids)


def phones_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Phone cells: alike where they share a number."""
    import numpy as np

    found = _by_key(columns.keys[Shared.PHONE][0], one, other, Phones)
    a, b = columns.numbers["number"][one], columns.numbers["number"][other]
    ten = (a >= 0) & (b >= 0)
    unsure = np.flatnonzero((found == UNSURE) & ten)
    found[unsure[~_may_slip(a[unsure], b[unsure])]] = Phones.OTHER.place
    found[(found == UNSURE) & ~ten] = UNSURE_BUT_CLOSE
    return found


def _may_slip(one: "Numbers", other: "Numbers") -> "Flags":
    """Whether two numbers may differ by one digit, or by two neighbours that changed places.

    The difference is a digit, or nine times one, and zeros.
    """
    import numpy as np

    left = np.abs(one - other)
    for power in (10**8, 10**4, 10**2, 10):
        left = np.where(left % power == 0, left // power, left)
    found: Flags = (left < 10) | (left % 9 == 0) & (left <= 81)
    return found


def phones_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Phone cells: the best of all numbers."""
    texts = [columns.texts["phones"].of(rows) for rows in (one, other)]
    found = _slipped(_apart(*texts, most=1) <= 1, [True] * len(one), Phones)
    for at, (a, b) in enumerate(zip(*texts, strict=True)):
        if len(a) != 10 or len(b) != 10:
            found[at] = _compare_phones(a.split(), b.split()).place
    return found


def _compare_phones(one: Iterable[str], other: Sequence[str]) -> Phones:
    from rapidfuzz.distance import OSA

    best = Phones.OTHER
    for a in one:
        for b in other:
            if a == b or (len(a) != len(b) and min(len(a), len(b)) >= 7 and (a.endswith(b) or b.endswith(a))):
                return Phones.SAME
            if OSA.distance(a, b, score_cutoff=1) <= 1:
                best = Phones.SLIP
    return best


def emails_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Addresses, told apart by whether they belong to a person, a desk or only to the same firm."""
    import numpy as np

    desk = columns.truths["desk"]
    found = _by_key(columns.keys[Shared.EMAIL][0], one, other, Emails)
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
    found[_apart(*texts, most=2) <= 2] = Emails.SLIP.place
    return found


def _by_firm(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    import numpy as np

    company = columns.numbers["company"]
    same = (company[one] == company[other]) & (company[one] != 0)
    return np.where(same, Emails.SAME_FIRM.place, Emails.OTHER.place).astype(np.uint8)


def contacts_told(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """People: the same letters; a name may be in the other's mailbox."""
    of = columns.numbers
    found = _by_key(of["contact"], one, other, Contacts)
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
    found = _words(one, Addresses.OTHER.place)
    found[(street[one] == street[other]) | ((number[one] == number[other]) & (number[one] != 0))] = UNSURE
    found[(house[one] == house[other]) & (house[one] != 0)] = UNSURE_BUT_CLOSE
    found[~told[one] | ~told[other]] = Addresses.MISSING.place
    return found


def addresses_read(columns: Columns, one: "Rows", other: "Rows") -> "Words":
    """Addresses: the same house number in the same street counts most, the room tells neighbours apart."""
    import numpy as np

    texts = [columns.texts["address"].of(rows) for rows in (one, other)]
    house = columns.keys[Shared.HOUSE][0]
    same_house = ((house[one] == house[other]) & (house[one] != 0)).tolist()
    apart = _apart(*texts, most=6).tolist()
    found = [
        _compare_addresses(a, b, distance, same).place
        for a, b, distance, same in zip(*texts, apart, same_house, strict=True)
    ]
    return np.array(found, np.uint8)


def _compare_addresses(one: str, other: str, apart: int, same_house: bool) -> Addresses:
    if one == other:
        return Addresses.SAME
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


def _by_key(keys: "Numbers", one: "Rows", other: "Rows", kind: type[Likeness]) -> "Words":
    """The words MISSING and SAME of a kind where keys tell them; UNSURE where two differ."""
    a, b = keys[one], keys[other]
    found = _words(one, UNSURE)
    found[a == b] = kind["SAME"].place
    found[(a == 0) | (b == 0)] = kind["MISSING"].place
    return found


def _slipped(close: "Flags", long_enough: Sequence[bool], kind: type[Likeness]) -> "Words":
    import numpy as np

    slip = close & np.array(long_enough, np.bool_)
    return np.where(slip, kind["SLIP"].place, kind["OTHER"].place).astype(np.uint8)


def _words(like: "Rows", word: int) -> "Words":
    import numpy as np

    return np.full(len(like), word, np.uint8)


def _cut(columns: Columns, rows: "Rows", names: Sequence[str]) -> list[str]:
    start, end = (columns.numbers[name][rows].tolist() for name in ("start", "end"))
    return [name[a:b] for name, a, b in zip(names, start, end, strict=True)]


def _brand(columns: Columns, row: int) -> str:
    import numpy as np

    (name,) = columns.texts["name"].of(np.array([row], np.int64))
    return name[columns.numbers["start"][row] : columns.numbers["cut"][row]]


def _apart(one: Sequence[str], other: Sequence[str], *, most: int) -> "NDArray[np.uint8]":
    """Slips between the texts (optimal string alignment), `most` + 1 for more than `most`."""
    import numpy as np
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    if not one:
        return np.zeros(0, np.uint8)
    cutoff = most if most < 255 else None
    found: NDArray[np.uint8] = cpdist(one, other, scorer=OSA.distance, score_cutoff=cutoff, dtype=np.uint8)
    return found


NAMES = Comparison(Names, names_told, names_read)
BESIDE: dict[str, Comparison] = {
    "phone": Comparison(Phones, phones_told, phones_read),
    "email": Comparison(Emails, emails_told, emails_read),
    "credit_code": Comparison(Codes, codes_told, codes_read),
    "id_number": Comparison(Ids, ids_told, ids_read),
    "contact": Comparison(Contacts, contacts_told, contacts_read),
    "address": Comparison(Addresses, addresses_told, addresses_read),
}
"""The columns beside the name, those that take longest to read last."""
