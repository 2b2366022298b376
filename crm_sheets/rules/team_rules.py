"""The rules of a tab to which a team added fields: those of the tab, and what the new columns ask for."""

from collections.abc import Iterable

from crm_sheets.rules.base import Rule
from crm_sheets.rules.dictionary_values import dictionary_values
from crm_sheets.rules.own_conditions import OwnConditions
from crm_sheets.rules.own_defaults import own_defaults
from crm_sheets.rules.own_values import OwnValues
from crm_sheets.rules.people_exist import people_exist
from crm_sheets.rules.references import references
from crm_sheets.rules.required import required
from crm_sheets.rules.sealed_values import sealed_values
from crm_sheets.rules.unique import unique
from crm_sheets.schema.base import Column, Kind, Tab
from crm_sheets.schema.custom import Condition


def with_own_rules(rules: tuple[Rule, ...], tab: Tab, conditions: Iterable[Condition] = ()) -> tuple[Rule, ...]:
    """The rules of a tab as its columns are for this team, and the conditions that it added, of whatever tab."""
    wanted = [rule for column in tab.columns.values() for rule in _asked_for(column, listed=bool(rules))]
    if any(column.sealed for column in tab.columns.values()):
        wanted.append(sealed_values)
    if any(column.formula for column in tab.columns.values()):
        wanted.append(OwnValues(tab))
    if own := [each for each in conditions if each.tab == tab.key]:
        wanted.append(OwnConditions(tab.key, own))
    return tuple(dict.fromkeys((*rules, *wanted)))


def _asked_for(column: Column, *, listed: bool) -> list[Rule]:
    """The rules that a column asks for; a shipped one of a tab that lists its rules has them there."""
    by_kind: dict[Kind, Rule] = {
        Kind.CHOICE: dictionary_values,
        Kind.REFERENCE: references,
        Kind.PERSON: people_exist,
    }
    wanted: list[Rule] = [unique] if column.unique and not column.hidden else []
    if (column.own or not listed) and not column.system:
        wanted += [by_kind[column.kind]] if column.kind in by_kind else []
        wanted += [required] if column.required else []
        wanted += [own_defaults] if column.default is not None else []
    return wanted
