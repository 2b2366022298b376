"""Whose a row is: the person it names, and their group and department."""

from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import Frames, SummaryContext
from crm_sheets.rules.summaries.staff import owned

if TYPE_CHECKING:
    from crm_sheets.rules.summaries.vectors import Texts

PEOPLE = "id name department group manager"
"""The columns of 组织 that it reads."""

UNITS = ("department", "group", "person")
"""From above."""


def units(frames: Frames, tab: str, name: str, context: SummaryContext) -> "dict[str, Texts]":
    """A column for each of UNITS, from the column `name` of a tab: names that can be shown."""
    found = owned(frames, tab, name, context)
    return {"department": found["departments"], "group": found["groups"], "person": found["people"]}
