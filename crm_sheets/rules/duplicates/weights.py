"""What each agreement and disagreement says, as natural logarithms of odds (Fellegi and Sunter, 1969).

0 says nothing, 2.3 makes "the same" ten times as likely as before. The weights are rounded by hand, not fitted: a model
fitted to one set of customers learns that set.
"""

from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

START = -2.2
"""Two customers that share a key of the index, nothing else known."""


class Likeness(Enum):
    """How one column of two customers compares: what it says, and whether it counts as an agreement.

    `strangers` is what it says under names that have nothing in common, where that is something else; `place` is its
    number among the words of its kind.
    """

    def __init__(self, word: str, weight: float, agrees: bool = False, strangers: float | None = None) -> None:
        self.word = word
        self.weight = weight
        self.agrees = agrees
        self.strangers = weight if strangers is None else strangers
        self.place = len(type(self).__members__)

    @property
    def slipped(self) -> bool:
        """Whether it agrees but for slips of the pen: staff are told that it is alike, not that it is the same."""
        return self.name in {"SLIP", "SIMILAR"}


class Names(Likeness):
    """How two company names compare."""

    MISSING = "missing", -1.0
    SAME = "brand and trade, written or sounding alike", 3.0, True
    SHORT = "one leaves the trade out", 1.7, True
    ROMAN = "one is the other in pinyin", 1.0, True
    SLIP = "one slip of the pen", 1.8, True
    SLIPS = "two slips", -0.4
    OTHER_TRADE = "the brand is the same, the trade is not", -5.0
    CLOSE = "half of it is the same", -1.5
    OTHER = "nothing in common", -2.0


class Codes(Likeness):
    """How two credit codes compare."""

    MISSING = "missing", 0.0
    SAME = "same", 5.0, True
    SLIP = "one or two slips", 3.0, True
    OTHER = "different", -4.0


class Ids(Likeness):
    """How two ID numbers of persons compare."""

    MISSING = "missing", 0.0
    SAME = "same", 8.0, True
    SLIP = "one slip", 3.0, True
    OTHER = "different", -6.0


class Phones(Likeness):
    """How the phone cells compare: the best of all numbers. One agent with one mobile looks after several firms."""

    MISSING = "missing", 0.0
    SAME = "same", 4.0, True, 2.0
    SLIP = "one slip", 2.0, True
    OTHER = "different", -0.8


class Emails(Likeness):
    """How two addresses compare."""

    MISSING = "missing", 0.0
    SAME = "one person's mailbox", 4.5, True
    SAME_DESK = "info@ of one firm", 2.5, True
    SLIP = "one or two slips", 2.0, True
    SAME_FIRM = "two mailboxes of one firm", -0.8
    OTHER = "different", -1.8


class Contacts(Likeness):
    """How two people's names compare."""

    MISSING = "missing", 0.0
    SAME = "same", 4.5, True, 0.5
    SIMILAR = "surname only, an initial, a slip", 2.5, True, 0.5
    IN_MAILBOX = "one's mailbox carries the other's name", 3.0, True
    OTHER = "different", -1.5


class Addresses(Likeness):
    """How two addresses compare."""

    MISSING = "missing", 0.0
    SAME = "same house, same room where both tell it", 3.5, True
    SIMILAR = "a few slips", 2.0, True
    SAME_STREET = "the house is the same, the room is not", 2.0, True
    PART = "one stops where the other goes on", 0.3
    OTHER = "different", -2.4


SAME_CITY = 0.7
SAME_PROVINCE = 0.3
OTHER_REGION = -5.0
SAME_BRANCH = 1.5
NO_BRANCH = -5.5
"""One is a branch and the other tells none: most often the head office."""
OTHER_BRANCH = -8.0
OTHER_TRADER = -0.4
BARE = -2.5
"""Two names that may be those of persons."""
WESTERN = -0.7
"""Western names are made of fewer words than Chinese ones, and meet by chance more often."""

CROWD = (0.5, 0.5, 1.0, 0.3, -0.6, -1.2, -1.8)
"""By crowd_class of the number of customers with the name (1, 2-3, 4-7 ...): the rarer it is the more it says."""
CROWD_LIMIT = 32
"""From here on a crowd counts the same."""


def crowd_class(sizes: "NDArray[np.int32] | NDArray[np.int64]") -> "NDArray[np.uint8]":
    """The number of binary digits of each size, CROWD_LIMIT taken for larger ones."""
    import numpy as np

    return np.frexp(np.minimum(sizes, CROWD_LIMIT))[1].astype(np.uint8)


def tenths(weight: float) -> int:
    """A weight as the search adds them up: whole numbers have the same sum in every order."""
    return round(weight * 10)


AT_MOST = 128
"""What numbers leave open and texts must tell: this and the place of the best word that it may be, or either below."""
UNSURE, UNSURE_BUT_CLOSE = 255, 254
"""At best a slip, or even the same."""


@cache
def tenths_of(kind: type[Likeness]) -> "NDArray[np.int16]":
    """The weights of a kind, two rows: under names with something in common, and of strangers; by the place of a word.

    What is unsure has the best weight that it may turn out to have.
    """
    import numpy as np

    found = np.zeros((2, 256), np.int16)
    for word in kind:
        found[:, word.place] = found[:, AT_MOST + word.place] = tenths(word.weight), tenths(word.strangers)
    same, *slips = [word for word in kind if word.agrees]
    found[:, UNSURE_BUT_CLOSE] = found[:, same.place]
    found[:, UNSURE] = found[:, [word.place for word in slips]].max(axis=1)
    return found


@cache
def agreements(kind: type[Likeness]) -> "NDArray[np.bool_]":
    """Which words of a kind count as an agreement, by their place."""
    import numpy as np

    return np.array([word.agrees for word in kind], np.bool_)


@cache
def slips(kind: type[Likeness]) -> "NDArray[np.bool_]":
    """Which words of a kind agree but for slips, by their place."""
    import numpy as np

    return np.array([word.slipped for word in kind], np.bool_)


def words_of(kind: type[Likeness]) -> tuple[Likeness, ...]:
    """The words of a kind by their place."""
    return tuple(kind)
