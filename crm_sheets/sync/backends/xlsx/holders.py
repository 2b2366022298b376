"""Who has a workbook open: the lock files that spreadsheet programs leave beside it."""

import os
from pathlib import Path

from crm_sheets.errors import WorkbookBusy, WorkbookError


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


def probe(path: Path) -> None:
    """Open the file for writing, and close it: over SMB and on Windows a holder denies that, and nothing else tells.

    Raises:
        FileNotFoundError: it is not there.
        WorkbookError: it is read-only.
        WorkbookBusy: somebody has it open.
    """
    if not path.stat().st_mode & 0o222:
        raise WorkbookError(f"{path}: it is read-only; allow writing, or take it out of the config").told(
            "error.workbook.read_only", path=path
        )
    try:
        with path.open("r+b"):
            return
    except FileNotFoundError:
        raise
    except OSError as error:
        if os.name != "nt" and not os.access(path, os.W_OK):
            raise WorkbookError(f"{path}: we may not write it; check its permissions").told(
                "error.workbook.denied", path=path
            ) from error
        raise WorkbookBusy(f"{path}: a program has it open; the next cycle tries again").told(
            "error.workbook.open", path=path
        ) from error
