"""Whose a row is: the person it names, and their group and department."""

from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import ALL_TIME, Frames, Measure, SummaryContext
from crm_sheets.rules.summaries.blocks import Blueprint
from crm_sheets.rules.summaries.staff import owned
from crm_sheets.tables import ColumnKey, TabKey

if TYPE_CHECKING:
    from crm_sheets.rules.summaries.vectors import Texts

PEOPLE = "id name department group manager"
"""The columns of 组织 that it reads."""

UNITS = ("department", "group", "person")
"""From above."""

_CAPACITIES = {"department": 8, "group": 10, "person": 20}


def units(frames: Frames, tab: str, name: str, context: SummaryContext) -> "dict[str, Texts]":
    """A column for each of UNITS, from the column `name` of a tab: names that can be shown."""
    found = owned(frames, tab, name, context)
    return {"department": found["departments"], "group": found["groups"], "person": found["people"]}


def seen_units(frames: Frames, tab: str, name: str) -> tuple[str, ...]:
    """Those of UNITS by which a reader may have the rows of a tab: none where the column that names whose a row is may
    not be read, and neither departments nor groups where 组织 does not tell them."""
    if ColumnKey(name) not in frames.get(TabKey(tab), {}):
        return ()
    told = frames.get(TabKey("people"), {})
    return tuple(unit for unit in UNITS if unit == "person" or ColumnKey(unit) in told)


def unit_blueprint(key: str, unit: str, measures: tuple[Measure, ...], period: str = ALL_TIME) -> Blueprint:
    """A table with a line for each unit, without a chart; its key is `<key>by_<unit>`."""
    return Blueprint(f"{key}by_{unit}", unit, measures, _CAPACITIES[unit], period=period)
