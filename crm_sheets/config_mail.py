"""Who is written to, and how: [reminders], [mail] and [templates]."""

from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from crm_sheets.config_secrets import SecretReference
from crm_sheets.config_section import Disagreement, Duration, Section
from crm_sheets.config_times import ClockTime, QuietTimes, Weekday, WorkingHours
from crm_sheets.language import line
from crm_sheets.rules.escalations import Ladder
from crm_sheets.rules.neglect import SILENT_DAYS, NeglectTerms
from crm_sheets.rules.payment_dates import PaymentTerms
from crm_sheets.rules.peace import PeaceTerms
from crm_sheets.rules.reminders import FollowUpTerms
from crm_sheets.rules.target_pace import BEHIND

NEVER = timedelta(days=36_500)
"""Without digests a reminder goes by itself, however late."""


def _several(given: object) -> object:
    return [given] if isinstance(given, str) else given


Notices: TypeAlias = Annotated[tuple[Duration, ...], BeforeValidator(_several), Field(max_length=12)]
Steps: TypeAlias = Annotated[tuple[Annotated[int, Field(ge=1, le=250)], ...], Field(max_length=12)]


class DigestSettings(Section):
    """[reminders.digest]."""

    enabled: bool = True
    at: ClockTime = time(8, 30)
    weekdays: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    weekly: bool = True
    errors: Literal["digest", "mail", "both"] = "digest"


class PeaceSettings(Section):
    """[reminders.peace]: when people may be written to."""

    enabled: bool = True
    hours: WorkingHours = ((timedelta(hours=8), timedelta(hours=20)),)
    quiet: QuietTimes = ()
    days_off: bool = False


class EscalationSettings(Section):
    """[reminders.escalation]: working days after which others hear of what stays open; 0 for never."""

    enabled: bool = True
    lead_after: Annotated[int, Field(ge=0, le=60)] = 3
    manager_after: Annotated[int, Field(ge=0, le=60)] = 7


class ReminderSettings(Section):
    """[reminders]. Steps are working days; an empty list switches a rule off."""

    enabled: bool = True
    before_due: bool = True
    due: bool = True
    overdue_after: Steps = (1, 3, 7)
    results_after: Steps = (1, 3)
    payments_before: Notices = (timedelta(days=3),)
    payments_late: Steps = (1, 3, 7)
    contracts_before: Notices = tuple(timedelta(days=days) for days in (60, 30, 7))
    services: bool = True
    feedback: bool = True
    no_contact: Mapping[str, Annotated[int, Field(ge=0, le=3_650)]] = Field(default_factory=lambda: dict(SILENT_DAYS))
    no_next_step_after: Annotated[int, Field(ge=0, le=250)] = 2
    stages: bool = True
    pace_behind: Annotated[Decimal, Field(ge=0, le=1)] = BEHIND
    too_old: Duration = timedelta(days=1)
    on_unknown: Literal["hold", "resend"] = "hold"
    digest: DigestSettings
    peace: PeaceSettings
    escalation: EscalationSettings

    @property
    def terms(self) -> FollowUpTerms:
        """What is said of follow-ups."""
        return FollowUpTerms(self.before_due, self.due, self.overdue_after)

    @property
    def ladder(self) -> Ladder:
        """Who else hears of them."""
        wanted = self.escalation
        return Ladder(wanted.lead_after or None, wanted.manager_after or None) if wanted.enabled else Ladder(None, None)

    @property
    def neglect(self) -> NeglectTerms:
        """When a customer counts as neglected."""
        return NeglectTerms(self.no_contact, self.no_next_step_after or None)

    @property
    def payments(self) -> PaymentTerms:
        """What is said of payments."""
        return PaymentTerms(self.payments_before, self.payments_late, self.enabled)

    @property
    def peace_terms(self) -> PeaceTerms:
        """When people may be written to."""
        told = self.peace
        too_old = self.too_old if self.digest.enabled else NEVER
        return PeaceTerms(told.enabled, told.hours, told.quiet, told.days_off, too_old)


class InboxSettings(Section):
    """[mail.inbox]: a mailbox over IMAP for answers and bounces, and for copies of what was sent."""

    host: str | None = None
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "tls"
    user: str | None = None
    password: SecretReference | None = None
    ca_file: Path | None = None
    timeout: Duration = timedelta(seconds=20)
    folder: str = "INBOX"
    every: Duration = timedelta(minutes=1)
    replies: bool = True
    archive: str | None = None
    archive_address: str | None = None
    settles: Duration = timedelta(minutes=10)

    def disagreements(self) -> Iterator[Disagreement]:
        """See Section."""
        if self.host is not None and (self.user is None or self.password is None):
            yield ("host", "user", "password"), line("mistake.inbox.login")
        if self.archive_address is not None and self.archive is None:
            yield ("archive_address", "archive"), line("mistake.inbox.archive")


class CalendarMailSettings(Section):
    """[mail.calendar]: follow-ups with a time stand in people's calendars."""

    enabled: bool = True
    length: Duration = timedelta(minutes=30)


class MailSettings(Section):
    """[mail]; without a host nothing is sent and reminders wait in the outbox."""

    host: str | None = None
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretReference | None = None
    sender: str | None = None
    reply_to: str | None = None
    administrators: tuple[str, ...] = ()
    ca_file: Path | None = None
    timeout: Duration = timedelta(seconds=20)
    inbox: InboxSettings
    calendar: CalendarMailSettings

    def disagreements(self) -> Iterator[Disagreement]:
        """See Section."""
        if self.host is not None and self.sender is None:
            yield ("host", "sender"), line("mistake.mail.sender")
        if (self.user is None) != (self.password is None):
            yield ("user", "password"), line("mistake.mail.login")


class TemplateSettings(Section):
    """[templates]."""

    folder: Path | None = None
