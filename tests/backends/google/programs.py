"""The work of an interleaving done by our back end, as the cycle does it: read, plan, write; plan anew when refused."""

from collections.abc import Mapping

from crm_sheets.cells import CellValue
from crm_sheets.errors import WorkbookChanged
from crm_sheets.projection import CellWrite, TabEdits
from crm_sheets.schema.base import Kind
from crm_sheets.sync.backends.base import ReplicaWrite
from crm_sheets.sync.backends.google.backend import GoogleBackend
from crm_sheets.tables import ReplicaKey, SheetRow, Snapshot, Stamp
from tests.backends.google.interleavings import KEY, NAME, SHEET, Work

MOST = 40


def do(backend: GoogleBackend, work: Work) -> bool:
    """Whether all of it was done, but for cells that people changed first."""
    for generation in range(1, MOST):
        try:
            backend.fingerprint()
            snapshot = backend.read({})
            edits = plan(snapshot, work)
            if edits is None:
                return True
            stamp = Stamp("0123456789abcdef", ReplicaKey("shared"), generation)
            backend.write(ReplicaWrite(snapshot.fingerprint, stamp, (edits,)))
        except WorkbookChanged:
            continue
    return False


def plan(snapshot: Snapshot, work: Work) -> TabEdits | None:
    """What is still to be written; None for nothing. Who typed into a cell since the program began wins."""
    rows = list(snapshot.sheets[SHEET].rows)
    columns = {str(label): place for place, label in enumerate(rows[0].cells, 1) if label is not None}
    by_key: Mapping[CellValue, SheetRow] = {_at(row, columns[KEY]): row for row in rows[1:]}
    cells = []
    for wish in work.wishes:
        row = by_key.get(wish.key)
        if row is not None and _at(row, columns[wish.column]) == wish.old:
            cells.append(CellWrite(row.number, columns[wish.column], wish.new, Kind.TEXT, wish.old))
    last = rows[-1].number
    new = [key for key in work.added if key not in by_key]
    added = [
        CellWrite(last + number, columns[label], value, Kind.TEXT)
        for number, key in enumerate(new, 1)
        for label, value in ((KEY, key), (NAME, f"d-{key}"))
    ]
    return TabEdits(SHEET, 1, tuple(cells), tuple(added), last) if cells or added else None


def _at(row: SheetRow, column: int) -> CellValue:
    return row.cells[column - 1] if column <= len(row.cells) else None
