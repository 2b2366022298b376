"""Customers taken apart into columns: numbers that tell at once what is the same, and texts for what is only alike.

A million customers as objects take gigabytes. As columns they take a few hundred bytes each, and two hundred thousand
pairs of them are compared as fast as a few.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, cast

from crm_sheets.rules.duplicates.addresses import Address, address_in
from crm_sheets.rules.duplicates.fields import Email, all_codes, all_contacts, all_phones, email_in, organisation_of
from crm_sheets.rules.duplicates.hashes import Of, Parts, hashes_of, initials_of, mixed, sums_of
from crm_sheets.rules.duplicates.keys import Shared, keyed
from crm_sheets.rules.duplicates.names import Name, parts_of
from crm_sheets.rules.duplicates.regions import regions
from crm_sheets.rules.duplicates.text import CHINESE_START, plain_all
from crm_sheets.rules.duplicates.words import TRADER_FORMS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Hashes, Numbers

    Column: TypeAlias = NDArray[np.generic]
    Flags: TypeAlias = NDArray[np.bool_]

Cells: TypeAlias = tuple[str | None, ...]
"""A customer: key, name, contact, phone, email, address, credit_code and, where there is one, id_number."""
CHUNK = 16_384
WIDTH = 8
TEXTS = ("key", "name", "roman", "contact", "phones", "email", "address", "code", "id_number")
CHINESE_FROM = ord(CHINESE_START)
_TRADERS = {form: number for number, form in enumerate(("", *sorted(TRADER_FORMS)))}


class Texts:
    """A column of texts: whole chunks joined, and where each text ends. An object for each would take twice as much."""

    def __init__(self) -> None:
        self._joined: list[str] = []
        self._ends = array("i")

    def extend(self, texts: Sequence[str]) -> None:
        """Adds a chunk; all but the last must have CHUNK texts."""
        import numpy as np

        self._joined.append("".join(texts))
        lengths = np.fromiter(map(len, texts), np.int32, len(texts))
        self._ends.append(0)
        self._ends.frombytes(np.cumsum(lengths, dtype=np.int32).tobytes())

    def of(self, rows: "Numbers") -> list[str]:
        """The texts of some customers."""
        import numpy as np

        chunks = rows // CHUNK
        places = rows + chunks
        ends = np.frombuffer(self._ends, np.int32)
        starts, stops = ends[places].tolist(), ends[places + 1].tolist()
        joined = self._joined
        return [joined[chunk][start:stop] for chunk, start, stop in zip(chunks.tolist(), starts, stops, strict=True)]


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
    texts = {name: Texts() for name in TEXTS}
    trades = {"": 0}
    chunks: list[dict[object, Column]] = []
    count = 0
    for cells in _chunks(customers):
        count += len(cells)
        chunks.append(dict(_taken_apart(cells, texts, trades)))
    if not chunks:
        chunks.append(dict(_taken_apart([("",) * WIDTH], {name: Texts() for name in TEXTS}, trades)))
    numbers: dict[object, Numbers] = {}
    truths: dict[str, Flags] = {}
    for name in tuple(chunks[0]):
        column = _joined(chunks, name)[:count]
        if column.dtype == bool:
            truths[str(name)] = cast("Flags", column)
        else:
            numbers[name] = cast("Numbers", column)
    keys = {kind: tuple(numbers.pop((kind, at)) for at in (0, 1) if (kind, at) in numbers) for kind in Shared}
    return Columns(count, keys, {str(name): column for name, column in numbers.items()}, truths, texts, tuple(trades))


def _joined(chunks: Sequence[dict[object, "Column"]], name: object) -> "Column":
    import numpy as np

    return np.concatenate([chunk.pop(name) for chunk in chunks])


def _chunks(customers: Iterable[Cells]) -> Iterator[list[Cells]]:
    iterator = iter(customers)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


_Named: TypeAlias = Iterator[tuple[object, "Column"]]
"""Columns of numbers by name, columns of keys by what is shared and 0 or 1."""


def _taken_apart(customers: Sequence[Cells], texts: Mapping[str, Texts], trades: dict[str, int]) -> _Named:
    cells = list(zip(*customers, strict=True))
    cells += [("",) * len(customers)] * (WIDTH - len(cells))
    key, name, contact, phone, email, address, code, id_number = cells
    texts["key"].extend(key)
    people = all_contacts(plain_all(contact))
    yield from _contacts(people, texts["contact"])
    yield from _names([parts_of(written) for written in plain_all(name)], hashes_of(people), texts, trades)
    yield from _phones(all_phones(plain_all(phone)), texts["phones"])
    yield from _emails([email_in(written) for written in plain_all(email)], texts["email"])
    yield from _addresses([address_in(written) for written in plain_all(address)], texts["address"])
    yield from _codes(all_codes(plain_all(code)), texts["code"])
    ids = all_codes(plain_all(id_number)) if any(id_number) else [""] * len(customers)
    texts["id_number"].extend(ids)
    yield (Shared.ID_NUMBER, 0), keyed(Shared.ID_NUMBER, hashes_of(ids))


def _contacts(people: Sequence[str], texts: Texts) -> _Named:
    """`contact`: the same person; `person_*`: what two names that are alike share; `initials`: of its mailbox."""
    import numpy as np

    texts.extend(people)
    parts = Parts(people)
    first, second, last = parts.firsts(), parts.seconds(), parts.lasts()
    western = (first > 0) & (first < CHINESE_FROM)
    initials = initials_of(first) | initials_of(second) | initials_of(last)
    yield "contact", mixed(parts.whole()).view(np.int64)
    yield "person_first", first.astype(np.uint16)
    yield "person_last", last.astype(np.uint16)
    yield "person_letters", sums_of(parts).astype(np.uint32)
    yield "person_sound", Parts(people, Of.SOUND).whole().astype(np.uint32)
    yield "person_western", western
    yield "initials", np.where(western, np.uint32(2**32 - 1), initials)


def _names(names: Sequence[Name], person: "Hashes", texts: Mapping[str, Texts], trades: dict[str, int]) -> _Named:
    import numpy as np

    whole, region, branch, start, cut, end, trader, chinese, bare, roman = zip(*names, strict=True)
    texts["name"].extend(whole)
    texts["roman"].extend(roman)
    count = len(names)
    parts = Parts(whole, Of.SOUND)
    firsts, cuts, ends = (parts.starts[:-1] + np.fromiter(each, np.int64, count) for each in (start, cut, end))
    in_chinese = np.fromiter(chinese, np.bool_, count)
    place = np.fromiter((each.number for each in region), np.int16, count)
    brand, core = parts.part(firsts, cuts), parts.part(firsts, ends)
    told_city = cities()[place] * (core != 0)
    beginning = np.minimum(firsts + np.where(in_chinese, 3, 9), ends)
    long_enough = ends - firsts > 2
    first = parts.part(firsts, np.minimum(firsts + np.where(in_chinese, 1, 3), ends))
    last = parts.part(np.maximum(firsts, ends - np.where(in_chinese, 2, 4)), ends)
    met = (person != 0) & (brand != 0)
    romans = Parts(roman).whole()
    yield (Shared.NAME, 0), keyed(Shared.NAME, core)
    yield (Shared.NAME_IN_CITY, 0), keyed(Shared.NAME_IN_CITY, _with(core, told_city) * (told_city != 0))
    yield (Shared.BRAND, 0), keyed(Shared.BRAND, brand)
    yield (Shared.BRAND, 1), keyed(Shared.BRAND, romans * (romans != brand))
    yield (Shared.BEGINNING, 0), keyed(Shared.BEGINNING, parts.part(firsts, beginning) * long_enough)
    yield (Shared.CONTACT_AND_FIRST, 0), keyed(Shared.CONTACT_AND_FIRST, _with(person, first) * met)
    yield (Shared.CONTACT_AND_LAST, 0), keyed(Shared.CONTACT_AND_LAST, _with(person, last) * met)
    yield "place", place
    yield "branch", Parts(branch, Of.SOUND).whole().view(np.int64)
    yield "chinese", in_chinese
    yield "bare", np.fromiter(bare, np.bool_, count)
    yield "trader", np.fromiter(map(_TRADERS.__getitem__, trader), np.int8, count)
    for name, values in (("start", start), ("cut", cut), ("end", end)):
        yield name, np.fromiter(values, np.int16, count)
    told = (text[a:b] for text, a, b in zip(whole, cut, end, strict=True))
    yield "trade", np.fromiter((trades.setdefault(trade, len(trades)) for trade in told), np.int32, count)


def _with(hashes: "Hashes", others: "Hashes") -> "Hashes":
    import numpy as np

    return mixed(hashes) + others * np.uint64(3)


def _phones(phones: Sequence[tuple[str, ...]], texts: Texts) -> _Named:
    """`number`: the only number where it has ten digits, -1 otherwise."""
    import numpy as np

    texts.extend([" ".join(numbers) if len(numbers) > 1 else numbers[0] if numbers else "" for numbers in phones])
    first = [numbers[0] if numbers else "" for numbers in phones]
    second = [numbers[1] if len(numbers) > 1 else "" for numbers in phones]
    yield (Shared.PHONE, 0), keyed(Shared.PHONE, hashes_of(first))
    yield (Shared.PHONE, 1), keyed(Shared.PHONE, hashes_of(second))
    only = [number if len(number) == 10 and not more else "-1" for number, more in zip(first, second, strict=True)]
    yield "number", np.fromiter(map(int, only), np.int64, len(only))


def _emails(emails: Sequence[Email], texts: Texts) -> _Named:
    """`desk`: the mailbox of one; `company`: the firm's domain; `digits` and `length`; `initial`: the first letter."""
    import numpy as np

    address, desk, company = zip(*emails, strict=True)
    texts.extend(address)
    parts = Parts(address)
    yield (Shared.EMAIL, 0), keyed(Shared.EMAIL, mixed(parts.whole()))
    yield "desk", np.fromiter(desk, np.bool_, len(emails))
    yield "company", hashes_of(company).view(np.int64)
    yield "digits", Parts(address, Of.DIGITS).whole().astype(np.uint32)
    yield "length", np.minimum(np.diff(parts.starts), 255).astype(np.uint8)
    yield "initial", initials_of(parts.firsts())


