"""Changes to the parts of a workbook, and to the listings that go with a part: content types, relationships."""

import re

from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx.markup import escape_attribute
from crm_sheets.sync.backends.xlsx.package import Package, relationships_part
from crm_sheets.sync.backends.xlsx.unpacked import Unpacked

CONTENT_TYPES = "[Content_Types].xml"
_TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


class PartEdit:
    """Parts that are to be replaced, added or removed."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._replaced: dict[str, bytes] = {}
        self._added: dict[str, bytes] = {}
        self._removed: set[str] = set()
        self._last: tuple[str, bytes] = ("", b"")
        """The part that was unpacked last: the next question is mostly about the same large sheet."""

    @property
    def changed(self) -> bool:
        """Whether anything is to be written."""
        return bool(self._replaced or self._added or self._removed)

    @property
    def parts_changed(self) -> tuple[str, ...]:
        """Names of the parts with other content, added or removed."""
        return tuple(sorted({*self._replaced, *self._added, *self._removed}))

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts that the workbook will have."""
        return (*(name for name in self.package.container.members if name not in self._removed), *self._added)

    def read(self, part: str) -> bytes:
        """The content of a part as it will be written."""
        if part in self._added:
            return self._added[part]
        return self._replaced[part] if part in self._replaced else self._as_it_was(part)

    def remember(self, unpacked: Unpacked) -> None:
        """Takes what a part of the workbook held when it was unpacked before, if it is still the same."""
        kept = unpacked.take()
        if kept is not None:
            before, content = kept
            now = self.package.container.members.get(before.name)
            if now is not None and (now.crc, now.size) == (before.crc, before.size):
                self._last = before.name, content

    def let_go(self) -> None:
        """Forgets the content of parts that can be unpacked again: it may be as large as all else together."""
        self._last = ("", b"")

    def _as_it_was(self, part: str) -> bytes:
        if self._last[0] != part:
            self._last = part, self.package.read(part)
        return self._last[1]

    def is_as_before(self, part: str) -> bool:
        """Whether a part of the workbook keeps its content."""
        return part not in self._replaced and part not in self._removed

    def has(self, part: str) -> bool:
        """Whether the workbook will have that part."""
        return part in self._added or (part in self.package.container and part not in self._removed)

    def replace_part(self, part: str, content: bytes) -> None:
        """Give a part other content; the same content is no change."""
        if part in self._added:
            self._added[part] = content
        elif content == self._as_it_was(part):
            self._replaced.pop(part, None)
        else:
            self._replaced[part] = content

    def add_part(self, part: str, content: bytes, content_type: str | None = None) -> None:
        """Add a part; `content_type` names its type where its extension does not.

        Raises:
            WriteRefused: there is a part of that name.
        """
        if self.has(part) or self.package.part(part) not in (None, *self._removed):
            raise WriteRefused(f"{self.package.name}: there is a part {part} already")
        self._added[part] = content
        if content_type is not None:
            element = f'<Override PartName="/{part}" ContentType="{content_type}"/>'.encode()
            self.replace_part(CONTENT_TYPES, with_child(self.read(CONTENT_TYPES), b"Types", element))

    def remove_part(self, part: str, source: str) -> None:
        """Take a part out, with its content type and with the relationship that `source` has to it."""
        self._replaced.pop(part, None)
        self._removed.add(part)
        types = re.sub(
            rb"""<(?:[\w.-]+:)?Override\b[^>]*?PartName\s*=\s*["']/""" + re.escape(part.encode()) + rb"""["'][^>]*/>""",
            b"",
            self.read(CONTENT_TYPES),
            flags=re.IGNORECASE,
        )
        self.replace_part(CONTENT_TYPES, types)
        for item in self.package.relationships_of(source):
            if self.package.part(item.target) == part:
                self.remove_relationship(source, item.id)

    def remove_relationship(self, source: str, id_: str) -> None:
        """Take one relationship of a part out."""
        listing = self.package.part(relationships_part(source)) or relationships_part(source)
        element = re.compile(
            rb"""<(?:[\w.-]+:)?Relationship\b[^>]*?\sId\s*=\s*["']""" + re.escape(id_.encode()) + rb"""["'][^>]*/>"""
        )
        self.replace_part(listing, element.sub(b"", self.read(listing)))

    def drop_part(self, part: str) -> None:
        """Take a part out that has no type of its own: the listing of relationships of a part that is gone."""
        self._replaced.pop(part, None)
        self._removed.add(part)

    def add_relationship(self, source: str, kind: str, target: str, *, external: bool = False) -> str:
        """Relate a part (or, for the empty name, the package) to a target; returns the id of the relationship.

        Args:
            source: name of the part.
            kind: URI of the type, or its last word for the transitional one.
            target: as it is to stand there: relative to the source's folder, or `/` and a part name.
            external: the target is outside of the workbook.
        """
        listing = self.package.part(relationships_part(source)) or relationships_part(source)
        if not self.has(listing):
            head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
            space = b"http://schemas.openxmlformats.org/package/2006/relationships"
            self.add_part(listing, head + b'<Relationships xmlns="' + space + b'"></Relationships>')
        content = self.read(listing)
        used = set(re.findall(rb"""\sId\s*=\s*["']([^"']*)["']""", content))
        number = next(number for number in range(1, len(used) + 2) if b"rId%d" % number not in used)
        uri = kind if "/" in kind else _TRANSITIONAL + kind
        element = b'<Relationship Id="rId%d" Type="%s" Target="%s"%s/>' % (
            number,
            escape_attribute(uri),
            escape_attribute(target),
            b' TargetMode="External"' if external else b"",
        )
        self.replace_part(listing, with_child(content, b"Relationships", element))
        return f"rId{number}"


def with_child(content: bytes, root: bytes, element: bytes) -> bytes:
    """A small part with one more child at the end of its root, in the prefix of the root.

    Raises:
        WriteRefused: the root cannot be found.
    """
    close = re.search(rb"</((?:[\w.-]+:)?)" + root + rb"\s*>\s*$", content)
    if close is not None:
        prefixed = element.replace(b"<", b"<" + close[1], 1)
        return content[: close.start()] + prefixed + content[close.start() :]
    empty = re.search(rb"<((?:[\w.-]+:)?)" + root + rb"\b([^<>]*)/>\s*$", content)
    if empty is None:
        raise WriteRefused(f"{root.decode()}: the end of the part is marked up in an unknown way")
    prefixed = element.replace(b"<", b"<" + empty[1], 1)
    opening = b"<" + empty[1] + root + empty[2].rstrip() + b">"
    return content[: empty.start()] + opening + prefixed + b"</" + empty[1] + root + b">"
