"""Drop-downs: data validation that points at the hidden tab `_lists` or at the names in another tab, or says 是 or 否.

What is not in the list may be typed all the same where the book takes free words; a finding then says so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from crm_sheets.cells import column_letters
from crm_sheets.language import Language
from crm_sheets.schema.base import Column, Kind
from crm_sheets.sync.backends.google.native.looks import hints
from crm_sheets.sync.backends.google.native.placed import PlacedTab
from crm_sheets.sync.backends.google.native.shapes import Json, Request, column_area, holds, quoted
from crm_sheets.sync.backends.xlsx.lists import PEOPLE, SHEET
from crm_sheets.tables import TabKey


def name_ranges(placed: Sequence[PlacedTab]) -> dict[TabKey, str]:
    """For each tab that others refer to, the range of the names in it."""
    found = {}
    for each in placed:
        name = each.tab.record.name_column
        if name is not None and each.tab.id_column is not None and name in each.columns:
            found[each.tab.key] = _range(each.sheet.title, each.columns[name], each.first_row)
    return found


def list_ranges(places: Mapping[str, int]) -> dict[str, str]:
    """The ranges of the lists, from their 1-based columns in `_lists`."""
    return {key: _range(SHEET, place, 2) for key, place in places.items()}


def _range(title: str, column: int, first_row: int) -> str:
    letters = column_letters(column)
    return f"={quoted(title)}!${letters}${first_row}:${letters}"


def drop_downs(
    placed: PlacedTab, lists: Mapping[str, str], names: Mapping[TabKey, str], words: Language
) -> Iterator[Request]:
    """The drop-downs that a tab still lacks. A column in which people set up their own check keeps it."""
    told = hints(placed.tab, words)
    for key, place in sorted(placed.columns.items(), key=lambda item: item[1]):
        column = placed.tab.columns[key]
        wanted = rule(column, lists, names, words, told.get(key, ""))
        if wanted is None:
            continue
        first = placed.sheet.cell(placed.first_row, place).validation
        last = placed.sheet.cell(placed.sheet.rows, place).validation
        grown = placed.sheet.rows > placed.first_row and last is None  # rows that came later
        lacks = grown or not holds(_plain(first), _plain(wanted))
        if lacks and (first is None or _is_ours(first, wanted)):
            yield {
                "setDataValidation": {"range": column_area(placed.sheet.id, place, placed.first_row), "rule": wanted}
            }


def rule(
    column: Column, lists: Mapping[str, str], names: Mapping[TabKey, str], words: Language, hint: str
) -> Request | None:
    """The DataValidationRule of a column; None where anything may be typed."""
    if column.system or column.hidden:
        return None
    if column.kind is Kind.BOOLEAN:
        values: list[Json] = [{"userEnteredValue": words.text(each)} for each in ("word.yes", "word.no")]
        return _rule("ONE_OF_LIST", values, hint, strict=True)
    list_key = PEOPLE if column.kind is Kind.PERSON else column.dictionary
    source = lists.get(list_key) if list_key else names.get(column.refers_to) if column.refers_to else None
    return None if source is None else _rule("ONE_OF_RANGE", [{"userEnteredValue": source}], hint, strict=False)


def _rule(kind: str, values: list[Json], hint: str, *, strict: bool) -> Request:
    found: Request = {"condition": {"type": kind, "values": values}, "showCustomUi": True, "strict": strict}
    if hint:
        found["inputMessage"] = hint
    return found


def _is_ours(told: Json, wanted: Request) -> bool:
    """Whether a check offers what ours offers, though it may say it otherwise, or looks into the lists."""
    condition = _plain(told).get("condition") if isinstance(told, Mapping) else None
    if not isinstance(condition, Mapping):
        return False
    return holds(condition, _plain(wanted)["condition"]) or any(sign in str(condition) for sign in (SHEET, "#REF!"))


def _plain(told: Json) -> Mapping[str, Json]:
    """A rule in the form in which two are compared: Google writes a range with and without quotes and dollars."""
    if not isinstance(told, Mapping):
        return {}
    condition = told.get("condition")
    if not isinstance(condition, Mapping) or condition.get("type") != "ONE_OF_RANGE":
        return told
    values = condition.get("values")
    listed = values if isinstance(values, (list, tuple)) else ()
    plain: list[Json] = [re.sub("['$=]", "", str(each.get("userEnteredValue", ""))) for each in listed]
    return {**told, "condition": {**condition, "values": plain}}
