"""Every finding that the program can make has its words in both languages and its line in docs/issues.md."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of the source: the code of each finding that is made, with where; all texts; what is documented; what
    has words."""

    made: Mapping[str, Path]
    said: frozenset[str]
    documented: Mapping[str, tuple[str, str, str]]
    worded: frozenset[str]


@pytest.fixture(scope="module")
def texts() -> Texts:
    """Read once, and only by whoever plays these tests: it takes a second or two."""
    made: dict[str, Path] = {}
    said: set[str] = set()
    for path in sorted((ROOT / "crm_sheets").rglob("*.py")):
        for node in nodes(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
            elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MAKERS:
                given = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                made |= {text: path for text in given[:1] if CODE.fullmatch(text)}
    lines = ROW.findall((ROOT / "docs" / "issues.md").read_text(encoding="utf-8"))
    documented = {code: (severity, what.strip(), remedy.strip()) for code, severity, what, remedy in lines}
    words = {key for locale in LOCALES for key in language(locale).messages if key.startswith("issue.")}
    return Texts(made, frozenset(said), documented, frozenset(key.removeprefix("issue.") for key in words))


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node below a tree, as `ast.walk` has them, in half its time."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [each for each in value if isinstance(each, ast.AST)]


def test_the_codes_are_found(texts: Texts) -> None:
    assert {"required", "cell-error", "wrong-check-digit", "rule-failed", "import-in-book"} <= set(texts.made)


def test_every_code_is_documented(texts: Texts) -> None:
    missing = {
        code: str(texts.made.get(code, "catalogue"))
        for code in (set(texts.made) | texts.worded) - set(texts.documented)
    }
    assert missing == {}, "write a line for each into docs/issues.md"


def test_every_documented_code_is_used(texts: Texts) -> None:
    assert set(texts.documented) - texts.said == set()
    assert all(what and remedy for _, what, remedy in texts.documented.values())


@pytest.mark.parametrize("locale", LOCALES)
def test_every_code_has_words(texts: Texts, locale: str) -> None:
    words = language(locale)
    assert [code for code in sorted(set(texts.made) | texts.worded) if not words.has(f"issue.{code}")] == []


def test_both_languages_name_the_same_things(texts: Texts) -> None:
    def parameters(message: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(message) if name}

    chinese, english = (language(locale) for locale in LOCALES)
    differing = [
        code
        for code in sorted(texts.worded)
        if parameters(chinese.text(f"issue.{code}")) != parameters(english.text(f"issue.{code}"))
    ]
    assert differing == []


LISTS = {"test_reads.py", "test_issue_codes.py"}
"""Tests that name findings without making any."""

UNNAMED = {
    "approval-nobody",
    "conflict-closed",
    "conflict-lost",
    "conflict-not-yours",
    "ids-scrambled",
    "rule-failed",
    "rules-unstable",
    "tab-not-added",
    "value-refused",
}
"""Findings that tests make and judge by what comes of them, not by their code. A new one is named by its test."""


def test_every_finding_has_an_example(texts: Texts) -> None:
    read = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py") if path.name not in LISTS]
    words = frozenset(re.findall(r"[a-z]+(?:-[a-z]+)*", "\n".join(read)))
    assert set(texts.documented) - words == UNNAMED, "no test makes these findings"
