"""Contacts, phones, mailboxes, addresses and codes of a whole column taken apart.

Each function does for regular cells, all at once, what one of `fields` or `addresses` does for any cell; the others are
given to that function one by one.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from crm_sheets.rules.duplicates import addresses, fields
from crm_sheets.rules.duplicates.affixes import Words
from crm_sheets.rules.duplicates.columns_of_words import western_addresses, western_people
from crm_sheets.rules.duplicates.hashes import Parts, hashes_of, joint, mixed, parts_of_all
from crm_sheets.rules.duplicates.spans import (
    CHINESE_FROM,
    CHINESE_TO,
    Marks,
    Spans,
    counts,
    gathered,
    marks,
    none_of,
)
from crm_sheets.rules.duplicates.words import FREE_MAIL, SHARED_MAILBOXES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Hashes, Numbers
    from crm_sheets.rules.duplicates.text import Codes

    Flags = NDArray[np.bool_]

_HOUSE_MARK = ord("号")


def contacts_of(spans: Spans) -> Spans:
    """`fields.contact_in` of a column: most cells are a Chinese name and nothing else."""
    codes = spans.codes
    chinese = (codes >= CHINESE_FROM) & (codes <= CHINESE_TO)
    regular = spans.counts(chinese) == spans.lengths
    regular &= ~_people().told("title", _people().of(spans.at_last()))
    rows = (spans.counts(_people().told("western", _people().of(codes))) == spans.lengths).nonzero()[0]
    rows = rows[~regular[rows]]
    if len(rows):
        western, doubtful = western_people(gathered(codes, spans.first[rows], spans.end[rows]))
        known = (~doubtful).nonzero()[0]
        spans = spans.with_(rows[known], western.at(known))
        regular[rows[known]] = True
    return _mended(spans, ~regular, fields.contact_in)


def codes_of_cells(spans: Spans) -> Spans:
    """`fields.code_in` of a column."""
    known = _code_marks().of(spans.codes)
    regular = spans.counts(_code_marks().told("plain", known)) == spans.lengths
    capitals = spans.codes - _code_marks().told("small", known) * _BETWEEN_CASES
    upper = Spans(capitals.astype(spans.codes.dtype), spans.first, spans.end)
    rows = (~regular).nonzero()[0]
    return upper.replaced(rows, [fields.code_in(text) for text in spans.at(rows).texts()])


def organisations_of(spans: Spans, parts: Parts) -> "Hashes":
    """The hash of `fields.organisation_of`, or of the whole code where that tells none."""
    import numpy as np

    long = (spans.lengths == 17) | (spans.lengths == 18)
    first = spans.first + 8 * long
    return parts.spread(first, np.where(long, first + 9, spans.end))


def phones_of_cells(spans: Spans) -> tuple[Spans, Spans, Spans]:
    """`fields.phones_in` of a column: all numbers joined by blanks, the first, and the second."""
    import numpy as np

    known = _phone_marks().of(spans.codes)
    digit, dash = (_phone_marks().told(name, known) for name in ("digit", "dash"))
    regular = spans.counts(_phone_marks().told("regular", known)) == spans.lengths
    twice = dash.copy()
    twice[1:] &= dash[:-1]
    regular &= spans.counts(twice) == 0
    digits = Spans(spans.codes, spans.first, _before_extensions(spans, known)).kept(digit)
    pure = digits.lengths == spans.lengths
    first = digits.first.copy()
    rows = np.flatnonzero(first < digits.end)
    while len(rows := rows[digits.codes[first[rows]] == ord("0")]):
        first[rows] += 1
        rows = rows[first[rows] < digits.end[rows]]
    enough = np.where(pure, spans.lengths > 6, digits.end - first >= 6)
    only = Spans(digits.codes, np.where(enough, np.maximum(first, digits.end - 10), digits.end), digits.end)
    rows = np.flatnonzero(~regular)
    found = [fields.phones_in(text) for text in spans.at(rows).texts()]
    second = none_of(len(spans)).replaced(rows, ["".join(numbers[1:2]) for numbers in found])
    every = only.replaced(rows, [" ".join(numbers) for numbers in found])
    return every, only.replaced(rows, ["".join(numbers[:1]) for numbers in found]), second


def _before_extensions(spans: Spans, known: "Codes") -> "Numbers":
    """Where each cell ends, or its extension begins: 0532-6123456转12."""
    import numpy as np

    end = spans.end.copy()
    places = np.flatnonzero(_phone_marks().told("extension", known))
    np.minimum.at(end, spans.rows_with(places), places)
    return np.maximum(end, spans.first)


def mobiles_of(phones: Spans) -> "Numbers":
    """Numbers of ten digits, -1 for cells that hold anything else."""
    import numpy as np

    found = np.full(len(phones), -1)
    rows = np.flatnonzero(phones.lengths == 10)
    digit = _phone_marks().told("digit", _phone_marks().of(phones.codes))
    rows = rows[phones.counts(digit)[rows] == 10]
    total = np.zeros(len(rows), np.int64)
    for place in range(10):
        total = total * 10 + phones.codes[phones.first[rows] + place] - ord("0")
    found[rows] = total
    return found


class Mails(NamedTuple):
    """What `fields.Email` says, as columns; hashes of the addresses and of the firms' domains."""

    address: Spans
    hashes: "Hashes"
    desk: "Flags"
    company: "Hashes"


