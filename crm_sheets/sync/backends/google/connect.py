"""One account of Google's, and the client through which all its spreadsheets are asked."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from google.auth.exceptions import RefreshError, TransportError
from google.auth.transport.requests import AuthorizedSession
from google.oauth2 import credentials, service_account

from crm_sheets.errors import ServiceUnavailable
from crm_sheets.sync.backends.google.budget import Budget
from crm_sheets.sync.backends.google.http import SheetsClient, Terms

SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
)
"""Whole spreadsheets, and whose they are; files are never made nor deleted."""

REFRESH_TIMEOUT = 30


@contextmanager
def _pages_are_no_answer() -> Iterator[None]:
    """What a proxy or a login page says in Google's stead is trouble on the way, and no refusal of the account.

    google-auth takes any text for an answer, and stumbles over the text of a page that comes with status 200.
    """
    try:
        yield
    except TypeError as error:
        raise TransportError("the address that gives tokens answered with a page") from error
    except RefreshError as error:
        if str(error.args[0]).lstrip().startswith("<"):
            raise TransportError("the address that gives tokens answered with a page") from error
        raise


class Member(credentials.Credentials):  # type: ignore[misc]  # google-auth has no types
    """A person who logged in."""

    def refresh(self, request: Any) -> None:
        """Fetches a token."""
        with _pages_are_no_answer():
            super().refresh(request)


class Robot(service_account.Credentials):  # type: ignore[misc]  # google-auth has no types
    """A service account that asks nobody but those whom it was told to ask: google-auth looks up, in the background,
    in which regions the account may be used, which firewalls refuse and an emulator cannot answer."""

    def refresh(self, request: Any) -> None:
        """Fetches a token."""
        with _pages_are_no_answer():
            super().refresh(request)

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks, and how.

    Attributes:
        email: of a service account; "" for a person who logged in, whom the credentials do not name.
    """

    email: str
    client: SheetsClient


def connect(
    info: Mapping[str, Any], terms: Terms, budget: Budget, *, scopes: Sequence[str] = SCOPES, subject: str | None = None
) -> Account:
    """The client of an account; asks Google nothing yet.

    Args:
        info: what a key file of a service account holds, or the file that an OAuth login left (`authorized_user`).
        budget: to be shared by all that ask as this account.
        scopes: what the account may be used for.
        subject: the person for whom a service account with domain-wide delegation acts.

    Raises:
        ServiceUnavailable: the credentials are of a kind that we do not know, or incomplete.
    """
    made: Any
    try:
        if info.get("type") == "authorized_user":
            made = Member.from_authorized_user_info(info, list(scopes))
        else:
            made = Robot.from_service_account_info(info, scopes=list(scopes), subject=subject)
    except (ValueError, KeyError) as error:
        raise ServiceUnavailable(f"the credentials for Google cannot be used: {error}").told(
            "error.google.credentials", said=error
        ) from error
    session = AuthorizedSession(made, max_refresh_attempts=1, refresh_timeout=REFRESH_TIMEOUT)
    return Account(str(info.get("client_email", "")), SheetsClient(session, terms, budget))
