"""Number formats of cells, asked for when they matter: whether 45000 is shown as a date is said nowhere else."""

import re
from collections.abc import Mapping
from pathlib import Path

from crm_sheets.errors import UsageError
from crm_sheets.sync.backends.xlsx.markup import attributes_of, elements
from crm_sheets.sync.backends.xlsx.package import Package, open_package
from crm_sheets.sync.backends.xlsx.rows_general import letters_to_number

BUILT_IN: Mapping[int, str] = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0",
    48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""ECMA-376 part 1, 18.8.30 numFmt; 27-36 and 50-58 are dates in East Asian locales."""

_EAST_ASIAN_DATES = {*range(27, 37), *range(50, 59)}
_CELL = re.compile(rb"""<(?:[\w.-]+:)?c\s[^<>]*>""")
_REFERENCE = re.compile(rb"([A-Z]{1,3})(\d{1,7})")


def format_codes(package: Package) -> tuple[str, ...]:
    """The number format of each cell format (`s` of a cell), in their order."""
    if package.styles is None:
        return ()
    return codes_in(package.read(package.styles), f"{package.name}: {package.styles}")


def codes_in(styles: bytes, place: str) -> tuple[str, ...]:
    """The same, of the content of a styles part; `place` is what messages call it."""
    own: dict[int, str] = {}
    codes: list[str] = []
    depth = None
    for item in elements(styles, place):
        if item.name == "numFmt":
            own[int(item.attributes.get("numFmtId", "0"))] = item.attributes.get("formatCode", "")
        elif item.name == "cellXfs":
            depth = item.depth
        elif depth is not None and item.depth <= depth:
            depth = None
        elif depth is not None and item.name == "xf" and item.depth == depth + 1:
            number = int(item.attributes.get("numFmtId", "0"))
            known = "yyyy/m/d" if number in _EAST_ASIAN_DATES else BUILT_IN.get(number, "General")
            codes.append(own.get(number, known))
    return tuple(codes)


def cell_formats(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """The number format of each cell of a tab that has one other than General, by (row, column).

    Cells without a reference of their own are left out.

    Raises:
        UsageError: there is no such tab.
        WorkbookUnreadable: the file cannot be read as a workbook.
    """
    package = open_package(path)
    found = package.sheet(sheet)
    if found is None:
        raise UsageError(f"{path}: there is no tab {sheet}")
    codes = format_codes(package)
    formats: dict[tuple[int, int], str] = {}
    for tag in _CELL.findall(package.read(found.part)):
        attributes = attributes_of(tag)
        style = int(attributes.get(b"s", b"0"))
        place = _REFERENCE.fullmatch(attributes.get(b"r", b""))
        if place is not None and style < len(codes) and codes[style] != "General":
            formats[int(place[2]), letters_to_number(place[1].decode())] = codes[style]
    return formats


_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def is_date_format(code: str) -> bool:
    """Whether a number format shows a date or time (18.8.31: d, m, y, h, s outside of literals)."""
    return code != "General" and re.search(r"[dmyhs]", _LITERAL.sub("", code), re.IGNORECASE) is not None
