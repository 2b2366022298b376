"""Three-way merge of one row of a replica against its base and the records, cell by cell.

b = base: what the file held at its generation; s = what the sheet holds now; c = canonical now.

| case | what happens |
|---|---|
| s = b | nothing was typed: the sheet takes c |
| s = c | both made the same edit: nothing |
| the file is old and s is a value that the cell had since | an echo, not an edit: the sheet takes c |
| s ≠ b, may not edit | put back to c, told |
| s ≠ b, c = b, the edit needs an approval | put back to c, a request is made |
| s ≠ b, c = b | the person's edit is accepted |
| s ≠ b, c ≠ b, s ≠ c | conflict: c stays, the person's value is kept aside, told |
| s cannot be read | c keeps its last valid value; the cell stays as typed, told |
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crm_sheets.cells import same_value
from crm_sheets.changes import Value
from crm_sheets.permissions import Level
from crm_sheets.tables import ColumnKey


@dataclass(frozen=True, slots=True)
class CellClash:
    """A cell whose typed value was put away.

    Attributes:
        typed: what the person typed, canonical where it could be read.
        stays: the canonical value that the cell goes back to.
        raw: `typed` is the text of a cell that could not be read as its column's kind.
    """

    column: ColumnKey
    typed: Value
    stays: Value
    raw: bool = False


@dataclass(frozen=True, slots=True)
class RowMerge:
    """What a row's edits come to.

    Attributes:
        accepted: new canonical values.
        observed: values that the base advances to: the file holds them and the records agree.
        reverted: edits that the person may not make.
        conflicts: edits that came too late.
        proposed: edits that wait for an approval; until then the cell goes back.
    """

    accepted: Mapping[ColumnKey, Value] = field(default_factory=dict)
    observed: Mapping[ColumnKey, Value] = field(default_factory=dict)
    reverted: tuple[CellClash, ...] = ()
    conflicts: tuple[CellClash, ...] = ()
    proposed: tuple[CellClash, ...] = ()


def _nothing_is_asked(column: ColumnKey, old: Value, new: Value) -> bool:
    return False


def merge_row(
    base: Mapping[ColumnKey, Value],
    sheet: Mapping[ColumnKey, Value],
    canonical: Mapping[ColumnKey, Value],
    level: Callable[[ColumnKey], Level],
    had_since: Callable[[ColumnKey, Value], bool] | None = None,
    proposes: Callable[[ColumnKey, Value, Value], bool] = _nothing_is_asked,
) -> RowMerge:
    """Merges the readable cells of one row.

    Args:
        base: values of the base row; a column that is not there was blank.
        sheet: values of the cells that could be read; a column that is not there is left alone.
        canonical: values of the record now.
        level: what the author may do with a column.
        had_since: given for an old file only: whether the record's cell had a value since the file's generation.
        proposes: whether an edit of a column, from the first value to the second, is a request: the author may only
            propose it, or the step itself needs an approval. What may not even be read is never proposed.
    """
    accepted: dict[ColumnKey, Value] = {}
    observed: dict[ColumnKey, Value] = {}
    reverted: list[CellClash] = []
    conflicts: list[CellClash] = []
    proposed: list[CellClash] = []
    for column, typed in sheet.items():
        was, now = base.get(column), canonical.get(column)
        if same_value(typed, was):
            continue
        if same_value(typed, now):
            observed[column] = typed
        elif had_since is not None and had_since(column, typed):
            continue
        elif level(column) < Level.PROPOSE or (level(column) < Level.EDIT and not proposes(column, now, typed)):
            reverted.append(CellClash(column, typed, now))
        elif not same_value(now, was):
            conflicts.append(CellClash(column, typed, now))
        elif proposes(column, now, typed):
            proposed.append(CellClash(column, typed, now))
        else:
            accepted[column] = typed
            observed[column] = typed
    return RowMerge(accepted, observed, tuple(reverted), tuple(conflicts), tuple(proposed))
