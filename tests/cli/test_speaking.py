"""Help, and what is wrong with a call, in the language of the team."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from crm_sheets import __version__
from crm_sheets.cli import cli
from crm_sheets.cli.speaking import call_in_words, called, spoken_to
from crm_sheets.language import language

CHINESE = '[workbook]\npath = "a.xlsx"\n'


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text(CHINESE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def helps(command: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every help text of a command and of those below it, with its place."""
    said = [getattr(command, "help", None), getattr(command, "epilog", None)]
    said += [getattr(each, "help", None) for each in getattr(command, "params", ()) if each.name != "help"]
    yield from ((path, text.strip()) for text in said if text)
    for name, below in getattr(command, "commands", {}).items():
        yield from helps(below, f"{path} {name}")


def test_every_help_is_there_in_chinese() -> None:
    words = language("zh-CN")
    missing = [place for place in helps(typer.main.get_command(cli)) if not words.has(place[1])]
    assert missing == [], "write them into locale/zh_CN/LC_MESSAGES/help.po"


def test_english_help_is_english() -> None:
    told = list(helps(typer.main.get_command(cli)))
    assert len(told) > 100
    assert [place for place in told if re.search("[\u4e00-\u9fff]", place[1])] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("sync --dryrun", "没有选项 --dryrun；是不是想写 --dry-run？"),
        ("snyc", "没有命令 snyc；是不是想写 sync？"),
        ("undo", "缺少 RUN"),
        ("undo last", "RUN 的值不对：请写整数"),
        ("sync more", "多余的内容：more"),
        ("history --by", "选项 --by 后面要写一个值"),
        ("sync --json=1", "选项 --json 后面不写值"),
    ],
)
def test_a_wrong_call_is_told_in_chinese(
    team: Path, capsys: pytest.CaptureFixture[str], arguments: str, told: str
) -> None:
    assert called(cli, arguments.split()) == 2
    assert told in capsys.readouterr().err


def test_an_english_team_hears_english(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (team / "config.toml").write_text(CHINESE + 'locale = "en"\n', encoding="utf-8")

    assert called(cli, ["sync", "--nonsense"]) == 2
    assert called(cli, ["sync", "--help"]) == 0

    told = capsys.readouterr()
    assert "No such option: --nonsense" in told.err
    assert "One cycle" in told.out
    assert (told.out + told.err).isascii()


def test_the_help_is_chinese(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(cli, ["sync", "--help"]) == 0
    told = capsys.readouterr().out
    assert "用法：" in told
    assert "只显示会发生什么，不写任何东西。" in told
    assert "Options" not in told


def test_whose_language_it_is(team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (team / "en.toml").write_text(CHINESE + 'locale = "en"\n', encoding="utf-8")
    assert spoken_to(["sync"], {}).locale == "zh-CN"
    assert spoken_to(["sync", "--config=en.toml"], {}).locale == "en"
    assert spoken_to(["sync", "-c", "en.toml"], {"LANG": "zh_CN.UTF-8"}).locale == "en"
    assert spoken_to(["init", "-c", "none.toml", "--locale", "zh-CN"], {}).locale == "zh-CN"
    assert spoken_to(["sync", "-c", "none.toml"], {"LANG": "zh_CN.UTF-8"}).locale == "zh-CN"
    assert spoken_to(["sync", "-c", "none.toml"], {}).locale == "en"


def test_what_is_not_known_stays_as_it_was_said() -> None:
    assert call_in_words("Something else.", language("zh-CN")) == "Something else."


def test_it_says_which_version_it_is(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(cli, ["--version"]) == 0
    assert capsys.readouterr().out == f"crm-sheets {__version__}\n"
