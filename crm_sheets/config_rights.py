"""Who may do what: [[grant]] and [[deny]]."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from crm_sheets.config_section import Section

LevelName: TypeAlias = Literal["hidden", "read", "propose", "edit"]


class GrantSettings(Section):
    """[[grant]]: what a role may do with the columns and rows of a tab."""

    role: str
    tab: str
    columns: Mapping[str, LevelName]
    create: bool = False
    delete: bool = False


class DenySettings(Section):
    """[[deny]]: a cap over every grant that matches it."""

    role: str
    tab: str
    columns: tuple[str, ...] = ("*",)
    cap: LevelName = "read"
    reason: str = ""
