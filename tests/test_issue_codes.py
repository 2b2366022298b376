"""Every finding that the program can make has its words in both languages and its line in docs/issues.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from crm_sheets.language import LOCALES, language

ROOT = Path(__file__).parents[1]
MAKERS = {
    "Issue",
    "HeldRow",
    "Flaw",
    "flaw",
    "found",
    "notice",
    "_notice",
    "PydanticCustomError",
    "_problem",
    "Problem",
    "Fault",
}
"""What is called to make a finding; the first text among its arguments is the code."""

CODE = re.compile(r"[a-z]+(-[a-z]+)*")
ROW = re.compile(r"^\| `([a-z-]+)` \| (error|warning|info) \|(.+)\|(.+)\|$", re.M)


def strings() -> Iterator[tuple[Path, str, bool]]:
    """Every text in the source, and whether it is the code of a finding that is made there."""
    for path in sorted((ROOT / "crm_sheets").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        codes: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MAKERS:
                texts = [arg for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                codes |= {id(text) for text in texts[:1] if CODE.fullmatch(str(text.value))}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path, node.value, id(node) in codes


MADE = {text: path for path, text, makes in strings() if makes}
SAID = {text for _, text, _ in strings()}
DOCUMENTED = {code: (severity, what.strip(), remedy.strip()) for code, severity, what, remedy in
              ROW.findall((ROOT / "docs" / "issues.md").read_text(encoding="utf-8"))}  # fmt: skip
WORDED = {
    key.removeprefix("issue.") for locale in LOCALES for key in language(locale).messages if key.startswith("issue.")
}


def test_the_codes_are_found() -> None:
    assert {"required", "cell-error", "wrong-check-digit", "rule-failed", "import-in-book"} <= set(MADE)


def test_every_code_is_documented() -> None:
    missing = {code: str(MADE.get(code, "catalogue")) for code in (set(MADE) | WORDED) - set(DOCUMENTED)}
    assert missing == {}, "write a line for each into docs/issues.md"


def test_every_documented_code_is_used() -> None:
    assert set(DOCUMENTED) - SAID == set()
    assert all(what and remedy for _, what, remedy in DOCUMENTED.values())


@pytest.mark.parametrize("locale", LOCALES)
def test_every_code_has_words(locale: str) -> None:
    words = language(locale)
    assert [code for code in sorted(set(MADE) | WORDED) if not words.has(f"issue.{code}")] == []


def test_both_languages_name_the_same_things() -> None:
    def parameters(message: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(message) if name}

    chinese, english = (language(locale) for locale in LOCALES)
    differing = [
        code
        for code in sorted(WORDED)
        if parameters(chinese.text(f"issue.{code}")) != parameters(english.text(f"issue.{code}"))
    ]
    assert differing == []
