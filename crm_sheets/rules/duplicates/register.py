"""The duplicates of a book, kept up to date change by change, in memory."""

from collections.abc import Collection, Iterable, Mapping

from crm_sheets.rules.duplicates.columns import Cells
from crm_sheets.rules.duplicates.groups import around, groups, pairs_of
from crm_sheets.rules.duplicates.index import affected, block_keys, links_round
from crm_sheets.rules.duplicates.subjects import Pair, Subject


class Register:
    """Customers, their index and their links. What `pairs` gives equals `find_pairs` of the customers it holds."""

    def __init__(self) -> None:
        self._cells: dict[str, Cells] = {}
        self._keys: dict[str, tuple[int, ...]] = {}
        self._blocks: dict[int, set[str]] = {}
        self._links: dict[str, dict[str, Pair]] = {}

    def sizes(self, wanted: Collection[int], most: int) -> Mapping[int, int]:
        """See index.Blocks."""
        return {key: min(most, len(self._blocks.get(key, ()))) for key in wanted}

    def members(self, wanted: Collection[int]) -> Mapping[int, Collection[str]]:
        """See index.Blocks."""
        return {key: self._blocks.get(key, set()) for key in wanted}

    def change(self, changes: Mapping[str, Subject | None]) -> set[str]:
        """Takes in new, edited and deleted customers.

        Args:
            changes: customers by key as they are now, None for deleted ones.

        Returns:
            Keys of the customers whose links were worked out again, and of those that lost a link to one of them. Only
            groups round these can differ from before.
        """
        gone = [key for customer in changes for key in self._taken_out(customer)]
        now = {key: subject.cells for key, subject in changes.items() if subject is not None}
        come = [key for customer, its in block_keys(now.values()).items() for key in self._put_in(customer, its)]
        self._cells |= now
        again = affected(gone, come, self) | set(changes)
        concerned = set(again)
        for customer in again:
            concerned |= self._unlinked(customer)
        for pair in links_round(again, self._cells_of, self):
            self._links.setdefault(pair.one, {})[pair.other] = pair
            self._links.setdefault(pair.other, {})[pair.one] = pair
        return concerned

    def pairs(self) -> list[Pair]:
        """All pairs that seem to be duplicates, ordered by key."""
        links = around(self._links, self._links_of)
        return pairs_of(groups(links), links)

    def _cells_of(self, wanted: Collection[str]) -> Iterable[Cells]:
        return [self._cells[key] for key in wanted if key in self._cells]

    def _links_of(self, customers: Collection[str]) -> Iterable[Pair]:
        return [pair for customer in customers for pair in self._links.get(customer, {}).values()]

    def _taken_out(self, customer: str) -> tuple[int, ...]:
        self._cells.pop(customer, None)
        keys = self._keys.pop(customer, ())
        for key in keys:
            self._blocks[key].discard(customer)
            if not self._blocks[key]:
                del self._blocks[key]
        return keys

    def _put_in(self, customer: str, keys: tuple[int, ...]) -> tuple[int, ...]:
        self._keys[customer] = keys
        for key in keys:
            self._blocks.setdefault(key, set()).add(customer)
        return keys

    def _unlinked(self, customer: str) -> set[str]:
        """Forgets the links of a customer, and tells with whom they were."""
        others = self._links.pop(customer, {})
        for other in others:
            self._links.get(other, {}).pop(customer, None)
        return set(others)
