"""What the documents name is there: files, commands, options, codes."""

import re
import tomllib
from pathlib import Path

import pytest
import typer.main

from crm_sheets.cli import cli
from crm_sheets.config import Settings
from crm_sheets.config_source import option_paths
from crm_sheets.importing.mapping import parse_mapping
from crm_sheets.language import LOCALES, language
from crm_sheets.schema import TABS

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "deploy").glob("*.md"), *ROOT.glob("examples/*/*.md")]
)
# Chinese pages that are shorter than the English one on purpose: written for those who use it, the details stay there.
SHORTER = {"approvals", "permissions", "staff", "views"}
CHINESE = [
    path
    for path in DOCUMENTS
    if path.name.endswith(".zh-CN.md") and path.name.split(".")[0] not in {*SHORTER, "README"}
]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_and_their_options_exist(path: Path) -> None:
    commands = typer.main.get_command(cli).commands  # type: ignore[attr-defined]  # the group of all commands
    text = path.read_text(encoding="utf-8")
    for name, rest in re.findall(r"(?m)(?:`|^|bin/)crm-sheets ([a-z]+)\b([^`\n#]*)", text):
        assert name in commands, name
        below = getattr(commands[name], "commands", {}).values()  # `views password`: options of its own
        parameters = [parameter for command in (commands[name], *below) for parameter in command.params]
        known = {option for parameter in parameters for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, (name, rest)


@pytest.mark.parametrize("path", CHINESE, ids=lambda path: path.name)
def test_a_chinese_page_shows_what_the_english_one_does(path: Path) -> None:
    """The same sections, commands, configs and codes; the words between them are each language's own."""
    pages = [page.read_text(encoding="utf-8") for page in (path, path.with_name(path.name.replace(".zh-CN", "")))]
    chinese, english = ([line for line in page.splitlines() if line.startswith("## ")] for page in pages)
    assert len(chinese) == len(english)
    chinese, english = (_shown(page) for page in pages)
    assert chinese == english


def _shown(page: str) -> list[str]:
    """A page's commands and configs without their comments, and the codes that rows of tables are about."""
    code = "".join(re.findall(r"```(?:sh|toml)\n(.*?)```", page, re.S))
    rows = re.findall(r"(?m)^\| (`[^`]*`(?:(?:, |、)`[^`]*`)*) \|", page)
    lines = [line.partition("#")[0].rstrip() for line in code.splitlines()]
    return [line for line in lines if line] + re.findall(r"`[^`]*`", " ".join(rows))


def test_findings_named_in_the_guide_have_words() -> None:
    guide = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    table = guide.split("## When a brake was pulled")[1].split("\n## ")[0]
    codes = [
        code
        for line in table.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([a-z-]+)`", line.split("|")[1])
    ]
    assert len(codes) >= 8
    assert [code for code in codes for locale in LOCALES if not language(locale).has(f"issue.{code}")] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_options_that_are_named_exist(path: Path) -> None:
    options = set(option_paths(Settings))
    sections = {option for option in options if "." not in option}
    named = re.findall(r"`([a-z_]+\.(?!db|md|py|toml)[a-z_.]+)`", path.read_text(encoding="utf-8"))
    assert named or path.name != "operator.md"
    assert {option for option in named if option.partition(".")[0] in sections} <= options


def test_configs_in_the_documents_are_toml() -> None:
    blocks = [b for path in DOCUMENTS for b in re.findall(r"```toml\n(.*?)```", path.read_text(encoding="utf-8"), re.S)]
    assert blocks
    for block in blocks:
        tomllib.loads(block)


def test_the_mapping_in_the_docstring_is_one() -> None:
    from crm_sheets.importing import mapping

    found = re.search(r"```toml\n(.*?)```", mapping.__doc__ or "", re.S)
    assert found is not None
    assert len(parse_mapping(found[1], "docstring", {tab.key: tab for tab in TABS}).table) == 1
