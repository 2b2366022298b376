"""Deflate, inflate and CRC-32: by ISA-L where it is installed, which needs a quarter of zlib's time, else by zlib."""

from collections.abc import Iterator
from typing import cast

try:
    from isal import isal_zlib as engine  # type: ignore[import-not-found,import-untyped,unused-ignore]
except ImportError:
    import zlib as engine  # type: ignore[no-redef,unused-ignore]

EngineError = cast("type[Exception]", engine.error)  # the stubs call it a value
RAW = -15
"""Window bits of a deflate stream without header, as zip keeps it (APPNOTE 4.4.5, method 8)."""

LAST_BLOCK = b"\x03\x00"
"""The block without content that ends a stream (RFC 1951, 3.2.3 and 3.2.6)."""

_PIECE, _MOST = 1 << 14, 1 << 22
"""Bytes packed and unpacked of one step of a search: small enough for the cache, bounded for bombs."""


def crc32(content: bytes, before: int = 0) -> int:
    """CRC-32 as a zip directory holds it; `before` is that of the content before this."""
    return int(engine.crc32(content, before)) & 0xFFFFFFFF


def inflate(compressed: bytes | memoryview, size: int) -> bytes | None:
    """What `compressed` holds when that is exactly `size` bytes, else None. Never makes more than one byte more."""
    stream = engine.decompressobj(RAW)
    try:
        content = bytes(stream.decompress(compressed, size + 1))
    except EngineError:
        return None
    return content if stream.eof and len(content) == size else None


def inflated(compressed: memoryview, size: int) -> Iterator[bytes]:
    """What `compressed` holds, piece by piece, until more than `size` bytes have come; ends where it is damaged."""
    stream = engine.decompressobj(RAW)
    made = 0
    for place in range(0, len(compressed), _PIECE):
        left: bytes | memoryview = compressed[place : place + _PIECE]
        while left and made <= size:
            try:
                piece = bytes(stream.decompress(left, _MOST))
            except EngineError:
                return
            made += len(piece)
            yield piece
            left = stream.unconsumed_tail
        if stream.eof:
            return


def deflate(content: bytes) -> bytes:
    """`content` compressed quickly: a cycle waits for it, and the next save of a spreadsheet program packs it anew."""
    stream = engine.compressobj(1, 8, RAW)
    return bytes(stream.compress(content)) + bytes(stream.flush())


def deflate_piece(content: bytes) -> bytes:
    """Blocks for `content` for anywhere in a stream: they refer to nothing before them, and end at a full byte."""
    stream = engine.compressobj(1, 8, RAW)
    return bytes(stream.compress(content)) + bytes(stream.flush(engine.Z_FULL_FLUSH))