def emails_of(spans: Spans) -> Mails:
    """`fields.email_in` of a column."""
    import numpy as np

    of, known = _mail_marks(), _mail_marks().of(spans.codes)
    at, dot = of.told("at", known), of.told("dot", known)
    regular = (spans.counts(of.told("regular", known)) == spans.lengths) & (spans.lengths > 2)
    regular &= of.told("begins", of.of(spans.at_first())) & of.told("letter", of.of(spans.at_last()))
    regular &= spans.counts(at) == 1
    sign = np.full(len(spans), 0)
    places = np.flatnonzero(at)
    sign[spans.rows_with(places)] = places
    sign = np.where(regular, sign, spans.first)
    parts = Parts(spans.codes)
    domain, mailbox = parts.part(sign + 1, np.maximum(sign + 1, spans.end)), parts.part(spans.first, sign)
    regular &= ~dot[np.minimum(sign + 1, len(dot) - 1)]
    regular &= (domain != _gmail()) | (counts(dot, spans.first, sign) == 0)
    desk = regular & (_desk_words().places(mailbox) >= 0)
    company = np.where(regular & (_free_words().places(domain) < 0), mixed(domain), np.uint64(0))
    rows = np.flatnonzero(~regular & (spans.lengths > 0))
    found = [fields.email_in(text) for text in spans.at(rows).texts()]
    hashes = parts.spread(spans.first, spans.end)
    if found:
        desk[rows] = [email.shared for email in found]
        company[rows] = hashes_of([email.company for email in found])
        hashes[rows] = hashes_of([email.address for email in found])
    return Mails(spans.replaced(rows, [email.address for email in found]), hashes, desk, company)


class Houses(NamedTuple):
    """What `addresses.Address` says, as columns, and hashes of whole addresses, of places and of house numbers."""

    whole: Spans
    hashes: "Hashes"
    place: "Hashes"
    number: "Hashes"


def addresses_of(spans: Spans) -> Houses:
    """`addresses.address_in` of a column."""
    import numpy as np

    of, known = _address_marks(), _address_marks().of(spans.codes)
    chinese = spans.counts((spans.codes >= CHINESE_FROM) & (spans.codes <= CHINESE_TO)) > 0
    regular = chinese & (spans.counts(of.told("odd", known)) == 0)
    codes = np.where(spans.codes == ord("#"), np.uint32(_HOUSE_MARK), spans.codes)
    whole = Spans(codes, spans.first, spans.end).kept(of.told("stays", known))
    parts = Parts(whole.codes)
    place, number = _houses(whole, parts)
    hashes = parts.spread(whole.first, whole.end)
    rows = np.flatnonzero(spans.counts(of.told("ascii", known)) == spans.lengths)
    rows = rows[spans.lengths[rows] > 0]
    if len(rows):
        western, place[rows], number[rows] = western_addresses(
            gathered(spans.codes, spans.first[rows], spans.end[rows])
        )
        whole = whole.with_(rows, western)
        hashes[rows] = western.hashes()
        regular[rows] = True
    rows = np.flatnonzero(~regular & (spans.lengths > 0))
    found = [addresses.address_in(text) for text in spans.at(rows).texts()]
    if found:
        hashes[rows] = hashes_of([address.whole for address in found])
        place[rows] = hashes_of([address.place for address in found])
        number[rows] = hashes_of([address.number for address in found])
    return Houses(whole.replaced(rows, [address.whole for address in found]), hashes, place, number)


