"""Adds styles to a styles part that exists: nothing in it is renumbered, new entries go to the end of their lists.

ECMA-376 part 1, 18.8. Works on bytes, so that what is there keeps its bytes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx.markup import place_before
from crm_sheets.sync.backends.xlsx.style import LOOKS, Look

_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)
"""Children of styleSheet in the order of CT_Stylesheet (18.8.39)."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of a styles part: where it stands, its opening tag's attributes, its entries as they are written."""

    start: int
    end: int
    attributes: bytes
    entries: tuple[bytes, ...]


def listing(content: bytes, name: str) -> Listing | None:
    """The list of that name; None when the part has none."""
    tag = name.encode()
    opening = re.search(rb"<" + tag + rb"\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>", content)
    if opening is None:
        return None
    if opening[2]:
        return Listing(opening.start(), opening.end(), opening[1], ())
    closing = re.search(rb"</" + tag + rb"\s*>", content[opening.end() :])
    if closing is None:
        raise WriteRefused(f"styles: <{name}> is never closed")
    inner = content[opening.end() : opening.end() + closing.start()]
    return Listing(opening.start(), opening.end() + closing.end(), opening[1], tuple(_children(inner)))


_TAG = re.compile(rb"<!--.*?-->|<(/?)[\w:.-]+(?:[^>\"']|\"[^\"]*\"|'[^']*')*?(/?)>", re.DOTALL)


def _children(inner: bytes) -> list[bytes]:
    """The child elements of an element's content, each with all that is in it."""
    found, depth, start = [], 0, 0
    for tag in _TAG.finditer(inner):
        if tag[0].startswith(b"<!--"):
            continue
        if depth == 0:
            start = tag.start()
        depth += -1 if tag[1] else 0 if tag[2] else 1
        if depth == 0:
            found.append(inner[start : tag.end()])
    return found


def extended(content: bytes, name: str, entries: Sequence[bytes]) -> tuple[bytes, list[int]]:
    """The styles part with `entries` in the list `name`, and the index of each; one that is there is used again."""
    present = listing(content, name)
    known = list(present.entries) if present else []
    places: dict[bytes, int] = {}
    for index, entry in enumerate(known):
        places.setdefault(entry, index)
    fresh = [entry for entry in dict.fromkeys(entries) if entry not in places]
    for entry in fresh:
        places[entry] = len(known)
        known.append(entry)
    indexes = [places[entry] for entry in entries]
    if not fresh:
        return content, indexes
    tag = name.encode()
    count = str(len(known)).encode()
    if present is None:
        element = b"<" + tag + b' count="' + count + b'">' + b"".join(fresh) + b"</" + tag + b">"
        return _inserted(content, name, element), indexes
    attributes = re.sub(rb"""\s+count=["'][0-9]*["']""", b"", present.attributes).rstrip()
    opening = b"<" + tag + attributes + b' count="' + count + b'">'
    body = _body(content, present) + b"".join(fresh)
    return content[: present.start] + opening + body + b"</" + tag + b">" + content[present.end :], indexes


def _body(content: bytes, present: Listing) -> bytes:
    whole = content[present.start : present.end]
    return b"" if whole.endswith(b"/>") and not present.entries else whole[whole.index(b">") + 1 : whole.rindex(b"</")]


def _inserted(content: bytes, name: str, element: bytes) -> bytes:
    """The styles part with a list before whatever must come after it; a format may have an `extLst` of its own."""
    later = {each.encode() for each in _ORDER[_ORDER.index(name) + 1 :]} | {b"styleSheet"}
    root = re.search(rb"<styleSheet\b[^>]*>", content)
    place = place_before(content, later, root.end()) if root else None
    if place is None:
        raise WriteRefused("styles: written in a way that crm_sheets does not extend; save it in Excel as .xlsx first")
    return content[:place] + element + content[place:]


def with_looks(content: bytes) -> tuple[bytes, dict[Look, int]]:
    """The styles part with the differential formats of our colours, and the dxfId of each (18.8.14)."""
    entries = [
        f'<dxf><font><color rgb="FF{ink}"/></font><fill><patternFill patternType="solid"><fgColor rgb="FF{fill}"/>'
        f'<bgColor rgb="FF{fill}"/></patternFill></fill></dxf>'.encode()
        for ink, fill in LOOKS.values()
    ]
    content, indexes = extended(content, "dxfs", entries)
    return content, dict(zip(LOOKS, indexes, strict=True))


