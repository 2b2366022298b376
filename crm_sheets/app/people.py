"""Where people get mail, and what they want of it."""

from crm_sheets.app.workspace import Workspace
from crm_sheets.cells import text_key
from crm_sheets.sync.delivery import Recipient
from crm_sheets.sync.store.mailing import suspended_addresses
from crm_sheets.tables import ColumnKey, TabKey

PEOPLE = TabKey("people")


class Recipients:
    """Where people get mail, as 组织 has it now: by name or number, active people only."""

    def __init__(self, workspace: Workspace) -> None:
        self._people: dict[str, Recipient] = {}
        self._without_calendar: set[str] = set()
        suspended = suspended_addresses(workspace.state)
        for record in workspace.state.all_records(PEOPLE).values():
            if record.values.get(ColumnKey("active")) is False:
                continue
            name, address = (str(record.values.get(ColumnKey(key)) or "") for key in ("name", "email"))
            if record.values.get(ColumnKey("calendar")) is False:
                self._without_calendar.add(name)
            for key in (name, record.values.get(ColumnKey("id"))):
                if key:
                    self._people[text_key(str(key))] = Recipient(name, address, address.casefold() in suspended)

    @property
    def count(self) -> int:
        """How many active people there are."""
        return len({recipient.name for recipient in self._people.values()})

    def without_address(self) -> tuple[str, ...]:
        """Names of active people whom no mail can reach."""
        return tuple(sorted({each.name for each in self._people.values() if not each.address}))

    def of(self, person: str) -> Recipient | None:
        """Where a person gets mail; None for somebody who is not in 组织 or no longer active."""
        return self._people.get(text_key(person))

    def wants_calendar(self, name: str) -> bool:
        """Whether somebody (a Recipient's name) wants follow-ups to stand in their calendar."""
        return name not in self._without_calendar
