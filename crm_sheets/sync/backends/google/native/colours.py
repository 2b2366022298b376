"""Conditional formats: exactly the cells that 检查 complains of, and the states worth a glance, as in xlsx."""

from collections.abc import Mapping
from typing import Any

from crm_sheets.language import Language
from crm_sheets.sync.backends.google.native.marks import is_marked, marked, plain, spoken
from crm_sheets.sync.backends.google.native.placed import PlacedTab
from crm_sheets.sync.backends.google.native.shapes import Request, column_area, holds, style_of
from crm_sheets.sync.backends.xlsx.guidance import Highlight, highlights
from crm_sheets.sync.backends.xlsx.style import LOOKS


def colours(placed: PlacedTab, words: Language, locale: str) -> list[Request]:
    """Takes our formats away that are no longer right, and adds those that are lacking behind what is there."""
    sheet = placed.sheet
    wanted = [
        _format(sheet.id, each, placed.first_row, locale)
        for each in highlights(placed.tab, placed.columns, words, placed.first_row)
    ]
    ours = [(place, each) for place, each in enumerate(sheet.formats) if is_marked(formula_of(each))]
    kept: set[int] = set()
    lacking = []
    for each in wanted:
        place = next((place for place, there in ours if place not in kept and _same(there, each)), None)
        if place is None:
            lacking.append(each)
        else:
            kept.add(place)
    gone = [place for place, _ in ours if place not in kept]
    count = len(sheet.formats) - len(gone)
    requests: list[Request] = [
        {"deleteConditionalFormatRule": {"sheetId": sheet.id, "index": place}} for place in reversed(gone)
    ]
    requests += [
        {"addConditionalFormatRule": {"rule": each, "index": place}} for place, each in enumerate(lacking, count)
    ]
    return requests


def formula_of(told: Mapping[str, Any]) -> str:
    """The formula of a conditional format; "" for one of another kind."""
    values = told.get("booleanRule", {}).get("condition", {}).get("values", [])
    return str(values[0].get("userEnteredValue", "")) if len(values) == 1 else ""


def _format(sheet: int, told: Highlight, first_row: int, locale: str) -> Request:
    ink, fill = LOOKS[told.look]
    return {
        "ranges": [column_area(sheet, told.column, first_row)],
        "booleanRule": {
            "condition": {
                "type": "CUSTOM_FORMULA",
                "values": [{"userEnteredValue": spoken(marked(told.formula), locale)}],
            },
            "format": {
                "backgroundColorStyle": style_of(fill),
                "textFormat": {"foregroundColorStyle": style_of(ink)},
            },
        },
    }


def _same(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a format says the same of the same column; how far down it reaches is Google's to keep."""
    if plain(formula_of(there)) != plain(formula_of(wanted)) or len(there.get("ranges", ())) != 1:
        return False
    (column,) = wanted["ranges"]
    found = {name: value for name, value in there["ranges"][0].items() if name != "endRowIndex"}
    return holds(found, column) and holds(there["booleanRule"].get("format"), wanted["booleanRule"]["format"])
