"""One account of Google's, and the client through which all its spreadsheets are asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.auth.transport.requests import AuthorizedSession

from crm_sheets.sync.backends.google.budget import Budget
from crm_sheets.sync.backends.google.http import SheetsClient, Terms
from crm_sheets.sync.backends.google.login import SCOPES, credentials_of

REFRESH_TIMEOUT = 30


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks, and how.

    Attributes:
        email: of a service account; of a person who logged in, as the config names them, whom the credentials do not
            name; "" when nobody says.
    """

    email: str
    client: SheetsClient


def connect(
    info: Mapping[str, Any],
    terms: Terms,
    budget: Budget,
    *,
    scopes: Sequence[str] = SCOPES,
    subject: str | None = None,
    person: str = "",
) -> Account:
    """The client of an account; asks Google nothing yet.

    Args:
        info: what a key file of a service account holds, or the file that an OAuth login left.
        budget: to be shared by all that ask as this account.
        scopes: what a service account may be used for.
        subject: the person for whom a service account with domain-wide delegation acts.
        person: the mail address of whoever logged in, where it is known.

    Raises:
        ServiceUnavailable: the credentials are of a kind that we do not know, or incomplete.
    """
    made = credentials_of(info, terms.base, scopes, subject)
    session = AuthorizedSession(made, max_refresh_attempts=1, refresh_timeout=REFRESH_TIMEOUT)
    return Account(str(info.get("client_email") or person), SheetsClient(session, terms, budget))
