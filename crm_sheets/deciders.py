"""Who decides a conflict: whoever leads the person whose row it is about. Rows change hands, and so do people."""

from collections.abc import Mapping

from crm_sheets.changes import Value
from crm_sheets.concern import dependents, telling
from crm_sheets.draft import Draft
from crm_sheets.involvement import CONFLICTS
from crm_sheets.rules.base import record_of
from crm_sheets.schema.base import Kind, Row, Tab
from crm_sheets.schema.people import PEOPLE, PersonRecord
from crm_sheets.state import RowId
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.whose import SCOPED, Paths, RowFacts, paths_of

OF_NOBODY = frozenset({PEOPLE, *SCOPED})
"""Tabs whose rows are about somebody and not theirs: a lead does not decide about the role of their people."""

STANDING = tuple(map(ColumnKey, ("id", "name", "manager", "active")))
"""The columns of 组织 that say who leads whom."""


def decider_of(draft: Draft, tab: TabKey, values: Mapping[ColumnKey, Value]) -> Row | None:
    """Who leads whoever has a row, by its own owner or its customer's; that person, where nobody does. None where
    neither works here any more."""
    if tab in OF_NOBODY or tab not in draft.tabs:
        return None
    owner = person_named(draft, RowFacts(tab, values, draft, paths_of(draft.tabs.values())).owner)
    lead = person_named(draft, record_of(owner, PersonRecord).manager or "") if owner else None
    return next((each for each in (lead, owner) if each and record_of(each, PersonRecord).active is not False), None)


def person_named(draft: Draft, text: str) -> Row | None:
    """Who is meant by a name or a 工号; nobody where two are."""
    named = draft.named(PEOPLE, text) if text and PEOPLE in draft.tabs else ()
    return named[0] if len(named) == 1 else None


def conflicts_to_ask_anew(draft: Draft) -> set[RowId]:
    """Conflicts that may be somebody else's to decide since this cycle, decided ones among them."""
    changed = draft.changed()
    if any(tab == PEOPLE and _differs(draft, (tab, key), STANDING) for tab, key in changed):
        return {(CONFLICTS, key) for key in draft.keys(CONFLICTS)}
    ways = {tab: _ways(draft.tabs[tab]) for tab in {tab for tab, _ in changed}}
    moved = {row for row in changed if _differs(draft, row, ways[row[0]])}
    found = telling(draft, moved | dependents(draft, moved)) if moved else set[RowId]()
    return {row for row in found if row[0] == CONFLICTS}


def _ways(tab: Tab) -> tuple[ColumnKey, ...]:
    """The columns by which it is found whose a row is."""
    refers = (key for key, column in tab.columns.items() if column.kind is Kind.REFERENCE)
    return (*Paths(tab).owners, *refers)


def _differs(draft: Draft, row: RowId, columns: tuple[ColumnKey, ...]) -> bool:
    """Whether a row has other values there than at the end of the last cycle; one that is new has no conflicts yet."""
    before, now = draft.stored(row), draft.values(row)
    return before is not None and any((now or {}).get(column) != before.get(column) for column in columns)
