"""Where people get mail, and what they want of it."""

from collections.abc import Mapping

from crm_sheets.app.workspace import Workspace
from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.sync.delivery import Recipient
from crm_sheets.sync.store.mailing import suspended_addresses
from crm_sheets.tables import ColumnKey, RowKey, TabKey

PEOPLE = TabKey("people")
ID, NAME, EMAIL, CALENDAR, MANAGER, ROLE, ACTIVE = map(
    ColumnKey, ("id", "name", "email", "calendar", "manager", "role", "active")
)
ADMINISTRATOR = "admin"


class Recipients:
    """Where people get mail, as 组织 has it now: by name or number, active people only; and `mail.administrators`."""

    def __init__(self, workspace: Workspace) -> None:
        self._people: dict[str, Recipient] = {}
        self._without_calendar: set[str] = set()
        suspended = suspended_addresses(workspace.state)
        for values in people_records(workspace):
            name, address = (str(values.get(key) or "") for key in (NAME, EMAIL))
            if values.get(CALENDAR) is False:
                self._without_calendar.add(name)
            for key in (name, values.get(ID)):
                if key:
                    self._people[text_key(str(key))] = Recipient(name, address, address.casefold() in suspended)
        self._administrators = {
            text_key(address): Recipient(address, address, address.casefold() in suspended)
            for address in workspace.settings.mail.administrators
        }

    @property
    def count(self) -> int:
        """How many active people there are."""
        return len({recipient.name for recipient in self._people.values()})

    def without_address(self) -> tuple[str, ...]:
        """Names of active people whom no mail can reach."""
        return tuple(sorted({each.name for each in self._people.values() if not each.address}))

    def of(self, person: str) -> Recipient | None:
        """Where a person gets mail; None for somebody who is not in 组织 or no longer active.

        An administrator of the config is named by their address.
        """
        return self._people.get(text_key(person)) or self._administrators.get(text_key(person))

    def wants_calendar(self, name: str) -> bool:
        """Whether somebody (a Recipient's name) wants follow-ups to stand in their calendar."""
        return name not in self._without_calendar


def notified_about(workspace: Workspace, person: str) -> tuple[str, ...]:
    """Who hears that somebody gets no mail: the manager; where there is none, the administrators."""
    people, found = Recipients(workspace), people_records(workspace)
    managers = (str(values.get(MANAGER) or "") for values in found if values.get(NAME) == person)
    reached = [people.of(manager) for manager in managers if manager]
    names = {each.name for each in reached if each is not None and each.name != person}
    if not names:
        dictionaries = workspace.dictionaries()
        roles = ((values, dictionaries.code("role", str(values.get(ROLE) or ""))) for values in found)
        names = {str(values.get(NAME)) for values, role in roles if role == ADMINISTRATOR} - {person}
    return tuple(sorted(names))


def person_row(workspace: Workspace, name: str) -> tuple[RowKey, Mapping[ColumnKey, Value]] | None:
    """The row of 组织 of the one person of a name."""
    records = workspace.state.all_records(PEOPLE).items()
    found = [(key, record.values) for key, record in records if record.values.get(NAME) == name]
    return found[0] if len(found) == 1 else None


def people_records(workspace: Workspace) -> list[Mapping[ColumnKey, Value]]:
    """The rows of 组织 of active people."""
    records = (record.values for record in workspace.state.all_records(PEOPLE).values())
    return [values for values in records if values.get(ACTIVE) is not False]