_FORMAT = re.compile(rb'<numFmt\b(?=[^>]*\bnumFmtId="([0-9]+)")(?=[^>]*\bformatCode="([^"]*)")[^>]*>')
_BUILT_IN = {b"General": 0, b"0%": 9, b"#,##0": 3, b"#,##0.00": 4, b"@": 49}
"""Ids that every program knows without a list (18.8.30)."""


def with_formats(content: bytes, codes: Sequence[bytes]) -> tuple[bytes, list[int]]:
    """The styles part with number formats for these codes (escaped as in XML), and the numFmtId of each."""
    known = {match[2]: int(match[1]) for match in _FORMAT.finditer(content)}
    following = max([163, *known.values()]) + 1
    entries = []
    for code in dict.fromkeys(codes):
        if code not in known and code not in _BUILT_IN:
            known[code] = following
            entries.append(b'<numFmt numFmtId="%d" formatCode="%s"/>' % (following, code))
            following += 1
    content, _ = extended(content, "numFmts", entries)
    return content, [_BUILT_IN[code] if code in _BUILT_IN else known[code] for code in codes]


def with_format_of(content: bytes, base: int, codes: Sequence[bytes]) -> tuple[bytes, list[int]]:
    """Cell formats like number `base`, but with these number formats: the new part, and an index for each code."""
    content, formats = with_formats(content, codes)
    present = listing(content, "cellXfs")
    if present is None or not present.entries:
        raise WriteRefused("styles: the workbook has no cell formats; save it in Excel as .xlsx first")
    model = present.entries[base if base < len(present.entries) else 0]
    entries = [_set(_set(model, b"numFmtId", b"%d" % number), b"applyNumberFormat", b"1") for number in formats]
    return extended(content, "cellXfs", entries)


def merged(content: bytes, other: bytes) -> tuple[bytes, list[int], list[int]]:
    """The styles part with everything that `other`, made by openpyxl, has: the part, its cellXfs and its dxfs."""
    codes = {int(match[1]): match[2] for match in _FORMAT.finditer(other)}
    content, ids = with_formats(content, list(codes.values()))
    numbers = dict(zip(codes, ids, strict=True))
    maps = {}
    for name, attribute in (("fonts", b"fontId"), ("fills", b"fillId"), ("borders", b"borderId")):
        content, maps[attribute] = extended(content, name, _entries(other, name))
    formats = [_renumbered(entry, maps, numbers) for entry in _entries(other, "cellXfs")]
    content, cell_formats = extended(content, "cellXfs", formats)
    content, differential = extended(content, "dxfs", _entries(other, "dxfs"))
    return content, cell_formats, differential


def _renumbered(entry: bytes, maps: Mapping[bytes, Sequence[int]], numbers: Mapping[int, int]) -> bytes:
    """A cell format that names its font, fill, border and number format by their new numbers, and no named style."""
    number = _get(entry, b"numFmtId")
    values = {attribute: indexes[_get(entry, attribute)] for attribute, indexes in maps.items()}
    values |= {b"numFmtId": numbers.get(number, number), b"xfId": 0}
    values |= dict.fromkeys((b"applyFont", b"applyFill", b"applyBorder", b"applyNumberFormat"), 1)
    for attribute, value in values.items():
        entry = _set(entry, attribute, b"%d" % value)
    return entry


def _entries(content: bytes, name: str) -> tuple[bytes, ...]:
    found = listing(content, name)
    return found.entries if found else ()


def _get(entry: bytes, attribute: bytes) -> int:
    match = re.search(rb"\b" + attribute + rb'="([0-9]+)"', entry[: entry.index(b">")])
    return int(match[1]) if match else 0


def _set(entry: bytes, attribute: bytes, value: bytes) -> bytes:
    """An element with an attribute of its opening tag set."""
    end = entry.index(b">")
    opening, rest = entry[:end], entry[end:]
    replaced, count = re.subn(rb"(\s" + attribute + rb'=)(?:"[^"]*"|\'[^\']*\')', rb'\g<1>"' + value + rb'"', opening)
    if count:
        return replaced + rest
    slash = opening.endswith(b"/")
    head = opening[:-1] if slash else opening
    return head.rstrip() + b" " + attribute + b'="' + value + b'"' + (b"/" if slash else b"") + rest
