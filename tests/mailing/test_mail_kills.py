"""The sending process killed before, during and after sending: with an archive nothing is lost or comes twice."""

import os
import random
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from itertools import cycle

import pytest

from crm_sheets.app.mail import mail_round
from crm_sheets.app.workspace import opened
from crm_sheets.state import OutboxItem
from crm_sheets.sync.outbox import State
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.sync.store.outbox_writing import put_outbox
from tests.app.offices import Office
from tests.app.test_fault_injection import in_child
from tests.mailing.conftest import archived
from tests.mailing.post_office import PostOffice

SETTLES = 5.0
REMINDERS = int(os.environ.get("CRM_SHEETS_MAIL_REMINDERS", "200"))
KILLS = REMINDERS // 5
HOW = ("before", "between", "after")
"""The content of a mail: not yet sent; sent and not yet answered; answered, and the answer not yet written down."""


def queue(office: Office, count: int) -> None:
    now = datetime.now(UTC)
    items = (
        OutboxItem(f"due|follow_ups|F-{number}", "due", "王芳", now, parameters={"customer": f"客户{number}"})
        for number in range(count)
    )
    with opened(office.settings) as workspace, workspace.state.transaction() as connection:
        put_outbox(connection, items, now)


def waiting(office: Office) -> Counter[str]:
    with opened(office.settings) as workspace:
        found = SqlOutbox(workspace.state).counts()
    return Counter({state: count for state, count in found.items() if state != State.SENT})


def killing(how: str, at: int) -> None:
    """Kills this process at the `at`-th content of a mail that it sends; smtplib tells of each (PEP 578)."""
    seen = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event != "smtplib.send" or not (isinstance(arguments[1], bytes) and arguments[1].endswith(b"\r\n.\r\n")):
            return
        seen += 1
        if seen < at:
            return
        connection = arguments[0].sock  # type: ignore[attr-defined]
        if how != "before":
            connection.sendall(arguments[1])
        if how == "after":
            select.select([connection], [], [], 20.0)
        os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def sending(office: Office, prepare: Callable[[], None] = lambda: None) -> int:
    prepare()
    with opened(office.settings) as workspace:
        mail_round(workspace, datetime.now(UTC))
    return 0


def killed_children(office: Office, count: int) -> int:
    """How many processes were killed on the way to sending everything."""
    chance, kinds, killed = random.Random(6), cycle(HOW), 0
    while killed < count:
        how, at = next(kinds), chance.randint(1, 8)
        ended = in_child(lambda how=how, at=at: sending(office, lambda: killing(how, at)))  # type: ignore[misc]
        killed += ended == -signal.SIGKILL
        if ended == 0:
            break
    return killed


def send_the_rest(office: Office) -> None:
    until = time.monotonic() + 60
    while waiting(office) and time.monotonic() < until:
        sending(office)
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is a fork of this one")
def test_whatever_is_killed_every_reminder_arrives_once(team: Office, post: PostOffice) -> None:
    office = archived(team, post, f"{SETTLES}s")
    queue(office, REMINDERS)
    killed = killed_children(office, KILLS)
    send_the_rest(office)
    arrived = Counter(message_from_bytes(mail)["Message-ID"] for mail in post.wait_for("box", REMINDERS))
    print(f"{REMINDERS} reminders, {killed} kills: {len(arrived)} arrived, {arrived.total() - len(arrived)} twice")
    assert (killed, len(arrived), arrived.total()) == (KILLS, REMINDERS, REMINDERS)
    assert waiting(office) == {}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is a fork of this one")
@pytest.mark.parametrize("how", HOW)
def test_a_killed_one_is_looked_up_before_it_goes_again(team: Office, post: PostOffice, how: str) -> None:
    office = archived(team, post, "1s")
    queue(office, 2)
    assert in_child(lambda: sending(office, lambda: killing(how, 1))) == -signal.SIGKILL
    sending(office)
    assert waiting(office) == {State.UNCONFIRMED: 1}
    time.sleep(1.1)
    sending(office)
    assert waiting(office) == {}
    assert len({message_from_bytes(mail)["Message-ID"] for mail in post.wait_for("box", 2)}) == 2
    time.sleep(0.2)
    assert len(post.mails("box")) == 2
    with opened(office.settings) as workspace:
        assert {each.address for each in SqlOutbox(workspace.state).entries((State.SENT,))} == {"wangfang@example.com"}


def test_an_archive_that_cannot_be_read_sends_nothing_twice(team: Office, post: PostOffice) -> None:
    office = archived(team, post, "0s")
    queue(office, 1)
    assert in_child(lambda: sending(office, lambda: killing("after", 1))) == -signal.SIGKILL
    text = office.config.read_text(encoding="utf-8")
    office.config.write_text(text.replace('archive = "INBOX"', 'archive = "没有"'), encoding="utf-8")
    with opened(office.settings) as workspace:
        done = mail_round(workspace, datetime.now(UTC) + timedelta(hours=1))
    assert "没有" in done.stopped
    assert waiting(office) == {State.UNCONFIRMED: 1}
