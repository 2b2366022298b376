"""Drive v3 over HTTP: files and permissions."""

from datetime import timedelta

import pytest

from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.json_values import Object, part, parts, text
from tests.google_emulator.conftest import LEAD, NOON, Caller, message

FILES = "/drive/v3/files"
SHEET = "application/vnd.google-apps.spreadsheet"


def names(answer: Object) -> list[str]:
    return sorted(text(found, "name") for found in parts(answer, "files"))


def test_a_file_is_told_with_four_fields_unless_more_are_asked_for(lead: Caller) -> None:
    path = f"{FILES}/{lead.spreadsheet}"
    plain = {"kind": "drive#file", "id": lead.spreadsheet, "name": "Book", "mimeType": SHEET}
    assert lead.call("GET", path) == plain
    found = lead.call("GET", path, fields="modifiedTime,owners.emailAddress,capabilities.canEdit")
    assert found == {
        "modifiedTime": "2026-11-22T04:00:00.000Z",
        "owners": [{"emailAddress": LEAD}],
        "capabilities": {"canEdit": True},
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Book", "Budget's", "Plan"]),
        ("name = 'Plan'", ["Plan"]),
        ("name = 'Budget\\'s'", ["Budget's"]),
        (f"mimeType='{SHEET}' and name contains 'b'", ["Book", "Budget's"]),
        ('mimeType="image/png"', []),
        ("trashed = true", []),
        ("'root' in parents and trashed=false", ["Book", "Budget's", "Plan"]),
        ("'other@example.com' in owners", ["Plan"]),
    ],
)
def test_files_are_found(emulator: Emulator, lead: Caller, query: str, found: list[str]) -> None:
    emulator.create("Budget's", owner=LEAD)
    emulator.create("Hidden", owner="other@example.com")
    emulator.share(emulator.create("Plan", owner="other@example.com"), LEAD, "reader")
    assert names(lead.call("GET", FILES, **({"q": query} if query else {}))) == found


def test_files_come_in_pages_and_wrong_queries_are_refused(emulator: Emulator, lead: Caller) -> None:
    emulator.create("Second", owner=LEAD)
    first = lead.call("GET", FILES, pageSize=1)
    second = lead.call("GET", FILES, pageSize=1, pageToken=text(first, "nextPageToken"))
    assert sorted(names(first) + names(second)) == ["Book", "Second"]
    assert "nextPageToken" not in second
    error = part(lead.call("GET", FILES, q="nonsense"), "error")
    assert (error["code"], parts(error, "errors")[0]["location"]) == (400, "q")


def test_a_file_that_is_not_there_is_404_with_a_reason(lead: Caller) -> None:
    error = part(lead.call("GET", FILES + "/none"), "error")
    assert (error["code"], error["message"]) == (404, "File not found: none.")
    assert parts(error, "errors")[0]["reason"] == "notFound"


def test_copies_belong_to_who_makes_them(emulator: Emulator, lead: Caller) -> None:
    lead.write("A1", [["x"]])
    copy = lead.call("POST", f"{FILES}/{lead.spreadsheet}/copy", {"name": "Copy"})
    lead.spreadsheet = text(copy, "id")
    assert lead.values("A1") == [["x"]]
    lead.write("A1", [["y"]])
    robot = Caller(emulator, lead.spreadsheet, "robot@emulated.iam.gserviceaccount.com")
    emulator.share(lead.spreadsheet, "robot@emulated.iam.gserviceaccount.com")
    error = part(robot.call("POST", f"{FILES}/{lead.spreadsheet}/copy", {}), "error")
    assert parts(error, "errors")[0]["reason"] == "storageQuotaExceeded"
    robot.close()


