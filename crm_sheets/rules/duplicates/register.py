"""The duplicates of a book, kept up to date change by change, in memory."""

from collections.abc import Iterable, Mapping

from crm_sheets.rules.duplicates.groups import around, groups, pairs_of
from crm_sheets.rules.duplicates.index import affected, partners
from crm_sheets.rules.duplicates.profiles import Profile, block_keys, profile_of
from crm_sheets.rules.duplicates.subjects import Group, Pair, Subject


class Register:
    """Customers, their index and their links. What `pairs` gives equals `find_pairs` of the customers it holds."""

    def __init__(self) -> None:
        self._profiles: dict[str, Profile] = {}
        self._blocks: dict[str, set[str]] = {}
        self._links: dict[str, dict[str, Pair]] = {}

    def size(self, key: str) -> int:
        """How many customers have a block key."""
        return len(self._blocks.get(key, ()))

    def members(self, key: str) -> frozenset[str]:
        """The customers that have a block key."""
        return frozenset(self._blocks.get(key, ()))

    def change(self, changes: Mapping[str, Subject | None]) -> set[str]:
        """Takes in new, edited and deleted customers.

        Args:
            changes: customers by key as they are now, None for deleted ones.

        Returns:
            Keys of the customers whose links were worked out again, and of those that lost a link to one of them. Only
            groups round these can differ from before.
        """
        gone = [key for customer in changes if customer in self._profiles for key in self._taken_out(customer)]
        come = [key for subject in changes.values() if subject is not None for key in self._put_in(subject)]
        again = affected(gone, come, self) | set(changes)
        concerned = set(again)
        for customer in again:
            concerned |= self._unlinked(customer)
        for customer in again & self._profiles.keys():
            for pair in partners(self._profiles[customer], self._profiles.__getitem__, self):
                self._links.setdefault(pair.one, {})[pair.other] = pair
                self._links.setdefault(pair.other, {})[pair.one] = pair
        return concerned

    def groups_round(self, customers: Iterable[str]) -> tuple[Group, ...]:
        """The groups that hang together with some customers."""
        return groups(around(customers, self._links_of))

    def pairs(self) -> list[Pair]:
        """All pairs that seem to be duplicates, ordered by key."""
        links = around(self._links, self._links_of)
        return pairs_of(groups(links), links)

    def _links_of(self, customer: str) -> Iterable[Pair]:
        return self._links.get(customer, {}).values()

    def _taken_out(self, customer: str) -> tuple[str, ...]:
        keys = block_keys(self._profiles.pop(customer))
        for key in keys:
            self._blocks[key].discard(customer)
            if not self._blocks[key]:
                del self._blocks[key]
        return keys

    def _put_in(self, subject: Subject) -> tuple[str, ...]:
        profile = self._profiles[subject.key] = profile_of(subject)
        keys = block_keys(profile)
        for key in keys:
            self._blocks.setdefault(key, set()).add(subject.key)
        return keys

    def _unlinked(self, customer: str) -> set[str]:
        """Forgets the links of a customer, and tells with whom they were."""
        others = self._links.pop(customer, {})
        for other in others:
            self._links.get(other, {}).pop(customer, None)
        return set(others)