def _houses(whole: Spans, parts: Parts) -> tuple["Hashes", "Hashes"]:
    """Hashes of street and house number within the county, and of the number, as `addresses` finds them in Chinese."""
    import numpy as np

    of, known = _address_marks(), _address_marks().of(whole.codes)
    digit = of.told("digit", known)
    road = of.told("road", known)
    road[1:] |= of.told("lane_end", known)[1:] & of.told("lane", known)[:-1]
    road[:-1] &= digit[1:]
    signs = np.flatnonzero(road[:-1])
    row = whole.rows_with(signs)
    fresh = np.diff(row, prepend=-1) != 0
    sign, row = signs[fresh], row[fresh]
    no_digit = np.flatnonzero(~digit)
    end = no_digit[np.searchsorted(no_digit, sign + 1)]
    name = sign - of.told("lane_end", known[sign])
    first = np.maximum(np.maximum(whole.first[row], _last_before(of.told("stop", known), name) + 1), name - 8)
    before = _last_before(of.told("county", known), first)
    place = parts.part(first, end)
    head = np.where(before >= whole.first[row], np.maximum(whole.first[row], before - 2), before)
    place = joint(parts.part(head, np.maximum(head, before)), place, end - first)
    places, numbers = np.zeros(len(whole), np.uint64), np.zeros(len(whole), np.uint64)
    places[row], numbers[row] = mixed(place), parts.spread(sign + 1, end)
    return places, numbers


def _last_before(marked: "Flags", places: "Numbers") -> "Numbers":
    """For each place the last one before it that is marked, -1 for none."""
    import numpy as np

    every = np.flatnonzero(marked)
    at = np.searchsorted(every, places)
    return np.where(at > 0, np.append(every, -1)[at - 1], -1)


def _mended(spans: Spans, odd: "Flags", read: Callable[[str], str]) -> Spans:
    """The same with what a function makes of some cells; of equal ones it is asked once."""
    rows = odd.nonzero()[0]
    asked = cache(read)
    return spans.replaced(rows, [asked(text) for text in spans.at(rows).texts()])


_BETWEEN_CASES = ord("a") - ord("A")


def _plain_letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


@cache
def _people() -> Marks:
    return marks(title=fields.LAST_OF_TITLES.__contains__, western=lambda sign: sign.isascii() and sign not in "([")


@cache
def _code_marks() -> Marks:
    return marks(plain=_plain_letter, small="abcdefghijklmnopqrstuvwxyz".__contains__)


@cache
def _phone_marks() -> Marks:
    return marks(
        digit="0123456789".__contains__,
        dash="-".__eq__,
        extension="转".__eq__,
        regular="0123456789-+(). 转".__contains__,
    )


@cache
def _mail_marks() -> Marks:
    def begins(character: str) -> bool:
        return "a" <= character <= "z" or "0" <= character <= "9"

    return marks(
        begins=begins,
        letter=lambda character: "a" <= character <= "z",
        regular=lambda character: begins(character) or character in "@._-",
        at="@".__eq__,
        dot=".".__eq__,
    )


@cache
def _address_marks() -> Marks:
    return marks(
        digit="0123456789".__contains__,
        ascii=str.isascii,
        odd=lambda character: character.isdecimal() and not character.isascii(),
        stays=lambda character: character.isalnum() or character == "#",
        road="路街道巷弄".__contains__,
        lane="胡".__eq__,
        lane_end="同".__eq__,
        stop="省市区县旗镇乡街道路".__contains__,
        county="区县市".__contains__,
    )


@cache
def _desk_words() -> Words:
    return Words(sorted(SHARED_MAILBOXES))


@cache
def _free_words() -> Words:
    return Words(sorted(FREE_MAIL))


@cache
def _gmail() -> "np.uint64":
    found: np.uint64 = parts_of_all(["gmail.com"])[0]
    return found
