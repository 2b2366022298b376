"""Group robots: which reminders a group is told of, and the rounds of its robot."""

import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from filelock import FileLock, Timeout

from crm_sheets import clock, reports
from crm_sheets.app.mail import letter
from crm_sheets.app.mail_readers import MailReaders
from crm_sheets.app.workspace import LOCK_SECONDS, Workspace, opened
from crm_sheets.cells import text_key
from crm_sheets.config import Settings
from crm_sheets.config_robots import RobotSettings
from crm_sheets.errors import ServiceUnavailable, UsageError
from crm_sheets.rules.reminder_families import FAMILIES
from crm_sheets.state import OutboxItem
from crm_sheets.sync.delivery import Content, Delivery, Post, Recipient, deliver, settle_interrupted
from crm_sheets.sync.notifiers.base import Message, Notifier
from crm_sheets.sync.notifiers.robot_text import harmless
from crm_sheets.sync.notifiers.robots import ROBOTS, TOO_MANY, AppriseNotifier, RobotNotifier, recent
from crm_sheets.sync.outbox import OnUnknown, OutboxEntry, State
from crm_sheets.sync.store.outbox import MAIL, ROBOT, SqlOutbox
from crm_sheets.sync.store.outbox_writing import put_outbox
from crm_sheets.sync.templates import Templates
from crm_sheets.tables import ColumnKey, RowKey, TabKey

PEOPLE: Final = TabKey("people")
SINCE: Final = "robot-since@"
"""Note: since when a robot is told; its first round tells nothing of what was before."""
CONCERNS: Final = "concerns"
"""Parameter of a message to a group: whom it concerns."""
LATE: Final = timedelta(days=2)
"""What fell due longer ago than that, and was known then, is news to nobody."""


def robots(settings: Settings, *, send: bool) -> reports.RobotsReport:
    """How each robot stands, after what is due was told if that is wanted."""
    with opened(settings) as workspace:
        if send:
            robot_rounds(workspace, clock.now())
        return reports.RobotsReport(tuple(_state_of(workspace, robot) for robot in settings.robots))


def robot_test(settings: Settings, name: str) -> reports.RobotTestReport:
    """Sends one message that says that it is a test.

    Raises:
        UsageError: there is no such robot.
        ServiceError: and its kin: it was not taken.
    """
    with opened(settings) as workspace:
        robot = next((each for each in settings.robots if each.name == name), None)
        if robot is None:
            known = ", ".join(each.name for each in settings.robots)
            raise UsageError(workspace.words.text("robots.unknown", name=name, known=known or "–"))
        now = clock.now()
        text = workspace.words.text("robots.test", workbook=str(settings.workbook.place))
        notifier = notifier_of(robot, SqlOutbox(workspace.state, channel(robot)), now)
        receipt = notifier.send(Message(f"test|{now.isoformat()}", name, name, text, text, "", now))
        return reports.RobotTestReport(name, receipt.answer)


def robot_job(workspace: Workspace, now: datetime, stop: threading.Event) -> None:
    """A turn of the daemon: each robot by itself.

    Raises:
        ServiceUnavailable: one cannot be reached; what was to be told waits.
    """
    troubles = [done.stopped for done in robot_rounds(workspace, now, stop).values()]
    troubles = [trouble for trouble in troubles if trouble and trouble != TOO_MANY]
    if troubles and not stop.is_set():
        raise ServiceUnavailable("; ".join(troubles))


def robot_rounds(workspace: Workspace, now: datetime, stop: threading.Event | None = None) -> dict[str, Delivery]:
    """Tells each group what is due.

    Raises:
        ServiceUnavailable: another process does, and does not end.
    """
    try:
        with FileLock(workspace.folder / "robots.lock", timeout=LOCK_SECONDS):
            return {robot.name: _round(workspace, robot, now, stop) for robot in workspace.settings.robots}
    except Timeout:
        raise ServiceUnavailable(workspace.words.text("error.mail.busy")) from None


