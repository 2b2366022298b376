"""One write as one atomic batch: take a copy of each row that is written to, write, say what was planned."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_sheets.cells import CellValue, Formula, text_key
from crm_sheets.errors import WorkbookChanged
from crm_sheets.projection import CellWrite, TabEdits
from crm_sheets.schema.labels import words
from crm_sheets.sync.backends.google import requests
from crm_sheets.sync.backends.google.journal import Known, Target, plan_text, remembered
from crm_sheets.sync.backends.google.look import SERVICE, Look, Mark
from crm_sheets.sync.backends.google.requests import Request
from crm_sheets.sync.backends.google.structure import GridSheet, quoted, tail_range
from crm_sheets.sync.backends.google.values import plain
from crm_sheets.tables import SheetRow, Stamp

FIELDS = (
    "updatedSpreadsheet(sheets(properties(sheetId,title,sheetType,hidden,gridProperties(rowCount,columnCount)),charts(chartId),"
    "data(startRow,rowData(values(userEnteredValue,effectiveValue,userEnteredFormat(numberFormat(type)))))))"
)
"""What a batch answers: the journal, and what was appended."""

LEAST_SPARE, SPARE_ROWS = 50, 200
"""Blank rows that a tab should have for what people type, and how many it gets when it has fewer: where they add rows
by themselves, or we add them, these have neither formats nor drop-downs."""

LEAST_COLUMNS = 8
"""Of the service tab: its first row has that many cells."""


@dataclass(frozen=True, slots=True)
class Appended:
    """Rows that were added to a tab.

    Attributes:
        after: the last row that is filled before them, if nobody adds any.
        rows: cells by column, in order.
        formats: the number formats that columns need to show what they hold.
    """

    sheet: GridSheet
    after: int
    key: int
    rows: tuple[Mapping[int, CellValue], ...]
    formats: Mapping[int, Request] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent, and what is to be found in the answer."""

    mark: Mark
    body: Mapping[str, Any]
    targets: tuple[Target, ...]
    appended: tuple[Appended, ...] = ()
    moved: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """What a batch is going to write, tab by tab.

    Attributes:
        before: requests that go first: what makes room.
        changes: requests that write.
        moved: rows in which nothing stands any more and that go behind the table, by sheet, by their numbers before.
    """

    targets: list[Target] = field(default_factory=list)
    appended: list[Appended] = field(default_factory=list)
    before: list[Request] = field(default_factory=list)
    changes: list[Request] = field(default_factory=list)
    moved: dict[str, tuple[int, ...]] = field(default_factory=dict)


def key_column(header: Sequence[CellValue]) -> int:
    """1-based column of the hidden key in a header row; 0 when there is none."""
    labels = {text_key(word) for word in words("column.key_")}
    return next((at for at, cell in enumerate(header, 1) if isinstance(cell, str) and text_key(cell) in labels), 0)


def draft_of(
    edits: Iterable[TabEdits], look: Look, rows: Mapping[str, Sequence[SheetRow]], *, tidy: bool = True
) -> Draft:
    """What the edits of tabs come to.

    Args:
        edits: of the plan.
        look: what the plan was made from.
        rows: of its tabs, with formulas.
        tidy: whether rows in which nothing stands any more are moved behind the table. They are never deleted: who
            meets the wrong row has moved it, and lost nothing of it.

    Raises:
        WorkbookChanged: one of the tabs is not there.
    """
    draft = Draft()
    for each in edits:
        sheet = look.structure.sheets.get(each.sheet)
        if sheet is None:
            raise WorkbookChanged(f"{look.structure.title}: the tab {each.sheet} is not there any more")
        _draft_tab(draft, each, sheet, {row.number: row.cells for row in rows[each.sheet]}, tidy=tidy)
    return draft


