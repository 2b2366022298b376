"""Most pairs of a whole book come to nothing, and a glance at 32 bytes of each customer tells so.

A byte stands for each thing that two customers may share: where two bytes differ it is not the same, where they are
equal it may be. What equal bytes and flags promise at most stands in tables (`promises`). `compare` would leave out the
same pairs, but looks at forty columns of each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, cast

from crm_sheets.rules.duplicates import weights
from crm_sheets.rules.duplicates.columns import Columns
from crm_sheets.rules.duplicates.compare import CROWD, FAINT, least
from crm_sheets.rules.duplicates.keys import Shared
from crm_sheets.rules.duplicates.likeness_of_names import names_told
from crm_sheets.rules.duplicates.promises import (
    NUMBER,
    OF_PERSON,
    OF_PLACE,
    OFFSET,
    PERSON,
    PLACE,
    STRANGERS,
    tables,
)
from crm_sheets.rules.duplicates.regions import regions
from crm_sheets.rules.duplicates.weights import AT_MOST, UNSURE, Names, tenths, tenths_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crm_sheets.rules.duplicates.hashes import Hashes
    from crm_sheets.rules.duplicates.likeness_words import Words

    Rows: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]
    Classes: TypeAlias = NDArray[np.uint8]
    Tenths: TypeAlias = NDArray[np.int16]
    Sums: TypeAlias = NDArray[np.int32]
    Column: TypeAlias = NDArray[np.generic]

_AT_ONCE = 32_768
_WORDS = 4
_BRAND, _CROWDS, _IN_MAILBOX, _MAILBOX = 16, 24, 32, 48
"""What the last word of a customer has above its flags, and where: a byte of its brand, the classes of its crowds, and
how a mailbox of its person and its own mailbox begin, each folded to sixteen bits."""
_CLASS_BITS = 3
_SPREAD = 0x9E3779B97F4A7C15
_CITY = 1 << PLACE.index("city") | 1 << PLACE.index("province")
_NO_CITY = 1 << len(OF_PERSON) + OF_PLACE.index("no_city")
_NEEDED = 3 * OFFSET + least(FAINT) - tenths(weights.START)


@dataclass(frozen=True, slots=True)
class Glances:
    """What a glance sees of each customer: four words of 64 bits, three of them eight bytes to be compared."""

    columns: Columns
    words: "Hashes"

    def promising(self, one: "Rows", other: "Rows") -> tuple["Rows", "Rows", "Words"]:
        """Those of some pairs that may come to something, and what is told of their names."""
        import numpy as np

        glanced = [self._glanced(one, other, start) for start in range(0, len(one), _AT_ONCE)]
        if not glanced:
            return one, other, np.zeros(0, np.uint8)
        places, sums, crowd = (np.concatenate(column) for column in zip(*glanced, strict=True))
        words = names_told(self.columns, one[places], other[places])
        beside = np.where(words == Names.OTHER.place, sums >> STRANGERS, _of_known(sums))
        name = _by_name().take(words.astype(np.int16) << _CLASS_BITS | crowd)
        hopeful = np.flatnonzero(beside + name >= _NEEDED)
        places = places[hopeful]
        return one[places], other[places], words[hopeful]

    def _glanced(self, one: "Rows", other: "Rows", start: int) -> tuple["Rows", "Sums", "Classes"]:
        """From a place on, the places of those that may come to something if their names are as alike as their brands
        promise, the most that all but the name may say, and the class of their crowds."""
        import numpy as np

        some = slice(start, start + _AT_ONCE)
        a, b = self.words.take(one[some], axis=0), self.words.take(other[some], axis=0)
        equal = np.packbits((a ^ b).view(np.uint8) == 0, bitorder="little").reshape(-1, _WORDS)
        a, b = a[:, -1], b[:, -1]
        flags = (a | b).astype(np.uint16)
        sums = _sums(equal, flags, _in_mailbox(a, b))
        crowd = _crowding((equal[:, 1] & _CITY == _CITY) & (flags & _NO_CITY == 0), a, b)
        brand = (equal[:, -1] >> _BRAND // 8 & 1) << _CLASS_BITS
        places = np.flatnonzero(_of_known(sums) + _by_brand().take(brand | crowd) >= _NEEDED)
        return start + places, sums[places], crowd[places]


def _of_known(sums: "Sums") -> "Tenths":
    """Of two sums that of names with something in common."""
    import numpy as np

    return (sums & (1 << STRANGERS) - 1).astype(np.int16)


def _sums(equal: "NDArray[np.uint8]", flags: "NDArray[np.uint16]", in_mailbox: "Flags") -> "Sums":
    """The most that all but the name may say, as in `promises.tables`."""
    import numpy as np

    person, place, number = tables()
    of_person = flags & (1 << len(OF_PERSON)) - 1 | in_mailbox.astype(np.uint16) << len(OF_PERSON)
    found = person.take(of_person << 8 | equal[:, 0])
    of_place = flags >> len(OF_PERSON) & (1 << len(OF_PLACE)) - 1
    found += place.take(of_place << 8 | equal[:, 1])
    found += number.take(flags >> len(OF_PERSON) + len(OF_PLACE) << 8 | equal[:, 2])
    return found


def _in_mailbox(one: "Hashes", other: "Hashes") -> "Flags":
    """Whether the mailbox of either may begin with the name of the other's person."""
    step = _MAILBOX - _IN_MAILBOX
    found: Flags = (one << step & other | other << step & one) >> _MAILBOX != 0
    return found


