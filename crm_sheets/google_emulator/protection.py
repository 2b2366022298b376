"""Protected ranges: who may edit which cells."""

from crm_sheets.google_emulator.areas import Area, area_of
from crm_sheets.google_emulator.json_values import Object, flag, items, part, parts
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused

PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


def check_editable(sheet: Sheet, area: Area, *, user: str, owner: str) -> None:
    """Raises Refused when an area touches a protected range whose editors do not include this account."""
    if user == owner:
        return
    for protected in sheet.features.get("protectedRanges", []):
        if _forbids(protected, user) and _touched(protected, area):
            raise Refused(PROTECTED)


def _forbids(protected: Object, user: str) -> bool:
    editors = part(protected, "editors")
    everyone = flag(editors, "domainUsersCanEdit")
    return not flag(protected, "warningOnly") and not everyone and user not in items(editors, "users")


def _touched(protected: Object, area: Area) -> bool:
    if not intersects(area_of(part(protected, "range")), area):
        return False
    return not any(_covers(area_of(free), area) for free in parts(protected, "unprotectedRanges"))


def intersects(first: Area, second: Area) -> bool:
    """Whether two areas of one sheet have a cell in common."""
    return _meet(first.top, first.bottom, second.top, second.bottom) and _meet(
        first.left, first.right, second.left, second.right
    )


def _meet(start: int | None, end: int | None, other_start: int | None, other_end: int | None) -> bool:
    return (end is None or (other_start or 0) < end) and (other_end is None or (start or 0) < other_end)


def _covers(outer: Area, inner: Area) -> bool:
    rows = _within(outer.top, outer.bottom, inner.top, inner.bottom)
    return rows and _within(outer.left, outer.right, inner.left, inner.right)


def _within(start: int | None, end: int | None, inner_start: int | None, inner_end: int | None) -> bool:
    return (start or 0) <= (inner_start or 0) and (end is None or (inner_end is not None and inner_end <= end))
