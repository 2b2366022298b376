"""A 工号 belongs to one person, and a name should."""

from crm_sheets.cells import text_key
from crm_sheets.changes import Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.naming import PEOPLE
from crm_sheets.schema.base import Row
from crm_sheets.schema.people import PersonRecord


def people_once(row: Row, context: Context) -> Outcome:
    """Flags a doubled 工号; warns of a name that several people have, who must be called by their 工号.

    Rows of 组织 are all looked at again when one of them changed.
    """
    person = record_of(row, PersonRecord)
    issues = []
    if _others(row, "id", person.id, context):
        issues.append(found("person-id-doubled", row, "id", value=str(person.id)))
    if _others(row, "name", person.name, context):
        issues.append(found("person-name-doubled", row, "name", Severity.WARNING, value=str(person.name)))
    return Outcome(tuple(issues))


def _others(row: Row, column: str, text: str | None, context: Context) -> bool:
    if not text:
        return False
    named = (other for other in context.book.named(PEOPLE, text) if other.key != row.key)
    return any(text_key(getattr(other.record, column) or "") == text_key(text) for other in named)
