"""Customers taken apart into columns: numbers that tell at once what is the same, and texts for what is only alike.

A million customers as objects take gigabytes. As columns they take a few hundred bytes each, and two hundred thousand
pairs of them are compared as fast as a few.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, cast

from crm_sheets.rules.duplicates.chunks import Chunk, chunks_of_rows
from crm_sheets.rules.duplicates.columns_of_cells import (
    addresses_of,
    codes_of_cells,
    contacts_of,
    emails_of,
    mobiles_of,
    organisations_of,
    phones_of_cells,
)
from crm_sheets.rules.duplicates.columns_of_names import NameColumns, names_of
from crm_sheets.rules.duplicates.growing import Growing, Texts
from crm_sheets.rules.duplicates.hashes import (
    Of,
    Parts,
    beginnings_of,
    beginnings_of_two,
    count_signatures_of,
    hashes_of,
    mixed,
    signatures_of,
    sums_of,
)
from crm_sheets.rules.duplicates.keys import Shared, keyed
from crm_sheets.rules.duplicates.regions import regions
from crm_sheets.rules.duplicates.spans import CHINESE_FROM, Spans, none_of, spans_of
from crm_sheets.rules.duplicates.trades import Trades

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Hashes, Numbers

    Column: TypeAlias = NDArray[np.generic]
    Flags: TypeAlias = NDArray[np.bool_]

Cells: TypeAlias = tuple[str | None, ...]
"""A customer: key, name, contact, phone, email, address, credit_code and, where there is one, id_number."""
WIDTH = 8
TEXTS = ("key", "name", "roman", "contact", "phones", "email", "address", "code", "id_number")


@dataclass(frozen=True, slots=True)
class Columns:
    """Customers by position.

    Attributes:
        keys: by what is shared, 0 for none. Brands and phones have two columns: a customer may have two.
        numbers: by name, see the functions below: what is the same where two are, and what tells without a look at the
            texts that these are not alike. Whole numbers of whatever width they need.
        truths: by name: `chinese`, `bare`, `person_western`, `desk`, `addressed`.
        texts: by name, see TEXTS.
        trades: every trade that turned up.
    """

    count: int
    keys: Mapping[Shared, tuple["Numbers", ...]]
    numbers: Mapping[str, "Numbers"]
    truths: Mapping[str, "Flags"]
    texts: Mapping[str, Texts]
    trades: Sequence[str]


def columns_of(customers: Iterable[Cells]) -> Columns:
    """The customers taken apart."""
    return columns_of_chunks(chunks_of_rows(customers))


def columns_of_chunks(chunks: Iterable[Chunk]) -> Columns:
    """The same for customers that are columns already; those that a chunk lacks are empty."""
    texts = {name: Texts() for name in TEXTS}
    trades = Trades()
    found: dict[object, Growing] = {}
    count = 0
    for chunk in chunks:
        count += len(chunk[0])
        for name, column in _taken_apart(chunk, texts, trades):
            found.setdefault(name, Growing()).extend(column)
    if not count:
        for name, column in _taken_apart([none_of(1)], {name: Texts() for name in TEXTS}, trades):
            found.setdefault(name, Growing()).extend(column[:0])
    numbers: dict[object, Numbers] = {}
    truths: dict[str, Flags] = {}
    for name, growing in found.items():
        column = growing.whole()
        if column.dtype == bool:
            truths[str(name)] = cast("Flags", column)
        else:
            numbers[name] = cast("Numbers", column)
    keys = {kind: tuple(numbers.pop((kind, at)) for at in (0, 1) if (kind, at) in numbers) for kind in Shared}
    return Columns(count, keys, {str(name): column for name, column in numbers.items()}, truths, texts, trades.texts)


_Named: TypeAlias = Iterator[tuple[object, "Column"]]
"""Columns of numbers by name, columns of keys by what is shared and 0 or 1."""


def _taken_apart(chunk: Sequence[Spans], texts: Mapping[str, Texts], trades: Trades) -> _Named:
    texts["key"].extend(chunk[0])
    lacking = [none_of(len(chunk[0]))] * (WIDTH - len(chunk))
    name, contact, phone, email, address, code, id_number = (*chunk[1:], *lacking)
    people = contacts_of(contact)
    person = people.hashes()
    yield from _contacts(people, person, texts["contact"])
    yield from _names(names_of(name), person, texts, trades)
    yield from _phones(phone, texts["phones"])
    yield from _emails(email, texts["email"])
    yield from _addresses(address, texts["address"])
    yield from _codes(codes_of_cells(code), texts["code"])
    ids = codes_of_cells(id_number)
    texts["id_number"].extend(ids)
    yield (Shared.ID_NUMBER, 0), keyed(Shared.ID_NUMBER, ids.hashes())


def _contacts(people: Spans, person: "Hashes", texts: Texts) -> _Named:
    """`contact`: the same person; `person_*`: what two names that are alike share; `in_mailbox`: how that may begin."""
    import numpy as np

    texts.extend(people)
    first, second, last = people.at_first(), people.at_second(), people.at_last()
    western = (first > 0) & (first < CHINESE_FROM)
    beginnings = beginnings_of(first) | beginnings_of(second) | beginnings_of(last)
    yield "contact", person.view(np.int64)
    yield "person_first", first.astype(np.uint16)
    yield "person_last", last.astype(np.uint16)
    yield "person_letters", sums_of(people.codes, people.first, people.end).astype(np.uint32)
    yield "person_sound", Parts(people.codes, Of.SOUND).part(people.first, people.end).astype(np.uint32)
    yield "person_western", western
    yield "in_mailbox", np.where(western, np.uint32(2**32 - 1), beginnings)


def _names(names: NameColumns, person: "Hashes", texts: Mapping[str, Texts], trades: Trades) -> _Named:
    import numpy as np

    whole, in_chinese, place = names.whole, names.chinese, names.region
    texts["name"].extend(whole)
    romans = none_of(len(whole)).replaced(
        np.fromiter(names.romans, np.int64, len(names.romans)), list(names.romans.values())
    )
    texts["roman"].extend(romans)
    parts = Parts(whole.codes, Of.SOUND)
    firsts, cuts, ends = (whole.first + each for each in (names.start, names.cut, names.end))
    brand, core = parts.part(firsts, cuts), parts.part(firsts, ends)
    told_city = cities()[place] * (core != 0)
    beginning = np.minimum(firsts + np.where(in_chinese, 3, 9), ends)
    long_enough = ends - firsts > 2
    first = parts.part(firsts, np.minimum(firsts + np.where(in_chinese, 1, 3), ends))
    last = parts.part(np.maximum(firsts, ends - np.where(in_chinese, 2, 4)), ends)
    met = (person != 0) & (brand != 0)
    roman = Parts(romans.codes).part(romans.first, romans.end)
    yield (Shared.NAME, 0), keyed(Shared.NAME, core)
    yield (Shared.NAME_IN_CITY, 0), keyed(Shared.NAME_IN_CITY, _with(core, told_city) * (told_city != 0))
    yield (Shared.BRAND, 0), keyed(Shared.BRAND, brand)
    yield (Shared.BRAND, 1), keyed(Shared.BRAND, roman * (roman != brand))
    yield (Shared.BEGINNING, 0), keyed(Shared.BEGINNING, parts.part(firsts, beginning) * long_enough)
    yield (Shared.CONTACT_AND_FIRST, 0), keyed(Shared.CONTACT_AND_FIRST, _with(person, first) * met)
    yield (Shared.CONTACT_AND_LAST, 0), keyed(Shared.CONTACT_AND_LAST, _with(person, last) * met)
    yield "place", place.astype(np.int16)
    yield "branch", _branches(names)
    yield "chinese", in_chinese
    yield "bare", names.bare
    yield "trader", names.trader.astype(np.int8)
    for name, values in (("start", names.start), ("cut", names.cut), ("end", names.end)):
        yield name, values.astype(np.int16)
    order = np.argsort(whole.first)
    cores = signatures_of(whole.codes, firsts, ends, order, Of.SOUND)
    wholes = signatures_of(whole.codes, whole.first, whole.end, order, Of.LETTERS)
    western = np.flatnonzero(~in_chinese)
    cores[western], wholes[western] = count_signatures_of(whole.codes, firsts[western], ends[western])
    yield "core_signs", cores.view(np.int64)
    yield "name_signs", wholes.view(np.int64)
    yield "trade", trades.numbers_of(Spans(whole.codes, cuts, ends))


def _branches(names: NameColumns) -> "Numbers":
    """A number for how the branch of each sounds, 0 for none."""
    import numpy as np

    found = np.zeros(len(names.whole), np.uint64)
    branches = spans_of(list(names.branches.values()))
    found[list(names.branches)] = Parts(branches.codes, Of.SOUND).part(branches.first, branches.end)
    return found.view(np.int64)


def _with(hashes: "Hashes", others: "Hashes") -> "Hashes":
    import numpy as np

    return mixed(hashes) + others * np.uint64(3)


def _phones(cells: Spans, texts: Texts) -> _Named:
    """`number`: the only number where it has ten digits, -1 otherwise."""
    every, first, second = phones_of_cells(cells)
    texts.extend(every)
    yield (Shared.PHONE, 0), keyed(Shared.PHONE, first.hashes())
    yield (Shared.PHONE, 1), keyed(Shared.PHONE, second.hashes())
    yield "number", mobiles_of(every)


def _emails(cells: Spans, texts: Texts) -> _Named:
    """`desk`: the mailbox of one; `company`: the firm's domain; `digits` and `length`; `mailbox`: its beginning."""
    import numpy as np

    address, hashes, desk, company = emails_of(cells)
    texts.extend(address)
    yield (Shared.EMAIL, 0), keyed(Shared.EMAIL, hashes)
    yield "desk", desk
    yield "company", company.view(np.int64)
    yield "digits", Parts(address.codes, Of.DIGITS).part(address.first, address.end).astype(np.uint32)
    yield "length", np.minimum(address.lengths, 255).astype(np.uint8)
    yield "mailbox", beginnings_of_two(address.at_first(), address.at_second())


