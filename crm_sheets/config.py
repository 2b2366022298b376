"""The config of one team, read from its file: `load` is the only way in, and finds all mistakes at once."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from crm_sheets.config_approvals import proposes, with_matters
from crm_sheets.config_lines import on_lines
from crm_sheets.config_readable import readable
from crm_sheets.config_section import Section
from crm_sheets.config_settings import Settings
from crm_sheets.config_source import read_tree
from crm_sheets.config_together import mistakes
from crm_sheets.errors import ConfigError

__all__ = ["Settings", "load"]

_SectionT = TypeVar("_SectionT", bound=Section)


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in the file `path`, overridden by the environment.

    Relative paths, that of an SQLite state too, are taken from the folder of the config.

    Raises:
        ConfigError: with every mistake found, one line each: what cannot be read, and what the rest means.
    """
    tree, variables = read_tree(path, environment)
    told = readable(tree, Settings, path.name, variables)
    wrong = (*told.lines, *mistakes(told, tree, path.name))
    if wrong:
        raise ConfigError(on_lines(wrong, path, environment))
    settings = told.settings
    requests = bool(settings.own_flows or settings.approval) or proposes(settings.policy)
    tabs = with_matters(settings.workbook.tabs, requests=requests, views=settings.views.enabled)
    settings = settings.model_copy(update={"workbook": settings.workbook.model_copy(update={"tabs": tabs})})
    return _anchored(settings, path.resolve().parent)


def _anchored(section: _SectionT, folder: Path) -> _SectionT:
    changed: dict[str, object] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Path):
            changed[name] = folder / value.expanduser()
        elif isinstance(value, Section):
            changed[name] = _anchored(value, folder)
        elif isinstance(value, tuple) and any(isinstance(each, Section) for each in value):
            changed[name] = tuple(_anchored(each, folder) for each in value)
        elif name == "url" and isinstance(value, str):
            changed[name] = _anchored_url(value, folder)
    return section.model_copy(update=changed)


def _anchored_url(url: str, folder: Path) -> str:
    """`sqlite:///state.db` with its file beside the config; any other URL as it is."""
    name = url.removeprefix("sqlite:///")
    if name == url or name in {"", ":memory:"}:
        return url
    return f"sqlite:///{(folder / name).as_posix()}"
