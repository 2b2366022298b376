"""The parameter q of files.list. https://developers.google.com/drive/api/guides/ref-search-terms"""

import re
from collections.abc import Callable

from crm_sheets.google_emulator.drive_refusals import invalid
from crm_sheets.google_emulator.files import File

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
_TEXT = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CLAUSES: tuple[tuple[str, Callable[[File, str], bool]], ...] = (
    (rf"name\s*=\s*{_TEXT}", lambda file, value: file.book.title == value),
    (rf"name\s*!=\s*{_TEXT}", lambda file, value: file.book.title != value),
    (rf"name\s+contains\s+{_TEXT}", lambda file, value: value.casefold() in file.book.title.casefold()),
    (rf"mimeType\s*=\s*{_TEXT}", lambda _file, value: value == SPREADSHEET),
    (rf"mimeType\s*!=\s*{_TEXT}", lambda _file, value: value != SPREADSHEET),
    (r"trashed\s*=\s*(true|false)", lambda file, value: file.trashed == (value == "true")),
    (rf"{_TEXT}\s+in\s+parents", lambda file, value: value in file.parents),
    (rf"parents\s+in\s+{_TEXT}", lambda file, value: value in file.parents),
    (rf"{_TEXT}\s+in\s+owners", lambda file, value: file.owner == value),
    (rf"{_TEXT}\s+in\s+writers", lambda file, value: file.may_write(value)),
    (rf"{_TEXT}\s+in\s+readers", lambda file, value: file.role(value) is not None),
)


def wanted(query: str) -> Callable[[File], bool]:
    """Whether a file is one that a query asks for; clauses joined by "and".

    Raises:
        DriveError: 400 for a query that is none.
    """
    tests = [_clause(clause.strip()) for clause in _divided(query)] if query.strip() else []
    return lambda file: all(test(file) for test in tests)


def _divided(query: str) -> list[str]:
    pieces = re.findall(rf"{_TEXT}|(\s+and\s+)|(.)", query)
    clauses = [""]
    for quoted, divider, other in pieces:
        if divider:
            clauses.append("")
        else:
            clauses[-1] += quoted or other
    return clauses


def _clause(clause: str) -> Callable[[File], bool]:
    for pattern, test in _CLAUSES:
        match = re.fullmatch(pattern, clause)
        if match:
            value = re.sub(r"\\(.)", r"\1", match.group(1).strip("'\""))
            return lambda file, test=test, value=value: test(file, value)  # type: ignore[misc]
    raise invalid("q")
