"""Writes the hidden sheet `_lists` of a workbook that exists, and the defined names of its columns."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.graft import with_names
from crm_sheets.sync.backends.xlsx.lists import SHEET, Grid, filled_range, list_name, list_places, lists_edits
from crm_sheets.tables import Sheet


def fill_lists(edit: PackageEdit, sheet: Sheet, content: Grid) -> None:
    """Drafts the contents of the lists: a header row of keys, then values; and names for lists that have none."""
    values = lists_edits(sheet, content)
    if values:
        edit.set_cells(SHEET, values)
    _name(edit, list_places(sheet, [str(key) for key in content[0]]))


def add_lists(edit: PackageEdit, sheet: Sheet, keys: Sequence[str]) -> None:
    """Drafts the headers and names of lists that are not there yet, for drop-downs to point to."""
    places = list_places(sheet, keys)
    edit.set_cells(SHEET, {(1, place): key for key, place in places.items()})
    _name(edit, places)


def _name(edit: PackageEdit, places: dict[str, int]) -> None:
    part = edit.package.workbook
    content = edit.read(part)
    entries = "".join(
        f'<definedName name="{list_name(key)}">{escape(filled_range(SHEET, place, 2))}</definedName>'
        for key, place in places.items()
        if not _is_named(content, list_name(key))
    )
    if entries:
        edit.replace_part(part, with_names(content, entries.encode(), part))


def _is_named(workbook: bytes, name: str) -> bool:
    return re.search(rb"<definedName\b[^>]*\bname=[\"']" + re.escape(name.encode()) + rb"[\"']", workbook) is not None
