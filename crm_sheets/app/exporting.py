"""`export`: the rows of a tab that meet a condition, as they stood after the last cycle."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.mappings import tab_named
from crm_sheets.app.policies import codec_of
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.cells import CellValue, text_key
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.expressions import At, Expression, Type, messages, parse
from crm_sheets.expressions.mistakes import nearest
from crm_sheets.importing.sources import FORMULA_SIGNS
from crm_sheets.rules.base import Book
from crm_sheets.rules.segments import matching, strange_tags
from crm_sheets.schema.base import Column, Kind, Row, Tab
from crm_sheets.schema.codecs import CodecContext, render
from crm_sheets.schema.labels import column_label, header_names, tab_label
from crm_sheets.schema.row_vocabularies import row_vocabulary
from crm_sheets.schema.tags import Library
from crm_sheets.seen import REMARKS
from crm_sheets.tables import ColumnKey, TabKey


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export.

    Attributes:
        where: a condition; None for all rows.
        columns: keys or headers; none for all that are neither hidden nor sealed.
        target: a new .csv or .xlsx; None when the rows are wanted in the report.
        person: whose eyes it is made for, 工号 or name: nothing that they may not see is in it; None for all there is.
    """

    tab: str = "customers"
    where: str | None = None
    columns: tuple[str, ...] = ()
    target: Path | None = None
    person: str | None = None


def export(settings: Settings, request: ExportRequest) -> reports.ExportReport:
    """The rows of which the condition holds, ordered by their ids.

    Raises:
        UsageError: no such tab or column, a condition with mistakes (all of them are told), a target that is there.
    """
    with opened(settings) as workspace:
        tabs, book = _seen(workspace, request.person)
        tab = tab_named(request.tab, tabs)
        columns = _columns(workspace, tab, request.columns)
        condition = _condition(workspace, tab, tabs, request.where) if request.where else None
        _require_writable(request.target)
        every = book.every(tab.key)
        at = At(clock.now().astimezone(settings.workbook.zone).date(), settings.workbook.zone)
        rows = matching(condition, every, book, tabs, at) if condition else list(every)
        if request.target is not None:
            people = workspace.people() if request.person is None else []
            _write(workspace, tab, columns, rows, request.target, people)
        return reports.ExportReport(
            tab=tab.key,
            condition=str(condition) if condition else None,
            columns={column.key: column_label(tab.key, column.key, workspace.words) for column in columns},
            rows=() if request.target else tuple(_told(row, columns, at) for row in rows),
            count=len(rows),
            total=len(every),
            file=request.target,
            strange=dict(strange_tags(condition, every, Library.of(workspace.dictionaries()))) if condition else {},
        )


def _seen(workspace: Workspace, person: str | None) -> tuple[Mapping[TabKey, Tab], Book]:
    """The tabs and the records, those that somebody may see. What the sheet explains to each reader stays out."""
    if person is None:
        return workspace.tabs, workspace.draft()
    from crm_sheets.app.seeing import person_eyes, seen_book

    eyes = person_eyes(workspace, person)
    return {key: tab.without(REMARKS) for key, tab in eyes.tabs.items()}, seen_book(workspace, eyes)


def _condition(workspace: Workspace, tab: Tab, tabs: Mapping[TabKey, Tab], where: str) -> Expression:
    words = row_vocabulary(tab, tabs, workspace.dictionaries(), workspace.words)
    found = parse(where, words, Type.BOOLEAN)
    if not isinstance(found, Expression):
        raise UsageError(f"--where {where}: {messages(found, workspace.words)}")
    return found


def _columns(workspace: Workspace, tab: Tab, wanted: Sequence[str]) -> list[Column]:
    if not wanted:
        return [column for column in tab.columns.values() if not column.hidden and not column.sealed]
    names = {**header_names(tab), **{text_key(key): key for key in tab.columns}}
    found: list[Column] = []
    for name in wanted:
        key = names.get(text_key(name))
        if key is None:
            labels = [column_label(tab.key, each, workspace.words) for each in tab.columns]
            near = nearest(name, [*labels, *tab.columns])
            hint = f"did you mean {near!r}?" if near else f"it has {', '.join(labels)}"
            raise UsageError(f"{tab.key} has no column {name!r}; {hint}").told(
                "error.find.column", tab=tab_label(tab.key, workspace.words), text=name, known=near or "、".join(labels)
            )
        if tab.columns[key].sealed:
            raise UsageError(f"{name!r} is sealed and is never exported").told("error.export.sealed", name=name)
        if tab.columns[key] not in found:
            found.append(tab.columns[key])
    return found


def _require_writable(target: Path | None) -> None:
    if target is None:
        return
    if target.suffix.lower() not in {".csv", ".xlsx"}:
        raise UsageError(f"{target}: name a file that ends in .csv or .xlsx").told("error.export.suffix", path=target)
    if target.exists():
        raise UsageError(f"{target} is there already").told("error.file.there", path=target)


def _told(row: Row, columns: Sequence[Column], at: At) -> dict[str, object]:
    """The values as programs take them; instants on the clocks of the team."""
    values = ((column.key, row.record.__dict__.get(column.key)) for column in columns)
    return {key: value.astimezone(at.zone) if isinstance(value, datetime) else value for key, value in values}


def _write(
    workspace: Workspace,
    tab: Tab,
    columns: Sequence[Column],
    rows: Sequence[Row],
    target: Path,
    people: Sequence[str],
) -> None:
    codec = codec_of(workspace.settings, workspace.words)
    rendered = [
        {column.key: render(row.record.__dict__.get(column.key), column, codec) for column in columns} for row in rows
    ]
    if target.suffix.lower() == ".xlsx":
        _write_workbook(workspace, tab, columns, rendered, target, people)
    else:
        _write_csv(workspace, tab, columns, rendered, target, codec)


def _write_workbook(
    workspace: Workspace,
    tab: Tab,
    columns: Sequence[Column],
    rows: Sequence[dict[ColumnKey, CellValue]],
    target: Path,
    people: Sequence[str],
) -> None:
    from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, create_workbook

    chosen = replace(tab, columns={column.key: column for column in columns})
    options = WorkbookOptions(workspace.dictionaries(), people, spare_rows=1)
    create_workbook(target, [chosen], workspace.words, {tab.key: rows}, options)


def _write_csv(
    workspace: Workspace,
    tab: Tab,
    columns: Sequence[Column],
    rows: Sequence[dict[ColumnKey, CellValue]],
    target: Path,
    codec: CodecContext,
) -> None:
    """UTF-8 with the mark by which Excel knows it."""
    with target.open("x", encoding="utf-8-sig", newline="") as writable:
        writer = csv.writer(writable)
        writer.writerow([column_label(tab.key, column.key, workspace.words) for column in columns])
        writer.writerows([[_field(row[column.key], column) for column in columns] for row in rows])


def _field(cell: CellValue, column: Column) -> str:
    """A cell as a field of a CSV. A text that a spreadsheet would take for a formula gets an apostrophe before it, as
    one types it there; importing takes it off again."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return format(cell, "%Y-%m-%d %H:%M:%S" if cell.second else "%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool | str):
        text = str(cell)
        return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
    if column.kind in (Kind.PERCENT, Kind.RATIO):
        return f"{(Decimal(str(cell)) * 100).normalize():f}%"
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
