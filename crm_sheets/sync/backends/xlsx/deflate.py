"""Deflate, inflate and CRC-32: by ISA-L where it is installed, which needs a quarter of zlib's time, else by zlib."""

try:
    from isal import isal_zlib as engine  # type: ignore[import-not-found,import-untyped,unused-ignore]
except ImportError:
    import zlib as engine  # type: ignore[no-redef,unused-ignore]

RAW = -15
"""Window bits of a deflate stream without header, as zip keeps it (APPNOTE 4.4.5, method 8)."""


def crc32(content: bytes) -> int:
    """CRC-32 as a zip directory holds it."""
    return int(engine.crc32(content)) & 0xFFFFFFFF


def inflate(compressed: bytes | memoryview, size: int) -> bytes | None:
    """What `compressed` holds when that is exactly `size` bytes, else None. Never makes more than one byte more."""
    stream = engine.decompressobj(RAW)
    try:
        content = bytes(stream.decompress(compressed, size + 1))
    except engine.error:
        return None
    return content if stream.eof and len(content) == size else None


def deflate(content: bytes) -> bytes:
    """`content` compressed quickly: a cycle waits for it, and the next save of a spreadsheet program packs it anew."""
    stream = engine.compressobj(1, 8, RAW)
    return bytes(stream.compress(content)) + bytes(stream.flush())
