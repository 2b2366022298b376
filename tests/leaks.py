"""Canaries: a text of its own in every cell of a book, and a search for them in every byte of whatever was made of it.

    canaries = Canaries()
    values = canaries.planted(tab, "C-1", {"name": "华为"})    # the given values, and canaries in all other text cells
    ...                                                        # run everything
    leaked = canaries.found(folder) - canaries.of(lambda tab, row, column: may_read(tab, row, column))

A search opens what it finds: archives in archives, mails, base64, quoted-printable and URL escapes, entities of XML,
UTF-16 in both orders, the names of files and of members, gzip and zlib streams, and what a PDF shows (by pdftotext of
Poppler, where that is installed).
"""

import base64
import binascii
import gzip
import html
import io
import quopri
import re
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from crm_sheets.changes import Value
from crm_sheets.schema.base import Column, Kind, Tab
from crm_sheets.tables import ColumnKey, RowKey, TabKey

ALPHABET = "bcdfghjkmnpqrstvwxz2345679"
"""No vowels, so that no word is made by chance; nothing that a codec or a comparison writes otherwise."""

TOKEN = re.compile(rb"kx[bcdfghjkmnpqrstvwxz2345679]{10}", re.IGNORECASE)
DEEPEST = 8
"""Containers in containers that are opened."""

MOST_BYTES = 64 * 2**20
"""Of one decompressed stream."""

BASE64 = re.compile(rb"[A-Za-z0-9+/]{16}[A-Za-z0-9+/\r\n]*={0,2}")
ESCAPED = re.compile(rb"%[0-9A-Fa-f]{2}")
HEADER = re.compile(rb"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")


class Cell(NamedTuple):
    """Where a canary was planted."""

    tab: TabKey
    row: RowKey
    column: ColumnKey


def token_of(cell: Cell) -> str:
    """The canary of a cell: twelve letters and digits, the same each time."""
    number = int.from_bytes(blake2b("|".join(cell).encode(), digest_size=12).digest(), "big")
    letters = []
    for _ in range(10):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "kx" + "".join(letters)


@dataclass
class Canaries:
    """What was planted where."""

    cells: dict[str, Cell] = field(default_factory=dict)

    def planted(
        self, tab: Tab, row: str, given: Mapping[str, Value], columns: Iterable[str] | None = None
    ) -> dict[ColumnKey, Value]:
        """The values of a row: those that are given, and a canary in each other text-like cell that staff fill in.

        Args:
            columns: those to plant in; all of them when None.
        """
        values: dict[ColumnKey, Value] = {ColumnKey(column): value for column, value in given.items()}
        for column in tab.staff_columns():
            if column.key in values or (columns is not None and column.key not in columns):
                continue
            if (value := self._value(Cell(tab.key, RowKey(row), column.key), column)) is not None:
                values[column.key] = value
        return values

    def planted_in(self, cell: Cell, text: str = "{}") -> str:
        """A text with the canary of a cell in it, for whatever is no cell of a row."""
        token = token_of(cell)
        self.cells[token] = cell
        return text.format(token)

    def _value(self, cell: Cell, column: Column) -> Value:
        match column.kind:
            case Kind.TEXT | Kind.LONG_TEXT | Kind.CHOICE:
                return self.planted_in(cell)
            case Kind.TAGS:
                return (self.planted_in(cell, "秘密-{}"),)
            case Kind.LINKS:
                return (self.planted_in(cell, "https://example.com/{}"),)
            case Kind.EMAIL:
                return self.planted_in(cell, "{}@example.com")
            case _:
                return None

    def of(self, chosen: Callable[[TabKey, RowKey, ColumnKey], bool]) -> set[Cell]:
        """The cells that somebody may read, for instance."""
        return {cell for cell in self.cells.values() if chosen(*cell)}

    def found(self, *sources: Path | bytes | str) -> set[Cell]:
        """The cells whose canaries are in files, folders or bytes."""
        return {self.cells[token] for source in sources for token in found_tokens(source) if token in self.cells}


def found_tokens(source: Path | bytes | str) -> set[str]:
    """Everything that looks like a canary in a file, a folder with all below it, bytes or a text."""
    if isinstance(source, str):
        return found_tokens(source.encode())
    if isinstance(source, bytes):
        return {token for layer in _layers(source, DEEPEST) for token in _plain(layer)}
    found: set[str] = set()
    for path in [source, *(sorted(source.rglob("*")) if source.is_dir() else ())]:
        found |= set(_plain(path.name.encode()))
        if path.is_file():
            found |= found_tokens(path.read_bytes())
    return found


def holding(folder: Path, *texts: str) -> set[str]:
    """The files below a folder in which any of the texts stands, in whatever way they are to be read."""
    wanted = [text.encode() for text in texts]
    return {
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for layer in _layers(path.read_bytes(), DEEPEST)
        if any(each in layer for each in wanted)
    }


def _plain(data: bytes) -> Iterator[str]:
    yield from (token.decode().lower() for token in TOKEN.findall(data))


def _layers(data: bytes, deep: int) -> Iterator[bytes]:
    """The bytes, and whatever they are when they are read in another way."""
    yield data
    if b"\x00" in data:
        yield data.replace(b"\x00", b"")  # UTF-16 in whatever order, of letters that are ASCII
    if deep > 0:
        for inner in (*_archived(data), *_decoded(data)):
            yield from _layers(inner, deep - 1)


def _archived(data: bytes) -> Iterator[bytes]:
    if b"PK\x03\x04" in data and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive.comment
            for member in archive.infolist():
                yield member.filename.encode() + member.comment + member.extra
                yield archive.read(member)
    if data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data)
    if data.startswith(b"%PDF") and shutil.which("pdftotext"):
        with TemporaryDirectory() as folder:
            paper = Path(folder) / "paper.pdf"
            paper.write_bytes(data)
            # What was changed on the way to other layers may be a PDF no more.
            shown = subprocess.run(["pdftotext", "-raw", paper, "-"], capture_output=True, check=False).stdout
        yield shown
        yield b"".join(shown.split())  # a word may go over two lines
    if data[:1] == b"\x78":
        stream = zlib.decompressobj()
        try:
            yield stream.decompress(data, MOST_BYTES)
        except zlib.error:
            return


def _decoded(data: bytes) -> Iterator[bytes]:
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"\x89PNG")):
        return  # what is in them is taken out of them
    if b"&" in data and (text := html.unescape(data.decode("utf-8", "replace")).encode()) != data:
        yield text
    if ESCAPED.search(data):
        yield unquote_to_bytes(data)
    if b"=" in data and (text := quopri.decodestring(data)) != data:
        yield text
    for header in HEADER.findall(data):
        yield str(make_header(decode_header(header.decode("ascii", "replace")))).encode()
    if b"MIME-Version" in data:
        yield from _parts(data)
    for piece in BASE64.findall(data):
        yield from _unpacked(piece)


def _parts(data: bytes) -> Iterator[bytes]:
    message = message_from_bytes(data, policy=policy.default)
    yield "\n".join(f"{name}: {value}" for name, value in message.items()).encode("utf-8", "replace")
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content != data:
            yield content


def _unpacked(piece: bytes) -> Iterator[bytes]:
    joined = piece.replace(b"\r", b"").replace(b"\n", b"").rstrip(b"=")
    for start in range(4) if len(joined) < 200 else (0,):  # a run of letters before it may shift a short one
        text = joined[start:]
        try:
            yield base64.b64decode(text + b"=" * (-len(text) % 4))
        except binascii.Error:
            continue
