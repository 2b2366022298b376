"""Tokens, rights and the wire."""

import base64
import json
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import gspread
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.json_values import Object, part, text
from crm_sheets.google_emulator.tokens import new_key
from tests.google_emulator.conftest import Caller, message

ROBOT = "robot@emulated.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/spreadsheets"


def exchange(emulator: Emulator, assertion: str) -> Object:
    connection = HTTPConnection(urlsplit(emulator.url).netloc, timeout=20)
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    connection.request("POST", "/token", urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
    found: Object = json.loads(connection.getresponse().read())
    connection.close()
    return found


def signed(emulator: Emulator, keys: Object, **claims: object) -> str:
    now = int(emulator.tokens.clock())
    base = {"iss": ROBOT, "scope": SCOPE, "aud": text(keys, "token_uri"), "iat": now, "exp": now + 3600}
    body = ".".join(encoded(json.dumps(piece).encode()) for piece in ({"alg": "RS256"}, base | claims))
    key = load_pem_private_key(text(keys, "private_key").encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return body + "." + encoded(key.sign(body.encode(), PKCS1v15(), SHA256()))


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({}, "Bearer"),
        ({"scope": SCOPE}, "Bearer"),
        ({"scope": SCOPE + ".readonly"}, "invalid_scope"),
        ({"client_secret": "another"}, "invalid_client"),
        ({"refresh_token": "another"}, "invalid_grant"),
    ],
)
def test_the_login_of_a_person_is_renewed(emulator: Emulator, changed: dict[str, str], answer: str) -> None:
    login = {key: str(value) for key, value in emulator.login("lead@example.com").items()}
    known = {key: login[key] for key in ("refresh_token", "client_id", "client_secret")}
    form = urlencode({"grant_type": "refresh_token", **known, **changed}).encode()
    said = json.loads(emulator.serve("POST", "/token", {}, form).body)
    assert answer == said.get("token_type", said.get("error"))


def test_a_signed_assertion_earns_a_token(emulator: Emulator) -> None:
    answer = exchange(emulator, signed(emulator, emulator.service_account(ROBOT)))
    assert emulator.tokens.access[text(answer, "access_token")].user == ROBOT


def test_an_assertion_that_another_key_signed_is_refused(emulator: Emulator) -> None:
    keys = emulator.service_account(ROBOT)
    emulator.tokens.keys[ROBOT] = new_key().public_key()
    answer = exchange(emulator, signed(emulator, keys))
    assert answer == {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"iss": "nobody@x"}, "Invalid grant: account not found"),
        ({"aud": "https://elsewhere.example"}, "Invalid JWT: Failed audience check."),
        ({"iat": 1, "exp": 3600}, "Invalid JWT: Token must be a short-lived token"),
    ],
)
def test_claims_are_checked(emulator: Emulator, claims: dict[str, object], error: str) -> None:
    answer = exchange(emulator, signed(emulator, emulator.service_account(ROBOT), **claims))
    assert text(answer, "error_description").startswith(error)


def test_calls_without_a_good_token_are_401(emulator: Emulator, lead: Caller) -> None:
    lead.token = "wrong"
    assert part(lead.sheets("GET", ""), "error")["status"] == "UNAUTHENTICATED"
    lead.token = emulator.user_token("lead@example.com")
    emulator.tokens.expire("lead@example.com")
    lead.sheets("GET", "")
    assert lead.status == 401


def test_rights_decide(emulator: Emulator, lead: Caller) -> None:
    other = Caller(emulator, lead.spreadsheet, "other@example.com")
    assert message(other.sheets("GET", "")) == "The caller does not have permission"
    assert other.status == 403
    emulator.share(lead.spreadsheet, "other@example.com", "reader")
    assert other.values("A1") == []
    assert message(other.write("A1", [["x"]])) == "The caller does not have permission"
    emulator.share(lead.spreadsheet, "other@example.com", "writer")
    other.write("A1", [["x"]])
    assert other.status == 200
    other.spreadsheet = "none"
    assert message(other.sheets("GET", "")) == "Requested entity was not found."
    assert other.status == 404
    other.close()


def test_parameters_that_a_method_does_not_have_are_refused(lead: Caller) -> None:
    assert message(lead.sheets("GET", "/values/A1", foo="x")) == (
        'Invalid JSON payload received. Unknown name "foo": Cannot bind query parameter. '
        "Field 'foo' could not be found in request message."
    )


def test_a_mistake_of_an_answer_is_a_500(emulator: Emulator, lead: Caller) -> None:
    emulator.book(lead.spreadsheet).sheets[0].features["wrongs"] = [{}]
    assert "breaks its schema" in message(lead.sheets("GET", ""))
    assert lead.status == 500
    assert emulator.api.defects
    emulator.api.defects.clear()


def test_the_log_tells_who_asked_what(emulator: Emulator, lead: Caller) -> None:
    lead.values("A1")
    call = emulator.requests[-1]
    assert (call.method, call.method_id, call.user) == ("GET", "sheets.spreadsheets.values.get", "lead@example.com")
    lead.batch({"addSheet": {}}, {"deleteSheet": {"sheetId": 0}})
    assert emulator.requests[-1].kinds == ("addSheet", "deleteSheet")


def test_gspread_works_with_a_key_file(emulator: Emulator, gspread_at: None) -> None:
    """The unmodified client, its token exchange included; only the host is another."""
    key = emulator.create("Team", sheets=("客户",))
    emulator.share(key, ROBOT)
    client = gspread.service_account_from_dict(dict(emulator.service_account(ROBOT)))
    sheet = client.open_by_key(key).worksheet("客户")
    sheet.update([["编号", "姓名"], ["C1", "张伟"]], "A1")
    sheet.append_row(["C2", "李娜"])
    assert sheet.get_all_records() == [{"编号": "C1", "姓名": "张伟"}, {"编号": "C2", "姓名": "李娜"}]
    with pytest.raises(gspread.exceptions.APIError, match="exceeds grid limits"):
        sheet.update_acell("A1001", "x")
    client.http_client.session.close()
