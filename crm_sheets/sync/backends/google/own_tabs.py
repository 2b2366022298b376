"""Tabs that only we write: summaries, the lists behind the drop-downs, the change log; and tabs that are added."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from crm_sheets.sync.backends.base import Extension, ReplicaWrite
from crm_sheets.sync.backends.google.requests import Request
from crm_sheets.sync.backends.google.structure import Structure
from crm_sheets.tables import SheetRow

Ask = Callable[[str, Sequence[str]], Mapping[str, Any]]
"""spreadsheets.get: a mask, and the ranges whose cells it tells."""


class OwnTabs(Protocol):
    """What the back end asks of whoever knows how a workbook of ours looks."""

    def titles(self) -> frozenset[str]:
        """Tabs that hold nothing but what we write: they are not read."""

    def written(
        self, write: ReplicaWrite, structure: Structure, rows: Callable[[str], Sequence[SheetRow]]
    ) -> list[Request]:
        """Requests for the summaries, lists and log of a write; `rows` gives what a tab held when it was looked at."""

    def extended(self, extension: Extension, structure: Structure, ask: Ask) -> list[Request]:
        """Requests for columns and tabs that are added. What is to the right of a tab, and below, was blank."""


class NoOwnTabs:
    """For replicas of bare tabs: nothing is written beside the rows."""

    def titles(self) -> frozenset[str]:
        """See OwnTabs."""
        return frozenset()

    def written(
        self, write: ReplicaWrite, structure: Structure, rows: Callable[[str], Sequence[SheetRow]]
    ) -> list[Request]:
        """See OwnTabs."""
        return []

    def extended(self, extension: Extension, structure: Structure, ask: Ask) -> list[Request]:
        """See OwnTabs."""
        return []
