"""What the search for duplicates takes and gives."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Subject:
    """A customer as far as duplicates are concerned: texts as staff typed them, "" or None for an empty cell."""

    key: str
    name: str | None
    contact: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    credit_code: str | None = None
    id_number: str | None = None

    @property
    def cells(self) -> tuple[str | None, ...]:
        """The same as a tuple, in the order of the attributes."""
        return (
            self.key,
            self.name,
            self.contact,
            self.phone,
            self.email,
            self.address,
            self.credit_code,
            self.id_number,
        )


ALIKE = "~"
"""Behind a column of Pair.keys that agrees but for slips of the pen: two phones that differ in one digit."""


class Pair(NamedTuple):
    """Two customers that seem to be one.

    Attributes:
        one, other: their keys, the smaller first.
        score: how sure, 0 to 1; faint ones (below 0.5) are links, that only help to judge groups.
        keys: the columns that agree, in the order of their weight: "credit_code", "phone", "name" ...
            with ALIKE behind those that are not quite the same.
        certain: the evidence leaves no reasonable doubt; otherwise the pair is only possible.
    """

    one: str
    other: str
    score: float
    keys: tuple[str, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Customers that seem to be one and the same.

    Attributes:
        members: their keys in order, two or more.
        score: mean score over the pairs of its members.
    """

    members: tuple[str, ...]
    score: float
