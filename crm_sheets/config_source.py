"""Where settings come from: a TOML file, then the environment over it; and how their mistakes are told.

Written by hand and not with pydantic-settings, whose import alone takes longer than a whole quiet cycle (0.4 of 0.5 CPU
seconds measured, most of it asyncio and cloud providers that nobody here asks for).
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from crm_sheets.errors import ConfigError, Line
from crm_sheets.language import line

PREFIX = "CRM_SHEETS_"

_SECRETS: set[int | str] = {"password", "url"}
_SECRET_OPTIONS = {("sealed", "key"), ("sealed", "old_keys"), ("google", "credentials"), ("robots", "secret")}
"""Options whose value is never repeated in a message: anywhere, and in one section."""

_LOCALE = re.compile(r"""^\s*locale\s*=\s*["'](zh-CN|en)["']""", re.MULTILINE)

Tree: TypeAlias = dict[str, object]


class FromEnvironment(str):
    """A text that came from an environment variable, so that a secret may be given that way."""

    __slots__ = ("variable",)
    variable: str

    def __new__(cls, text: str, variable: str) -> "FromEnvironment":
        """The text, with the name of the variable that held it."""
        made = super().__new__(cls, text)
        made.variable = variable
        return made


def read_tree(path: Path, environment: Mapping[str, str] = os.environ) -> tuple[Tree, Mapping[tuple[str, ...], Line]]:
    """The settings as written, environment over file; nothing is judged yet. And what is wrong with variables, by the
    place of the options that they are about.

    `CRM_SHEETS_MAIL__HOST` overrides `host` under `[mail]`; lists and tables are given as TOML.

    Raises:
        ConfigError: no such file, or it is not TOML.
    """
    try:
        tree: Tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError((line("error.config.none", path=path),)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError((unreadable(path, error),)) from error
    wrong: dict[tuple[str, ...], Line] = {}
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and "__" in variable:
            place = tuple(variable.removeprefix(PREFIX).lower().split("__"))
            said = _override(tree, place, variable, environment[variable])
            if said is not None:
                wrong[place] = said
    return tree, wrong


def unreadable(name: object, error: OSError | UnicodeDecodeError | tomllib.TOMLDecodeError) -> Line:
    """What keeps a TOML file called `name` from being read."""
    if isinstance(error, UnicodeDecodeError):
        said = f"{name}: not UTF-8 at byte {error.start}; save the file as UTF-8"
        return Line(said, "error.toml.encoding", name=name, byte=error.start)
    if isinstance(error, tomllib.TOMLDecodeError):
        return Line(f"{name}: not TOML: {error}", "error.toml.syntax", name=name, said=error)
    if isinstance(error, FileNotFoundError):
        return Line(f"{name}: no such file", "error.file.missing", path=name)
    reason = error.strerror or str(error)
    return Line(f"{name}: {reason}", "error.toml.unreadable", name=name, reason=reason)


def locale_in(path: Path, environment: Mapping[str, str] = os.environ) -> str:
    """The language of a config that may be too broken to be read, so that its mistakes are told in that."""
    with suppress(OSError):
        found = _LOCALE.search(path.read_text(encoding="utf-8-sig", errors="replace"))
        return environment.get(f"{PREFIX}WORKBOOK__LOCALE") or (found[1] if found else "zh-CN")
    return "en"


def _override(tree: Tree, place: tuple[str, ...], variable: str, text: str) -> Line | None:
    *sections, key = place
    node: MutableMapping[str, object] = tree
    for section in sections:
        below = node.setdefault(section, {})
        if not isinstance(below, MutableMapping):
            return line("error.config.list", variable=variable, section=section)
        node = below
    try:
        node[key] = _value(text, variable)
    except tomllib.TOMLDecodeError as error:
        return line("error.config.value", variable=variable, said=error)
    return None


def _value(text: str, variable: str) -> object:
    toml = text.startswith(("[", "{"))
    return tomllib.loads(f"value = {text}")["value"] if toml else FromEnvironment(text, variable)


def problems(error: ValidationError, root: type[BaseModel], name: str) -> tuple[Line, ...]:
    """One line for each mistake: file, key path, what was found, what to do."""
    return lines_of(error.errors(include_url=False), root, name)


def lines_of(details: Sequence[ErrorDetails], root: type[BaseModel], name: str) -> tuple[Line, ...]:
    """See problems."""
    lines: list[Line] = []
    misspelt = {meant(each["loc"], root) for each in details if each["type"] == "extra_forbidden"}
    for detail in details:
        path = [part for part in detail["loc"] if not _names_a_union_branch(part)]
        key = dotted(path)
        if detail["type"] == "missing" and tuple(path) in misspelt:
            continue
        if detail["type"] == "extra_forbidden":
            near = _nearest(path, root)
            said = f"; did you mean {near}?" if near else "; config.example.toml lists them all"
            way = "error.option.meant" if near else "error.option.unknown"
            lines.append(Line(f"{name}: {key}: no such option{said}", way, name=name, option=key, near=near))
        elif detail["type"] == "missing":
            said = f"{name}: {key}: missing, and there is no default"
            lines.append(Line(said, "error.option.missing", name=name, option=key))
        else:
            message = detail["msg"].removeprefix("Value error, ")
            secret = (
                _SECRETS & set(path) or tuple(part for part in path if isinstance(part, str))[:2] in _SECRET_OPTIONS
            )
            shown = "***" if secret else _short(detail["input"])
            found = "" if secret else f" (found {shown})"
            limits = {each: str(limit).replace(" or ", ", ") for each, limit in detail.get("ctx", {}).items()}
            named = {**limits, "name": name, "option": key, "found": shown}
            lines.append(Line(f"{name}: {key}: {message}{found}", f"error.option.{detail['type']}", **named))
    return tuple(dict.fromkeys(lines))


Said: TypeAlias = tuple[str, Line]
"""The option that is wrong, and what is wrong with it."""


def placed(name: str, place: str, mistakes: Iterable[Said]) -> Iterator[Line]:
    """Each mistake with the config called `name` and the place in it, `field[2]` say, in front."""
    for option, said in mistakes:
        yield line("mistake.at", name=name, option=f"{place}.{option}" if place else option, said=said)


def near(given: object, known: Iterable[object], most: int = 20) -> Line:
    """`; did you mean customers?`, or what there is, where that is not more than `most`."""
    names = [str(name) for name in known]
    close = difflib.get_close_matches(str(given), names, n=1, cutoff=0.6)
    if close:
        return line("mistake.meant", near=close[0])
    return line("mistake.there_are", known=", ".join(names)) if len(names) <= most else Line("", "mistake.none_near")


def _names_a_union_branch(part: int | str) -> bool:
    """Pydantic puts the branch of a union into the path (`str`, `Secret`, `function-before[...]`)."""
    return isinstance(part, str) and (part in {"str", "Secret"} or "[" in part)


def dotted(path: Sequence[int | str]) -> str:
    """`grant[2].columns` for ("grant", 1, "columns"): people count from one."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _short(found: object) -> str:
    if isinstance(found, Mapping):
        return "a table"
    text = repr(str(found)) if isinstance(found, str) else repr(found)
    return text if len(text) <= 60 else text[:57] + "..."


def meant(path: Sequence[int | str], root: type[BaseModel]) -> tuple[int | str, ...]:
    """Where the option is that an unknown one was meant for; the unknown one itself where none is near."""
    near = _nearest(path, root)
    if not near:
        return tuple(path)
    *table, _ = path
    *parents, last = near.split(".")
    beside = parents == [part for part in table if isinstance(part, str)]
    return (*table, last) if beside else (*parents, last)


def _nearest(path: Sequence[int | str], root: type[BaseModel]) -> str:
    """The option that was meant, looked for beside the key first and then anywhere; "" where none is near."""
    known = list(option_paths(root))
    given = ".".join(part for part in path if isinstance(part, str))
    last = given.rpartition(".")[2]
    beside = difflib.get_close_matches(given, known, n=1, cutoff=0.75)
    elsewhere = [option for option in known if option.rpartition(".")[2] == last]
    return next(iter(beside or elsewhere), "")


def option_paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every option under `model` as a dotted path, tables before what is in them."""
    for name, field in model.model_fields.items():
        yield prefix + name
        for below in _models_in(field.annotation):
            yield from option_paths(below, f"{prefix}{name}.")


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)
