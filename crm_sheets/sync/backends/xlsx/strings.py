"""The shared strings of a workbook (ECMA-376 part 1, 18.4): rich runs joined, phonetic runs dropped."""

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import overload
from xml.parsers import expat

from crm_sheets.sync.backends.xlsx.markup import (
    MAIN,
    decode,
    has_declarations,
    is_utf8,
    new_parser,
    parse,
    unescape_control,
)

_PLAIN = re.compile(
    rb"<si>\s*(?:<t(?: xml:space=[\"']preserve[\"'])?>([^<]*)</t>|<t\s*/>)\s*"
    rb"(?:<phoneticPr(?: [^<>]*)?/>\s*)?</si>|(<si>.*?</si>|<si\s*/>)",
    re.DOTALL,
)


def shared_strings(content: bytes, part: str) -> list[str]:
    """All shared strings in their order.

    Raises:
        WorkbookUnreadable: not well-formed, or it has a DOCTYPE.
    """
    found = _items(content)
    if found is not None:
        try:
            if not any(mark in content for mark in (b"&", b"\r", b"_x")):
                return [_rich(rich, part) if rich else plain.decode() for plain, rich in found]
            return [_text(item, part) for item in found]
        except ValueError:
            pass  # the general reader says what is wrong with it
    return _general(content, part)


class LazyStrings(Sequence[str]):
    """The shared strings, each decoded when it is asked for: a patch needs one or two of a hundred thousand."""

    def __init__(self, read: Callable[[], bytes], part: str) -> None:
        self._read = read
        self._part = part

    @cached_property
    def _found(self) -> Sequence[str | bytes]:
        """Each string, as it is or as the piece of markup that ends with its element (without the end tag)."""
        content = self._read()
        if not has_declarations(content) and is_utf8(content) and b"<sst" in content:
            pieces = content.split(b"</si>")[:-1]
            if len(pieces) == content.count(b"<si>") == content.count(b"<si"):
                return pieces
        return shared_strings(content, self._part)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        item = self._found[index]
        if isinstance(item, str):
            return item
        element = item[item.rindex(b"<si>") :] + b"</si>"
        plain = _PLAIN.fullmatch(element)
        return _text((plain[1] or b"", plain[2] or b""), self._part) if plain else _rich(element, self._part)

    def __len__(self) -> int:
        return len(self._found)


def _items(content: bytes) -> list[tuple[bytes, bytes]] | None:
    """Each string as (its plain text, else its whole element), as bytes; None where the markup is unusual."""
    if has_declarations(content) or not is_utf8(content) or b"<sst" not in content:
        return None
    found = _PLAIN.findall(content)
    return found if len(found) == sum(content.count(mark) for mark in (b"<si>", b"<si/>", b"<si ")) else None


def _text(item: tuple[bytes, bytes], part: str) -> str:
    plain, rich = item
    return _rich(rich, part) if rich else unescape_control(decode(plain))


def _rich(item: bytes, part: str) -> str:
    opening = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return _general(opening + item + b"</sst>", part)[0]


def _general(content: bytes, part: str) -> list[str]:
    collector = _StringCollector(new_parser(part))
    parse(collector.parser, content, part)
    return collector.strings


class _StringCollector:
    """Collects the text of each `si`."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._in_text = False
        self._phonetic = 0
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace not in MAIN:
            return
        if local == "si":
            self._pieces = []
        elif local == "rPh":
            self._phonetic += 1
        elif local == "t":
            self._in_text = not self._phonetic

    def _end(self, name: str) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace not in MAIN:
            return
        if local == "si":
            self.strings.append(unescape_control("".join(self._pieces)))
        elif local == "rPh":
            self._phonetic -= 1
        elif local == "t":
            self._in_text = False

    def _characters(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)
