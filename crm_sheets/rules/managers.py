"""Nobody is their own superior, by however many steps."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.naming import PEOPLE, the_one
from crm_sheets.schema.base import Row
from crm_sheets.schema.people import PersonRecord


def managers(row: Row, context: Context) -> Outcome:
    """Flags everybody who stands in a circle of managers; who merely leads into one is not to blame.

    It follows managers beyond the row's own entries: rows of 组织 are all looked at again when one of them changed.
    """
    climbed: list[Row] = []
    step: Row | None = row
    while step is not None and step.key not in [each.key for each in climbed]:
        climbed.append(step)
        step = the_one(PEOPLE, record_of(step, PersonRecord).manager, context)
    if step is None or step.key != row.key:
        return NOTHING
    names = [record_of(each, PersonRecord).name or str(each.key) for each in (*climbed, row)]
    return Outcome((found("manager-circle", row, "manager", value=" → ".join(names)),))
