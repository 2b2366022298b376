"""The column 共享 can be understood: a department, a sign, what it may do."""

import re

from crm_sheets.cells import text_key
from crm_sheets.changes import NOTHING, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.labels import words

_PIECES = re.compile(r"[;；\n]")
_SIGN = re.compile(r"[:：]")


def shared_with(row: Row, context: Context) -> Outcome:
    """Warns of pieces that are not `department:level` with one of the levels 可编辑 and 仅查看."""
    text = record_of(row, Customer).shared_with
    if not text:
        return NOTHING
    levels = {text_key(level) for level in words("rules.share_levels")}
    wrong = [piece.strip() for piece in _PIECES.split(text) if piece.strip() and not _understood(piece, levels)]
    if not wrong:
        return NOTHING
    value = context.language.text("list.and").join(wrong)
    return Outcome((found("share-not-understood", row, "shared_with", Severity.WARNING, value=value),))


def _understood(piece: str, levels: set[str]) -> bool:
    department, *level = _SIGN.split(piece)
    return bool(department.strip()) and len(level) == 1 and text_key(level[0]) in levels
