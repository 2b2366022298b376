"""Commands about mails to customers: mailing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mailing:
    """The mail of a campaign.

    Attributes:
        state: as 活动 shows it.
        version: of text and list as they are; approved: of those that somebody approved, "" for none.
        receive: how many members may be written to; others: why the rest may not, and how many of them.
    """

    campaign: str
    name: str
    subject: str
    state: str
    version: str
    approved: str
    members: int
    receive: int
    others: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MailingsReport:
    """`mailing`."""

    mailings: tuple[Mailing, ...]


@dataclass(frozen=True, slots=True)
class MailingPreview:
    """`mailing preview`: what a customer would get, and the list of all of them with what becomes of each."""

    mailing: Mailing
    customer: str
    address: str
    subject: str
    text: str
    html_file: Path
    text_file: Path
    list_file: Path


@dataclass(frozen=True, slots=True)
class MailingSent:
    """`mailing send`: how many mails went, wait, were refused; how many rows learned what became of theirs."""

    sent: int
    retried: int
    refused: int
    withheld: int
    told: int
    stopped: str


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """`mailing unsubscribe`: to whom no more goes."""

    customers: tuple[str, ...]
