"""What a person may see and do in rows that tell of another cell: requests of 审批, conflicts of 冲突.

Whoever proposed a change, or was asked about it, sees its request, whatever the grants say of the tab; who is asked may
decide it. Whoever typed one of the two values of a conflict sees it, as does who is to decide it, who may: as long as
they may read the cell. What such a row tells of the cell is seen by those who may read that cell, and by nobody else.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Protocol

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.language import Language
from crm_sheets.organisation import Organisation, Person
from crm_sheets.permissions import NO_RIGHTS, SHARED_ROLE, Level, RowRights
from crm_sheets.rules.base import Book
from crm_sheets.schema.base import Kind, Tab, values_of
from crm_sheets.schema.labels import words
from crm_sheets.schema.pointing import SUBJECT, subject_of, target
from crm_sheets.tables import ColumnKey, TabKey

APPROVALS, CONFLICTS = TabKey("approvals"), TabKey("conflicts")
TELLING: Mapping[TabKey, frozenset[ColumnKey]] = {
    APPROVALS: frozenset(map(ColumnKey, ("old", "new", "reason"))),
    CONFLICTS: frozenset(map(ColumnKey, ("kept", "put_away"))),
}
"""The columns of each tab that tell what stands in the other cell."""

PROPOSER, APPROVERS, DECIDED_BY = (ColumnKey(name) for name in ("proposer", "approvers", "decided_by"))
KEPT_BY, PUT_AWAY_BY, DECIDER = (ColumnKey(name) for name in ("kept_by", "put_away_by", "decider"))
DECISION, COMMENT, REASON, STATE = (ColumnKey(name) for name in ("decision", "comment", "reason", "state"))


class CellRights(Protocol):
    """What the person may do with the row that is told of."""

    @property
    def visible(self) -> bool:
        """Whether it is shown at all."""

    def level(self, column: ColumnKey) -> Level:
        """What may be done with a cell."""


RightsOf = Callable[[TabKey, Mapping[ColumnKey, Value]], CellRights]
"""What the person may do with rows of other tabs."""


def involved(
    granted: RowRights,
    tab: Tab,
    values: Mapping[ColumnKey, Value],
    who: tuple[Person, Organisation],
    book: Book,
    rights: RightsOf,
    tabs: Mapping[TabKey, Tab],
) -> RowRights:
    """The rights of a person in a row that tells of another cell.

    Args:
        granted: what the policy alone gives.
        tab: one of those in TELLING, with all columns.
        values: of the row.
        who: the person, and who works in the team.
        book: the records.
        rights: of the person in the row that it tells of.
        tabs: of the team's book.
    """
    me = who[1].names((who[0],)) if who[0].active else frozenset[str]()
    hidden = _not_to_be_told(tab.key, values, book, rights, tabs)
    if tab.key == APPROVALS:
        seen = _in_request(granted, tab, values, me)
    else:
        seen = _in_conflict(granted, tab, values, me) if not hidden & TELLING[tab.key] else granted
    if not seen.visible:
        return NO_RIGHTS
    return replace(seen, levels={key: Level.HIDDEN if key in hidden else level for key, level in seen.levels.items()})


def name_in(author: str) -> str:
    """王芳 of `shared (王芳)`, also in the words of author_told(), and of `王芳 (…)`; what the journal calls a person
    otherwise, as it is."""
    before, bracket, name = author.partition(" < ")[0].partition(" (")  # behind it stands the copy that it came from
    return name.removesuffix(")") if bracket and before in _nobody() else before


@cache
def _nobody() -> frozenset[str]:
    """What stands in the place of a name where the person is only hinted at."""
    return frozenset({SHARED_ROLE, "crm-sheets", *words("author.shared")})


def author_told(author: str, language: Language) -> str:
    """An author of the journal in words: who edits the shared workbook is known by its role, with a hint at best."""
    role, blank, hint = author.partition(" ")
    return f"{language.text('author.shared')}{blank}{hint}" if role == SHARED_ROLE else author


def _in_conflict(granted: RowRights, tab: Tab, values: Mapping[ColumnKey, Value], me: frozenset[str]) -> RowRights:
    """Who typed one of the values sees it; who is to decide does so, while nobody has."""
    typed = {text_key(name_in(str(values.get(each) or ""))) for each in (KEPT_BY, PUT_AWAY_BY)} & me
    asked = named_in(values, DECIDER) & me
    if not typed and not asked:
        return granted
    levels = {key: max(granted.level(key), Level.READ) for key in tab.columns}
    if asked and text_key(str(values.get(STATE) or "")) in _said("conflict.state.open"):
        levels |= dict.fromkeys({DECISION, COMMENT} & tab.columns.keys(), Level.EDIT)
    return RowRights(levels, visible=True, delete=max(granted.delete, Level.READ))


def _in_request(granted: RowRights, tab: Tab, values: Mapping[ColumnKey, Value], me: frozenset[str]) -> RowRights:
    """Who takes part in a request sees it; who is asked decides it, and who proposed it may say why, or withdraw it."""
    proposed, asked, decided = (named_in(values, column) & me for column in (PROPOSER, APPROVERS, DECIDED_BY))
    taking_part = bool(proposed or asked or decided)
    if not granted.visible and not taking_part:
        return NO_RIGHTS
    levels = {}
    for key, column in tab.columns.items():
        shown = Level.READ if taking_part or column.kind in {Kind.ID, Kind.WITNESS} else granted.level(key)
        levels[key] = min(shown, Level.READ)
    pending = text_key(str(values.get(STATE) or "")) in _said("approval.state.pending")
    mine = {DECISION, COMMENT} if pending and asked else set[ColumnKey]()
    mine |= {REASON, DECISION} if pending and proposed else set[ColumnKey]()
    levels |= dict.fromkeys(mine & tab.columns.keys(), Level.EDIT)
    return RowRights(levels, visible=True, delete=Level.READ)


def _not_to_be_told(
    tab: TabKey, values: Mapping[ColumnKey, Value], book: Book, rights: RightsOf, tabs: Mapping[TabKey, Tab]
) -> frozenset[ColumnKey]:
    """The columns that tell of a cell what the person may not read."""
    everything = TELLING[tab] | {SUBJECT}
    cell = target(values, tabs)
    row = book.row(cell[0], cell[1]) if cell is not None else None
    if cell is None or row is None:
        return everything
    record = values_of(row.record)
    may = rights(cell[0], record)
    if not may.visible:
        return everything
    readable = {key: value for key, value in record.items() if may.level(key) >= Level.READ}
    hidden = frozenset({SUBJECT}) if subject_of(tabs[cell[0]], readable) != values.get(SUBJECT) else frozenset()
    return hidden | TELLING[tab] if cell[2] is not None and may.level(cell[2]) < Level.READ else hidden


def named_in(values: Mapping[ColumnKey, Value], column: ColumnKey) -> set[str]:
    """The people whom a cell of ours names, as text_key; names may have spaces."""
    text = str(values.get(column) or "")
    for separator in words("list.and"):
        text = text.replace(separator.strip(), "\n")
    return {text_key(name) for name in text.split("\n") if name.strip()}


@cache
def _said(state: str) -> frozenset[str]:
    return frozenset(text_key(word) for word in words(state))