def _draft_tab(
    draft: Draft, edits: TabEdits, sheet: GridSheet, rows: Mapping[int, Sequence[CellValue]], *, tidy: bool
) -> None:
    header = rows.get(edits.header_row, ())
    key = key_column(header)
    by_row: dict[int, list[CellWrite]] = {}
    for write in edits.cells:
        by_row.setdefault(write.row, []).append(write)
    columns = {write.column for write in (*edits.cells, *edits.appended)}
    if edits.header_row:
        draft.targets.append(_header(sheet, edits.header_row, header, columns | ({key} if key else set())))
    draft.targets += [_target(sheet, row, key, rows.get(row, ()), by_row[row]) for row in sorted(by_row)]
    for dimension, wanted, has in (
        ("ROWS", max(by_row, default=0), sheet.rows),
        ("COLUMNS", max(columns, default=0), sheet.columns),
    ):
        if wanted > has:
            draft.before.append(requests.grow(sheet.id, dimension, wanted - has))
    draft.changes += requests.put_cells(sheet.id, edits.cells)
    blank = _emptied(edits, rows) if tidy and not sheet.merged else ()
    end = max((row for row in rows if row not in blank), default=edits.header_row)
    moved = tuple(row for row in blank if row < end)
    for first, last in reversed([*requests.runs(moved)]):
        draft.changes.append(requests.move_rows(sheet.id, first, last, end))
    if moved:
        draft.moved[edits.sheet] = moved
    needed = end + len({write.row for write in edits.appended}) + LEAST_SPARE
    if edits.header_row and edits.header_row < sheet.rows < needed and max(by_row, default=0) <= sheet.rows:
        draft.before += requests.grow_alike(sheet.id, sheet.rows, sheet.columns, needed - sheet.rows + SPARE_ROWS)
    if edits.appended:
        added: dict[int, dict[int, CellValue]] = {}
        for write in edits.appended:
            added.setdefault(write.row, {})[write.column] = plain(write.value)
        formats = {each.column: shown for each in edits.appended if (shown := requests.FORMATS.get(each.kind))}
        new = Appended(
            sheet, min(edits.rows_before, end) - len(moved), key, tuple(added[row] for row in sorted(added)), formats
        )
        draft.appended.append(new)
        draft.targets += [added_target(sheet, key, row) for row in new.rows]
        draft.changes.append(requests.append(sheet.id, new.rows))


def _emptied(edits: TabEdits, rows: Mapping[int, Sequence[CellValue]]) -> tuple[int, ...]:
    """Rows in which nothing at all will stand, not even of the team's own; in order."""
    written = {(write.row, write.column): write.value for write in edits.cells}
    return tuple(
        row
        for row in sorted(edits.emptied)
        if all(written.get((row, at), cell) in (None, "") for at, cell in enumerate(rows.get(row, ()), 1))
    )


def _header(sheet: GridSheet, row: int, cells: Sequence[CellValue], columns: Iterable[int]) -> Target:
    """The header row: where its labels stand is where the columns are."""
    expected = {column: remembered(cells[column - 1] if column <= len(cells) else None) for column in sorted(columns)}
    return Target(sheet.id, row, 0, expected, {})


def _target(sheet: GridSheet, row: int, key: int, cells: Sequence[CellValue], writes: Sequence[CellWrite]) -> Target:
    new = {write.column: remembered(plain(write.value)) for write in writes}
    return Target(sheet.id, row, key, expected_of(cells, key, new), new)


def expected_of(cells: Sequence[CellValue], key: int, new: Iterable[int]) -> dict[int, Known]:
    """What a row must hold to be the one that was meant: its key and what is written over, or everything."""
    at = dict(enumerate(cells, 1))
    known = at.get(key) not in (None, "") and not isinstance(at.get(key), Formula)
    wanted = {key, *new} if known else {*at, *new}
    return {column: remembered(at.get(column)) for column in sorted(wanted)}


def added_target(sheet: GridSheet, key: int, cells: Mapping[int, CellValue]) -> Target:
    """A row that is added: nothing stands in its place, and where that is shows only afterwards."""
    return Target(sheet.id, 0, key, {}, {column: remembered(value) for column, value in cells.items()})


