"""Widens the table (Excel's "Format as table") that a tab is: columns beside it would stay behind when it is sorted."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from crm_sheets.cells import column_letters
from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.rows_general import Area, parse_area

_TABLE = re.compile(rb"<table\b[^>]*>")


def table_at(edit: PackageEdit, sheet_part: str, header_row: int, columns: Sequence[int]) -> tuple[str, Area] | None:
    """The table whose header stands in that row over any of these columns: its part and its area."""
    for part in edit.package.related(sheet_part, "table"):
        opening = _TABLE.search(edit.read(part))
        reference = re.search(rb"""\sref=["']([^"']*)["']""", opening[0]) if opening else None
        area = parse_area(reference[1].decode()) if reference else None
        if area and area[0] == header_row and any(area[1] <= column <= area[3] for column in columns):
            return part, area
    return None


def widen_table(edit: PackageEdit, part: str, area: Area, labels: Sequence[str]) -> None:
    """Drafts the table with further columns at its right (ECMA-376 part 1, 18.5.1.2).

    Raises:
        WriteRefused: the table is written in a way that we do not extend.
    """
    content = edit.read(part)
    old = f"{column_letters(area[1])}{area[0]}:{column_letters(area[3])}{area[2]}".encode()
    new = f"{column_letters(area[1])}{area[0]}:{column_letters(area[3] + len(labels))}{area[2]}".encode()
    wider = re.sub(
        rb"""(<(?:table|autoFilter)\b[^>]*?\sref=["'])""" + re.escape(old) + rb"""(["'])""",
        rb"\g<1>" + new + rb"\2",
        content,
    )
    columns = re.search(rb"<tableColumns\b[^>]*>(.*?)</tableColumns\s*>", wider, re.DOTALL)
    if wider == content or columns is None:
        raise WriteRefused(f"{part}: a table written in an unusual way; save the workbook in Excel as .xlsx first")
    numbers = [int(number) for number in re.findall(rb"""<tableColumn\b[^>]*?\sid=["']([0-9]+)["']""", columns[1])]
    first = max(numbers, default=0) + 1
    fields = _widen_query(edit, part, list(range(first, first + len(labels))))
    added = "".join(
        f'<tableColumn id="{number}"{_query_attributes(number, field)} name={quoteattr(label)}/>'
        for number, (label, field) in enumerate(zip(labels, fields, strict=True), start=first)
    )
    element = b'<tableColumns count="%d">%s%s</tableColumns>' % (len(numbers) + len(labels), columns[1], added.encode())
    edit.replace_part(part, wider[: columns.start()] + element + wider[columns.end() :])


def _query_attributes(number: int, field: int | None) -> str:
    return "" if field is None else f' uniqueName="{number}" queryTableFieldId="{field}"'


_NEXT = re.compile(rb"""(<queryTableRefresh\b[^>]*?\snextId=["'])([0-9]+)""")
_COUNT = re.compile(rb"""(<queryTableFields\b[^>]*?\scount=["'])([0-9]+)""")


def _widen_query(edit: PackageEdit, table: str, columns: Sequence[int]) -> list[int | None]:
    """Tells a table's query that these columns are not its own (`dataBound`, 18.12.3); the id of each one's field."""
    for part in edit.package.related(table, "queryTable"):
        content = edit.read(part)
        following = _NEXT.search(content)
        end = content.rfind(b"</queryTableFields")
        if following is None or end < 0:
            raise WriteRefused(f"{part}: a query written in an unusual way; save the workbook in Excel as .xlsx first")
        first = int(following[2])
        entries = "".join(
            f'<queryTableField id="{first + number}" dataBound="0" tableColumnId="{column}"/>'
            for number, column in enumerate(columns)
        )
        content = content[:end] + entries.encode() + content[end:]
        for pattern in (_NEXT, _COUNT):
            content = pattern.sub(lambda match: match[1] + b"%d" % (int(match[2]) + len(columns)), content, count=1)
        edit.replace_part(part, content)
        return [first + number for number in range(len(columns))]
    return [None] * len(columns)


_AREA_NAME = re.compile(
    rb"""(<definedName\b[^>]*\bname=["'](?:_xlnm\._FilterDatabase|ExternalData_[0-9]+)["'][^>]*>)([^<]*)(</definedName>)"""
)


def widened_names(workbook: bytes, sheet: str, old_last: int, new_last: int) -> bytes:
    """The workbook part whose hidden names for the sheet's filter and query reach over the new columns."""

    def widened(match: re.Match[bytes]) -> bytes:
        tab, _, area = match[2].decode().rpartition("!")
        found = re.fullmatch(r"(\$[A-Z]+\$[0-9]+:\$)([A-Z]+)(\$[0-9]+)", area)
        if tab.strip("'").replace("''", "'") != sheet or found is None or found[2] != column_letters(old_last):
            return match[0]
        return match[1] + f"{tab}!{found[1]}{column_letters(new_last)}{found[3]}".encode() + match[3]

    return _AREA_NAME.sub(widened, workbook)
