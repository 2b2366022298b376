"""Who works in the team, as 组织 says: implements approvals.Staff."""

from collections.abc import Iterable

from crm_sheets.approvals import HEAD_ROLE
from crm_sheets.cells import text_key
from crm_sheets.rules.base import record_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.people import PersonRecord


class TeamStaff:
    """The people of the book, known by the keys of their rows, which outlive a change of 工号."""

    def __init__(self, rows: Iterable[Row], dictionaries: Dictionaries) -> None:
        self._people = {str(row.key): record_of(row, PersonRecord) for row in rows}
        self._dictionaries = dictionaries
        self._named: dict[str, set[str]] = {}
        for key, person in self._people.items():
            for text in (person.id, person.name):
                if text:
                    self._named.setdefault(text_key(text), set()).add(key)

    def find(self, text: str) -> str | None:
        """See approvals.Staff."""
        found = self._named.get(text_key(text), set())
        return next(iter(found)) if len(found) == 1 else None

    def active(self, person: str) -> bool:
        """See approvals.Staff."""
        return person in self._people and self._people[person].active is not False

    def manager(self, person: str) -> str | None:
        """See approvals.Staff."""
        record = self._people.get(person)
        return self.find(record.manager) if record is not None and record.manager else None

    def heads(self, person: str) -> frozenset[str]:
        """See approvals.Staff."""
        department = self._department(person)
        return frozenset(
            each for each in self.bearing(HEAD_ROLE) if department and self._department(each) == department
        )

    def bearing(self, role: str) -> frozenset[str]:
        """See approvals.Staff."""
        return frozenset(
            key
            for key, person in self._people.items()
            if self.active(key)
            and person.role
            and (text_key(role) == text_key(person.role) or role == self._dictionaries.code("role", person.role))
        )

    def called(self, person: str) -> str:
        """What a person is called so that nobody else is meant: the name, or the 工号 where two have that name."""
        record = self._people.get(person)
        if record is None:
            return person
        unique = record.name if record.name and self.find(record.name) == person else record.id
        return unique or record.name or person

    def _department(self, person: str) -> str:
        record = self._people.get(person)
        return text_key(record.department or "") if record is not None else ""
