"""Adds tabs to a workbook that exists: made in a fresh workbook, then moved over part by part.

The sheet, its drawing and charts become new parts; the workbook's list of tabs, the relationships, the content types
and the styles get entries at their ends. Nothing else is rewritten, and nothing that is there is renumbered.
"""

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.package import SheetPart, relationships_part
from crm_sheets.sync.backends.xlsx.stylesheets import merged

if TYPE_CHECKING:
    from openpyxl import Workbook

MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

_TYPES = {
    "worksheet": "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
    "drawing": "application/vnd.openxmlformats-officedocument.drawing+xml",
    "chart": "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
}
_PATTERNS = {
    "worksheet": "xl/worksheets/sheet{}.xml",
    "drawing": "xl/drawings/drawing{}.xml",
    "chart": "xl/charts/chart{}.xml",
}


@dataclass(frozen=True, slots=True)
class _Fresh:
    """The workbook that is moved over, as its parts."""

    parts: dict[str, bytes]
    formats: list[int]
    differential: list[int]
    strings: tuple[bytes, ...]

    def related(self, part: str) -> list[tuple[str, str, str]]:
        """(id, kind, part name) of each relationship of a part."""
        folder, name = posixpath.split(part)
        content = self.parts.get(f"{folder}/_rels/{name}.rels", b"").decode()
        found = []
        for element in re.findall(r"<Relationship\b[^>]*>", content):
            values = dict(re.findall(r'(\w+)="([^"]*)"', element))
            target = values["Target"]
            path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found.append((values["Id"], values["Type"].rpartition("/")[2], path))
        return found


def graft(edit: PackageEdit, workbook: "Workbook") -> tuple[str, ...]:
    """Drafts all tabs of `workbook`, which openpyxl made, behind those that are there, with its defined names.

    Returns the names of the tabs.

    Raises:
        WriteRefused: a tab or a name of that name exists, or the workbook is of a kind that we do not extend.
    """
    package = edit.package
    require_plain(edit.read(package.workbook), "workbook", package.workbook)
    if package.styles is None:
        raise WriteRefused(f"{package.name}: has no styles; save it in Excel as .xlsx first")
    require_plain(edit.read(package.styles), "styleSheet", package.styles)
    taken = {sheet.name.casefold() for sheet in package.sheets}
    doubled = [name for name in workbook.sheetnames if name.casefold() in taken]
    if doubled:
        raise WriteRefused(f"{package.name}: there is a tab {doubled[0]!r} already; rename it first").told(
            "error.adopt.doubled", path=package.name, tab=doubled[0]
        )
    fresh = _styled(edit, workbook, package.styles)
    first = _sheet_count(edit.read(package.workbook))
    for attributes, part in _sheets(fresh):
        _add_sheet(edit, fresh, attributes, part)
    _add_names(edit, fresh.parts["xl/workbook.xml"], first)
    return tuple(workbook.sheetnames)


def grafted_over(edit: PackageEdit, workbook: "Workbook", found: SheetPart, placed: Callable[[bytes], bytes]) -> None:
    """Drafts the one tab of `workbook` in the place of one that is there, which keeps its name, part and number; what
    the old one referred to goes.

    Args:
        placed: gives the drawing of the new tab as it is to be, by its markup.

    Raises:
        WriteRefused: the workbook is of a kind that we do not extend.
    """
    package = edit.package
    require_plain(edit.read(found.part), "worksheet", found.part)
    if package.styles is None:
        raise WriteRefused(f"{package.name}: has no styles; save it in Excel as .xlsx first")
    require_plain(edit.read(package.styles), "styleSheet", package.styles)
    fresh = _styled(edit, workbook, package.styles)
    ((_, part),) = _sheets(fresh)
    _remove_related(edit, found.part)
    content = _moved_sheet(fresh, fresh.parts[part], b"<workbookView" in edit.read(package.workbook))
    for _, kind, drawing in fresh.related(part):
        if kind == "drawing":
            fresh.parts[drawing] = placed(fresh.parts[drawing])
    edit.replace_sheet(found.name, content)
    _add_related(edit, fresh, part, found.part)


