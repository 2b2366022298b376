"""The generation stamp inside a workbook: custom document properties (ECMA-376 part 1, 22.3)."""

import re

from crm_sheets.sync.backends.xlsx.markup import elements, escape
from crm_sheets.sync.backends.xlsx.package import Package
from crm_sheets.tables import ReplicaKey, Stamp

PREFIX = "crm_sheets."
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_VARIANTS = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"


def custom_part(package: Package) -> str | None:
    """The part of the custom properties, None when the workbook has none."""
    return next(iter(package.related("", "custom-properties")), None)


def read_stamp(package: Package) -> Stamp | None:
    """What our last write left; None when there is no stamp, or not a whole one."""
    part = custom_part(package)
    if part is None:
        return None
    found: dict[str, str] = {}
    name = ""
    for item in elements(package.read(part), f"{package.name}: {part}"):
        if item.name == "property":
            name = item.attributes.get("name", "")
        elif name.startswith(PREFIX):
            found[name.removeprefix(PREFIX)] = item.text.strip()
    generation = found.get("generation", "")
    if not found.get("workbook") or not found.get("replica") or not generation.isdigit():
        return None
    return Stamp(found["workbook"], ReplicaKey(found["replica"]), int(generation))


_PROPERTY = re.compile(rb"<(?:\w+:)?property\b[^>]*?(?:/>|>.*?</(?:\w+:)?property\s*>)", re.DOTALL)
_NAME = re.compile(rb"""\sname\s*=\s*["']crm_sheets\.(?:workbook|replica|generation)["']""")
_ID = re.compile(rb"""\spid\s*=\s*["'](\d+)["']""")
_CLOSE = re.compile(rb"</(?:(\w+):)?Properties\s*>\s*$|<(?:(\w+):)?Properties\b[^>]*/>\s*$")


def stamped(content: bytes | None, stamp: Stamp) -> bytes:
    """The custom properties with the stamp set; other properties keep their bytes and ids."""
    if content is None or _CLOSE.search(content) is None:
        content = (
            b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<Properties xmlns="'
            + _NAMESPACE.encode()
            + b'"></Properties>'
        )
    kept = _PROPERTY.sub(lambda match: b"" if _NAME.search(match[0][: match[0].find(b">")]) else match[0], content)
    used = [int(number) for number in _ID.findall(kept)]
    close = _CLOSE.search(kept)
    if close is None:  # an empty element that closes itself
        return stamped(None, stamp)
    prefix = close[1] or close[2] or b""
    colon = prefix + b":" if prefix else b""
    first = max([1, *used]) + 1
    added = b"".join(
        _property(colon, first + index, name, kind, text)
        for index, (name, kind, text) in enumerate(
            (
                ("workbook", "lpwstr", stamp.workbook),
                ("replica", "lpwstr", stamp.replica),
                ("generation", "i4", str(stamp.generation)),
            )
        )
    )
    if kept[close.start() : close.start() + 2] == b"</":
        return kept[: close.start()] + added + kept[close.start() :]
    opening = kept[close.start() :].rstrip()[:-2].rstrip()
    return kept[: close.start()] + opening + b">" + added + b"</" + colon + b"Properties>"


def _property(colon: bytes, number: int, name: str, kind: str, text: str) -> bytes:
    variant = f'<vt:{kind} xmlns:vt="{_VARIANTS}">'.encode() + escape(text) + f"</vt:{kind}>".encode()
    head = f'property fmtid="{_FORMAT_ID}" pid="{number}" name="{PREFIX}{name}">'.encode()
    return b"<" + colon + head + variant + b"</" + colon + b"property>"
