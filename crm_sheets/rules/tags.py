"""A tag says its dimension: 级别-A类, not A类."""

import re

from crm_sheets.changes import NOTHING, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer

DIMENSION_AND_VALUE = re.compile(r"[^-－]+[-－].+")


def tags(row: Row, context: Context) -> Outcome:
    """Tells which tags lack their dimension, in one finding."""
    lacking = [tag for tag in record_of(row, Customer).tags or () if not DIMENSION_AND_VALUE.fullmatch(tag.strip())]
    if not lacking:
        return NOTHING
    value = context.language.text("list.and").join(lacking)
    return Outcome((found("tag-without-dimension", row, "tags", Severity.INFO, value=value),))
