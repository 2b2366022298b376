"""Where settings come from: a TOML file, then the environment over it; and how their mistakes are told.

Written by hand and not with pydantic-settings, whose import alone takes longer than a whole quiet cycle (0.4 of 0.5 CPU
seconds measured, most of it asyncio and cloud providers that nobody here asks for).
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import TypeAlias

from pydantic import BaseModel, ValidationError

from crm_sheets.errors import ConfigError

PREFIX = "CRM_SHEETS_"

_SECRETS: set[int | str] = {"password", "url"}
"""Options whose value is never repeated in a message."""

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


def read_tree(path: Path, environment: Mapping[str, str] = os.environ) -> Tree:
    """The settings as written, environment over file; nothing is judged yet.

    `CRM_SHEETS_MAIL__HOST` overrides `host` under `[mail]`; lists and tables are given as TOML.

    Raises:
        ConfigError: no such file, or it is not TOML.
    """
    try:
        tree: Tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            (f"{path}: no such file; `crm-sheets init` makes one, or name yours with --config",)
        ) from None
    except OSError as error:
        raise ConfigError((f"{path}: {error.strerror or error}",)) from error
    except UnicodeDecodeError as error:
        raise ConfigError((f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8",)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((f"{path}: not TOML: {error}",)) from error
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and "__" in variable:
            _override(tree, variable, environment[variable])
    return tree


def _override(tree: Tree, variable: str, text: str) -> None:
    *sections, key = variable.removeprefix(PREFIX).lower().split("__")
    node: MutableMapping[str, object] = tree
    for section in sections:
        below = node.setdefault(section, {})
        if not isinstance(below, MutableMapping):
            raise ConfigError((f"{variable}: {section} is a list in the config and cannot be overridden in part",))
        node = below
    node[key] = _value(text, variable)


def _value(text: str, variable: str) -> object:
    if not text.startswith(("[", "{")):
        return FromEnvironment(text, variable)
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((f"{variable}: not a TOML value: {error}",)) from error


def problems(error: ValidationError, root: type[BaseModel], name: str) -> tuple[str, ...]:
    """One line for each mistake: file, key path, what was found, what to do."""
    lines = []
    for detail in error.errors(include_url=False):
        path = [part for part in detail["loc"] if not _names_a_union_branch(part)]
        key = _dotted(path)
        if detail["type"] == "extra_forbidden":
            lines.append(f"{name}: {key}: no such option{_nearest(path, root)}")
        elif detail["type"] == "missing":
            lines.append(f"{name}: {key}: missing, and there is no default")
        else:
            message = detail["msg"].removeprefix("Value error, ")
            found = "" if _SECRETS & set(path) else f" (found {_short(detail['input'])})"
            lines.append(f"{name}: {key}: {message}{found}")
    return tuple(dict.fromkeys(lines))


def _names_a_union_branch(part: int | str) -> bool:
    """Pydantic puts the branch of a union into the path (`str`, `Secret`, `function-before[...]`)."""
    return isinstance(part, str) and (part in {"str", "Secret"} or "[" in part)


def _dotted(path: list[int | str]) -> str:
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


def _nearest(path: list[int | str], root: type[BaseModel]) -> str:
    """`; did you mean mail.port?`, looked for beside the key first and then anywhere."""
    known = list(option_paths(root))
    given = ".".join(part for part in path if isinstance(part, str))
    last = given.rpartition(".")[2]
    beside = difflib.get_close_matches(given, known, n=1, cutoff=0.75)
    elsewhere = [option for option in known if option.rpartition(".")[2] == last]
    found = (beside or elsewhere)[:1]
    return f"; did you mean {found[0]}?" if found else "; config.example.toml lists them all"


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
