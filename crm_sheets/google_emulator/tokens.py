"""/token: signed assertions of service accounts, refresh tokens of people, and the access tokens that they get.

RFC 7523; https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

import base64
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from crm_sheets.google_emulator.calls import Answer, Call, json_answer
from crm_sheets.google_emulator.json_values import Json, Object, text, whole
from crm_sheets.google_emulator.refusals import GoogleError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCES = frozenset({"https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token"})
LIFETIME = 3599
"""Seconds that an access token is good for."""
_SKEW = 300
_SCOPES = "https://www.googleapis.com/auth/"
SHEETS_SCOPES = frozenset(_SCOPES + name for name in ("spreadsheets", "drive", "drive.file"))
"""Any of these lets a program write spreadsheets."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """Who holds it, for what, until when (seconds since 1970)."""

    user: str
    scopes: frozenset[str]
    expires: float


@dataclass(frozen=True, slots=True)
class Login:
    """What a person agreed to once: for which program (an OAuth client), and for what."""

    user: str
    client_id: str
    client_secret: str
    scopes: frozenset[str]


@dataclass(slots=True)
class Tokens:
    """Accounts and their tokens."""

    clock: Callable[[], float]
    """Seconds since 1970: the clock that the callers' libraries sign with."""
    randomness: random.Random
    token_uri: str = ""
    keys: dict[str, "RSAPublicKey"] = field(default_factory=dict)
    """Public keys of service accounts, by e-mail address."""
    logins: dict[str, Login] = field(default_factory=dict)
    """By refresh token."""
    revoked: set[str] = field(default_factory=set)
    """Refresh tokens that count no longer."""
    access: dict[str, AccessToken] = field(default_factory=dict)
    shared_key: "RSAPrivateKey | None" = None
    """One key pair for all service accounts: making one takes long."""

    def issue(self, user: str, scopes: frozenset[str], lifetime: float = LIFETIME) -> str:
        """A new access token."""
        token = f"ya29.{self.randomness.getrandbits(160):040x}"
        self.access[token] = AccessToken(user, scopes, self.clock() + lifetime)
        return token

    def expire(self, user: str) -> None:
        """Ends all access tokens of an account: the next call gets 401."""
        self.access = {token: held for token, held in self.access.items() if held.user != user}

    def holder(self, call: Call) -> AccessToken:
        """Whose token a call carries.

        Raises:
            GoogleError: 401 without one, or with one that is unknown or no longer good; 403 with too few scopes.
        """
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" and not token:
            raise GoogleError(401, _NO_CREDENTIALS)
        held = self.access.get(token)
        if held is None or held.expires <= self.clock():
            raise GoogleError(401, _BAD_CREDENTIALS)
        if not held.scopes & _sufficient(call):
            raise _too_few_scopes(call)
        return held

    def exchange(self, call: Call) -> Answer:
        """Answers a POST to /token."""
        form = {key: values[0] for key, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
        try:
            match form.get("grant_type"):
                case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                    user, scopes = self._asserted(form.get("assertion", ""))
                case "refresh_token":
                    user, scopes = self._refreshed(form)
                case other:
                    raise _Denied("unsupported_grant_type", f"Invalid grant_type: {other or ''}")
        except _Denied as denied:
            status = 401 if denied.error == "invalid_client" else 400
            return json_answer(status, {"error": denied.error, "error_description": str(denied)})
        call.user = user
        told: Object = {"access_token": self.issue(user, scopes), "expires_in": LIFETIME, "token_type": "Bearer"}
        return json_answer(200, told if "assertion" in form else {**told, "scope": " ".join(sorted(scopes))})

    def _refreshed(self, form: dict[str, str]) -> tuple[str, frozenset[str]]:
        """The account and the scopes of a refresh token: those asked for, all of which were agreed to."""
        token = form.get("refresh_token", "")
        login = self.logins.get(token)
        if login is None:
            raise _Denied("invalid_grant", "Bad Request")
        if (form.get("client_id"), form.get("client_secret")) != (login.client_id, login.client_secret):
            raise _Denied("invalid_client", "Unauthorized")
        if token in self.revoked:
            raise _Denied("invalid_grant", "Token has been expired or revoked.")
        asked = frozenset(form.get("scope", "").split())
        if not asked <= login.scopes:
            raise _Denied("invalid_scope", "Bad Request")
        return login.user, asked or login.scopes

    def _asserted(self, assertion: str) -> tuple[str, frozenset[str]]:
        """The account and the scopes of a signed JWT (RS256)."""
        signed, _, signature = assertion.rpartition(".")
        header, _, payload = signed.partition(".")
        claims = _decoded(payload)
        user = text(claims, "iss")
        if text(_decoded(header), "alg") != "RS256":
            raise _Denied("invalid_grant", "Invalid JWT: unsupported algorithm.")
        key = self.keys.get(user)
        if key is None:
            raise _Denied("invalid_grant", "Invalid grant: account not found")
        _verify(key, signed, signature)
        self._check_claims(claims)
        return text(claims, "sub") or user, frozenset(text(claims, "scope").split())

    def _check_claims(self, claims: Object) -> None:
        now, issued, expires = self.clock(), whole(claims, "iat"), whole(claims, "exp")
        if text(claims, "aud") not in {*AUDIENCES, self.token_uri}:
            raise _Denied("invalid_grant", "Invalid JWT: Failed audience check.")
        if not now - 3600 - _SKEW <= issued <= now + _SKEW or not now - _SKEW <= expires <= issued + 3600:
            raise _Denied("invalid_grant", _TIMEFRAME)
        if not text(claims, "scope"):
            raise _Denied("invalid_scope", "Empty or missing scope not allowed.")


def _sufficient(call: Call) -> frozenset[str]:
    """The scopes any of which is enough for a call."""
    names = ["drive", "drive.file"]
    if call.method == "GET":
        names.append("drive.readonly")
    if not call.path.startswith("/drive/"):
        names += ["spreadsheets", "spreadsheets.readonly"] if call.method == "GET" else ["spreadsheets"]
    elif call.method == "GET":
        names += ["drive.metadata", "drive.metadata.readonly"]
    return frozenset(_SCOPES + name for name in names)


def _too_few_scopes(call: Call) -> GoogleError:
    service = "drive.googleapis.com" if call.path.startswith("/drive/") else "sheets.googleapis.com"
    detail: Object = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": service},
    }
    return GoogleError(403, "Request had insufficient authentication scopes.", details=[detail])


_NO_CREDENTIALS = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_BAD_CREDENTIALS = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_TIMEFRAME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)


class _Denied(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


def _decoded(segment: str) -> Object:
    try:
        found: Json = json.loads(_bytes(segment))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _Denied("invalid_grant", "Invalid JWT: not a valid JWT.")
    return found


def _bytes(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _verify(key: "RSAPublicKey", signed: str, signature: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key.verify(_bytes(signature), signed.encode("ascii"), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        raise _Denied("invalid_grant", "Invalid JWT Signature.") from None


def new_key() -> "RSAPrivateKey":
    """A key pair as Google makes them for service accounts."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_file(key: "RSAPrivateKey", email: str, token_uri: str) -> Object:
    """The contents of a service account's key file."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    return {
        "type": "service_account",
        "project_id": "emulated",
        "private_key_id": "emulated",
        "private_key": pem,
        "client_email": email,
        "client_id": "100000000000000000000",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }
