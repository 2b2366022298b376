"""An event as iCalendar text, to be sent with a mail (RFC 5545; RFC 6047 says how)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crm_sheets.sync.notifiers.base import CalendarPart, one_line


@dataclass(frozen=True, slots=True)
class Invitation:
    """An event for one person.

    Attributes:
        uid: the same for ever.
        cancelled: it is to be taken out of the calendar.
        starts: aware, in the zone in which it is meant: it keeps its hour there, whatever the clocks do.
        organizer, attendee: addresses.
        attendee_name: as in 组织.
    """

    uid: str
    sequence: int
    cancelled: bool
    starts: datetime
    length: timedelta
    title: str
    description: str
    organizer: str
    organizer_name: str
    attendee: str
    attendee_name: str
    made_at: datetime


def calendar_part(invitation: Invitation) -> CalendarPart:
    """The event, with the rules of its zone."""
    from icalendar import Calendar, Event

    method = "CANCEL" if invitation.cancelled else "REQUEST"
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//crm_sheets//CN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event.add("uid", invitation.uid)
    event.add("dtstamp", invitation.made_at.astimezone(UTC))
    event.add("sequence", invitation.sequence)
    event.add("dtstart", invitation.starts)
    event.add("dtend", (invitation.starts.astimezone(UTC) + invitation.length).astimezone(invitation.starts.tzinfo))
    event.add("summary", one_line(invitation.title))
    if invitation.description:
        event.add("description", invitation.description)
    event.add("status", "CANCELLED" if invitation.cancelled else "CONFIRMED")
    event.add("organizer", _party(invitation.organizer, invitation.organizer_name), encode=False)
    attendee = _party(invitation.attendee, invitation.attendee_name)
    for name, value in (("ROLE", "REQ-PARTICIPANT"), ("PARTSTAT", "NEEDS-ACTION"), ("RSVP", "FALSE")):
        attendee.params[name] = value
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return CalendarPart(method, calendar.to_ical().decode("utf-8"))


def _party(address: str, name: str) -> "vCalAddress":  # type: ignore[name-defined]  # noqa: F821
    """Somebody who takes part. A name has no quotes: they would end the parameter (RFC 5545, 3.2)."""
    from icalendar import vCalAddress

    party = vCalAddress(f"mailto:{address}")
    shown = one_line(name).replace('"', "'")
    if shown:
        party.params["CN"] = shown
    return party
