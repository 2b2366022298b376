"""A snapshot as JSON and back: what the process that reads a stranger's file hands over. JSON can run nothing."""

from typing import TypeAlias

from crm_sheets.cells import CellError, CellValue, Formula, Scalar
from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.tables import Fingerprint, ReplicaKey, Sheet, SheetRow, Snapshot, Stamp

Plain: TypeAlias = object
"""What json makes: dict, list, str, int, float, bool or None."""


def to_plain(snapshot: Snapshot) -> dict[str, Plain]:
    """A snapshot in the types of JSON; formulas are `{"f": text, "v": result}`, errors `{"e": code}`."""
    stamp, found = snapshot.stamp, snapshot.fingerprint
    return {
        "name": snapshot.name,
        "fingerprint": [found.size, found.modified_ns, found.inode, found.digest],
        "stamp": None if stamp is None else [stamp.workbook, stamp.replica, stamp.generation],
        "sheets": [_plain_sheet(sheet) for sheet in snapshot.sheets.values()],
        "names": list(snapshot.sheet_names),
        "digests": dict(snapshot.part_digests),
        "date1904": snapshot.date1904,
        "saved_by": snapshot.saved_by,
        "holder": snapshot.holder,
    }


def _plain_sheet(sheet: Sheet) -> dict[str, Plain]:
    return {
        "name": sheet.name,
        "rows": [[row.number, [_plain_cell(cell) for cell in row.cells]] for row in sheet.rows],
        "merged": [list(area) for area in sheet.merged],
        "kind": sheet.kind,
        "hidden": sheet.hidden,
    }


def _plain_cell(cell: CellValue) -> Plain:
    match cell:
        case Formula():
            return {"f": cell.text, "v": _plain_cell(cell.cached)}
        case CellError():
            return {"e": cell.code}
    return cell


def from_plain(plain: Plain) -> Snapshot:
    """The snapshot again.

    Raises:
        WorkbookUnreadable: not what `to_plain` makes.
    """
    try:
        return _snapshot(_mapping(plain))
    except (KeyError, TypeError, ValueError) as error:
        raise WorkbookUnreadable(f"the reading process gave no snapshot: {error}", "memory") from error


def _snapshot(plain: dict[str, Plain]) -> Snapshot:
    size, modified, inode, digest = _list(plain["fingerprint"])
    sheets = [_sheet(_mapping(sheet)) for sheet in _list(plain["sheets"])]
    stamp = None
    if plain["stamp"] is not None:
        workbook, replica, generation = _list(plain["stamp"])
        stamp = Stamp(str(workbook), ReplicaKey(str(replica)), int(str(generation)))
    holder = plain["holder"]
    return Snapshot(
        str(plain["name"]),
        Fingerprint(int(str(size)), int(str(modified)), int(str(inode)), str(digest)),
        stamp,
        {sheet.name: sheet for sheet in sheets},
        tuple(str(name) for name in _list(plain["names"])),
        frozenset(),
        {name: str(value) for name, value in _mapping(plain["digests"]).items()},
        plain["date1904"] is True,
        str(plain["saved_by"]),
        None if holder is None else str(holder),
    )


def _sheet(plain: dict[str, Plain]) -> Sheet:
    rows = []
    for row in _list(plain["rows"]):
        number, cells = _list(row)
        rows.append(SheetRow(int(str(number)), tuple(_cell(cell) for cell in _list(cells))))
    merged = []
    for area in _list(plain["merged"]):
        first_row, first, last_row, last = (int(str(edge)) for edge in _list(area))
        merged.append((first_row, first, last_row, last))
    return Sheet(str(plain["name"]), rows, tuple(merged), str(plain["kind"]), plain["hidden"] is True)


def _cell(plain: Plain) -> CellValue:
    if isinstance(plain, dict):
        return Formula(str(plain["f"]), _result(plain["v"])) if "f" in plain else CellError(str(plain["e"]))
    return _result(plain)


def _result(plain: Plain) -> Scalar | CellError:
    if isinstance(plain, dict):
        return CellError(str(plain["e"]))
    if plain is None or isinstance(plain, (str, bool, int, float)):
        return plain
    raise TypeError(f"{plain!r} is no cell")


def _list(plain: Plain) -> list[Plain]:
    if not isinstance(plain, list):
        raise TypeError(f"{plain!r} is no list")
    return plain


def _mapping(plain: Plain) -> dict[str, Plain]:
    if not isinstance(plain, dict):
        raise TypeError(f"{plain!r} is no object")
    return plain
