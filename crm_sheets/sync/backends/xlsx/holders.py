"""Who has a workbook open: the lock files that spreadsheet programs leave beside it."""

import os
from pathlib import Path


def holder(path: Path) -> str | None:
    """Name of whoever has the workbook open, `?` when the lock file does not tell; None when nobody has.

    Excel and WPS leave `~$name.xlsx`: length of the name, the name in an 8-bit code page, and from byte 54 its
    length and the name again in UTF-16. LibreOffice leaves `.~lock.name.xlsx#`: user, host, … separated by commas.
    """
    office = path.with_name(f"~${path.name}")
    libre = path.with_name(f".~lock.{path.name}#")
    for lock, read in ((office, _office_user), (libre, _libre_user)):
        try:
            content = lock.read_bytes()
        except FileNotFoundError:
            continue
        except OSError:  # Excel denies reading on Windows: that it is there is what matters
            return "?"
        return read(content) or "?"
    return None


def _office_user(content: bytes) -> str:
    if len(content) > 55:
        length = content[54]
        name = content[56 : 56 + 2 * length].decode("utf-16-le", "replace").strip("\0 ")
        if name:
            return name
    if content:
        return content[1 : 1 + content[0]].decode("utf-8", "replace").strip("\0 ")
    return ""


def _libre_user(content: bytes) -> str:
    fields = content.decode("utf-8", "replace").strip(";\n").split(",")
    return next((field.strip() for field in (fields[0], *fields[1:3]) if field.strip()), "")


def probe(path: Path) -> bool:
    """Whether the file can be opened for writing now: over SMB and on Windows a holder denies it."""
    try:
        with path.open("r+b"):
            return True
    except FileNotFoundError:
        raise
    except OSError:
        return not path.exists() or (os.name != "nt" and not os.access(path, os.W_OK))
