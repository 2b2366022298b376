"""Whether the files are there that staff name in 附件."""

import re
from pathlib import Path, PurePosixPath, PureWindowsPath

from crm_sheets.config import Settings
from crm_sheets.rules.files import FileFacts

_LINK = re.compile(r"[a-z][a-z0-9+.-]+:(//|[^\\/])", re.I)


def file_facts(settings: Settings) -> FileFacts:
    """What the rules are told: paths below the folder of attachments are looked up, nothing else is ever touched."""
    wish = settings.attachments
    if not wish.check:
        return FileFacts()
    path = settings.workbook.path
    folder = wish.folder or (path.parent if path is not None else None)
    if folder is None:  # a spreadsheet lies in no folder
        return FileFacts()
    return FileFacts(lambda typed: is_missing(typed, folder), wish.recheck)


def is_missing(typed: str, folder: Path) -> bool:
    """Whether a path names a file below `folder` that is not there.

    A link is not followed. A path to somewhere else (a drive of a colleague's machine, another share) may be right
    there: nothing is said of it, and no server that somebody names in a cell is ever asked.
    """
    text = typed.strip()
    if not text or _LINK.match(text):
        return False
    if PureWindowsPath(text).drive or PurePosixPath(text).is_absolute() or text.startswith("\\"):
        return False
    parts = PurePosixPath(text.replace("\\", "/")).parts
    if ".." in parts:
        return False
    try:
        return not folder.joinpath(*parts).exists()
    except (OSError, ValueError):  # a name that no file can have
        return True
