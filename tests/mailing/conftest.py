"""A mail server for all tests of this folder, and a team that sends through it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.offices import CONFIG, NOW, Office, made
from tests.mailing.post_office import ARCHIVE, CRM, PostOffice, missing, post_office
from tests.notifiers.servers import PASSWORD

MAIL = """
[mail]
host = "127.0.0.1"
port = {office.submission}
user = "{crm}"
password = {{ env = "CRM_MAIL_PASSWORD" }}
sender = "客户管理 <{crm}>"
ca_file = "{office.certificate}"

[mail.inbox]
host = "127.0.0.1"
port = {office.imaps}
user = "{user}"
password = {{ env = "CRM_MAIL_PASSWORD" }}
ca_file = "{office.certificate}"
"""


@pytest.fixture(scope="session")
def running() -> Iterator[PostOffice]:
    """Started once; postfix takes a second to start and one to stop."""
    if why := missing():
        pytest.skip(why)
    with post_office() as office:
        yield office


@pytest.fixture
def post(running: PostOffice, monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    """With empty mailboxes."""
    monkeypatch.setenv("CRM_MAIL_PASSWORD", PASSWORD)
    running.empty()
    return running


@pytest.fixture(scope="session")
def first_team(tmp_path_factory: pytest.TempPathFactory) -> Office:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        return made(tmp_path_factory.mktemp("team"))


@pytest.fixture
def team(first_team: Office, post: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A team that reads its answers at crm@example.com."""
    monkeypatch.setenv("CRM_SHEETS_NOW", NOW.isoformat())
    office = first_team.copied(tmp_path / "team")
    office.config.write_text(CONFIG + mail_config(post, CRM), encoding="utf-8")
    return office


def mail_config(post: PostOffice, user: str) -> str:
    return MAIL.format(office=post, crm=CRM, user=user)


def archived(office: Office, post: PostOffice, settles: str) -> Office:
    """The same team, which keeps a copy of each mail in a mailbox of its own."""
    archive = f'archive = "INBOX"\narchive_address = "{ARCHIVE}"\nsettles = "{settles}"\n'
    office.config.write_text(CONFIG + mail_config(post, ARCHIVE) + archive, encoding="utf-8")
    return office
