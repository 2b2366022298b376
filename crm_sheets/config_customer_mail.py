"""Mails to customers: [customer_mail]."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_sheets.approval_flows import Change, Flow, Step
from crm_sheets.config_section import Disagreement, Section
from crm_sheets.config_source import Said
from crm_sheets.config_times import WorkingHours
from crm_sheets.language import language, line
from crm_sheets.rules.customer_mail import APPROVED, RELEASE, SEND, VERSION
from crm_sheets.rules.naming import CAMPAIGN_MEMBERS, CAMPAIGNS

TOKEN = "{token}"  # noqa: S105 - where it goes, and none itself


def _page(given: str) -> str:
    if not given.startswith("https://") or TOKEN not in given or not given.isascii():
        raise PydanticCustomError(
            "unsubscribe_url", "write an address that begins with https:// and has {token} in it", {"token": TOKEN}
        )
    return given


class CustomerMailSettings(Section):
    """[customer_mail]: campaign mail and greetings. Off unless the config says otherwise.

    Attributes:
        sender: an address of its own: what customers think of these mails must not keep reminders from arriving.
        approver: who approves the mail of a campaign, as in [approvals].
        hours: in which mails go out, on working days; greetings go on their day, whatever day it is.
        consent: `opt_out` writes to whoever did not say no, `opt_in` only to whoever said yes.
        unsubscribe_url: a page of the team's own for one click (RFC 8058); `{token}` stands for the mail.
        imprint: who writes, for the foot of each mail.
    """

    enabled: bool = False
    sender: str | None = None
    reply_to: str | None = None
    approver: str = "role:department_manager"
    per_minute: Annotated[int, Field(ge=1, le=600)] = 20
    per_day: Annotated[int, Field(ge=1, le=100_000)] = 500
    hours: WorkingHours = ((timedelta(hours=9), timedelta(hours=18)),)
    days_off: bool = False
    consent: Literal["opt_out", "opt_in"] = "opt_out"
    unsubscribe_url: Annotated[str, AfterValidator(_page)] | None = None
    imprint: str = ""

    def disagreements(self) -> Iterator[Disagreement]:
        """See Section."""
        if self.enabled and self.sender is None:
            yield ("enabled", "sender"), line("mistake.customer_mail.sender")

    def flow(self, locale: str) -> Flow:
        """How a mail is approved: the very text, for the very list; with the name that it has in a language."""
        return Flow(
            name=language(locale).text("customer_mail.flow"),
            tab=CAMPAIGNS,
            steps=(Step(self.approver),),
            change=Change(RELEASE, after=frozenset({SEND})),
            binds=VERSION,
            stamp=APPROVED,
        )


def customer_mail_mistakes(told: CustomerMailSettings, tabs: Collection[str], *, heard: bool) -> Iterator[Said]:
    """What else a team needs that writes to its customers; `heard` is whether somebody takes in who unsubscribes."""
    if not told.enabled:
        return
    for key in (CAMPAIGNS, CAMPAIGN_MEMBERS):
        if key not in tabs:
            yield "customer_mail", line("mistake.tab.unused", given=key)
    if not heard:
        yield "customer_mail", line("mistake.customer_mail.heard")
