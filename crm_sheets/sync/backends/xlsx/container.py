"""The zip container of a workbook: opened with bounds.

Source of the format: PKWARE APPNOTE.TXT 6.3, sections 4.3 (layout) and 4.5 (extra fields).
"""

import contextlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.sync.backends.xlsx.deflate import crc32, inflate, inflated
from crm_sheets.sync.backends.xlsx.padlock import OLE, digest_of_locked, is_locked
from crm_sheets.tables import Fingerprint

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_TAIL = 65_535 + END.size
FULL = 0xFFFFFFFF
_SWOLLEN = "no spreadsheet program packs like that: take the last backup"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may claim before it is called a bomb.

    Attributes:
        members: parts in the container.
        part: bytes of one part, unpacked. A sheet of 1,048,576 rows by 20 columns needs about 1 GiB.
        total: bytes of all parts, unpacked.
        ratio: unpacked to packed; asked only of parts of more than 32 MiB, for real sheets reach 60.
    """

    members: int = 20_000
    part: int = 2 << 30
    total: int = 3 << 30
    ratio: int = 400


STAFF = Limits()
"""For the team's own workbook."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the zip directory; `central` is its record as it stands there."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    central: bytes


@dataclass(frozen=True, slots=True)
class Directory:
    """The zip directory: members in its order, where it starts, and the comment of the archive."""

    members: tuple[Member, ...]
    start: int
    comment: bytes

    @property
    def digest(self) -> str:
        """Equal for equal content: of name, CRC and size of each part."""
        state = blake2b(digest_size=16)
        for member in self.members:
            state.update(f"{member.name}\0{member.crc:08x}\0{member.size}\n".encode("utf-8", "surrogatepass"))
        return state.hexdigest()


class Container:
    """A zip file held in memory, so that what is written was made from one and the same reading.

    Attributes:
        digest: of the file that it was read from: of its content, or of an encrypted file as it lies there.
    """

    def __init__(self, name: str, data: bytes, limits: Limits = STAFF, *, locked: str = "") -> None:
        """Reads the zip directory of `data`; `locked` is the digest of the encrypted file that it came out of."""
        self.name = name
        self.data = data
        self.directory = _directory(name, data, 0, len(data))
        self.digest = locked or self.directory.digest
        self.members = {member.name: member for member in self.directory.members}
        _check_bounds(name, self.directory, len(data), limits)

    def __contains__(self, part: str) -> bool:
        return part in self.members

    def read(self, part: str) -> bytes:
        """The content of a part.

        Raises:
            WorkbookUnreadable: it cannot be unpacked, or its CRC is not that of the directory.
        """
        member = self.members[part]
        packed = self._packed(member)
        content: bytes | None
        if member.method == 0:
            content = bytes(packed)
        elif member.method == 8:
            content = inflate(packed, member.size)
        else:
            raise WorkbookUnreadable(f"{self.name}: {part} is packed by method {member.method}", "not-a-zip")
        if content is None or len(content) != member.size or crc32(content) != member.crc:
            raise WorkbookUnreadable(f"{self.name}: {part} is damaged; take the last backup", "bad-crc")
        return content

    def chunks(self, part: str) -> Iterator[bytes]:
        """The content of a part in pieces that fit the processor's cache, for a search that keeps nothing.

        Raises:
            WorkbookUnreadable: as `read`, at the latest after the last piece.
        """
        member = self.members[part]
        size = crc = 0
        for chunk in inflated(self._packed(member), member.size) if member.method == 8 else ():
            size, crc = size + len(chunk), crc32(chunk, crc)
            yield chunk
        if size != member.size or crc != member.crc:
            yield self.read(part)  # which knows what is wrong

    def _packed(self, member: Member) -> memoryview:
        if member.flags & 1:
            raise WorkbookUnreadable(
                f"{self.name}: {member.name} is encrypted; save it without a password", "encrypted"
            )
        start = _content_start(self.name, self.data, member)
        return memoryview(self.data)[start : start + member.packed]


@contextlib.contextmanager
def opening(path: Path) -> Iterator[None]:
    """What the file system says of a file that cannot be read, as an error about the workbook."""
    try:
        yield
    except FileNotFoundError as error:
        raise WorkbookUnreadable(f"{path}: there is no such file; check the path", "missing") from error
    except PermissionError as error:
        message = f"{path}: it may not be read; check its permissions, and whether a program keeps it for itself"
        raise WorkbookUnreadable(message, "permission") from error
    except OSError as error:
        raise WorkbookUnreadable(f"{path}: {error.strerror or error}; check the path", "input-output") from error


def open_container(path: Path, limits: Limits = STAFF) -> Container:
    """Open the zip file at `path`.

    Raises:
        WorkbookUnreadable: not a zip, truncated, encrypted, an old .xls, or beyond `limits`.
    """
    with opening(path):
        data = path.read_bytes()
    return Container(str(path), data, limits)


def fingerprint(path: Path) -> Fingerprint:
    """What tells that the file is still the one that was read; reads the zip directory only, of an encrypted file all.

    Raises:
        WorkbookUnreadable: it has no zip directory.
    """
    with opening(path), path.open("rb") as readable:
        status = os.fstat(readable.fileno())
        head = readable.read(len(OLE))
        if head == OLE and is_locked(data := head + readable.read()):
            return Fingerprint(status.st_size, status.st_mtime_ns, status.st_ino, digest_of_locked(data))
        readable.seek(max(0, status.st_size - _TAIL))
        tail = readable.read()
        base = status.st_size - len(tail)
        end = _find_end(str(path), tail, status.st_size)
        start = _bounds_of(tail, end, base)[0]
        if start < base:
            readable.seek(max(0, start))
            tail = readable.read()
            base = max(0, start)
    directory = _directory(str(path), tail, base, status.st_size)
    return Fingerprint(status.st_size, status.st_mtime_ns, status.st_ino, directory.digest)