def test_permissions(emulator: Emulator, lead: Caller) -> None:
    path = f"{FILES}/{lead.spreadsheet}/permissions"
    given = {"type": "user", "role": "reader", "emailAddress": "other@example.com"}
    new = lead.call("POST", path, given, sendNotificationEmail="false")
    other = Caller(emulator, lead.spreadsheet, "other@example.com")
    assert other.values("A1") == []
    assert message(other.call("GET", path)) == "The user does not have sufficient permissions for this file."
    one = f"{path}/{text(new, 'id')}"
    lead.call("PATCH", one, {"role": "writer"})
    other.write("A1", [["x"]])
    assert other.status == 200
    held = parts(lead.call("GET", path, fields="permissions(emailAddress,role)"), "permissions")
    assert held == [
        {"emailAddress": LEAD, "role": "owner"},
        {"emailAddress": "other@example.com", "role": "writer"},
    ]
    lead.call("DELETE", one)
    assert lead.status == 204
    other.values("A1")
    assert other.status == 403
    other.close()


def test_an_owner_can_give_a_file_away_only_on_purpose(lead: Caller, emulator: Emulator) -> None:
    path = f"{FILES}/{lead.spreadsheet}/permissions"
    given = {"type": "user", "role": "owner", "emailAddress": "other@example.com"}
    assert "transferOwnership" in message(lead.call("POST", path, given))
    lead.call("POST", path, given, transferOwnership="true")
    assert emulator.files.held[lead.spreadsheet].owner == "other@example.com"
    assert message(lead.call("DELETE", f"{FILES}/{lead.spreadsheet}")).startswith("The user does not have sufficient")


def test_modified_time_lags(emulator: Emulator, lead: Caller) -> None:
    moments = iter([NOON + timedelta(minutes=minute) for minute in (10, 11, 14)])
    emulator.api.clock = lambda: next(moments)
    emulator.switches.modified_time_lag = timedelta(minutes=3)
    path = f"{FILES}/{lead.spreadsheet}"
    lead.write("A1", [["x"]])
    assert lead.call("GET", path, fields="modifiedTime")["modifiedTime"] == "2026-11-22T04:00:00.000Z"
    assert lead.call("GET", path, fields="modifiedTime")["modifiedTime"] == "2026-11-22T04:10:00.000Z"


def test_drive_wants_a_scope_of_its_own(emulator: Emulator, lead: Caller) -> None:
    scopes = frozenset({"https://www.googleapis.com/auth/spreadsheets"})
    lead.token = emulator.tokens.issue(LEAD, scopes)
    assert lead.values("A1") == []
    error = part(lead.call("GET", FILES), "error")
    assert (error["code"], error["message"]) == (403, "Request had insufficient authentication scopes.")
    assert parts(error, "details")[0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_who_am_i(lead: Caller) -> None:
    assert lead.call("GET", "/drive/v3/about", fields="user.emailAddress") == {"user": {"emailAddress": LEAD}}
    assert message(lead.call("GET", "/drive/v3/about")) == "The 'fields' parameter is required for this method."


def test_comments(emulator: Emulator, lead: Caller) -> None:
    place = f"{FILES}/{lead.spreadsheet}/comments"
    made = lead.call("POST", place, {"content": "价格待定", "anchor": "A2"}, fields="id,content,author.me")
    assert made == {"id": made["id"], "content": "价格待定", "author": {"me": True}}
    assert lead.call("PATCH", f"{place}/{made['id']}", {"content": "核对过"}, fields="content") == {"content": "核对过"}
    for number in range(3):
        lead.call("POST", place, {"content": str(number)}, fields="id")
    first = lead.call("GET", place, fields="comments/content,nextPageToken", pageSize=3)
    second = lead.call("GET", place, fields="comments(content,anchor)", pageToken=text(first, "nextPageToken"))
    assert [found["content"] for found in parts(first, "comments")] == ["2", "1", "0"]
    assert parts(second, "comments") == [{"content": "核对过", "anchor": "A2"}]
    assert message(lead.call("GET", place)) == "The 'fields' parameter is required for this method."
    assert part(lead.call("POST", place, {"content": ""}, fields="id"), "error")["code"] == 400
    lead.call("DELETE", f"{place}/{made['id']}")
    assert part(lead.call("GET", f"{place}/{made['id']}", fields="id"), "error")["code"] == 404
    assert part(lead.call("GET", f"{FILES}/unknown/comments", fields="kind"), "error")["code"] == 404
