"""The little XML that we need: small parts as a list of elements, texts in and out of markup."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from xml.parsers import expat

from crm_sheets.errors import WorkbookUnreadable, WriteRefused

MAIN = frozenset(
    {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    }
)
"""SpreadsheetML, transitional (ECMA-376 part 4) and strict (part 1)."""


@dataclass(slots=True)
class Element:
    """One element of a small part: local name, attributes (those of another namespace by local name), own text."""

    name: str
    namespace: str
    attributes: Mapping[str, str]
    depth: int
    text: str = field(default="")


def new_parser(part: str) -> expat.XMLParserType:
    """A parser that knows namespaces and refuses a DOCTYPE, by which entity bombs come."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise WorkbookUnreadable(
            f"{part}: a DOCTYPE has no place in a workbook, no spreadsheet program writes one; take the last backup",
            "doctype",
        )

    parser.StartDoctypeDeclHandler = refuse
    return parser


def parse(parser: expat.XMLParserType, content: bytes, part: str) -> None:
    """Run a parser over the whole of a part.

    Raises:
        WorkbookUnreadable: not well-formed.
    """
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise WorkbookUnreadable(f"{part}: damaged ({error}); take the last backup", "bad-xml") from error


def elements(content: bytes, part: str) -> list[Element]:
    """All elements of a small part, in the order of their start tags.

    Raises:
        WorkbookUnreadable: not well-formed, or it has a DOCTYPE.
    """
    found: list[Element] = []
    stack: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        element = Element(local, namespace, plain, len(stack))
        found.append(element)
        stack.append(element)

    def characters(text: str) -> None:
        stack[-1].text += text

    parser = new_parser(part)
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: stack.pop()
    parser.CharacterDataHandler = characters
    parse(parser, content, part)
    return found


_ENTITIES = {b"amp": "&", b"lt": "<", b"gt": ">", b"quot": '"', b"apos": "'"}
_REFERENCE = re.compile(rb"#(\d+)|#x([0-9a-fA-F]+)|(\w+)")


def decode(raw: bytes) -> str:
    """The text of character data: references resolved, line ends made `\\n` (XML 1.0, 2.11).

    Raises:
        ValueError: not UTF-8, an unknown entity, or a stray ampersand.
    """
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"&" not in raw:
        return raw.decode()
    pieces = raw.split(b";")
    last = pieces.pop()
    if b"&" in last:
        raise ValueError("stray ampersand")
    return "".join(map(_PIECES.__getitem__, pieces)) + last.decode()


class _Pieces(dict[bytes, str]):
    """What stands before a semicolon, as the text that it and the semicolon are.

    Some programs write every Chinese character as a reference: then nearly each piece is one of them, and known.
    """

    def __missing__(self, piece: bytes) -> str:
        before, ampersand, reference = piece.partition(b"&")
        text = before.decode() + (_resolved(reference) if ampersand else ";")
        if len(self) < _MOST_PIECES:
            self[piece] = text
        return text


_PIECES = _Pieces()
_MOST_PIECES = 1 << 16


def _resolved(reference: bytes) -> str:
    """The character of a reference, without its `&` and `;`."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError("stray ampersand")
    decimal, hexadecimal, name = match.groups()
    if name:
        if name not in _ENTITIES:
            raise ValueError(f"unknown entity {name!r}")
        return _ENTITIES[name]
    return chr(int(decimal) if decimal else int(hexadecimal, 16)).encode().decode()  # which refuses surrogates


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape_control(text: str) -> str:
    """`_x000D_` and the like as the characters that they stand for (ECMA-376 part 1, 22.9.2.19 ST_Xstring)."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if any(0xD800 <= ord(character) < 0xE000 for character in plain):
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


_NEEDS_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def escape_control(text: str) -> str:
    """The reverse of `unescape_control`: characters that XML cannot hold, and texts that look like an escape."""
    return _NEEDS_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def escape(text: str) -> bytes:
    """Character data.

    Raises:
        WriteRefused: half of a surrogate pair, which no file can hold.
    """
    try:
        raw = text.encode()
    except UnicodeEncodeError as error:
        raise WriteRefused(f"{text!r} holds half of a character") from error
    return raw.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def escape_attribute(text: str) -> bytes:
    """The value of an attribute in double quotes."""
    raw = escape(text).replace(b'"', b"&quot;")
    return raw.replace(b"\t", b"&#9;").replace(b"\n", b"&#10;").replace(b"\r", b"&#13;")


ATTRIBUTE = re.compile(rb"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def attributes_of(tag: bytes) -> dict[bytes, bytes]:
    """Attributes of a start tag, values as they stand there."""
    return {name: double or single for name, double, single in ATTRIBUTE.findall(tag)}


def with_attribute(tag: bytes, name: bytes, value: bytes) -> bytes:
    """A start tag with an attribute set; everything else in it keeps its bytes."""
    for match in ATTRIBUTE.finditer(tag):
        if match[1] == name:
            group = 2 if match[2] is not None else 3
            return tag[: match.start(group)] + value + tag[match.end(group) :]
    end = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:end].rstrip() + b" " + name + b'="' + value + b'"' + tag[end:]


_TAG = re.compile(
    rb"""<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?P<end>/?)(?P<name>[^\s/>]+)(?:"[^"]*"|'[^']*'|[^"'>])*?(?P<empty>/?)>""",
    re.DOTALL,
)


def place_before(content: bytes, names: Set[bytes], start: int) -> int | None:
    """Where the first tag of these names stands after `start` on the same level: an element beside, or the end of what
    both are in. Tags within other elements do not count. None when there is none."""
    depth = 0
    for found in _TAG.finditer(content, start):
        if found["name"] is None:
            continue
        if depth == 0 and found["name"] in names:
            return found.start()
        if found["end"]:
            depth -= 1
        elif not found["empty"]:
            depth += 1
    return None


def is_utf8(content: bytes) -> bool:
    """Whether a part may be spliced as bytes: UTF-8, said so or by default."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        return False
    declared = re.match(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)""", content)
    return declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii")


def has_declarations(content: bytes) -> bool:
    """Whether there is a comment, CDATA or DOCTYPE; one character is found ten times faster than two."""
    place = content.find(b"!")
    return place >= 0 and content.find(b"<!", max(0, place - 1)) >= 0
