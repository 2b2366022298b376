"""Errors that people meet are told in the language of the workbook, with everything that their message names."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import crm_sheets
from crm_sheets.errors import UsageError
from crm_sheets.language import LOCALES, in_words, language

SOURCES = Path(crm_sheets.__file__).parent


def errors_with_words() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Where an error gets the key of its message, the key, and what it names."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "told":
                key = node.args[0] if node.args else None
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    names = frozenset(word.arg or "**" for word in node.keywords)
                    yield f"{path.relative_to(SOURCES)}:{node.lineno}", key.value, names


@pytest.mark.parametrize("locale", LOCALES)
def test_every_error_with_words_has_them_in_every_language(locale: str) -> None:
    words = language(locale)
    found = list(errors_with_words())
    assert len(found) > 60
    for place, key, names in found:
        assert words.has(key), f"{place}: {key}"
        if "**" not in names:
            text = words.text(key, **{name: "{" + name + "}" for name in names})
            wanted = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert wanted <= names, f"{place}: {key} names {wanted - names}"


def test_a_chinese_workspace_hears_chinese() -> None:
    error = UsageError("book.xlsx: no such file").told("error.file.missing", path="book.xlsx")

    assert in_words(error, language("zh-CN")) == "book.xlsx：没有这个文件，请检查路径"
    assert in_words(error, language("en")) == "book.xlsx: no such file; check the path"
