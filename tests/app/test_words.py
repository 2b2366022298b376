"""Every word that commands say stands in both catalogues, and the English ones in English."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

import crm_sheets
from crm_sheets.changes import Severity
from crm_sheets.language import LOCALES, Language, filled, language
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


ANSWERS = "mail.answer."


def test_english_words_are_english() -> None:
    """But for what people may answer a mail with, in either language."""
    said = language("en").messages
    chinese = {key for key, message in said.items() if re.search("[\u4e00-\u9fff]", message)}
    assert {key for key in chinese if not key.startswith(ANSWERS)} == set()


def test_english_headings_of_tables_begin_with_a_capital() -> None:
    headings = {key: said for key, said in language("en").messages.items() if key.startswith("cli.column.")}
    assert len(headings) > 50
    assert {key: said for key, said in headings.items() if said[:1].islower()} == {}


@pytest.mark.parametrize(
    ("key", "counts", "one", "several"),
    [
        ("cli.count.duplicates", ["count"], "1 possible duplicate", "2 possible duplicates"),
        ("conflict.count", ["count"], "1 cell", "2 cells"),
        (
            "cli.undo",
            ["undone", "kept"],
            "1 put back; 1 was changed since and stays as it is",
            "2 put back; 2 were changed since and stay as they are",
        ),
        (
            "summary.conclusion.outcomes.stalled",
            ["count"],
            "1 deal worth 9 stands still",
            "2 deals worth 9 stand still",
        ),
        (
            "issue.claim-full",
            ["count"],
            "This person has 1 customer; the limit is 9.",
            "This person has 2 customers; the limit is 9.",
        ),
    ],
)
def test_words_go_by_their_number(key: str, counts: list[str], one: str, several: str) -> None:
    """As numbers and as the texts that findings and summaries give."""
    words, others = language("en"), {"amount": "9", "capacity": "9"}
    for number, said in ((1, one), ("1", one), (2, several), ("2", several)):
        assert words.text(key, **others, **dict.fromkeys(counts, number)) == said


def test_a_number_of_thousands_or_none_is_several() -> None:
    assert [filled("{n} {n:row|rows}", {"n": n}) for n in (0, "1,001", "11", "…")] == [
        "0 rows", "1,001 rows", "11 rows", "… rows",
    ]  # fmt: skip
    assert Language("en", {"a": "{share:.1f} of {n} {n:row|rows}"}).text("a", share=0.5, n=1) == "0.5 of 1 row"