def _round(workspace: Workspace, robot: RobotSettings, now: datetime, stop: threading.Event | None) -> Delivery:
    on_unknown = OnUnknown.RESEND if robot.delivery == "at-least-once" else OnUnknown.HOLD
    store = SqlOutbox(workspace.state, channel(robot))
    _queue(workspace, robot, now)
    settle_interrupted(store, now, on_unknown)
    readers, templates = MailReaders(workspace, now), Templates(workspace.settings.templates.folder)
    post = Post(
        notifier=notifier_of(robot, store, now),
        render=lambda entry, at: _told(workspace, robot, entry, at, readers, templates),
        recipient_of=lambda person: Recipient(person, person),
        jitter=random.random,
        on_unknown=on_unknown,
        stopping=stop.is_set if stop is not None else lambda: False,
    )
    return deliver(store, post, now)


def channel(robot: RobotSettings) -> str:
    """Whom the outbox says that messages to the group are for."""
    return f"{ROBOT}{robot.name}"


def notifier_of(robot: RobotSettings, store: SqlOutbox, now: datetime) -> Notifier:
    """The robot itself; what it sent in the last minute counts against its limit."""
    url = robot.url.reveal().get_secret_value()
    if robot.kind == "apprise":
        return AppriseNotifier(url)
    secret = robot.secret.reveal().get_secret_value() if robot.secret else ""
    sent = recent(store.sent_since(now - timedelta(minutes=1)))
    return RobotNotifier(ROBOTS[robot.kind], url, secret, clock.now, sent)


def _state_of(workspace: Workspace, robot: RobotSettings) -> reports.RobotState:
    store = SqlOutbox(workspace.state, channel(robot))
    counts = store.counts()
    waiting = sum(counts.get(state, 0) for state in (State.PENDING, State.RETRY, State.SENDING))
    failed = store.entries((State.DEAD, State.UNCERTAIN, State.RETRY))
    dead = counts.get(State.DEAD, 0) + counts.get(State.UNCERTAIN, 0)
    error = failed[-1].error if failed else ""
    return reports.RobotState(robot.name, robot.kind, waiting, counts.get(State.SENT, 0), dead, error)


def _queue(workspace: Workspace, robot: RobotSettings, now: datetime) -> None:
    """Adds what has fallen due to what the group is told: for each message one, under a key of its own."""
    note = SINCE + robot.name
    since = workspace.state.note(note)
    if since is None:
        workspace.state.set_note(note, now.isoformat())
        return
    wanted = _wanted(workspace, robot)
    begin = max(datetime.fromisoformat(since), now - LATE)
    made = [
        OutboxItem(
            key=f"{channel(robot)}|{entry.key}",
            kind=entry.kind,
            person=channel(robot),
            not_before=entry.not_before,
            tab=TabKey(entry.tab) if entry.tab else None,
            row=RowKey(entry.row) if entry.row else None,
            parameters={**entry.parameters, CONCERNS: entry.person},
        )
        for entry in SqlOutbox(workspace.state, MAIL).fallen_due(begin, now)
        if entry.state is not State.WITHDRAWN and wanted(entry)  # whatever became of the mail
    ]
    with workspace.state.transaction() as connection:
        put_outbox(connection, made, now)


def _wanted(workspace: Workspace, robot: RobotSettings) -> Callable[[OutboxEntry], bool]:
    """Whether the group is told of a message: by its family and by the department of whom it concerns."""
    kinds = frozenset(kind for family in robot.about for kind in FAMILIES[family])
    people = _people_of(workspace, robot.departments) if robot.departments else None
    return lambda entry: entry.kind in kinds and (people is None or text_key(entry.person) in people)


def _people_of(workspace: Workspace, departments: Iterable[str]) -> frozenset[str]:
    known = {text_key(name) for name in departments}
    return frozenset(
        text_key(str(record.values.get(ColumnKey("name")) or ""))
        for record in workspace.state.all_records(PEOPLE).values()
        if text_key(str(record.values.get(ColumnKey("department")) or "")) in known
    )


def _told(
    workspace: Workspace,
    robot: RobotSettings,
    entry: OutboxEntry,
    at: datetime,
    readers: MailReaders,
    templates: Templates,
) -> Content:
    """A message in the words of the mail's subject, with what the reader of the group may read."""
    concerned = entry.parameters.get(CONCERNS, "")
    mail = letter(workspace, replace(entry, person=robot.reader or concerned), at, readers, templates)
    subject = harmless(mail.subject)
    where = workspace.words.text(f"tab.{entry.tab}") if entry.tab else ""
    lines = [f"**{subject}**", f"> {harmless(concerned)}" if concerned else "", f"> {where} {entry.row}".rstrip()]
    return Content(subject, "\n".join(line for line in lines if line not in {"", ">"}), "")
