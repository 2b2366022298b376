"""Number formats of cells that got a date or a percentage: a date that staff typed as text stands in a cell of text
format, and would show as 46350 once it is a date."""

from collections.abc import Iterable

from crm_sheets.projection import CellWrite
from crm_sheets.schema.base import Kind
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.formats import codes_in, is_date_format
from crm_sheets.sync.backends.xlsx.locate import Locator, Place, locating, style_of, tag_of
from crm_sheets.sync.backends.xlsx.markup import with_attribute
from crm_sheets.sync.backends.xlsx.sheet_patch import spliced
from crm_sheets.sync.backends.xlsx.stylesheets import with_format_of

CODES = {Kind.DATE: b"yyyy-mm-dd", Kind.DATETIME: b"yyyy-mm-dd hh:mm", Kind.PERCENT: b"0%", Kind.RATIO: b"0%"}
"""Shown the same in every language of Excel, WPS and LibreOffice."""


def give_formats(edit: PackageEdit, sheet: str, writes: Iterable[CellWrite]) -> None:
    """Gives cells that were just written a number format in which people can read them, where theirs is none."""
    wanted: dict[int, dict[int, Kind]] = {}
    for cell in writes:
        if cell.kind in CODES and isinstance(cell.value, (int, float)):
            wanted.setdefault(cell.row, {})[cell.column] = cell.kind
    found, styles = edit.package.sheet(sheet), edit.package.styles
    if not wanted or found is None or styles is None:
        return
    content = edit.read(found.part)

    def unreadable(locator: Locator) -> list[tuple[Place, int, Kind]]:
        return [
            (cell, style, kind)
            for number, kinds in wanted.items()
            if (row := locator.row(number)[0]) is not None
            for column, kind in kinds.items()
            if (cell := locator.cell(row, column)) is not None
            if not _shows(codes, style := int(style_of(content, cell) or b"0"), kind)
        ]

    codes = codes_in(edit.read(styles), f"{edit.package.name}: {styles}")
    cells = locating(content, f"{edit.package.name}: {found.part}", unreadable)
    if not cells:
        return
    formats: dict[tuple[int, Kind], int] = {}
    for style, kind in dict.fromkeys((style, kind) for _, style, kind in cells):
        part, indexes = with_format_of(edit.read(styles), style, [CODES[kind]])
        edit.replace_part(styles, part)
        formats[style, kind] = indexes[0]
    tags = [
        (place.start, place.body, with_attribute(tag_of(content, place), b"s", b"%d" % formats[style, kind]))
        for place, style, kind in cells
    ]
    edit.replace_part(found.part, spliced(content, tags))


def _shows(codes: tuple[str, ...], style: int, kind: Kind) -> bool:
    """Whether a cell format shows a value of a kind as what it is."""
    code = codes[style] if style < len(codes) else "General"
    return "%" in code if kind in (Kind.PERCENT, Kind.RATIO) else is_date_format(code)
