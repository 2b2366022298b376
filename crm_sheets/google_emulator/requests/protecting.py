"""addProtectedRange and its kin: who made a protection, its editors and the owner may change it, nobody else."""

from typing import Final

from crm_sheets.google_emulator.discovery import sheets
from crm_sheets.google_emulator.features import entries, find, needed
from crm_sheets.google_emulator.json_values import Object, flag, items, optional_whole, part, parts, text, whole
from crm_sheets.google_emulator.masks import Tree, update_mask, updated, wants
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.protection import PROTECTED, may_edit_protected
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

FEATURE: Final = "protectedRanges"
_READ_ONLY: Final = ("protectedRangeId", "requestingUserCanEdit")
_TARGETS: Final = ("range", "namedRangeId", "tableId")


def add_protected(batch: Batch, request: Object) -> Object:
    """AddProtectedRangeRequest. Without editors everybody who may edit the spreadsheet may go on editing there."""
    given = part(request, "protectedRange")
    target = _target(batch.book, given)
    protected_id = batch.new_id(
        lambda one: find(batch.book, FEATURE, "protectedRangeId", one) is not None,
        optional_whole(given, "protectedRangeId"),
        "protected range",
    )
    kept: Object = {key: value for key, value in given.items() if key not in _READ_ONLY}
    added: Object = {"protectedRangeId": protected_id, **kept, "range": target}
    _check(added)
    entries(batch.book.sheet(whole(target, "sheetId")), FEATURE).append(_with_editors(batch, added))
    return {"protectedRange": {**_with_editors(batch, added), "requestingUserCanEdit": True}}


def update_protected(batch: Batch, request: Object) -> None:
    """UpdateProtectedRangeRequest."""
    given = part(request, "protectedRange")
    tree = update_mask(sheets(), "ProtectedRange", text(request, "fields"))
    place = needed(batch.book, FEATURE, "protectedRangeId", whole(given, "protectedRangeId"), "protected range")
    old = place.entry
    _check_may(batch, old)
    new: Object = {**updated(old, given, tree), "protectedRangeId": whole(given, "protectedRangeId")}
    new.pop("requestingUserCanEdit", None)
    if any(wants(tree, name) and name in given for name in _TARGETS):
        new = {key: value for key, value in new.items() if key not in _TARGETS}
        new |= {name: given[name] for name in _TARGETS if name in given}
        new["range"] = _target(batch.book, new)
    if flag(new, "warningOnly") and not _names_editors(tree):
        new.pop("editors", None)
    _check(new)
    place.remove()
    entries(batch.book.sheet(whole(part(new, "range"), "sheetId")), FEATURE).append(_with_editors(batch, new))


def delete_protected(batch: Batch, request: Object) -> None:
    """DeleteProtectedRangeRequest."""
    place = needed(batch.book, FEATURE, "protectedRangeId", whole(request, "protectedRangeId"), "protected range")
    _check_may(batch, place.entry)
    place.remove()


def _names_editors(tree: Tree) -> bool:
    return "editors" in tree or "*" in tree


def _check_may(batch: Batch, protected: Object) -> None:
    if not may_edit_protected(protected, user=batch.user, owner=batch.owner):
        raise Refused(PROTECTED)


def _target(book: Book, given: Object) -> Object:
    """What is protected, as a range; that of a name or a table is looked up."""
    named = [name for name in _TARGETS if name in given]
    if len(named) != 1:
        raise Refused("Exactly one of range, named_range_id or table_id must be set on a protected range.")
    if "namedRangeId" in given:
        for one in book.named_ranges:
            if one.get("namedRangeId") == given["namedRangeId"]:
                return part(one, "range")
        raise Refused(f"No named range with id: {given['namedRangeId']}")
    if "tableId" in given:
        return part(needed(book, "tables", "tableId", given["tableId"], "table").entry, "range")
    area = part(given, "range")
    return {"sheetId": book.sheet(whole(area, "sheetId")).sheet_id, **area}


def _check(protected: Object) -> None:
    if flag(protected, "warningOnly") and part(protected, "editors"):
        raise Refused("ProtectedRange is warningOnly. Editors cannot be set on it.")
    whole_sheet = part(protected, "range").keys() <= {"sheetId"}
    if parts(protected, "unprotectedRanges") and not whole_sheet:
        raise Refused("Unprotected ranges are only supported on protected sheets.")


def _with_editors(batch: Batch, protected: Object) -> Object:
    """Whoever sets it up and the owner are always among the editors."""
    if flag(protected, "warningOnly"):
        return protected
    editors = part(protected, "editors")
    users = [str(user) for user in items(editors, "users")] if editors else list(batch.writers)
    users += [user for user in (batch.user, batch.owner) if user not in users]
    return {**protected, "editors": {**editors, "users": list(users)}}


HANDLERS: dict[str, Handler] = {
    "addProtectedRange": add_protected,
    "updateProtectedRange": update_protected,
    "deleteProtectedRange": delete_protected,
}
