"""What a cycle asks of form sheets: sheets of the workbook to which a form appends answers that become records once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crm_sheets.commands import Command
from crm_sheets.projection import TabEdits
from crm_sheets.state import RowId
from crm_sheets.tables import Snapshot


class FormLook(Protocol):
    """What one look at the form sheets found."""

    @property
    def commands(self) -> tuple[Command, ...]:
        """The rows to make, each with its origin."""

    @property
    def waiting(self) -> frozenset[str]:
        """Sheets with answers that could not become records yet: they are looked at again."""

    def edits(self, taken: Mapping[str, RowId]) -> tuple[TabEdits, ...]:
        """What to write beside the answers, now that rows were made; nothing else of those sheets is ever written."""


class Forms(Protocol):
    """The form sheets of a workbook."""

    @property
    def sheets(self) -> frozenset[str]:
        """Their names: none of them is taken for a tab of ours."""

    def look(self, snapshot: Snapshot) -> FormLook:
        """Looks at those that were read."""


@dataclass(frozen=True, slots=True)
class NoForms:
    """A workbook without form sheets, and what one sees there."""

    sheets: frozenset[str] = frozenset()
    commands: tuple[Command, ...] = ()
    waiting: frozenset[str] = field(default=frozenset())

    def look(self, snapshot: Snapshot) -> "NoForms":
        """See Forms."""
        return self

    def edits(self, taken: Mapping[str, RowId]) -> tuple[TabEdits, ...]:
        """See FormLook."""
        return ()
