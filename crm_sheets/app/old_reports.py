"""Weekly reports that are kept long enough: they go, and nothing that somebody else put beside them."""

import re
from datetime import date, timedelta
from pathlib import Path

from crm_sheets.dashboard.page import SECURITY
from crm_sheets.dashboard.weeks import Week

_NAME = re.compile(r"([0-9]{4})-W([0-9]{2})")
_HEAD = 1_000
"""Bytes of a page in which it says by whom it was made."""


def remove_old(folder: Path, latest: Week, keep_weeks: int) -> tuple[Path, ...]:
    """Removes the reports of weeks that ended `keep_weeks` or more before the latest one; 0 removes none.

    A page is known by what stands in its head, its PDF by the page of the same name beside it. A folder goes with its
    last file.

    Returns:
        The files that went.

    Raises:
        OSError: one of them cannot be removed; the next report tries again.
    """
    oldest = latest.monday - timedelta(weeks=max(0, keep_weeks - 1))
    gone: list[Path] = []
    for week in sorted(folder.iterdir()) if keep_weeks and folder.is_dir() else ():
        monday = _monday(week.name)
        if monday is None or monday >= oldest or not week.is_dir() or week.is_symlink():
            continue
        for page in sorted(week.glob("*.html")):
            if _is_ours(page):
                gone += [each for each in (page, page.with_suffix(".pdf")) if each.exists()]
                page.with_suffix(".pdf").unlink(missing_ok=True)
                page.unlink()
        if not any(week.iterdir()):
            week.rmdir()
    return tuple(gone)


def _monday(name: str) -> date | None:
    """The first day of the week of a folder; None for a folder of another name."""
    found = _NAME.fullmatch(name)
    try:
        return None if found is None else date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:  # no year has a week 54
        return None


def _is_ours(page: Path) -> bool:
    with page.open("rb") as file:
        return SECURITY.encode() in file.read(_HEAD)