def batch_of(
    draft: Draft, look: Look, stamp: Stamp, operation: int, account: str, more: Sequence[Request] = ()
) -> Batch:
    """The batch of a write.

    Args:
        draft: what is written into tabs of rows.
        look: what the plan was made from.
        stamp: that the spreadsheet will carry.
        operation: id of the write: that of the new service sheet.
        account: e-mail address that alone may write into that; "" when it is not known.
        more: requests for tabs that only we write.
    """
    before = look.structure.sheets.get(SERVICE)
    mark = Mark(stamp, operation, look.stamp.generation if look.stamp else 0, len(draft.targets))
    # Whoever wrote since has another service sheet: taking away one that is not there makes the whole batch fail.
    gone = [] if before is None else [requests.delete_sheet(before.id)]
    gone += [requests.delete_sheet(sheet.id) for sheet in look.structure.sheets.values() if is_kept(sheet.title)]
    made = [*gone, *draft.before, *journal_requests(mark, draft.targets, account), *draft.changes, *more]
    added = {
        each["addSheet"]["properties"]["sheetId"]: each["addSheet"]["properties"]["title"]
        for each in more
        if "addSheet" in each
    }
    titles = added | {sheet.id: sheet.title for sheet in look.structure.sheets.values()}
    sized = sorted({titles[sheet] for sheet in requests.sheets_of([*draft.before, *more])})
    return Batch(mark, body_of(made, draft.appended, sized), tuple(draft.targets), tuple(draft.appended), draft.moved)


def body_of(made: Sequence[Request], appended: Sequence[Appended] = (), sized: Sequence[str] = ()) -> dict[str, Any]:
    """A batch that tells, when it is done, the journal, everything behind the rows that were there, and the size of
    some tabs."""
    tails = [tail_range(each.sheet.title, each.after + 1, max(map(max, each.rows))) for each in appended]
    return {
        "requests": list(made),
        "includeSpreadsheetInResponse": True,
        "responseIncludeGridData": True,
        "responseRanges": [quoted(SERVICE), *tails, *(f"{quoted(title)}!A1" for title in sized)],
    }


def kept_title(operation: int) -> str:
    """What the service sheet of a write is called while its journal is still needed after another write."""
    return f"{SERVICE} {operation}"


def is_kept(title: str) -> bool:
    """Whether a sheet is such a one, and to be taken away by the next write."""
    return title.startswith(f"{SERVICE} ") and title.removeprefix(f"{SERVICE} ").isdigit()


def journal_requests(mark: Mark, targets: Sequence[Target], account: str) -> list[Request]:
    """Makes the service sheet, and in it copies of the targets beside what is planned for each of them."""
    sheet = mark.operation
    widths: dict[int, int] = {}
    for target in targets:
        if target.row:
            widths[target.sheet] = max(widths.get(target.sheet, 0), *target.expected, *target.new)
    width = max([LEAST_COLUMNS, *widths.values()])
    made = [
        requests.add_service_sheet(sheet, SERVICE, len(targets) + 1, width + 1),
        requests.put_values(sheet, 1, 1, [mark.cells]),
    ]
    made += [requests.protect(sheet, account)] if account else []
    first = 0
    for place, target in enumerate(targets):
        following = targets[place + 1] if place + 1 < len(targets) else None
        if following is not None and target.row and (following.sheet, following.row) == (target.sheet, target.row + 1):
            continue
        if target.row:
            wide, row = widths[target.sheet], targets[first].row
            source = requests.area(target.sheet, row, 1, target.row, wide)
            made.append(requests.copy(source, requests.area(sheet, first + 2, 2, place + 2, wide + 1)))
        first = place + 1
    if targets:
        made.append(requests.put_values(sheet, 2, 1, [[plan_text(target)] for target in targets]))
    return made
