"""Reading a workbook: one streaming pass of our own over the parts that changed since the last reading."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from crm_sheets.outline import Outline
from crm_sheets.sync.backends.xlsx.container import STAFF, Container, Limits, opening
from crm_sheets.sync.backends.xlsx.holders import holder
from crm_sheets.sync.backends.xlsx.markup import elements
from crm_sheets.sync.backends.xlsx.package import Package, SheetPart
from crm_sheets.sync.backends.xlsx.padlock import Padlock, digest_of_locked, is_locked
from crm_sheets.sync.backends.xlsx.row_blocks import Meaning
from crm_sheets.sync.backends.xlsx.row_plans import Lookups
from crm_sheets.sync.backends.xlsx.rows_fast import read_sheet
from crm_sheets.sync.backends.xlsx.stamp import read_stamp
from crm_sheets.sync.backends.xlsx.strings import LazyStrings, shared_strings
from crm_sheets.sync.backends.xlsx.unpacked import Unpacked
from crm_sheets.tables import Fingerprint, Sheet, Snapshot

_NOTHING: Mapping[str, str] = {}


def read_workbook(
    path: Path,
    known: Mapping[str, str] = _NOTHING,
    *,
    limits: Limits = STAFF,
    outlines: Mapping[str, Outline] | None = None,
    padlock: Padlock | None = None,
    unpacked: Unpacked | None = None,
) -> Snapshot:
    """Read a workbook as typed cells.

    Args:
        path: the workbook.
        known: `part_digests` of an earlier reading; a sheet whose digest is still the same is not read.
        outlines: what is remembered of sheets, by their names: blocks that are in it are not taken apart. None where
            nobody wants to know of blocks.
        limits: beyond which the file is called a bomb.
        padlock: opens it when it has a password.
        unpacked: keeps the content of a sheet that was read.

    Raises:
        WorkbookUnreadable: it cannot be read as a workbook; `reason` says why.
    """
    package, status = open_with_status(path, limits, padlock)
    found = Fingerprint(status.st_size, status.st_mtime_ns, status.st_ino, package.container.digest)
    digests = {sheet.name: part_digest(package, sheet) for sheet in package.sheets}
    unchanged = frozenset(name for name, value in digests.items() if known.get(name) == value)
    return Snapshot(
        str(path),
        found,
        read_stamp(package),
        _read_sheets(package, unchanged, outlines, unpacked),
        tuple(sheet.name for sheet in package.sheets),
        unchanged,
        digests,
        package.date1904,
        _saved_by(package),
        holder(path),
    )


def open_with_status(
    path: Path, limits: Limits = STAFF, padlock: Padlock | None = None
) -> tuple[Package, os.stat_result]:
    """The workbook and the status of the very file that was read, not of one that took its place since."""
    with opening(path), path.open("rb") as readable:
        status = os.fstat(readable.fileno())
        data = readable.read()
    if padlock is None:
        return Package(Container(str(path), data, limits)), status
    locked = digest_of_locked(data) if is_locked(data) else ""
    return Package(Container(str(path), padlock.open(data, str(path)), limits, locked=locked)), status


def part_digest(package: Package, sheet: SheetPart) -> str:
    """Equal as long as everything that a sheet's values depend on is: its part, strings, styles, the date system."""
    members = package.container.members
    parts = (sheet.part, package.shared_strings, package.styles)
    marks = (f"{members[part].crc:08x}.{members[part].size:x}" if part else "-" for part in parts)
    return ":".join((*marks, "1904" if package.date1904 else "1900"))


def _read_sheets(
    package: Package, unchanged: frozenset[str], outlines: Mapping[str, Outline] | None, unpacked: Unpacked | None
) -> dict[str, Sheet]:
    wanted = [sheet for sheet in package.sheets if sheet.name not in unchanged]
    part = package.shared_strings if any(sheet.kind == "worksheet" for sheet in wanted) else None
    texts = package.read(part) if part else b""
    meaning = Meaning(texts, package.date1904)
    kept = {name: outline for name, outline in (outlines or {}).items() if meaning.keeps(outline.meaning)}
    place = f"{package.name}: {part}"
    few = bool(wanted) and all(sheet.name in kept for sheet in wanted)
    strings: Sequence[str] = LazyStrings(lambda: texts, place) if few else shared_strings(texts, place) if part else ()
    lookups = Lookups(strings, package.date1904)
    told = b"" if outlines is None else meaning.told()
    found: dict[str, Sheet] = {}
    for sheet in wanted:
        marks = None if outlines is None else tuple(kept[sheet.name].blocks) if sheet.name in kept else ()
        found[sheet.name] = replace(_read_sheet(package, sheet, strings, lookups, marks, unpacked), meaning=told)
    return found


def _read_sheet(
    package: Package,
    sheet: SheetPart,
    strings: Sequence[str],
    lookups: Lookups,
    marks: Sequence[bytes] | None,
    unpacked: Unpacked | None,
) -> Sheet:
    if sheet.kind != "worksheet":
        return Sheet(sheet.name, (), (), sheet.kind, sheet.hidden)
    place = f"{package.name}: {sheet.part}"
    markup = package.read(sheet.part)
    if unpacked is not None:
        unpacked.keep(package.container.members[sheet.part], markup)
    content = read_sheet(markup, strings, package.date1904, place, lookups, marks)
    return Sheet(sheet.name, content.rows, tuple(content.merged), sheet.kind, sheet.hidden, content.blocks)


def _saved_by(package: Package) -> str:
    """`lastModifiedBy` of the core properties: a hint, never proof."""
    for relationship in package.relationships_of(""):
        part = package.part(relationship.target)
        if relationship.type == "core-properties" and part is not None:
            listed = elements(package.read(part), f"{package.name}: {part}")
            return next((item.text.strip() for item in listed if item.name == "lastModifiedBy"), "")
    return ""