def _crowding(together: "Flags", one: "Hashes", other: "Hashes") -> "Classes":
    """The class of the larger crowd: of those in their city where both tell one, otherwise of those everywhere."""
    import numpy as np

    a, b = (each >> _CROWDS & 2 ** (2 * _CLASS_BITS) - 1 for each in (one, other))
    which = together.astype(np.uint64) << 4 * _CLASS_BITS | a << 2 * _CLASS_BITS | b
    found: Classes = _larger_crowd().take(which.view(np.int64))
    return found


def glances_of(columns: Columns, crowds: Mapping[Shared, "Classes"]) -> Glances:
    """What there is to be seen of each customer.

    Args:
        columns: the customers.
        crowds: for each customer the class of the number of those that bear its name, everywhere and in its city.
    """
    import numpy as np

    words = np.zeros((columns.count, _WORDS), np.uint64)
    for start in range(0, columns.count, _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        seen = _seen(columns, some)
        every = words[some].view(np.uint8)
        for at, name in enumerate((*PERSON, *PLACE, *NUMBER)):
            every[:, at] = _byte_of(seen[name] if name in seen else columns.numbers[name][some])
        last = words[some, -1]
        for at, flag in enumerate(_flags(columns, seen, some)):
            last |= flag.astype(np.uint64) << np.uint64(at)
        last |= _byte_of(columns.keys[Shared.BRAND][0][some]).astype(np.uint64) << np.uint64(_BRAND)
        everywhere, here = (crowds[kind][some].astype(np.uint64) for kind in (Shared.NAME, Shared.NAME_IN_CITY))
        last |= (everywhere | here << np.uint64(_CLASS_BITS)) << np.uint64(_CROWDS)
        for name, place in (("in_mailbox", _IN_MAILBOX), ("mailbox", _MAILBOX)):
            letters = columns.numbers[name][some].astype(np.uint64)
            last |= ((letters | letters >> np.uint64(16)) & np.uint64(0xFFFF)) << np.uint64(place)
    return Glances(columns, words)


def _seen(columns: Columns, some: slice) -> "dict[str, Column]":
    """What bytes are made of, where it is no column as it is."""
    import numpy as np

    keys, of = columns.keys, columns.numbers
    place, number, email, company = (
        of["place"][some],
        of["number"][some],
        keys[Shared.EMAIL][0][some],
        of["company"][some],
    )
    return {
        "email": email,
        "digits": of["digits"][some].astype(np.int64) * 2 + columns.truths["desk"][some],
        "company": np.where(company == 0, email, company),
        "house": np.where(keys[Shared.HOUSE][0][some] == 0, of["address"][some], keys[Shared.HOUSE][0][some]),
        "province": _places()[0][place],
        "city": _places()[1][place],
        "code": keys[Shared.CODE][0][some],
        "phone": keys[Shared.PHONE][0][some],
        "phone_low": number % 100_000,
        "phone_high": number // 100_000,
        "phone_outer": number // 1_000_000 * 10_000 + number % 10_000,
    }


def _flags(columns: Columns, seen: "Mapping[str, Column]", some: slice) -> Iterator["Flags"]:
    """The flags of PERSON, PLACE and NUMBER, in their order."""
    of, truths = columns.numbers, columns.truths
    yield of["contact"][some] == 0
    yield truths["person_western"][some]
    yield seen["email"] == 0
    yield ~truths["addressed"][some]
    yield of["house_number"][some] == 0
    yield seen["province"] == 0
    yield seen["city"] == 0
    yield of["branch"][some] != 0
    yield of["branch"][some] == 0
    yield truths["chinese"][some]
    yield seen["code"] == 0
    yield seen["phone"] == 0
    yield of["number"][some] < 0
    yield columns.keys[Shared.ID_NUMBER][0][some] == 0


def _byte_of(column: "Column") -> "NDArray[np.uint8]":
    """A byte for each number, the same for the same."""
    import numpy as np

    if column.dtype == np.uint8:
        return cast("NDArray[np.uint8]", column)
    spread = column.astype(np.uint64) * np.uint64(_SPREAD)
    return (spread >> np.uint64(56)).astype(np.uint8)


@cache
def _places() -> "tuple[NDArray[np.uint8], NDArray[np.uint8]]":
    """A byte for the province and one for the city of each place in regions.regions(), 0 for none.

    There are more cities than bytes, but those of one province stand together and differ.
    """
    import numpy as np

    found = []
    for names in ([region.province for region in regions()], [region.city for region in regions()]):
        numbers = {name: 1 + at % 255 for at, name in enumerate(dict.fromkeys(filter(None, names)))}
        found.append(np.array([numbers.get(name, 0) for name in names], np.uint8))
    return found[0], found[1]


@cache
def _larger_crowd() -> "Classes":
    """By the classes of the crowds of two customers, each everywhere and in its city, and whether that is the same."""
    import numpy as np

    which = np.arange(2 << 4 * _CLASS_BITS)
    here, everywhere = (
        np.maximum(which >> shift & 2**_CLASS_BITS - 1, which >> shift + 2 * _CLASS_BITS & 2**_CLASS_BITS - 1)
        for shift in (_CLASS_BITS, 0)
    )
    found: Classes = np.where(which >> 4 * _CLASS_BITS, here, everywhere).astype(np.uint8)
    return found


@cache
def _by_name() -> "Tenths":
    """What a name, as told, and its crowd say at most: by word and class."""
    import numpy as np

    crowd = np.zeros(1 << _CLASS_BITS, np.int16)
    crowd[: len(CROWD)] = CROWD
    found = tenths_of(Names)[0][:, None] + crowd
    found[AT_MOST:] = tenths_of(Names)[0][AT_MOST:, None] + np.maximum(crowd, 0)
    for word in (Names.OTHER, Names.MISSING):
        found[word.place] = tenths(word.weight)
    told: Tenths = found.ravel()
    return told


@cache
def _by_brand() -> "Tenths":
    """The same where only the bytes of the brands are known: whether they are equal, and class."""
    import numpy as np

    by_name = _by_name().reshape(-1, 1 << _CLASS_BITS)
    every = [word.place for word in Names]
    other = [Names.MISSING.place, Names.OTHER.place, UNSURE]
    return np.concatenate([by_name[other].max(axis=0), by_name[[*every, UNSURE]].max(axis=0)])
