"""Candidates that `compare` would turn away for name and place alone, sifted out many at a time.

More than half of all candidates in a large book are such. Most of the cost of a comparison is to fetch two customers
from memory; here only numbers that stand side by side are looked at. What is left out scores nothing in `compare`: the
search of one changed customer goes without the sieve and finds the same.
"""

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from crm_sheets.rules.duplicates.compare import TOO_FAR_APART
from crm_sheets.rules.duplicates.likeness import compare_trades
from crm_sheets.rules.duplicates.profiles import Profile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]


class Sieve:
    """The columns that tell, of all customers, each as the hash of its text; that of an empty text is 0."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        import numpy as np

        rows = array("q")
        trades: dict[str, int] = {}
        for profile in profiles:
            rows.extend(_row(profile, trades.setdefault(profile.name.trade, len(trades))))
        columns: Numbers = np.frombuffer(rows, np.int64).reshape(len(profiles), -1).T.copy()
        self._province, self._city, self._branch, self._brand, self._trade, self._chinese = columns[:6]
        self._several, *self._shareable = columns[6:]
        self._trades = tuple(trades)

    def keeps(self, one: "Numbers", other: "Numbers") -> "Flags":
        """Which pairs of positions have to be compared."""
        hopeless = self._branch[one] != self._branch[other]
        hopeless |= _differ(self._province, one, other) | _differ(self._city, one, other)
        hopeless |= self._of_other_trade(one, other)
        shared = (self._several[one] | self._several[other]) != 0
        for column in self._shareable:
            shared |= (column[one] == column[other]) & (column[one] != 0)
        kept: Flags = shared | ~hopeless
        return kept

    def _of_other_trade(self, one: "Numbers", other: "Numbers") -> "Flags":
        """Whose names have one brand and trades that no surroundings make up for."""
        import numpy as np

        found: Flags = (self._brand[one] == self._brand[other]) & (self._brand[one] != 0)
        found &= self._chinese[one] == self._chinese[other]
        at = np.flatnonzero(found)
        count = len(self._trades)
        codes, back = np.unique(self._trade[one[at]] * count + self._trade[other[at]], return_inverse=True)
        pairs = (divmod(code, count) for code in codes.tolist())
        verdicts = [compare_trades(self._trades[a], self._trades[b]) in TOO_FAR_APART for a, b in pairs]
        found[at] = np.array(verdicts, bool)[back]
        return found


def _row(profile: Profile, trade: int) -> tuple[int, ...]:
    name = profile.name
    phones = profile.phones
    return (
        hash(name.region.province),
        hash(name.region.city),
        hash(name.branch),
        hash(name.brand_sound),
        trade,
        name.chinese,
        len(phones) > 1,
        hash(profile.code),
        hash(profile.id_number),
        hash(profile.email.address),
        hash(profile.address.place),
        hash(profile.contact),
        hash(phones[0]) if phones else 0,
    )


def _differ(column: "Numbers", one: "Numbers", other: "Numbers") -> "Flags":
    """Whether both tell it, and not the same."""
    a, b = column[one], column[other]
    differing: Flags = (a != b) & (a != 0) & (b != 0)
    return differing
