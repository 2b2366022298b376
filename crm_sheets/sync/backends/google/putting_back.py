"""Undoing a write that met rows other than planned: what it wrote goes, what it wrote over comes back.

Between our reading and our writing somebody may have sorted, inserted, deleted, or typed into the very cells. The
journal has what stood there. It is put back where that row now is, by a batch with a journal of its own; what somebody
typed over our values in the meantime stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from crm_sheets.cells import CellValue, Formula
from crm_sheets.sync.backends.google import requests
from crm_sheets.sync.backends.google.batch import (
    Batch,
    body_of,
    expected_of,
    journal_requests,
    kept_title,
    key_column,
)
from crm_sheets.sync.backends.google.journal import Digest, Entry, Known, Target, matches, remembered
from crm_sheets.sync.backends.google.look import Look, Mark
from crm_sheets.sync.backends.google.requests import Request
from crm_sheets.sync.backends.google.values import to_cell
from crm_sheets.tables import SheetRow

Cells: TypeAlias = Mapping[int, Known]
"""Cells of a row by 1-based column."""


@dataclass(frozen=True, slots=True)
class Debt:
    """A row that holds what we wrote and should not.

    Attributes:
        sheet: Google's id.
        row: where it stood when we wrote; 0 for one that we added.
        header: the labels at that instant, by column; empty when unknown.
        looks: what the row held just after our write.
        owed: what each cell that we wrote held before.
        source: sheet id and row of the journal that has the cells with all that belongs to them; None for cells that
            were blank.
    """

    sheet: int
    row: int
    header: Cells
    looks: Cells
    owed: Mapping[int, CellValue]
    source: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Found:
    """Where a debt is paid: the row, and for each of its columns the one in which it stands now."""

    debt: Debt
    row: int
    columns: Mapping[int, int]


@dataclass(slots=True)
class Settlement:
    """A batch that puts back, and which debt each of its targets pays.

    Attributes:
        lost: debts whose row is nowhere: somebody deleted it, or edited it beyond recognition.
    """

    batch: Batch
    found: Sequence[Found]
    lost: list[Debt] = field(default_factory=list)


def debts_of(entries: Iterable[Entry], journal: int) -> list[Debt]:
    """What a write that is to be undone owes: every cell that it changed, where the row was right and where not."""
    entries = tuple(entries)
    headers = {entry.target.sheet: _remembered(entry) for entry in entries if entry.header}
    widths = _widths(entries)
    debts = []
    for entry in entries:
        target = entry.target
        owed = {at: entry.at(at) for at, new in target.new.items() if not matches(entry.at(at), new)}
        if owed:
            header = headers.get(target.sheet, {})
            debts.append(_debt(entry, owed, header, journal, widths))
    return debts


def still_owed(settlement: Settlement, entries: Iterable[Entry], journal: int) -> list[Debt]:
    """What is owed after a settlement: debts whose row had moved once more, and what was written over by it."""
    rows = tuple(entry for entry in entries if not entry.header)
    widths = _widths(rows)
    unpaid: list[Debt] = []
    struck: list[Debt] = []
    for paid, entry in zip(settlement.found, rows, strict=True):
        if entry.right:
            continue
        target = entry.target
        key = target.expected.get(target.key)
        same = key not in (None, "") and matches(entry.at(target.key), key)
        if not same:
            unpaid.append(paid.debt)
        over = [at for at in target.new if not same or not matches(entry.at(at), target.expected[at])]
        struck.append(_debt(entry, {at: entry.at(at) for at in over}, paid.debt.header, journal, widths))
    return _without_accidents(unpaid, struck)


def _without_accidents(unpaid: Sequence[Debt], struck: Sequence[Debt]) -> list[Debt]:
    """Debts, without those that were paid by a payment which went to the wrong row."""
    left, paid = [], set()
    for hit in struck:
        by_luck = next((debt for debt in unpaid if id(debt) not in paid and _pays(hit, debt)), None)
        if by_luck is None:
            left.append(hit)
        else:
            paid.add(id(by_luck))
    return [*(debt for debt in unpaid if id(debt) not in paid), *left]


def _pays(hit: Debt, debt: Debt) -> bool:
    """Whether a row that was hit by mistake held just what another debt was about, and holds now what it asks for."""
    return (
        hit.sheet == debt.sheet
        and hit.owed.keys() == debt.owed.keys()
        and all(matches(cell, debt.looks[at]) for at, cell in hit.owed.items())
        and all(hit.looks[at] == remembered(cell) for at, cell in debt.owed.items())
        and any(cell not in (None, "") for cell in hit.owed.values())
    )


def _debt(entry: Entry, owed: Mapping[int, CellValue], header: Cells, journal: int, widths: Mapping[int, int]) -> Debt:
    target = entry.target
    blank: dict[int, Known] = dict.fromkeys(range(1, widths[target.sheet] + 1))
    looks = {**blank, **_remembered(entry), **target.new}
    return Debt(target.sheet, target.row, header, looks, owed, (journal, entry.place) if target.row else None)


def _remembered(entry: Entry) -> dict[int, Known]:
    return {at: remembered(cell) for at, cell in enumerate(entry.found, 1)}


def _widths(entries: Iterable[Entry]) -> dict[int, int]:
    """How many columns the journal has of each sheet."""
    widths: dict[int, int] = {}
    for entry in entries:
        target = entry.target
        widths[target.sheet] = max(widths.get(target.sheet, 0), *target.expected, *target.new, len(entry.found))
    return widths


def settle(debts: Sequence[Debt], look: Look, old: Mark, operation: int, account: str) -> Settlement:
    """Finds the rows of debts in what is there now, and puts them back.

    Args:
        debts: at least one.
        look: the spreadsheet now.
        old: the mark of the write that is undone, or of the last try to undo it.
        operation: id of this write.
        account: see batch_of().
    """
    found: list[Found] = []
    lost: list[Debt] = []
    for debt in debts:
        place = _find_blank(debt, look, found) if _erased(debt) else _find(debt, look)
        if place is None:
            lost.append(debt)
        else:
            found.append(place)
    found = [each for each in found if each.columns]
    targets = [_target(each, look) for each in found]
    mark = Mark(replace(old.stamp, generation=old.before), operation, old.before, len(targets))
    made = [requests.rename_sheet(old.operation, kept_title(old.operation)), *journal_requests(mark, targets, account)]
    for each in found:
        made += _payment(each)
    return Settlement(Batch(mark, body_of(made), tuple(targets)), found, lost)


def _target(found: Found, look: Look) -> Target:
    debt = found.debt
    cells = _row(look, debt.sheet, found.row)
    key = key_column(_header_now(debt, look))
    new = {found.columns[at]: remembered(value) for at, value in debt.owed.items() if at in found.columns}
    formulas = {found.columns.get(at) for at, cell in debt.looks.items() if isinstance(cell, Formula)}
    expected = {at: cell for at, cell in expected_of(cells, key, new).items() if at not in formulas}
    return Target(debt.sheet, found.row, key, expected, new)


def _payment(found: Found) -> list[Request]:
    """Copies what the journal has, cell by cell; what was blank is cleared."""
    debt, made = found.debt, []
    for at, column in found.columns.items():
        value = debt.owed[at]
        if debt.source is None or (value is None and not isinstance(value, Formula)):
            made.append(requests.put(debt.sheet, found.row, column, [[to_cell(None)]]))
        else:
            journal, row = debt.source
            source = requests.area(journal, row, at + 1, row, at + 1)
            made.append(requests.copy(source, requests.area(debt.sheet, found.row, column, found.row, column)))
    return made


def _find(debt: Debt, look: Look) -> Found | None:
    """The row of a debt, and those of its cells that still hold what we wrote."""
    sheet = look.structure.by_id(debt.sheet)
    if sheet is None:
        return None
    columns = _columns(debt, look)
    key = key_column(_header_now(debt, look))
    was = next((at for at, now in columns.items() if now == key), 0)
    wanted = debt.looks.get(was)
    best: tuple[int, int, int] | None = None
    rows = look.rows(sheet.title)
    if debt.row and all(row.number != debt.row for row in rows):
        rows = [*rows, SheetRow(debt.row, ())]
    for row in rows:
        at = {before: row.cells[now - 1] if now <= len(row.cells) else None for before, now in columns.items()}
        if wanted not in (None, ""):
            if not matches(at.get(was), wanted):
                continue
        elif at.get(was) not in (None, ""):
            continue
        ours = sum(matches(at.get(column), debt.looks[column]) for column in debt.owed)
        if not ours:
            continue
        alike = sum(matches(at.get(column), cell) for column, cell in debt.looks.items())
        rank = (ours + alike, -abs(row.number - debt.row), row.number)
        best = rank if best is None or rank > best else best
    if best is None:
        return None
    cells = _row(look, debt.sheet, best[2])
    held = {
        at: columns[at]
        for at in debt.owed
        if matches(cells[columns[at] - 1] if columns[at] <= len(cells) else None, debt.looks[at])
    }
    return Found(debt, best[2], held)


def _erased(debt: Debt) -> bool:
    """Whether we left nothing in the row: any blank row is as good as the one that it was."""
    return all(cell in (None, "") for cell in debt.looks.values())


def _find_blank(debt: Debt, look: Look, taken: Sequence[Found]) -> Found | None:
    """The blank row nearest to where the row of a debt was."""
    sheet = look.structure.by_id(debt.sheet)
    if sheet is None:
        return None
    filled = {row.number for row in look.rows(sheet.title)}
    filled |= {each.row for each in taken if each.debt.sheet == debt.sheet}
    blank = (row for row in range(1, sheet.rows + 1) if row not in filled)
    row = min(blank, key=lambda number: abs(number - debt.row), default=None)
    columns = _columns(debt, look)
    return None if row is None else Found(debt, row, {at: columns[at] for at in debt.owed})


def _columns(debt: Debt, look: Look) -> dict[int, int]:
    """Where each column of a debt stands now: by its label, when the labels have moved since."""
    now = _header_now(debt, look)
    columns = {at: at for at in (*debt.looks, *debt.owed)}
    if not debt.header or all(
        matches(now[at - 1] if at <= len(now) else None, cell) for at, cell in debt.header.items()
    ):
        return columns
    for at, label in debt.header.items():
        places = [place for place, cell in enumerate(now, 1) if cell not in (None, "") and matches(cell, label)]
        if at in columns and len(places) == 1:
            columns[at] = places[0]
    return columns


def _header_now(debt: Debt, look: Look) -> Sequence[CellValue]:
    """The first row in which the labels of a debt stand; the first row of all when it knows none."""
    sheet = look.structure.by_id(debt.sheet)
    rows = look.rows(sheet.title) if sheet is not None else ()
    labels = [cell for cell in debt.header.values() if isinstance(cell, (str, Digest)) and cell != ""]
    for row in rows[:50]:
        if labels and sum(any(matches(cell, label) for cell in row.cells) for label in labels) * 2 > len(labels):
            return row.cells
    return next((row.cells for row in rows if key_column(row.cells)), rows[0].cells if rows else ())


def _row(look: Look, sheet_id: int, number: int) -> Sequence[CellValue]:
    sheet = look.structure.by_id(sheet_id)
    rows = look.rows(sheet.title) if sheet is not None else ()
    return next((row.cells for row in rows if row.number == number), ())
