"""What a back end does: reads a replica, and writes into it only if it still is what was read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from crm_sheets.change_log import ChangeLog
from crm_sheets.outline import Outline
from crm_sheets.projection import TabEdits
from crm_sheets.rules.summaries.base import Summary
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.layout import Layout
from crm_sheets.tables import ColumnKey, Fingerprint, Sheet, Snapshot, Stamp, TabKey

Grid: TypeAlias = tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class ReplicaWrite:
    """One atomic write.

    Attributes:
        expected: what was read; if the replica is no longer that, nothing is written.
        edits: cells, sheet by sheet.
        summaries: tabs to be made or rewritten.
        lists: the contents of the drop-downs, a header row of keys, then values; None when they stay.
        log: the change log to be made or rewritten; None when it stays, or there is none.
    """

    expected: Fingerprint
    stamp: Stamp
    edits: tuple[TabEdits, ...] = ()
    summaries: tuple[Summary, ...] = ()
    lists: Grid | None = None
    log: ChangeLog | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a write left behind.

    Attributes:
        parts: digests of the sheets, as in Snapshot.part_digests.
        backup: where the replaced file is kept; None when there is none.
        removed: rows that were taken out of each sheet, by the numbers that they had.
    """

    fingerprint: Fingerprint
    parts: Mapping[str, str]
    backup: Path | None = None
    removed: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extension:
    """What a replica gets in addition, behind what it has; nothing else of it changes.

    Attributes:
        snapshot: the replica as it was read, whole; if it is no longer that, nothing is written.
        layouts: where its tabs are.
        columns: to be added, by tab.
        tabs: to be added.
        dictionaries: that a new book would begin with: what feeds the drop-downs.
    """

    snapshot: Snapshot
    layouts: Mapping[TabKey, Layout]
    columns: Mapping[TabKey, tuple[ColumnKey, ...]]
    tabs: tuple[TabKey, ...]
    dictionaries: Dictionaries


class Backend(Protocol):
    """A replica of the record set. Raises errors.WorkbookError and its kin, nothing else."""

    @property
    def name(self) -> str:
        """How messages call it."""

    def fingerprint(self) -> Fingerprint:
        """What tells whether it changed, without reading it."""

    def holder(self) -> str | None:
        """Who has it open; None when nobody has. While it is held it is read and not written."""

    def read(self, known: Mapping[str, str]) -> Snapshot:
        """Everything but the sheets whose digest in `known` is still right."""

    def write(self, write: ReplicaWrite) -> Written:
        """Writes all of it or nothing.

        Raises:
            WorkbookBusy: somebody holds it.
            WorkbookChanged: it is no longer what was read.
            WriteRefused: something in it would be lost.
        """

    def extend(self, extension: Extension) -> None:
        """Adds columns and tabs, all of them or none; its generation stays the one that it carries.

        Raises:
            WorkbookBusy: somebody holds it.
            WorkbookChanged: it is no longer what was read.
            WriteRefused: it is of a kind that we do not extend.
        """


@runtime_checkable
class Skimmer(Protocol):
    """A back end that knows rows again by their looks, and reads the others only."""

    def skim(self, known: Mapping[str, str], outlines: Mapping[str, Outline]) -> Snapshot:
        """As Backend.read(), with the blocks of each sheet; those that are in what is remembered of the sheet, by its
        name, are not taken apart."""


@runtime_checkable
class RowFinder(Protocol):
    """A back end that can give some rows of a sheet for less than the whole sheet costs."""

    def rows_with(self, sheet: str, texts: Collection[str], expected: Fingerprint) -> Sheet | None:
        """A sheet with the rows in which a cell is one of `texts`, those in which a header may stand, the last one, and
        perhaps others; None when that cannot be told, or the replica is not what was expected."""
