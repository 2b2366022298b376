"""Who is written to, and how: [reminders], [mail] and [templates]."""

from datetime import time, timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from crm_sheets.config_secrets import SecretReference
from crm_sheets.config_section import Duration, Section
from crm_sheets.config_times import ClockTime, Weekday


class DigestSettings(Section):
    """[reminders.digest]."""

    enabled: bool = True
    at: ClockTime = time(8, 30)
    weekdays: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


class ReminderSettings(Section):
    """[reminders]."""

    enabled: bool = True
    overdue_after: Duration = timedelta(days=1)
    payments_before: Duration = timedelta(days=3)
    contracts_before: Duration = timedelta(days=30)
    on_unknown: Literal["hold", "resend"] = "hold"
    digest: DigestSettings


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

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.host is not None and (self.user is None or self.password is None):
            raise ValueError("user and password are missing: a mailbox wants a login")
        if self.archive_address is not None and self.archive is None:
            raise ValueError('archive is missing: the folder into which the copies come, archive = "INBOX" …')
        return self


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

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.host is not None and self.sender is None:
            raise ValueError('sender is missing: sender = "CRM <crm@example.com>"')
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together: give both or neither")
        return self


class TemplateSettings(Section):
    """[templates]."""

    folder: Path | None = None
