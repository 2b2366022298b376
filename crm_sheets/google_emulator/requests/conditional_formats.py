"""Rules of conditional formats: their order is their rank, so that they are called by their index."""

from typing import Final

from crm_sheets.google_emulator.conditions import check_condition
from crm_sheets.google_emulator.features import entries
from crm_sheets.google_emulator.json_values import Object, optional_whole, part, parts, text, whole
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.model.sheet import Sheet
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler

FEATURE: Final = "conditionalFormats"
_ALLOWED: Final = {"bold", "italic", "strikethrough", "underline", "foregroundColor", "foregroundColorStyle"}


def add_rule(batch: Batch, request: Object) -> None:
    """AddConditionalFormatRuleRequest; its answer is empty."""
    rule = part(request, "rule")
    sheet = _check_rule(batch.book, rule)
    rules, index = entries(sheet, FEATURE), whole(request, "index")
    if not 0 <= index <= len(rules):
        raise Refused(f"Invalid conditional format index {index}")
    rules.insert(index, rule)


def update_rule(batch: Batch, request: Object) -> Object:
    """UpdateConditionalFormatRuleRequest: another rule in the place of one, or the same rule in another place."""
    new, target, index = part(request, "rule"), optional_whole(request, "newIndex"), whole(request, "index")
    if bool(new) == (target is not None):
        raise Refused("Exactly one of rule or newIndex must be set.")
    if target is None:
        return _replace(batch.book, new, index)
    sheet = batch.book.sheet(whole(request, "sheetId"))
    old = _rule_at(sheet, index)
    rules = entries(sheet, FEATURE)
    if not 0 <= target < len(rules):
        raise Refused(f"Invalid conditional format index {target}")
    del rules[index]
    rules.insert(target, old)
    return {"newRule": old, "newIndex": target, "oldIndex": index}


def delete_rule(batch: Batch, request: Object) -> Object:
    """DeleteConditionalFormatRuleRequest: the rules behind it move up."""
    sheet, index = batch.book.sheet(whole(request, "sheetId")), whole(request, "index")
    rule = _rule_at(sheet, index)
    del entries(sheet, FEATURE)[index]
    return {"rule": rule}


def _replace(book: Book, new: Object, index: int) -> Object:
    sheet = _check_rule(book, new)
    old = _rule_at(sheet, index)
    entries(sheet, FEATURE)[index] = new
    return {"oldRule": old, "newRule": new, "newIndex": index}


def _rule_at(sheet: Sheet, index: int) -> Object:
    rules = entries(sheet, FEATURE)
    if not 0 <= index < len(rules):
        raise Refused(f"No conditional format on sheet: {sheet.sheet_id} at index: {index}")
    return rules[index]


def _check_rule(book: Book, rule: Object) -> Sheet:
    """The sheet that it is on."""
    ranges = parts(rule, "ranges")
    if not ranges:
        raise Refused("At least one range must be specified.")
    if len({whole(one, "sheetId") for one in ranges}) > 1:
        raise Refused("All ranges in a ConditionalFormatRule must be on the same sheet.")
    sheet = book.sheet(whole(ranges[0], "sheetId"))
    if "gradientRule" in rule:
        _check_gradient(part(rule, "gradientRule"))
    elif "booleanRule" in rule:
        boolean = part(rule, "booleanRule")
        check_condition(part(boolean, "condition"), "C")
        _check_format(part(boolean, "format"))
    else:
        raise Refused("One of booleanRule or gradientRule must be set.")
    return sheet


def _check_gradient(gradient: Object) -> None:
    for name in ("minpoint", "midpoint", "maxpoint"):
        point = part(gradient, name)
        if not point and name == "midpoint":
            continue
        if not text(point, "type"):
            raise Refused("No interpolationPointType specified.")
        if text(point, "type") not in ("MIN", "MAX") and not text(point, "value"):
            raise Refused("InterpolationPoint.value is required.")


def _check_format(cell_format: Object) -> None:
    """Only a part of what a cell can look like can depend on its value."""
    for name in cell_format:
        if name not in ("backgroundColor", "backgroundColorStyle", "textFormat"):
            raise Refused(f"ConditionalFormatRule.format does not support the field: {name}")
    for name in part(cell_format, "textFormat"):
        if name not in _ALLOWED:
            raise Refused(f"ConditionalFormatRule.format.textFormat does not support the field: {name}")


HANDLERS: dict[str, Handler] = {
    "addConditionalFormatRule": add_rule,
    "updateConditionalFormatRule": update_rule,
    "deleteConditionalFormatRule": delete_rule,
}
