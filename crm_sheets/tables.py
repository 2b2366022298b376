"""A workbook as it was read: sheets, rows, and the stamp that says which of our writes it descends from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NewType

from crm_sheets.cells import CellValue

TabKey = NewType("TabKey", str)
"""English key of a tab of the book: `customers`, never its label."""

ColumnKey = NewType("ColumnKey", str)
"""English key of a column: `phone`, never its label."""

RowKey = NewType("RowKey", str)
"""Our name of a record, the same in every replica and for ever. It is the visible 编号 where a tab has one."""

ReplicaKey = NewType("ReplicaKey", str)
"""Name of a workbook that holds (a part of) the records: `shared`, `mirror:` and its name, `view:` and whose it is."""

SHARED: Final = ReplicaKey("shared")
"""The workbook of the team, which shows everything."""

MIRROR: Final = "mirror:"
"""How the keys of mirrors begin, which show what the workbook of the team does; the name in the config follows."""


def is_open(replica: ReplicaKey) -> bool:
    """Whether a workbook is for the whole team: its own one, or a mirror of that."""
    return replica == SHARED or replica.startswith(MIRROR)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What our last write left inside the file.

    Attributes:
        workbook: random id of the book, issued at `init`; another one means that this is not our workbook.
        replica: which replica the file is.
        generation: number of the write; the merge base of everything in this file is the base of this generation.
    """

    workbook: str
    replica: ReplicaKey
    generation: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as read: `number` is 1-based, `cells` starts at column 1 and ends at the last cell that is not blank."""

    number: int
    cells: tuple[CellValue, ...]


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows of a sheet that follow each other.

    Attributes:
        mark: the same as long as they are; what it is made of is the back end's business.
        rows: takes them apart, and gives those that are not blank.
        read: whether they are among the rows of the sheet.
    """

    mark: bytes
    rows: Callable[[], Sequence[SheetRow]]
    read: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as read.

    Attributes:
        name: as on the tab.
        rows: rows that have at least one cell that is not blank, in the order of the sheet.
        merged: merged areas as (first row, first column, last row, last column), 1-based.
        kind: worksheet, or what else stands under a tab (chartsheet, dialogsheet), which is never read.
        hidden: whether the tab is hidden; its rows are read all the same.
        blocks: all rows, in order, where a back end was asked to know them again; `rows` are then those of the blocks
            that were read, and the first rows and the last one are always among them.
        meaning: of the marks of the blocks: what else they depend on.
    """

    name: str
    rows: Sequence[SheetRow]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    kind: str = "worksheet"
    hidden: bool = False
    blocks: Sequence[RowBlock] = ()
    meaning: bytes = b""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells that a file is still the one that was read.

    Attributes:
        size: in bytes.
        modified_ns: of the file, nanoseconds since the epoch.
        inode: 0 where the platform has none.
        digest: of the zip directory: name, CRC and size of each part, so equal content means equal digest.
    """

    size: int
    modified_ns: int
    inode: int
    digest: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A replica at the instant of reading.

    Attributes:
        name: how messages call it: the path of the file.
        sheets: by name, in the order of the tabs; a sheet whose parts are those that the caller said it knows
            is left out and named in `unchanged`.
        unchanged: names of sheets that were not read, since nothing that they consist of changed.
        part_digests: for each sheet name, a digest of everything its values depend on; give it back next time.
        date1904: whether serial dates count from 1904 (ECMA-376 part 1, 18.17.4.1).
        saved_by: `lastModifiedBy` of the file: a hint, never proof.
        holder: who has the file open, None when nobody has.
    """

    name: str
    fingerprint: Fingerprint
    stamp: Stamp | None
    sheets: Mapping[str, Sheet]
    sheet_names: tuple[str, ...]
    unchanged: frozenset[str] = frozenset()
    part_digests: Mapping[str, str] = field(default_factory=dict)
    date1904: bool = False
    saved_by: str = ""
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class TabRow:
    """One row of a tab that we know, cut into our columns.

    Attributes:
        number: 1-based row of the sheet.
        shown: the text of the id column, "" when blank or when the tab shows no id.
        witness: the text of the hidden `_key` column, "" when blank.
        cells: raw cells in the order of the tab's columns, None where the sheet has no such column.
        digest: of the id and `cells`: equal digests, equal rows.
    """

    number: int
    shown: str
    witness: str
    cells: tuple[CellValue, ...]
    digest: str
