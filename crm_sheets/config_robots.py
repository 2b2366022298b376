"""Group robots: [[robots]]."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_sheets.config_secrets import SecretReference
from crm_sheets.config_section import Section
from crm_sheets.rules.reminder_families import FAMILIES

TOLD_TO_GROUPS = tuple(family for family in FAMILIES if family not in {"digest", "weekly", "errors"})


def _family(given: str) -> str:
    if given not in TOLD_TO_GROUPS:
        named = {"given": given, "known": ", ".join(TOLD_TO_GROUPS)}
        raise PydanticCustomError("robot_about", "there is no '{given}'; there are {known}", named)
    return given


class RobotSettings(Section):
    """[[robots]]: a group of a chat that is told of reminders.

    Attributes:
        name: it is part of what makes a message unique; another name is another robot.
        about: families of reminders; digests are made for one person, and told to nobody else.
        departments: only what concerns people of these; empty for everybody.
        reader: what the group may read is what this person may; needed in a team with views.
    """

    name: str = Field(min_length=1, max_length=40, pattern=r"^[^|%\n]+$")
    kind: Literal["wecom", "dingtalk", "feishu", "apprise"]
    url: SecretReference
    secret: SecretReference | None = None
    about: tuple[Annotated[str, AfterValidator(_family)], ...] = ("overdue", "services", "escalations")
    departments: tuple[str, ...] = ()
    reader: str | None = None
    delivery: Literal["at-least-once", "at-most-once"] = "at-least-once"
