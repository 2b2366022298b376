"""Numbers that Google leaves out of its answers: the id 0 of a sheet in ranges, and 0 in coordinates.

Where a field of a message cannot tell "0" from "not given", its JSON leaves 0 out. So a range on the first sheet of
most spreadsheets, whose id is 0, comes without a sheetId; its startRowIndex 0 does come. (SheetProperties and
DeveloperMetadataLocation do tell their sheetId 0.)
"""

from crm_sheets.google_emulator.discovery import Document, schema_type, sheets
from crm_sheets.google_emulator.following import reaches
from crm_sheets.google_emulator.json_values import Json, Object, part

_LEFT_OUT = {
    "GridRange": ("sheetId",),
    "DimensionRange": ("sheetId",),
    "GridCoordinate": ("sheetId", "rowIndex", "columnIndex"),
}
_HOLDERS = frozenset(_LEFT_OUT)


def without_zeros(schema: str, value: Object) -> Object:
    """A message of an answer as Google would write it; the same object when there is nothing to leave out."""
    if schema in _LEFT_OUT:
        return {key: entry for key, entry in value.items() if entry != 0 or key not in _LEFT_OUT[schema]}
    changed: Object = {}
    for key, entry in value.items():
        inner = _inner(sheets(), schema, key)
        if not reaches(inner, _HOLDERS):
            continue
        new = _entry(inner, entry)
        if new is not entry:
            changed[key] = new
    return value | changed if changed else value


def _entry(schema: str, entry: Json) -> Json:
    if isinstance(entry, dict):
        return without_zeros(schema, entry)
    if isinstance(entry, list):
        new = [_entry(schema, one) for one in entry]
        return new if any(one is not old for one, old in zip(new, entry, strict=True)) else entry
    return entry


def _inner(document: Document, schema: str, key: str) -> str:
    """The schema of a field, or of its entries when it is an array."""
    field = part(document.fields(schema), key) if schema in document.schemas else {}
    kind = schema_type(field)
    return schema_type(part(field, "items")) if kind == "array" else kind
