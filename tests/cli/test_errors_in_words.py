"""Errors that people meet are told in the language of the workbook, with everything that their message names."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import crm_sheets
from crm_sheets.app.mappings import read_mapping
from crm_sheets.app.rights import nobody_called
from crm_sheets.config import load
from crm_sheets.config_source import locale_in
from crm_sheets.errors import ConfigError, UsageError
from crm_sheets.language import LOCALES, file_error_in_words, in_words, language
from crm_sheets.organisation import Organisation

SOURCES = Path(crm_sheets.__file__).parent


@cache
def errors_with_words() -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Where an error gets the key of its message, the key, and what it names."""
    return tuple(each for path in sorted(SOURCES.rglob("*.py")) for each in errors_with_words_in(path))


def errors_with_words_in(path: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    text = path.read_text(encoding="utf-8")
    if any(word in text for word in ('"error.', '"mistake.', "PydanticCustomError")):
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            key = node.args[0]
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                continue
            how = ast.unparse(node.func).rpartition(".")[2]
            place, names = f"{path.relative_to(SOURCES)}:{node.lineno}", {word.arg or "**" for word in node.keywords}
            if how == "PydanticCustomError":
                if path.name.startswith("config_") or path.name == "mapping.py":
                    yield place, f"error.option.{key.value}", frozenset({"**"})
            elif how in {"told", "line"} and key.value.startswith(("error.", "mistake.")):
                yield place, key.value, frozenset(names)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_error_with_words_has_them_in_every_language(locale: str) -> None:
    words = language(locale)
    found = errors_with_words()
    assert len(found) > 150
    for place, key, names in found:
        assert words.has(key), f"{place}: {key}"
        if "**" not in names:
            wanted = {name for _, name, _, _ in Formatter().parse(words.messages[key]) if name}
            assert wanted <= names, f"{place}: {key} names {wanted - names}"


GRANT = '[[grant]]\nrole = "sales"\ntab = "customers"\n'


def test_a_chinese_workspace_hears_chinese() -> None:
    error = UsageError("book.xlsx: no such file").told("error.file.missing", path="book.xlsx")

    assert in_words(error, language("zh-CN")) == "book.xlsx：没有这个文件，请检查路径"
    assert in_words(error, language("en")) == "book.xlsx: no such file; check the path"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[workbook]\npath = "a.xlsx"\n[sync]\nintervall = "3s"', "没有这个选项；是不是想写 sync.interval？"),
        ('[workbook]\npath = "a.xlsx"\n[backups]\nkeep_count = "x"', "backups.keep_count：请写整数（现为 'x'）"),
        ('[workbook]\npath = "a.xlsx"\n[mail]\nport = 0', "mail.port"),
        ('[workbook\npath = "a.xlsx"', "config.toml：不是有效的 TOML"),
        ('[workbook]\ntabs = ["custmers"]', "workbook.tabs：没有 'custmers' 这张表；是不是想写 customers？"),
        (GRANT + 'columns = { phon = "read" }', "grant[1].columns：customers 没有 'phon' 这一列；是不是想写 phone？"),
        (GRANT + 'rows = "owned"', "没有这样的行范围；是不是想写 own？（现为 'owned'）"),
        (GRANT + 'columns = {}\nrows = { where = "rec.nmae == 1" }', "grant[1].rows：第 1 个字符："),
        ('[[deny]]\nrole = "salse"\ntab = "customers"\ncap = "read"', "deny[1].role：没有任何授权给角色 'salse'"),
        ('[[field]]\ntab = "customers"\nkey = "phone"\nlabel = "手机"', "field[1].key：customers 已经有一列叫 'phone'"),
        ('[[rule]]\nname = "a"\ntab = "customers"\nwhen = "tru"\nrequired = ["phone"]', "rule[1].when：第 1 个字符"),
        ('[[approval]]\nname = "a"\ntab = "customers"\nsteps = [{ approver = "manager" }]', "请写明审批什么"),
        ('[approvals]\napprover = "sales"', "approvals.approver：'sales' 是角色：请写 \"role:sales\""),
        ('[sync]\ninterval = "soon"', "sync.interval：请写时长"),
        ('[mail]\npassword = "secret"', "mail.password：密码、密钥不能写在配置里"),
    ],
)
def test_mistakes_of_a_config_are_told_in_its_language(tmp_path: Path, text: str, told: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(config, {})

    assert locale_in(config, {}) == "zh-CN"
    assert told in in_words(caught.value, language("zh-CN"))
    chinese = {each for each in in_words(caught.value, language("en")) if "\u3000" <= each <= "\uffef"}
    assert chinese <= set(text)


def test_a_broken_config_still_says_its_language(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[workbook\nlocale = "en"', encoding="utf-8")

    assert locale_in(config, {}) == "en"
    assert locale_in(config, {"CRM_SHEETS_WORKBOOK__LOCALE": "zh-CN"}) == "zh-CN"
    assert locale_in(tmp_path / "none.toml", {}) == "en"


def test_what_the_system_refuses_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        (tmp_path / "none" / "x.csv").open("wb")

    said = file_error_in_words(caught.value, language("zh-CN"))

    assert said == f"{tmp_path / 'none' / 'x.csv'}：没有这个文件或文件夹；请检查路径"
    assert file_error_in_words(OSError(None, "odd"), language("en")) == "odd"


def test_a_mapping_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_mapping(tmp_path / "none.toml", {})

    assert in_words(caught.value, language("zh-CN")).endswith("none.toml：没有这个文件，请检查路径")


@pytest.mark.parametrize("locale", LOCALES)
def test_whom_nobody_is_called_like(locale: str) -> None:
    told = str(nobody_called("李娜", Organisation(()), language(locale)))

    assert "李娜" in told
    assert {"zh-CN": "还没有在职人员", "en": "nobody stands in the people tab"}[locale] in told
