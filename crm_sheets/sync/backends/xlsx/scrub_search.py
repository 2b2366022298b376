"""Whether a value stands anywhere in a workbook where nobody typed it: every part is searched, as text and as bytes."""

import io
import re
import zipfile
from collections.abc import Iterable
from urllib.parse import unquote

from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.sync.backends.xlsx.markup import new_parser, parse, unescape_control
from crm_sheets.sync.backends.xlsx.scrub_values import Secrets

SHORTEST = 3
"""Texts of fewer characters are found only where they stand alone: as a part of others they are everywhere."""

FEWEST_DIGITS = 6
"""Numbers of fewer digits are found only as saved results: file formats are full of them."""

_ROWS = re.compile(rb"<((?:[\w.-]+:)?)sheetData\b[^>]*?(?:/>|>.*</\1sheetData\s*>)", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")
_SELF_TOLD = frozenset({"creator", "lastModifiedBy"})
"""Of the core properties: what the spreadsheet program of whoever saved the file wrote about them."""

_RUNS = frozenset({"t", "r", "p", "fld", "f", "v"})
"""Elements whose texts make up one text with those beside them."""


def outside_of_rows(content: bytes) -> bytes:
    """A sheet part without its cells: these are looked at as cells."""
    return _ROWS.sub(b"", content)


def holds(content: bytes, secrets: Secrets) -> bool:
    """Whether a part holds one of the values, whatever kind of part it is."""
    if content.startswith(b"PK\x03\x04"):
        return _in_archive(content, secrets)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        try:
            return holds_any(pieces_of(content), secrets)
        except (WorkbookUnreadable, ValueError):
            pass
    return _in_bytes(content, secrets)


def holds_any(pieces: Iterable[str], secrets: Secrets) -> bool:
    """Whether one of the values stands in texts, alone or within them."""
    alone = {piece.strip() for piece in pieces}
    if alone & secrets.texts or alone & secrets.numbers:
        return True
    together = "\n".join(alone)
    if any(len(text) >= SHORTEST and text in together for text in secrets.texts):
        return True
    long = {number for number in secrets.numbers if sum(map(str.isdigit, number)) >= FEWEST_DIGITS}
    return bool(long) and not long.isdisjoint(_NUMBER.findall(together))


def pieces_of(content: bytes) -> list[str]:
    """Every text and attribute of an XML part, and the texts of each element run together: a word may be split among
    runs of different formats.

    Raises:
        WorkbookUnreadable: not well-formed.
    """
    pieces: list[str] = []
    runs: list[list[str]] = [[]]
    told: list[bool] = []
    parser = new_parser("part")

    def start(name: str, attributes: dict[str, str]) -> None:
        pieces.extend(map(unescape_control, attributes.values()))
        pieces.extend(unquote(value) for value in attributes.values() if "%" in value)  # the address of a link
        told.append(name.rpartition(" ")[2] in _SELF_TOLD)
        runs.append([])

    def end(name: str) -> None:
        text = "".join(runs.pop())
        if told.pop():
            return
        if text.strip():
            pieces.append(unescape_control(text))
            if name.rpartition(" ")[2] in _RUNS:
                runs[-1].append(text)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: runs[-1].append(text)  # noqa: PLW0108 - the last one, whenever it is
    parser.CommentHandler = pieces.append
    parse(parser, content, "part")
    return pieces


def _in_archive(content: bytes, secrets: Secrets) -> bool:
    """A workbook or document that is embedded in the workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(holds(archive.read(name), secrets) for name in archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return True  # nobody can say


def _in_bytes(content: bytes, secrets: Secrets) -> bool:
    words = [text for text in secrets.texts if len(text) >= SHORTEST]
    words += [number for number in secrets.numbers if sum(map(str.isdigit, number)) >= FEWEST_DIGITS]
    return any(
        word.encode(code, "surrogatepass") in content for word in words for code in ("utf-8", "utf-16-le", "utf-16-be")
    )