def _addresses(addresses: Sequence[Address], texts: Texts) -> _Named:
    """`addressed`: there is one; `house_number`, `street`: the address without its numbers."""
    import numpy as np

    whole, place, number = zip(*addresses, strict=True)
    texts.extend(whole)
    yield (Shared.HOUSE, 0), keyed(Shared.HOUSE, hashes_of(place))
    yield "addressed", np.fromiter(map(bool, whole), np.bool_, len(whole))
    yield "house_number", hashes_of(number).astype(np.uint32)
    yield "street", Parts(whole, Of.WORDS).whole().astype(np.uint32)


def _codes(codes: Sequence[str], texts: Texts) -> _Named:
    """`code_*`: thirds of the code, of which one is left whole by two slips."""
    import numpy as np

    texts.extend(codes)
    yield (Shared.CODE, 0), keyed(Shared.CODE, hashes_of([organisation_of(code) or code for code in codes]))
    parts = Parts(codes)
    start, end = parts.starts[:-1], parts.starts[1:]
    for at, first in enumerate((start, start + 6, end - 6)):
        third = parts.part(np.clip(first, start, end), np.minimum(first + 6, end))
        yield f"code_{at}", mixed(third).astype(np.uint16)


@cache
def cities() -> "Hashes":
    """A number for the city of each place in regions.regions(), 0 where it tells none."""
    return hashes_of([region.city for region in regions()])


@cache
def provinces() -> "Hashes":
    """A number for the province of each place in regions.regions(), 0 where it tells none."""
    return hashes_of([region.province for region in regions()])
