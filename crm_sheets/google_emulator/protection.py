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
    for protected in sheet.features.get("protectedRanges", []):
        if not may_edit_protected(protected, user=user, owner=owner) and _touched(protected, area):
            raise Refused(PROTECTED)


def check_insertable(sheet: Sheet, dimension: str, at: int, *, user: str, owner: str) -> None:
    """Raises Refused when rows or columns put in there would widen a protected range of others."""
    for protected in sheet.features.get("protectedRanges", []):
        area = area_of(part(protected, "range"))
        first, last = (area.top, area.bottom) if dimension == "ROWS" else (area.left, area.right)
        inside = (first is None or first < at) and (last is None or at < last)
        if inside and not may_edit_protected(protected, user=user, owner=owner):
            raise Refused(PROTECTED)


def may_edit_protected(protected: Object, *, user: str, owner: str) -> bool:
    """Whether an account may edit what is protected, and the protection itself."""
    editors = part(protected, "editors")
    domain = owner.rpartition("@")[2].casefold()
    same_domain = flag(editors, "domainUsersCanEdit") and user.casefold().endswith(f"@{domain}")
    named = user.casefold() in {str(one).casefold() for one in items(editors, "users")}
    return user.casefold() == owner.casefold() or flag(protected, "warningOnly") or same_domain or named


def protected_as_seen(protected: Object, *, user: str, owner: str) -> Object:
    """A ProtectedRange as answers have it: who may not edit it is not told who may."""
    if may_edit_protected(protected, user=user, owner=owner):
        return {**protected, "requestingUserCanEdit": True}
    return {key: value for key, value in protected.items() if key != "editors"}


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
