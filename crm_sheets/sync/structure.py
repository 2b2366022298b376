"""What a workbook lacks of the team's book: fields that the config added, tabs that the team chose later.

A column that the config asks for, a field of the team's own or one of an option such as the pool, is in its tab:
whoever deletes it gets it back, with its values. A tab without a sheet is made only while it has no records; otherwise
somebody took the sheet away, and that is for a person to decide.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from crm_sheets.changes import Issue, Severity
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.layout import Layout
from crm_sheets.tables import ColumnKey, TabKey

Fields: TypeAlias = Mapping[TabKey, Mapping[ColumnKey, Kind]]
"""Columns of the team's own by tab, with what they hold; a tab without any is left out."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """What is to be added to a workbook."""

    columns: Mapping[TabKey, tuple[ColumnKey, ...]] = field(default_factory=dict)
    tabs: tuple[TabKey, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.columns or self.tabs)


def own_fields(tabs: Mapping[TabKey, Tab]) -> Fields:
    """The fields that the config adds."""
    own = {key: {each.key: each.kind for each in tab.columns.values() if each.own} for key, tab in tabs.items()}
    return {key: columns for key, columns in own.items() if columns}


def lacking(
    tabs: Mapping[TabKey, Tab],
    layouts: Mapping[TabKey, Layout],
    issues: Mapping[TabKey, Collection[Issue]],
    has_records: Callable[[TabKey], bool],
) -> Lacking:
    """What a workbook lacks.

    A column whose header was nearly found is not made: somebody renamed it, and the finding says so.

    Args:
        tabs: of the team.
        layouts: of the tabs that were found.
        issues: what was found of each tab while looking for it.
        has_records: whether a tab has any.
    """
    columns: dict[TabKey, tuple[ColumnKey, ...]] = {}
    for key, layout in layouts.items():
        renamed = {issue.column for issue in issues.get(key, ()) if issue.code == "header-unknown-similar"}
        asked_for = (each.key for each in tabs[key].columns.values() if each.own or each.switched)
        if missing := tuple(each for each in asked_for if each not in layout.columns and each not in renamed):
            columns[key] = missing
    gone = [key for key in tabs if {issue.code for issue in issues.get(key, ())} == {"tab-missing"}]
    return Lacking(columns, tuple(key for key in gone if not has_records(key)))


def not_added(wanted: Lacking, reason: str) -> dict[TabKey, Issue]:
    """What to tell when the workbook cannot be extended."""
    found = {key: Issue("column-not-added", key, None, columns[0], Severity.WARNING, {"reason": reason})
             for key, columns in wanted.columns.items()}  # fmt: skip
    return found | {key: Issue("tab-not-added", key, parameters={"reason": reason}) for key in wanted.tabs}


def remembered(note: str | None) -> Fields:
    """The fields that a note tells of."""
    found = json.loads(note) if note else {}
    return {
        TabKey(tab): {ColumnKey(column): Kind(kind) for column, kind in columns.items()}
        for tab, columns in found.items()
    }


def noted(fields: Fields) -> str:
    """A note that tells of fields; "" for none."""
    kept = {key: dict(sorted(columns.items())) for key, columns in sorted(fields.items()) if columns}
    return json.dumps(kept) if kept else ""


def without(fields: Fields, lost: Mapping[TabKey, Collection[ColumnKey]]) -> Fields:
    """The fields but for some."""
    return {
        tab: {column: kind for column, kind in columns.items() if column not in lost.get(tab, ())}
        for tab, columns in fields.items()
    }


def fresh_fields(own: Fields, known: Fields) -> dict[TabKey, frozenset[ColumnKey]]:
    """The fields that were not known so far, or held something of another kind."""
    return {
        tab: frozenset(column for column, kind in columns.items() if known.get(tab, {}).get(column) is not kind)
        for tab, columns in own.items()
    }
