"""Between reading a workbook and writing it: a large part that need not be unpacked twice."""

from crm_sheets.sync.backends.xlsx.container import Member


class Unpacked:
    """The content of the largest part that was read last: it is mostly written next, and need not be unpacked again."""

    def __init__(self) -> None:
        self._kept: tuple[Member, bytes] | None = None

    def keep(self, member: Member, content: bytes) -> None:
        """Keeps the content of a part, if none that is larger is kept."""
        if self._kept is None or len(self._kept[1]) <= len(content):
            self._kept = member, content

    def take(self) -> tuple[Member, bytes] | None:
        """What is kept, once."""
        kept, self._kept = self._kept, None
        return kept
