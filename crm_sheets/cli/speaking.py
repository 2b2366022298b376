"""The command line in the team's language: its help, and what is wrong with the way in which a command was called.

Typer says both in English. The help is translated by its text (`help.po`), what Typer says of a wrong call by its form.
"""

import contextlib
import io
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crm_sheets.cli.options import DEFAULT_CONFIG
from crm_sheets.language import LOCALES, Language, language

if TYPE_CHECKING:
    from typer.core import TyperGroup

_OPTION = re.compile(r"(?P<name>--config|-c|--locale)(?:=(?P<value>.*))?")
_HELP = frozenset({"--help"})
_WRONG: type[BaseException] = typer.BadParameter.__mro__[2]
"""ClickException: Typer has it from Click, or a Click of its own, and does not export it."""

_CALLS = (
    (r"No such option: (?P<what>\S+)(?: \(Possible options: (?P<near>.*)\)| Did you mean (?P<meant>.*)\?)?", "option"),
    (r"No such command '(?P<what>.*?)'\.(?: Did you mean (?P<near>.*)\?)?", "command"),
    (r"Missing (?:argument|option|parameter)s? '?(?P<what>.*?)'?\.(?: .*)?", "missing"),
    (r"Missing command\.", "no_command"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<what>.*)\)", "extra"),
    (r"Option '?(?P<what>\S+?)'? requires (?:an|\d+) arguments?\.?", "no_value"),
    (r"Option '?(?P<what>\S+?)'? does not take a value\.?", "no_value_wanted"),
    (r"Invalid value for '?(?P<what>.*?)'?: (?P<reason>.*)", "value"),
)
_VALUES = (
    (r"'(?P<given>.*)' is not one of (?P<known>.*?)\.?", "choice"),
    (r"Input should be (?P<known>'.*')", "one_of"),
    (r"Input should be a valid integer.*|(?:Value )?'?.*'? is not a valid int(?:eger)?\.?", "integer"),
    (r"Input should be (?P<bound>greater|less) than (?P<equal>or equal to )?(?P<limit>\S+)", "range"),
    (r"\w+ '(?P<given>.*)' does not exist\.?", "path"),
)
"""What Typer (or Click, which it was built on) says, and the key of it in the catalogue, behind `cli.call.`."""


def spoken_to(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Language:
    """The language of the config that the arguments name; without one that of the command, then of the machine."""
    given = _options(arguments)
    config = Path(given.get("--config") or given.get("-c") or DEFAULT_CONFIG)
    if config.is_file():
        from crm_sheets.config_source import locale_in

        return language(locale_in(config))
    if given.get("--locale") in LOCALES:
        return language(given["--locale"])
    machine = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return language("zh-CN" if machine.startswith("zh") else "en")


def _options(arguments: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, argument in enumerate(arguments):
        option = _OPTION.fullmatch(argument)
        if option is not None:
            following = arguments[place + 1] if place + 1 < len(arguments) else ""
            found[option["name"]] = option["value"] if option["value"] is not None else following
    return found


def called(cli: typer.Typer, arguments: Sequence[str]) -> int:
    """Runs a command; returns its exit code. Whoever calls it wrongly is told so in the language of the team."""
    command = typer.main.get_command(cli)
    words = spoken_to(arguments) if not arguments or _HELP & set(arguments) else None
    if words is not None and words.locale == "en":
        words = None
    shown = io.StringIO() if words is not None else None
    if words is not None:
        _translate(command, words)  # type: ignore[arg-type]  # a group: the program has several commands
    try:
        with contextlib.redirect_stdout(shown) if shown is not None else contextlib.nullcontext():
            code = command.main(list(arguments), standalone_mode=False)
    except _WRONG as error:
        return _wrongly(error, words or spoken_to(arguments))
    except typer.Abort:
        sys.stderr.write("\n")
        return 1
    finally:
        if words is not None and shown is not None:
            sys.stdout.write(_help_in(words, shown.getvalue()))
    return code if isinstance(code, int) else 0


def _wrongly(error: BaseException, words: Language) -> int:
    code, said = getattr(error, "exit_code", 2), getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    if words.locale == "en":
        getattr(error, "show", lambda: sys.stderr.write(f"{said}\n"))()
    elif said.startswith("Usage: "):  # called without anything: Typer shows the help
        sys.stderr.write(_help_in(words, said + "\n"))
    else:
        if context is not None:
            usage = context.get_usage().removeprefix("Usage: ")
            sys.stderr.write(words.text("cli.call", usage=usage, command=context.command_path) + "\n")
        sys.stderr.write(f"crm-sheets: {call_in_words(said, words)}\n")
    return int(code)


def call_in_words(said: str, words: Language) -> str:
    """What Typer says of a wrong call, in other words; as it stands where its form is not known."""
    for pattern, key in _CALLS:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found is not None:
            named = {name: text or "" for name, text in found.groupdict().items()}
            near = named.get("near") or named.get("meant") or ""
            named["near"] = words.text("mistake.meant", near=near.replace("'", "")) if near else ""
            if "reason" in named:
                named["reason"] = _value_in_words(named["reason"], words)
            return words.text(f"cli.call.{key}", **named)
    return said


def _value_in_words(said: str, words: Language) -> str:
    for pattern, key in _VALUES:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found is not None:
            return words.text(f"cli.call.value.{key}", **found.groupdict())
    return said


def _translate(group: "TyperGroup", words: Language) -> None:
    """Puts the help of a command, of its options and of its commands into other words."""
    text = (group.help or "").strip()
    group.help = words.messages.get(text, group.help)
    group.short_help = group.help.split("\n")[0] if group.help else None
    group.epilog = words.messages.get(group.epilog or "", group.epilog)
    for option in group.params:
        if getattr(option, "help", None):
            setattr(option, "help", words.messages.get(option.help, option.help))  # type: ignore[attr-defined]  # noqa: B010
    for command in getattr(group, "commands", {}).values():
        _translate(command, words)


def _help_in(words: Language, text: str) -> str:
    for name in ("Usage:", "Options:", "Commands:", "Arguments:", "[default: ", "[required]"):
        text = text.replace(name, words.text(f"cli.help.{name.strip('[]: ').lower()}"))
    return text.replace("Show this message and exit.", words.text("cli.help.help"))
