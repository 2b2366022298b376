"""Names under which cloud drives put away a second version of a workbook that two people saved at the same time.

A name is only a reason to look: whether a file is a version of our workbook is said by the stamp inside it.
"""

import re
import unicodedata
from dataclasses import dataclass

from crm_sheets.cells import text_key


@dataclass(frozen=True, slots=True)
class ConflictName:
    """What a name tells.

    Attributes:
        drive: the program that gives such names, `any` where several do.
        who: the person or computer that the name tells of, as it stands there; "" when it tells of none.
    """

    drive: str
    who: str = ""


_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (drive, re.compile(pattern, re.IGNORECASE))
    for drive, pattern in (
        # help.dropbox.com, "conflicted copy": `name (Ann's conflicted copy 2026-11-22).xlsx`
        ("dropbox", r" ?\((?P<who>[^()]+?)['’`]s? conflicted copy[^()]*\)"),
        # doc.owncloud.com/desktop, docs.opencloud.eu, Nextcloud 3: `name (conflicted copy 2025-04-10 093612).xlsx`;
        # kb.intermedia.net/article/20822: `name (Conflicted copy 2015-10-01 for jsmith).xlsx`
        ("nextcloud", r" ?\(conflicted copy(?:[^()]* for (?P<who>[^()]+)|[^()]*)\)"),
        # The same in Chinese, as Dropbox, Nutstore (坚果云) and others write it, in brackets or without
        ("any", r" ?\((?P<who>[^()]*?) ?的?(?:冲突副本|冲突的副本|衝突複本|衝突副本|冲突文件|冲突版本)[^()]*\)"),
        ("any", r" ?(?P<who>[^() ]*?) ?的?(?:冲突副本|冲突的副本|衝突複本|衝突副本|冲突文件|冲突版本)[^()]*"),
        # manual.seafile.com, "file conflicts": `name (SFConflict ann@example.com 2026-11-22-09-30-00).xlsx`
        ("seafile", r" ?\(SFConflict (?P<who>[^()]+?) [\d-]+\)"),
        # docs.syncthing.net/users/syncing, "conflicting changes": `name.sync-conflict-20261122-093000-ABCDEF7.xlsx`
        ("syncthing", r"\.sync-conflict-\d{8}-\d{6}(?:-(?P<who>\w{7}))?"),
        # ownCloud and Nextcloud before 2.5: `name_conflict-20261122-093000.xlsx`
        ("nextcloud", r"[_-]conflict[_-]\d[\d-]*"),
        # kb.synology.com, "file conflict on Synology Drive": `name_Andy-PC_Jan-03-0901-2013_CaseConflict_1.xlsx`
        ("synology", r"_(?P<who>.+)_[A-Z][a-z]{2}-\d{2}-\d{4,6}-\d{4}_\w*Conflict(?:_\d+)?"),
        # getfilecloud.com, "Managing sync conflicts": `name(Conflict_ann (Web browser)_2020-03-25-22-50-36).xlsx`
        ("filecloud", r" ?\(Conflict_(?P<who>.+?)_\d{4}(?:-\d{2}){5}\)"),
        # docs.pcloud.com: `name [conflicted].xlsx`
        ("pcloud", r" ?\[conflicted[^\[\]]*\]"),
        # WPS (金山) synchronised folders: a version of the same name goes up as `name-副本.xlsx`. With spaces,
        # `name - 副本.xlsx`, Explorer names a copy that somebody wanted: it is not in this table.
        ("wps", r"-副本(?:\(?\d{1,3}\)?)?"),
        # Google Drive, Baidu, browsers, mail programs: `name (1).xlsx`
        ("any", r" ?\(\d{1,3}\)"),
        # iCloud Drive: `name 2.xlsx`
        ("icloud", r" \d{1,2}"),
        # Ours: a save that slipped in while the workbook was being replaced (backends/xlsx/replace.py)
        ("crm-sheets", r"\.displaced-\d+"),
    )
)

_COMPUTER = re.compile(
    r"-(?P<who>[A-Z0-9][A-Z0-9-]{1,14}|[^-()\\/]*(?:PC|电脑|筆電|笔记本|MacBook|iMac)[^()\\/]*?)(?:-\d{1,2})?"
)
"""support.microsoft.com, OneDrive, "keep both files": the computer's name is added, `name-DESKTOP-ABC123.xlsx`. A
Windows computer has up to 15 characters, shown in capitals."""

_NO_COMPUTER = re.compile(r"[\d-]+|V\d+|OLD|BAK|BACKUP|COPY|NEW|FINAL|DRAFT|TEST|TMP|TEMP", re.IGNORECASE)
"""What people themselves put behind a name: a date, a version, a word."""


def conflict_name(name: str, original: str) -> ConflictName | None:
    """What a file name tells beside the workbook's own; None when it is not that of a version of it.

    Both are names with extension and without folder. They are compared as file systems do: macOS takes characters
    apart, Windows does not mind case.
    """
    stem, dot, extension = _plain(original).rpartition(".")
    theirs, their_dot, their_extension = _plain(name).rpartition(".")
    if not (dot and their_dot) or text_key(extension) != text_key(their_extension):
        return None
    if len(theirs) <= len(stem) or theirs[: len(stem)].casefold() != stem.casefold():
        return None
    return _meaning(theirs[len(stem) :])


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name)


def _meaning(rest: str) -> ConflictName | None:
    """What stands between the name and the extension: one or more additions, for a version of a version has two."""
    for drive, pattern in _PATTERNS:
        found = pattern.match(rest)
        if found is not None and (found.end() == len(rest) or _meaning(rest[found.end() :]) is not None):
            return ConflictName(drive, (found.groupdict().get("who") or "").strip())
    computer = _COMPUTER.fullmatch(rest)
    if computer is None or _NO_COMPUTER.fullmatch(computer["who"]):
        return None
    return ConflictName("onedrive", computer["who"])