def _remove_related(edit: PackageEdit, source: str) -> None:
    """Takes out what a part refers to, and what that refers to: a drawing, its charts, their looks."""
    package = edit.package
    listing = package.part(relationships_part(source))
    for each in package.relationships_of(source):
        part = None if each.external else package.part(each.target)
        if part is not None and edit.has(part):
            _remove_related(edit, part)
            edit.remove_part(part, source)
    if listing is not None:
        edit.drop_part(listing)


def _styled(edit: PackageEdit, workbook: "Workbook", styles: str) -> _Fresh:
    """A workbook that openpyxl made, as parts; its formats are added to those that are there."""
    saved = BytesIO()
    workbook.save(saved)
    with ZipFile(saved) as members:
        parts = {name: members.read(name) for name in members.namelist()}
    content, formats, differential = merged(edit.read(styles), parts["xl/styles.xml"])
    edit.replace_part(styles, content)
    return _Fresh(parts, formats, differential, tuple(_strings(parts.get("xl/sharedStrings.xml", b""))))


def require_plain(content: bytes, root: str, part: str) -> None:
    """Makes sure that a part is transitional SpreadsheetML without a prefix.

    Raises:
        WriteRefused: it is a strict file (ISO/IEC 29500-1 strict), or its elements have a prefix.
    """
    opening = re.search(rb"<" + root.encode() + rb"\b[^>]*>", content[:20_000])
    if opening is None or not re.search(rb"""\sxmlns=["']""" + re.escape(MAIN) + rb"""["']""", opening[0]):
        raise WriteRefused(f"{part}: a strict or unusual Open XML file; save it in Excel as .xlsx first")


def _free_name(edit: PackageEdit, kind: str) -> str:
    number = 1
    while edit.has(name := _PATTERNS[kind].format(number)) or edit.package.part(name) is not None:
        number += 1
    return name


def _before(content: bytes, mark: bytes, inserted: bytes, part: str) -> bytes:
    """`content` with something inserted before the last place where `mark` stands."""
    place = content.rfind(mark)
    if place < 0:
        raise WriteRefused(f"{part}: written in a way that crm_sheets does not extend; save it in Excel as .xlsx first")
    return content[:place] + inserted + content[place:]


_SHEET = re.compile(rb"<sheet\b[^>]*>")


def _sheet_count(workbook: bytes) -> int:
    return len(_SHEET.findall(workbook))


def _sheets(fresh: _Fresh) -> list[tuple[dict[str, str], str]]:
    """The attributes of each tab and its part."""
    targets = {identifier: part for identifier, _, part in fresh.related("xl/workbook.xml")}
    found = []
    for element in _SHEET.findall(fresh.parts["xl/workbook.xml"]):
        attributes = dict(re.findall(r'([\w:]+)="([^"]*)"', element.decode()))
        identifier = next(value for name, value in attributes.items() if name.endswith(":id"))
        found.append((attributes, targets[identifier]))
    return found


def _add_sheet(edit: PackageEdit, fresh: _Fresh, attributes: dict[str, str], part: str) -> None:
    target = _free_name(edit, "worksheet")
    content = _moved_sheet(fresh, fresh.parts[part], b"<workbookView" in edit.read(edit.package.workbook))
    edit.add_part(target, content, _TYPES["worksheet"])
    _add_related(edit, fresh, part, target)
    identifier = edit.add_relationship(edit.package.workbook, "worksheet", f"/{target}")
    listed = edit.read(edit.package.workbook)
    numbers = [int(number) for number in re.findall(rb"""\bsheetId=["']([0-9]+)["']""", listed)]
    state = f' state="{attributes["state"]}"' if attributes.get("state", "visible") != "visible" else ""
    entry = (
        f'<sheet xmlns:r="{OFFICE}" name="{attributes["name"]}" sheetId="{max(numbers, default=0) + 1}"{state} '
        f'r:id="{identifier}"/>'
    )
    edit.replace_part(edit.package.workbook, _before(listed, b"</sheets", entry.encode(), edit.package.workbook))


