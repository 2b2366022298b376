"""Every word that commands say stands in both catalogues."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

import crm_sheets
from crm_sheets.changes import Severity
from crm_sheets.language import LOCALES, language
from crm_sheets.permissions import Level
from crm_sheets.rules.summaries.base import Unit
from crm_sheets.state import EntryKind
from crm_sheets.sync.outbox import State

PACKAGE = Path(crm_sheets.__file__).parent
MADE_UP: Mapping[str, Iterable[str]] = {
    "cli.kind.": EntryKind,
    "cli.state.": State,
    "cli.severity.": Severity,
    "unit.": Unit,
    "level.": [level.name.lower() for level in Level],
    "source.": ["staff", "system", "computed"],
    "reminder.": ["before_due", "due", "overdue", "digest"],
}
"""Keys whose last part is a value of the program."""


def asked_for() -> Iterator[tuple[str, bool]]:
    """Keys in the code of commands; with True those of which only the beginning stands there."""
    for path in (*PACKAGE.glob("app/*.py"), *PACKAGE.glob("cli/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            match node.args[0]:
                case ast.Constant(value=str(key)) if name in {"text", "say"}:
                    yield key, False
                case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if name in {"text", "say"}:
                    yield start, True


@pytest.mark.parametrize("locale", LOCALES)
def test_no_key_without_a_message(locale: str) -> None:
    words = language(locale)
    keys = set(asked_for())
    assert ("book.file_name", False) in keys
    assert {key for key, begins in keys if not begins and not words.has(key)} == set()
    assert {
        key for key, begins in keys if begins and not any(known.startswith(key) for known in words.messages)
    } == set()
    assert {
        f"{start}{end}" for start, ends in MADE_UP.items() for end in ends if not words.has(f"{start}{end}")
    } == set()
