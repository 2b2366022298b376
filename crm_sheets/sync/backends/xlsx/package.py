"""A workbook as parts: which part is which sheet, where strings and styles are (ECMA-376 part 2, part 1 clause 12)."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.sync.backends.xlsx.container import STAFF, Container, Limits, open_container
from crm_sheets.sync.backends.xlsx.markup import MAIN, elements

_SHEET_KINDS = {
    "worksheet": "worksheet",
    "chartsheet": "chartsheet",
    "dialogsheet": "dialogsheet",
    "xlMacrosheet": "macrosheet",
    "xlIntlMacrosheet": "macrosheet",
}


@dataclass(frozen=True, slots=True)
class Relationship:
    """One relationship: `type` is the last word of its URI, the same in strict and transitional files."""

    id: str
    type: str
    target: str
    external: bool


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A tab: its name, the part that holds it, its sheetId, what kind it is, whether it is hidden."""

    name: str
    part: str
    id: str
    kind: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A defined name and its formula; `sheet` is the index of the tab that it belongs to, None for the workbook."""

    name: str
    formula: str
    sheet: int | None


class Package:
    """A workbook that is open for reading."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.name = container.name
        self._by_key = {name.lower(): name for name in container.members}
        self.workbook = self._find_workbook()
        listed = elements(self.read(self.workbook), f"{self.name}: {self.workbook}")
        if not listed or listed[0].name != "workbook" or listed[0].namespace not in MAIN:
            raise WorkbookUnreadable(f"{self.name}: not a workbook; save it as .xlsx", "no-workbook")
        self.relationships = self.relationships_of(self.workbook)
        by_id = {item.id: item for item in self.relationships}
        self.date1904 = any(
            item.name == "workbookPr" and item.attributes.get("date1904", "0") in ("1", "true", "on") for item in listed
        )
        self.sheets: tuple[SheetPart, ...] = tuple(
            self._sheet(item.attributes, by_id) for item in listed if item.name == "sheet" and item.namespace in MAIN
        )
        self.defined_names: tuple[DefinedName, ...] = tuple(
            DefinedName(item.attributes.get("name", ""), item.text, _index(item.attributes.get("localSheetId")))
            for item in listed
            if item.name == "definedName"
        )
        if not self.sheets:
            raise WorkbookUnreadable(f"{self.name}: the workbook has no tab", "no-sheets")

    def _find_workbook(self) -> str:
        for relationship in self.relationships_of(""):
            if relationship.type == "officeDocument" and not relationship.external:
                part = self.part(relationship.target)
                if part is not None and not part.lower().endswith(".bin"):
                    return part
        raise WorkbookUnreadable(f"{self.name}: no workbook inside; save it as .xlsx", "no-workbook")

    def _sheet(self, attributes: Mapping[str, str], by_id: Mapping[str, Relationship]) -> SheetPart:
        name = attributes.get("name", "")
        relationship = by_id.get(attributes.get("id", ""))
        part = self.part(relationship.target) if relationship else None
        if relationship is None or part is None:
            raise WorkbookUnreadable(f"{self.name}: the part of tab {name!r} is missing", "bad-xml")
        kind = _SHEET_KINDS.get(relationship.type, relationship.type)
        return SheetPart(
            name, part, attributes.get("sheetId", ""), kind, attributes.get("state", "visible") != "visible"
        )

    def part(self, name: str) -> str | None:
        """The name of a part as the container spells it (part names do not mind case: ECMA-376 part 2, 6.2.2)."""
        return name if name in self.container else self._by_key.get(name.lower())

    def read(self, part: str) -> bytes:
        """The content of a part."""
        return self.container.read(part)

    def relationships_of(self, part: str) -> tuple[Relationship, ...]:
        """The relationships of a part, targets as part names; of the package itself for the empty name."""
        source = self.part(relationships_part(part))
        if source is None:
            return ()
        return tuple(
            Relationship(
                item.attributes.get("Id", ""),
                item.attributes.get("Type", "").rpartition("/")[2],
                resolve(part, item.attributes.get("Target", "")),
                item.attributes.get("TargetMode") == "External",
            )
            for item in elements(self.read(source), f"{self.name}: {source}")
            if item.name == "Relationship"
        )

    def related(self, part: str, kind: str) -> tuple[str, ...]:
        """The parts that `part` is related to by `kind`, those that exist."""
        relationships = self.relationships if part == self.workbook else self.relationships_of(part)
        found = (self.part(item.target) for item in relationships if item.type == kind and not item.external)
        return tuple(name for name in found if name is not None)

    @cached_property
    def shared_strings(self) -> str | None:
        """The part of the shared strings."""
        return next(iter(self.related(self.workbook, "sharedStrings")), None)

    @cached_property
    def styles(self) -> str | None:
        """The part of the styles."""
        return next(iter(self.related(self.workbook, "styles")), None)

    def sheet(self, name: str) -> SheetPart | None:
        """The tab of that name, None when there is none."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def open_package(path: Path, limits: Limits = STAFF) -> Package:
    """Open the workbook at `path`.

    Raises:
        WorkbookUnreadable: not a workbook that can be read; `reason` says why.
    """
    return Package(open_container(path, limits))


def relationships_part(part: str) -> str:
    """`xl/workbook.xml` -> `xl/_rels/workbook.xml.rels`, and `` -> `_rels/.rels` (ECMA-376 part 2, 6.5.3)."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def resolve(source: str, target: str) -> str:
    """A relationship's target as a part name."""
    path = unquote(target).replace("\\", "/")
    if path.startswith("/"):
        return posixpath.normpath(path[1:])
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), path))


def _index(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None
