"""Nobody is their own superior, by however many steps."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.naming import PEOPLE, the_one
from crm_sheets.schema.base import Row
from crm_sheets.schema.people import PersonRecord


def managers(row: Row, context: Context) -> Outcome:
    """Flags everybody who stands in a circle of managers; who merely leads into one is not to blame.

    It follows managers beyond the row's own entries: a change of 组织 has every rule asked again anyway.
    """
    seen = [row.key]
    names = []
    step = the_one(PEOPLE, record_of(row, PersonRecord).manager, context)
    while step is not None and step.key not in seen:
        seen.append(step.key)
        person = record_of(step, PersonRecord)
        names.append(person.name or person.id or "")
        step = the_one(PEOPLE, person.manager, context)
    if step is None or step.key != row.key:
        return NOTHING
    value = " → ".join(
        [record_of(row, PersonRecord).manager or "", *names[1:], record_of(row, PersonRecord).name or ""]
    )
    return Outcome((found("manager-circle", row, "manager", value=value),))
