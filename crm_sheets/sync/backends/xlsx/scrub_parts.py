"""Places of a workbook, beside its cells, where spreadsheet programs keep a second copy of what cells held: emptied.

Each function takes a part and gives it back without the copies; where nothing is to be done, it gives back the same.
"""

import re
from collections.abc import Collection
from itertools import count

from crm_sheets.sync.backends.xlsx.markup import attributes_of, decode, unescape_control, with_attribute
from crm_sheets.sync.backends.xlsx.rows_general import Area, parse_area
from crm_sheets.sync.backends.xlsx.scrub_search import holds_any
from crm_sheets.sync.backends.xlsx.scrub_values import Secrets

_CHART_CACHE = re.compile(
    rb"<((?:[\w.-]+:)?)(strCache|numCache|multiLvlStrCache|dlblRangeCache)\b[^>]*?(?:/>|>.*?</\1\2\s*>)", re.DOTALL
)
_CHART_LEVEL = re.compile(rb"<((?:[\w.-]+:)?)lvl\b[^>]*?(?:/>|>.*?</\1lvl\s*>)", re.DOTALL)
_CHART_TITLE = re.compile(rb"(</((?:[\w.-]+:)?)f\s*>\s*)<\2v\b[^>]*?>.*?</\2v\s*>", re.DOTALL)
_FILTER = re.compile(rb"<((?:[\w.-]+:)?)filterColumn\b[^>]*?(?:/>|>.*?</\1filterColumn\s*>)", re.DOTALL)
_LINK = re.compile(
    rb"<(?:[\w.-]+:)?hyperlink\s[^>]*?/>|<((?:[\w.-]+:)?)hyperlink\s[^>]*?>.*?</\1hyperlink\s*>", re.DOTALL
)
_NO_LINKS = re.compile(rb"<((?:[\w.-]+:)?)hyperlinks\b[^>]*>\s*</\1hyperlinks\s*>|<(?:[\w.-]+:)?hyperlinks\b[^>]*/>")
_NOTE = re.compile(rb"<((?:[\w.-]+:)?)(comment|threadedComment)\s[^>]*?>.*?</\1\2\s*>", re.DOTALL)
_NOTE_TEXT = re.compile(rb"<((?:[\w.-]+:)?)text\b[^>]*?>.*?</\1text\s*>", re.DOTALL)
_MENTIONS = re.compile(rb"<((?:[\w.-]+:)?)mentions\b[^>]*?(?:/>|>.*?</\1mentions\s*>)", re.DOTALL)
_SHAPE = re.compile(rb"""<((?:[\w.-]+:)?)sp\b[^>]*?\stextlink\s*=\s*["'][^"'][^>]*>.*?</\1sp\s*>""", re.DOTALL)
_SHAPE_TEXT = re.compile(rb"(<((?:[\w.-]+:)?)t(?:\s[^>]*)?>)[^<]*(</\2t\s*>)")
_EXTERNAL = re.compile(rb"<((?:[\w.-]+:)?)sheetDataSet\b[^>]*?(?:/>|>.*?</\1sheetDataSet\s*>)", re.DOTALL)
_SHARED_ITEM = re.compile(
    rb"<((?:[\w.-]+:)?)([sndbe])\s[^<>]*?\sv\s*=[^<>]*?/?>|<((?:[\w.-]+:)?)([sndbe])\sv\s*=[^<>]*?/?>"
)
_SHARED_HEAD = re.compile(rb"<(?:[\w.-]+:)?sharedItems\b[^>]*>")
_EXTREMES = re.compile(rb"""\s(?:min|max)(?:Value|Date)\s*=\s*(?:"[^"]*"|'[^']*')""")
_CACHE_HEAD = re.compile(rb"<(?:[\w.-]+:)?pivotCacheDefinition\b[^>]*>")
_RECORDS_ID = re.compile(rb"""\s(?:[\w.-]+:)?(?:id|recordCount)\s*=\s*(?:"[^"]*"|'[^']*')""")
_TEXT = re.compile(rb">([^<]+)<")


def root_of(content: bytes) -> bytes:
    """Local name of the outermost element; nothing for a part that is no XML."""
    found = re.match(rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:[\w.-]+:)?([\w.-]+)", content, re.DOTALL)
    return found[1] if found else b""


def without_chart_cache(content: bytes) -> bytes:
    """A chart as it is before it has read its cells (ECMA-376 part 1, 21.2.2; the charts of 2016 in MS-ODRAWXML)."""
    content = _CHART_CACHE.sub(b"", content)
    return _CHART_TITLE.sub(rb"\1", _CHART_LEVEL.sub(b"", content)) if b"cx:" in content else content


