"""A person who is named works here."""

from crm_sheets.changes import NOTHING, Issue, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.naming import PEOPLE
from crm_sheets.rules.standing import is_finished
from crm_sheets.schema.base import Kind, Row
from crm_sheets.schema.labels import tab_label
from crm_sheets.schema.people import PersonRecord
from crm_sheets.tables import ColumnKey


def people_exist(row: Row, context: Context) -> Outcome:
    """Flags people that 组织 does not know, knows twice, or knows to have left.

    What is finished may name somebody who has left since: history stays as it was.
    """
    if PEOPLE not in context.tabs:
        return NOTHING
    issues = []
    for column in context.tabs[row.tab].staff_columns(Kind.PERSON):
        text = getattr(row.record, column.key)
        if text and (issue := _judge(row, column.key, text, context)):
            issues.append(issue)
    return Outcome(tuple(issues))


def _judge(row: Row, key: ColumnKey, text: str, context: Context) -> Issue | None:
    named = [record_of(person, PersonRecord) for person in context.book.named(PEOPLE, text)]
    if not named:
        return found("person-unknown", row, key, value=text, target=tab_label(PEOPLE, context.language))
    if len(named) > 1:
        ids = context.language.text("list.and").join(person.id or person.name or "" for person in named)
        return found("person-ambiguous", row, key, value=text, ids=ids)
    if named[0].active is False and not is_finished(row.record, context):
        return found("person-left", row, key, Severity.WARNING, value=text)
    return None