def _add_related(edit: PackageEdit, fresh: _Fresh, part: str, target: str) -> None:
    """Drafts what a part refers to (a drawing, its charts) under free names; the ids stay, for the part names them."""
    entries = []
    for identifier, kind, related in fresh.related(part):
        if kind not in _PATTERNS:
            raise WriteRefused(f"{related}: a {kind} cannot be added to a workbook that exists")
        name = _free_name(edit, kind)
        edit.add_part(name, fresh.parts[related], _TYPES[kind])
        _add_related(edit, fresh, related, name)
        entries.append(f'<Relationship Id="{identifier}" Type="{OFFICE}/{kind}" Target="/{name}"/>')
    if entries:
        folder, name = posixpath.split(target)
        namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
        content = f'<Relationships xmlns="{namespace}">{"".join(entries)}</Relationships>'
        edit.add_part(f"{folder}/_rels/{name}.rels", content.encode())


_STYLE = re.compile(rb'(<(?:c|row)\b[^>]*?\ss=")([0-9]+)(")')
_COLUMN_STYLE = re.compile(rb'(<col\b[^>]*?\sstyle=")([0-9]+)(")')
_DIFFERENTIAL = re.compile(rb'(\sdxfId=")([0-9]+)(")')
_SHARED = re.compile(rb'<c\b([^>]*?)\st="s"([^>]*)><v>([0-9]+)</v></c>')


def _moved_sheet(fresh: _Fresh, content: bytes, has_views: bool) -> bytes:
    """A sheet part with our styles under their new numbers, its texts inline, and not selected."""

    def renumbered(pattern: re.Pattern[bytes], numbers: Sequence[int], text: bytes) -> bytes:
        return pattern.sub(lambda match: match[1] + b"%d" % numbers[int(match[2])] + match[3], text)

    content = renumbered(_STYLE, fresh.formats, content)
    content = renumbered(_COLUMN_STYLE, fresh.formats, content)
    content = renumbered(_DIFFERENTIAL, fresh.differential, content)
    content = _SHARED.sub(
        lambda match: b'<c%s%s t="inlineStr"><is>%s</is></c>' % (match[1], match[2], fresh.strings[int(match[3])]),
        content,
    )
    content = content.replace(b' tabSelected="1"', b"")
    return content if has_views else re.sub(rb"<sheetViews>.*?</sheetViews>", b"", content, flags=re.DOTALL)


def _strings(content: bytes) -> list[bytes]:
    """What is inside each `<si>` of the shared strings; it may stand in `<is>` as it is (CT_Rst, 18.4.8)."""
    return [match[1] or b"<t/>" for match in re.finditer(rb"<si>(.*?)</si>|<si\s*/>", content, re.DOTALL)]


_LOCAL = re.compile(rb'localSheetId="([0-9]+)"')
_NAME = re.compile(rb"<definedName\b([^>]*)>(.*?)</definedName>", re.DOTALL)


def _add_names(edit: PackageEdit, fresh: bytes, first: int) -> None:
    """Adds the defined names; those of a tab follow it to its new place in the list of tabs."""
    part = edit.package.workbook
    content = edit.read(part)
    taken = {
        match[1] for match in re.finditer(rb"<definedName\b(?![^>]*localSheetId)[^>]*\bname=\"([^\"]*)\"", content)
    }
    entries = []
    for attributes, formula in _NAME.findall(fresh):
        if b"localSheetId" not in attributes and _own_name(attributes) in taken:
            continue  # ours, from an earlier adoption that was undone
        moved = _LOCAL.sub(lambda match: b'localSheetId="%d"' % (int(match[1]) + first), attributes)
        entries.append(b"<definedName" + moved + b">" + formula + b"</definedName>")
    if entries:
        edit.replace_part(part, with_names(content, b"".join(entries), part))


def _own_name(attributes: bytes) -> bytes:
    found = re.search(rb'\bname="([^"]*)"', attributes)
    return found[1] if found else b""


def with_names(workbook: bytes, entries: bytes, part: str) -> bytes:
    """The workbook part with defined names added, at the place that CT_Workbook gives them (18.2.27)."""
    if re.search(rb"</definedNames\s*>", workbook):
        return _before(workbook, b"</definedNames", entries, part)
    workbook = re.sub(rb"<definedNames\s*/>", b"", workbook)
    ends = list(re.finditer(rb"</(?:sheets|functionGroups|externalReferences)\s*>|<externalReferences\s*/>", workbook))
    if not ends:
        raise WriteRefused(f"{part}: written in a way that crm_sheets does not extend; save it in Excel as .xlsx first")
    place = ends[-1].end()
    return workbook[:place] + b"<definedNames>" + entries + b"</definedNames>" + workbook[place:]
