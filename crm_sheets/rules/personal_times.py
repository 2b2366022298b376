"""What somebody wishes about reminders can be read: hours, quiet times, time zone, kinds that are not wanted."""

from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.peace import muted, spans_of, zone_of
from crm_sheets.rules.reminder_families import FAMILIES
from crm_sheets.schema.base import Row
from crm_sheets.schema.labels import words
from crm_sheets.schema.people import PersonRecord


def personal_times(row: Row, context: Context) -> Outcome:
    """Flags wishes that would be passed over in silence; until they are mended, what the config says holds."""
    person = record_of(row, PersonRecord)
    issues: list[Issue] = []
    for column, text in (("work_hours", person.work_hours), ("quiet_hours", person.quiet_hours)):
        if text and spans_of(text) is None:
            issues.append(found("hours-not-understood", row, column, Severity.WARNING, value=text))
    if person.time_zone and zone_of(person.time_zone) is None:
        issues.append(found("time-zone-unknown", row, "time_zone", Severity.WARNING, value=person.time_zone))
    unknown = muted(person.remind_off)[1]
    if unknown:
        told = context.language.text("list.and")
        names = (words(f"rules.remind_family.{family}", (context.language.locale,))[0] for family in FAMILIES)
        issues.append(
            found(
                "reminders-unknown",
                row,
                "remind_off",
                Severity.WARNING,
                value=told.join(unknown),
                choices=told.join(names),
            )
        )
    return Outcome(tuple(issues))
