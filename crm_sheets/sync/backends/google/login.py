"""Who asks Google: a service account, or a person who logged in; and what it means when no token is to be had."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.oauth2 import credentials, service_account
from requests.exceptions import ProxyError, SSLError

from crm_sheets.errors import ServiceUnavailable
from crm_sheets.sync.backends.google.errors import is_rate

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
"""Spreadsheets, and nothing else of a Drive: none is looked for, made or deleted."""


class Unreached(StrEnum):
    """Why no answer came from Google itself; the account is not at fault."""

    BUSY = "busy"  # too many logins, or an error of Google's
    TLS = "tls"  # somebody between us and Google shows a certificate that this machine does not trust
    PROXY = "proxy"
    NETWORK = "network"


@contextmanager
def _told_apart() -> Iterator[None]:
    """What a proxy or a login page says in Google's stead is trouble on the way, and no refusal of the account; nor is
    what Google says of too many logins.

    google-auth takes any text for an answer, stumbles over the text of a page that comes with status 200, and knows a
    rate limit by status 429 alone.
    """
    try:
        yield
    except TypeError as error:
        raise TransportError("the address that gives tokens answered with a page") from error
    except RefreshError as error:
        if str(error.args[0]).lstrip().startswith("<"):
            raise TransportError("the address that gives tokens answered with a page") from error
        if not error.retryable and is_busy(error):
            raise RefreshError(*error.args, retryable=True) from error
        raise


class Member(credentials.Credentials):  # type: ignore[misc]  # google-auth has no types
    """A person who logged in."""

    def refresh(self, request: Any) -> None:
        """Fetches a token."""
        with _told_apart():
            super().refresh(request)


class Robot(service_account.Credentials):  # type: ignore[misc]  # google-auth has no types
    """A service account that asks nobody but those whom it was told to ask: google-auth looks up, in the background,
    in which regions the account may be used, which firewalls refuse and an emulator cannot answer."""

    def refresh(self, request: Any) -> None:
        """Fetches a token."""
        with _told_apart():
            super().refresh(request)

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


def credentials_of(info: Mapping[str, Any], base: str, scopes: Sequence[str], subject: str | None) -> Any:
    """What signs in, from the contents of a file.

    Args:
        info: a key file of a service account, or what an OAuth login left: gcloud marks that as `authorized_user`,
            gspread does not.
        base: see Terms; tokens of people come from there, too.
        scopes: what a service account may be used for. A person has said so when logging in: who asks for other words
            than then is refused.
        subject: see connect().

    Raises:
        ServiceUnavailable: they are of a kind that we do not know, or incomplete.
    """
    if "installed" in info or "web" in info:
        raise ServiceUnavailable("the credentials for Google are those of an OAuth client, nobody logged in yet").told(
            "error.google.client_file"
        )
    try:
        if "refresh_token" in info:
            member = Member.from_authorized_user_info({**info, "scopes": None})
            if base:
                vars(member)["_token_uri"] = f"{base}/token"  # google-auth takes no other address than Google's
            return member
        return Robot.from_service_account_info(info, scopes=list(scopes), subject=subject)
    except (ValueError, KeyError) as error:
        raise ServiceUnavailable(f"the credentials for Google cannot be used: {error}").told(
            "error.google.credentials", said=error
        ) from error


def is_busy(error: GoogleAuthError) -> bool:
    """Whether there were too many logins."""
    return len(error.args) > 1 and is_rate(error.args[1])


def said_of(error: GoogleAuthError) -> str:
    """What the address that gives tokens said, without the rest of its answer."""
    told = error.args[1] if len(error.args) > 1 else None
    found = told.get("error") if isinstance(told, dict) else None
    if isinstance(found, dict) and found.get("message"):
        return str(found["message"])
    return str(error.args[0] if error.args else error)


def unreached(error: BaseException) -> Unreached | None:
    """Why Google was not reached; None when it answered, or when that is not what went wrong."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, SSLError):
            return Unreached.TLS
        if isinstance(seen, ProxyError):
            return Unreached.PROXY
        inner = next((each for each in seen.args if isinstance(each, BaseException)), None)
        seen = inner or seen.__cause__
    if isinstance(error, TransportError):
        return Unreached.NETWORK
    return Unreached.BUSY if isinstance(error, GoogleAuthError) and error.retryable else None