def _addresses(cells: Spans, texts: Texts) -> _Named:
    """`addressed`: there is one; `address`: the same; `house_number`, `street`: the address without its numbers."""
    import numpy as np

    whole, hashes, place, number = addresses_of(cells)
    texts.extend(whole)
    yield (Shared.HOUSE, 0), keyed(Shared.HOUSE, place)
    yield "addressed", whole.lengths > 0
    yield "house_number", number.astype(np.uint32)
    yield "address", hashes.view(np.int64)
    yield "street", Parts(whole.codes, Of.WORDS).part(whole.first, whole.end).astype(np.uint32)


def _codes(codes: Spans, texts: Texts) -> _Named:
    """`code_*`: thirds of the code, of which one is left whole by two slips."""
    import numpy as np

    texts.extend(codes)
    parts = Parts(codes.codes)
    yield (Shared.CODE, 0), keyed(Shared.CODE, organisations_of(codes, parts))
    start, end = codes.first, codes.end
    for at, first in enumerate((start, start + 6, end - 6)):
        third = parts.spread(np.clip(first, start, end), np.minimum(first + 6, end))
        yield f"code_{at}", third.astype(np.uint16)


@cache
def cities() -> "Hashes":
    """A number for the city of each place in regions.regions(), 0 where it tells none."""
    return hashes_of([region.city for region in regions()])


@cache
def provinces() -> "Hashes":
    """A number for the province of each place in regions.regions(), 0 where it tells none."""
    return hashes_of([region.province for region in regions()])
