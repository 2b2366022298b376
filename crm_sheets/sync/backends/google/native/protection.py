"""Protected ranges: our columns, and for each role the columns that it may not fill in.

Google lets the owner of a spreadsheet edit whatever is protected; everybody else only where they are named. A range of
ours says so in its description; those that people made are left alone.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_sheets.language import Language
from crm_sheets.sync.backends.google.native.marks import description, is_ours
from crm_sheets.sync.backends.google.native.placed import PlacedTab
from crm_sheets.sync.backends.google.native.shapes import Request, area
from crm_sheets.sync.backends.google.native.there import SheetThere
from crm_sheets.tables import ColumnKey, TabKey


@dataclass(frozen=True, slots=True)
class Guarding:
    """Who may edit what.

    Attributes:
        account: ours, which may edit everything; "" when it is not known.
        editors: by tab and column the accounts that may edit it; a column that is left out is open to everybody who can
            edit the spreadsheet. Our own columns are nobody's, whatever stands here.
        known: accounts of everybody in the team: whom of these a range of ours names without need goes when it is
            brought up to date; others whom a person added by hand stay.
        warn: people are only asked whether they mean it.
        off: nothing is protected.
    """

    account: str = ""
    editors: Mapping[TabKey, Mapping[ColumnKey, frozenset[str]]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    warn: bool = False
    off: bool = False


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A range that is to be protected; `columns` None for a whole sheet."""

    told: str
    row: int
    columns: tuple[int, int] | None
    editors: frozenset[str]


def protection(placed: PlacedTab, guarding: Guarding, words: Language) -> list[Request]:
    """What a tab lacks of its protection, and what of ours it has too much."""
    wanted = [] if guarding.off else list(_wanted(placed, guarding, words))
    return _compared(placed.sheet, wanted, guarding)


def sealed_sheet(sheet: SheetThere, guarding: Guarding, words: Language) -> list[Request]:
    """The same for a tab that only we write."""
    wanted = _Wanted(words.text("google.protected.sheet"), 1, None, frozenset())
    return _compared(sheet, [] if guarding.off else [wanted], guarding)


def _wanted(placed: PlacedTab, guarding: Guarding, words: Language) -> Iterator[_Wanted]:
    open_to = guarding.editors.get(placed.tab.key, {})
    closed: list[tuple[int, frozenset[str], str]] = []
    for key, place in sorted(placed.columns.items(), key=lambda item: item[1]):
        column = placed.tab.columns[key]
        if column.system:
            closed.append((place, frozenset(), "google.protected.system"))
        elif key in open_to:
            closed.append((place, open_to[key], "google.protected.role"))
    first = 0
    while first < len(closed):
        last = first
        while last + 1 < len(closed) and closed[last + 1] == (closed[last][0] + 1, *closed[first][1:]):
            last += 1
        place, editors, message = closed[first]
        yield _Wanted(words.text(message), placed.header_row, (place, closed[last][0]), editors)
        first = last + 1


def _compared(sheet: SheetThere, wanted: Sequence[_Wanted], guarding: Guarding) -> list[Request]:
    ours = [each for each in sheet.protected if is_ours(each.get("description", ""))]
    kept: set[int] = set()
    requests: list[Request] = []
    for each in wanted:
        there = next((known for known in ours if known["protectedRangeId"] not in kept and _covers(known, each)), None)
        if there is None:
            requests.append({"addProtectedRange": {"protectedRange": _range(sheet.id, each, guarding)}})
            continue
        kept.add(there["protectedRangeId"])
        if not _agrees(there, each, guarding):
            requests.append(_updated(sheet.id, there, each, guarding))
    gone = (known["protectedRangeId"] for known in ours if known["protectedRangeId"] not in kept)
    removed: list[Request] = [{"deleteProtectedRange": {"protectedRangeId": each}} for each in gone]
    return removed + requests


def _range(sheet: int, wanted: _Wanted, guarding: Guarding) -> Request:
    place = {"sheetId": sheet} if wanted.columns is None else _area(sheet, wanted)
    found: Request = {"range": place, "description": _told(wanted, guarding)}
    if guarding.warn:
        return {**found, "warningOnly": True}
    return {**found, "editors": {"users": _users(wanted.editors, guarding), "domainUsersCanEdit": False}}


def _area(sheet: int, wanted: _Wanted) -> Request:
    first, last = wanted.columns or (1, 1)
    return area(sheet, wanted.row, first, None, last)


def _users(editors: Collection[str], guarding: Guarding) -> list[str]:
    """Accounts as Google compares them; the one that sets the range up may not leave itself out."""
    return sorted({each.lower() for each in (*editors, guarding.account) if each})


def _told(wanted: _Wanted, guarding: Guarding) -> str:
    return description(wanted.told, _users(wanted.editors, guarding))


def _covers(there: Mapping[str, Any], wanted: _Wanted) -> bool:
    """Whether a range of ours is the one that is wanted; people may have moved it with their columns."""
    place = there.get("range", {})
    if wanted.columns is None:
        return "startColumnIndex" not in place and "endColumnIndex" not in place
    first, last = wanted.columns
    found = place.get("startRowIndex", 0) + 1, place.get("startColumnIndex", 0) + 1, place.get("endColumnIndex")
    return found == (wanted.row, first, last)


def _agrees(there: Mapping[str, Any], wanted: _Wanted, guarding: Guarding) -> bool:
    """Whether it says what it should, and nobody is missing."""
    if there.get("description") != _told(wanted, guarding) or bool(there.get("warningOnly")) != guarding.warn:
        return False
    if guarding.warn:
        return True
    editors = there.get("editors", {})
    named = {str(each).lower() for each in editors.get("users", ())}
    return named.issuperset(_users(wanted.editors, guarding)) and not editors.get("domainUsersCanEdit", False)


def _updated(sheet: int, there: Mapping[str, Any], wanted: _Wanted, guarding: Guarding) -> Request:
    made = _range(sheet, wanted, guarding)
    if guarding.warn:
        fields = "description,warningOnly"
    else:
        named = {str(each).lower() for each in there.get("editors", {}).get("users", ())}
        added = named - {each.lower() for each in guarding.known}
        users = _users([*wanted.editors, *added], guarding)
        made |= {"editors": {"users": users, "domainUsersCanEdit": False}, "warningOnly": False}
        fields = "description,editors,warningOnly"
    made["protectedRangeId"] = there["protectedRangeId"]
    return {"updateProtectedRange": {"protectedRange": made, "fields": fields}}