def _find_end(name: str, tail: bytes, size: int) -> int:
    end = tail.rfind(b"PK\x05\x06")
    while end >= 0:
        if end + END.size <= len(tail):
            return end
        end = tail.rfind(b"PK\x05\x06", 0, end)
    raise _not_a_zip(name, tail, size)


def _not_a_zip(name: str, data: bytes, size: int) -> WorkbookUnreadable:
    if size == 0:
        return WorkbookUnreadable(f"{name}: the file is empty; take the last backup", "truncated")
    head = data if len(data) == size else Path(name).read_bytes()
    if head.startswith(OLE):
        if is_locked(head):
            return WorkbookUnreadable(f"{name}: it has a password; save it without one", "encrypted")
        return WorkbookUnreadable(f"{name}: an old .xls file; save it as .xlsx", "legacy-xls")
    if head.startswith(b"PK"):
        return WorkbookUnreadable(f"{name}: the end of the file is missing; copy it again", "truncated")
    return WorkbookUnreadable(
        f"{name}: not an .xlsx file; open it in a spreadsheet program and save it as .xlsx, or take the last backup",
        "not-a-zip",
    )


def _bounds_of(data: bytes, end: int, base: int) -> tuple[int, int, int]:
    """Start of the directory in the file, shift of all offsets, number of members."""
    _, _, _, _, count, size, start, _ = END.unpack_from(data, end)
    stop = end
    locator = end - 20
    if locator >= 0 and data[locator : locator + 4] == b"PK\x06\x07":
        place = data.rfind(b"PK\x06\x06", 0, locator)
        if place >= 0 and place + _END64.size <= len(data):
            count, size, start = _END64.unpack_from(data, place)[7:10]
            stop = place
    begin = base + stop - size
    return begin, begin - start, count


def _directory(name: str, data: bytes, base: int, size: int) -> Directory:
    end = _find_end(name, data, size)
    comment = data[end + END.size :]
    begin, shift, count = _bounds_of(data, end, base)
    place = begin - base
    if place < 0 or shift < 0:
        raise WorkbookUnreadable(f"{name}: parts of the file are missing; copy it again", "truncated")
    members = []
    for _ in range(count):
        if data[place : place + 4] != b"PK\x01\x02" or place + CENTRAL.size > len(data):
            raise WorkbookUnreadable(f"{name}: the zip directory is damaged", "truncated")
        member, place = _member(data, place, shift)
        members.append(member)
    return Directory(tuple(members), begin, comment)


def _member(data: bytes, place: int, shift: int) -> tuple[Member, int]:
    fields = CENTRAL.unpack_from(data, place)
    flags, method, crc, packed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
    name_length, extra_length, comment_length, offset = fields[10], fields[11], fields[12], fields[16]
    after_name = place + CENTRAL.size + name_length
    stop = after_name + extra_length + comment_length
    raw_name = data[place + CENTRAL.size : after_name]
    wide = _wide_sizes(data[after_name : after_name + extra_length], (size, packed, offset))
    name = raw_name.decode("utf-8", "surrogateescape") if flags & 0x800 else _decode_name(raw_name)
    member = Member(name.replace("\\", "/"), flags, method, crc, wide[1], wide[0], wide[2] + shift, data[place:stop])
    return member, stop


def _decode_name(raw: bytes) -> str:
    """Some programs write UTF-8 names and do not say so; what is not UTF-8 is code page 437 (APPNOTE appendix D)."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp437")


def _wide_sizes(extra: bytes, narrow: tuple[int, int, int]) -> tuple[int, int, int]:
    """Unpacked size, packed size and offset; those that are all ones stand in the zip64 field (APPNOTE 4.5.3)."""
    wide = list(narrow)
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, place)
        if kind == 1:
            values = list(struct.unpack_from(f"<{length // 8}Q", extra, place + 4))
            for index, value in enumerate(narrow):
                if value == FULL and values:
                    wide[index] = values.pop(0)
        place += 4 + length
    return wide[0], wide[1], wide[2]


def _check_bounds(name: str, directory: Directory, length: int, limits: Limits) -> None:
    if len(directory.members) > limits.members:
        raise WorkbookUnreadable(f"{name}: {len(directory.members)} parts are too many; {_SWOLLEN}", "too-many-members")
    total = packed = 0
    for member in directory.members:
        total += member.size
        packed += member.packed
        swollen = member.size > 32 << 20 and member.size > limits.ratio * member.packed
        if member.size > limits.part or swollen:
            raise WorkbookUnreadable(f"{name}: {member.name} unpacks to {member.size:,} bytes; {_SWOLLEN}", "zip-bomb")
        if member.flags & 1:
            raise WorkbookUnreadable(f"{name}: it has a password; save it without one", "encrypted")
    if total > limits.total or packed > length:
        raise WorkbookUnreadable(f"{name}: it unpacks to {total:,} bytes; {_SWOLLEN}", "zip-bomb")


def _content_start(name: str, data: bytes, member: Member) -> int:
    header = data[member.offset : member.offset + LOCAL.size]
    if len(header) < LOCAL.size or header[:4] != b"PK\x03\x04":
        raise WorkbookUnreadable(f"{name}: {member.name} is not where the directory says", "truncated")
    name_length, extra_length = struct.unpack_from("<2H", header, 26)
    return member.offset + LOCAL.size + int(name_length) + int(extra_length)
