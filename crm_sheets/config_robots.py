"""Group robots: [[robots]]."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_sheets.config_secrets import SecretReference
from crm_sheets.config_section import Section
from crm_sheets.rules.reminder_families import FAMILIES

TOLD_TO_GROUPS = tuple(family for family in FAMILIES if family not in {"digest", "weekly", "errors"})


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
    about: tuple[str, ...] = ("overdue", "services", "escalations")
    departments: tuple[str, ...] = ()
    reader: str | None = None
    delivery: Literal["at-least-once", "at-most-once"] = "at-least-once"

    @model_validator(mode="after")
    def _known(self) -> Self:
        unknown = [name for name in self.about if name not in TOLD_TO_GROUPS]
        if unknown:
            named = {"given": unknown[0], "known": ", ".join(TOLD_TO_GROUPS)}
            raise PydanticCustomError("robot_about", "about: there is no '{given}'; there are {known}", named)
        return self
