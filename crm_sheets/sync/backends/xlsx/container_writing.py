"""A new zip container made of an old one, in which members that did not change keep their bytes.

Source of the format: PKWARE APPNOTE.TXT 6.3, sections 4.3 (layout) and 4.5 (extra fields).
"""

import struct
from collections.abc import Callable, Collection, Mapping

from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx.container import CENTRAL, END, FULL, LOCAL, Container, Member
from crm_sheets.sync.backends.xlsx.deflate import crc32, deflate


def new_container(
    source: Container,
    replaced: Mapping[str, bytes],
    added: Mapping[str, bytes],
    removed: Collection[str],
    packed: Callable[[str, bytes], bytes | None] | None = None,
) -> bytes:
    """`source` with some parts replaced, added or left out; all others keep their bytes, header fields included.

    Order of the members and of the directory stay; added parts come last. `packed` gives the deflate stream of a part
    with that content, None where it must be made.

    Raises:
        WriteRefused: the result would need zip64 offsets.
    """
    by_offset = sorted(source.directory.members, key=lambda member: member.offset)
    stops = [member.offset for member in by_offset[1:]] + [source.directory.start]
    view = memoryview(source.data)
    blocks: list[bytes | memoryview] = [view[: by_offset[0].offset]] if by_offset else []
    position = len(blocks[0]) if blocks else 0
    block: bytes | memoryview
    central: dict[int, bytes] = {}
    for member, stop in zip(by_offset, stops, strict=True):
        if member.name in removed:
            continue
        if member.name in replaced:
            content = replaced[member.name]
            stream = packed(member.name, content) if packed is not None and member.method == 8 else None
            block, record = _repacked(source.data, member, content, stream)
        else:
            block, record = view[member.offset : stop], member.central
        central[member.offset] = _moved(record, position)
        blocks.append(block)
        position += len(block)
    records = [central[member.offset] for member in source.directory.members if member.offset in central]
    for name, content in added.items():
        block, record = _packed(name, content)
        records.append(_moved(record, position))
        blocks.append(block)
        position += len(block)
    directory = b"".join(records)
    if position + len(directory) >= FULL or len(records) >= 0xFFFF:
        raise WriteRefused(f"{source.name}: more than 4 GiB or 65,534 parts")
    comment = source.directory.comment
    end = END.pack(b"PK\x05\x06", 0, 0, len(records), len(records), len(directory), position, len(comment))
    return b"".join((*blocks, directory, end, comment))


def _repacked(data: bytes, member: Member, content: bytes, stream: bytes | None) -> tuple[bytes, bytes]:
    """Local block and central record of a member with new content; date, attributes and extra fields stay. `stream` is
    that content packed, None when it is not packed yet."""
    packed = stream or (content if member.method == 0 else deflate(content))
    local = bytearray(data[member.offset : member.offset + LOCAL.size])
    name_length, extra_length = struct.unpack_from("<2H", local, 26)
    name_stop = member.offset + LOCAL.size + name_length
    raw_name = data[member.offset + LOCAL.size : name_stop]
    extra = _without_zip64(data[name_stop : name_stop + extra_length])
    flags = member.flags & ~0x8  # sizes stand in the header now, not in a descriptor after the content
    sizes = (crc32(content), len(packed), len(content))
    struct.pack_into("<H", local, 6, flags)
    struct.pack_into("<3I", local, 14, *sizes)
    struct.pack_into("<H", local, 28, len(extra))
    central = bytearray(member.central[: CENTRAL.size])
    central_name, central_extra = struct.unpack_from("<2H", central, 28)
    rest = member.central[CENTRAL.size :]
    new_extra = _without_zip64(rest[central_name : central_name + central_extra])
    struct.pack_into("<H", central, 8, flags)
    struct.pack_into("<3I", central, 16, *sizes)
    struct.pack_into("<H", central, 30, len(new_extra))
    record = bytes(central) + rest[:central_name] + new_extra + rest[central_name + central_extra :]
    return bytes(local) + raw_name + extra + packed, record


def _packed(name: str, content: bytes) -> tuple[bytes, bytes]:
    """Local block and central record of a new member, dated 1980-01-01, so that equal content is an equal file."""
    raw = name.encode("utf-8")
    packed = deflate(content)
    flags = 0 if raw.isascii() else 0x800
    sizes = (crc32(content), len(packed), len(content))
    local = LOCAL.pack(b"PK\x03\x04", 20, flags, 8, 0, 33, *sizes, len(raw), 0)
    central = CENTRAL.pack(b"PK\x01\x02", 20, 20, flags, 8, 0, 33, *sizes, len(raw), 0, 0, 0, 0, 0, 0)
    return local + raw + packed, central + raw


def _without_zip64(extra: bytes) -> bytes:
    kept = b""
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, place)
        if kind != 1:
            kept += extra[place : place + 4 + length]
        place += 4 + length
    return kept + extra[place:]


def _moved(record: bytes, offset: int) -> bytes:
    """A central record whose content now starts at `offset`."""
    changed = bytearray(record)
    narrow = struct.unpack_from("<3I", record, 20)  # packed, unpacked, and two lengths that are not needed
    (old,) = struct.unpack_from("<I", record, 42)
    if old != FULL:
        struct.pack_into("<I", changed, 42, offset)
        return bytes(changed)
    name_length, extra_length = struct.unpack_from("<2H", record, 28)
    place = CENTRAL.size + name_length
    stop = place + extra_length
    while place + 4 <= stop:
        kind, length = struct.unpack_from("<2H", record, place)
        if kind == 1:
            before = 8 * sum(value == FULL for value in narrow[:2])
            struct.pack_into("<Q", changed, place + 4 + before, offset)
        place += 4 + length
    return bytes(changed)
