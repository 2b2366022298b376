"""The shared strings of a workbook (ECMA-376 part 1, 18.4): rich runs joined, phonetic runs dropped."""

import re
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
    if not has_declarations(content) and is_utf8(content):
        found = _PLAIN.findall(content)
        if (
            len(found) == content.count(b"<si>") + content.count(b"<si/>") + content.count(b"<si ")
            and b"<sst" in content
        ):
            try:
                return [_rich(rich, part) if rich else unescape_control(decode(plain)) for plain, rich in found]
            except ValueError:
                pass  # the general reader says what is wrong with it
    return _general(content, part)


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