def without_filters(content: bytes, secrets: Secrets) -> bytes:
    """Filters that name a value go; rows that they hide stay as they are (18.3.2.7)."""
    return _FILTER.sub(lambda found: b"" if _names(found[0], secrets) else found[0], content)


def without_links(content: bytes, cells: Collection[tuple[int, int]]) -> tuple[bytes, tuple[str, ...]]:
    """Hyperlinks on cells go (18.3.1.47): a program makes one of each address that is typed. Also the ids of their
    relationships."""
    ids: list[str] = []

    def kept(found: re.Match[bytes]) -> bytes:
        attributes = attributes_of(found[0][: found[0].index(b">") + 1])
        area = parse_area(attributes.get(b"ref", b"").decode("latin-1"))
        if area is None or not _touches(area, cells):
            return found[0]
        ids.extend(value.decode() for name, value in attributes.items() if name.endswith(b":id"))
        return b""

    changed = _LINK.sub(kept, content)
    return (_NO_LINKS.sub(b"", changed) if changed != content else content), tuple(ids)


def without_notes(
    content: bytes, cells: Collection[tuple[int, int]]
) -> tuple[bytes, tuple[tuple[tuple[int, int], str], ...]]:
    """Comments on cells lose their text and stay as empty ones, so that what belongs to them does too (18.7;
    MS-XLSX 2.6.203 for those in threads). Also what they said, by cell."""
    said: list[tuple[tuple[int, int], str]] = []

    def kept(found: re.Match[bytes]) -> bytes:
        area = parse_area(attributes_of(found[0][: found[0].index(b">") + 1]).get(b"ref", b"").decode("latin-1"))
        if area is None or area[:2] not in cells:
            return found[0]
        body = _NOTE_TEXT.search(found[0])
        said.append((area[:2], _plain(body[0]) if body else ""))
        blank = _NOTE_TEXT.sub(rb"<\1text/>", found[0])
        return _MENTIONS.sub(b"", blank)

    return _NOTE.sub(kept, content), tuple(said)


def without_linked_texts(content: bytes, secrets: Secrets) -> bytes:
    """Shapes that show what a cell holds (20.5.2.29) are blank until they are drawn again."""

    def blank(found: re.Match[bytes]) -> bytes:
        return _SHAPE_TEXT.sub(rb"\1\3", found[0]) if _names(found[0], secrets) else found[0]

    return _SHAPE.sub(blank, content)


def without_external_cache(content: bytes) -> bytes:
    """A link to another workbook without what was read of it (18.14)."""
    return _EXTERNAL.sub(b"", content)


def without_pivot_items(content: bytes, secrets: Secrets) -> bytes:
    """What a pivot table knows of its source without its records, and read anew on opening (18.10.1.67).

    Items are counted from outside, so that one that must go becomes another, which no other has.
    """
    number = count(1)

    def kept(found: re.Match[bytes]) -> bytes:
        prefix, kind = found[1] or found[3] or b"", found[2] or found[4]
        if not _names(found[0], secrets):
            return found[0]
        end = b"/>" if found[0].endswith(b"/>") else b">"
        value = {b"n": b"%d", b"d": b"19%02d-01-01T00:00:00"}.get(kind, b"-%d") % (next(number) % 100)
        return b"<" + prefix + kind + b' v="' + value + b'"' + end

    content = _SHARED_ITEM.sub(kept, content)
    content = _SHARED_HEAD.sub(lambda found: _EXTREMES.sub(b"", found[0]), content)
    head = _CACHE_HEAD.search(content)
    if head is None:
        return content
    tag = _RECORDS_ID.sub(b"", head[0])
    tag = with_attribute(with_attribute(tag, b"refreshOnLoad", b"1"), b"saveData", b"0")
    return content[: head.start()] + tag + content[head.end() :]


def _touches(area: Area, cells: Collection[tuple[int, int]]) -> bool:
    return any(area[0] <= row <= area[2] and area[1] <= column <= area[3] for row, column in cells)


def _names(element: bytes, secrets: Secrets) -> bool:
    """Whether a piece of markup holds one of the values in its attributes or texts."""
    found = [value for tag in re.findall(rb"<[^<>]*>", element) for value in attributes_of(tag).values()]
    return holds_any([_decoded(raw) for raw in (*found, *_TEXT.findall(element))], secrets)


def _plain(element: bytes) -> str:
    return "".join(_decoded(raw) for raw in _TEXT.findall(element)).strip()


def _decoded(raw: bytes) -> str:
    try:
        return unescape_control(decode(raw))
    except ValueError:
        return raw.decode("utf-8", "replace")
