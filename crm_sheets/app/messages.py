"""Commands about messages: outbox, inbox, remind."""

from collections.abc import Callable

from crm_sheets import clock, reports
from crm_sheets.app.mail import mail_round
from crm_sheets.app.people import Recipients
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.sync.outbox import OutboxEntry, Settlement, State, dropped, revived
from crm_sheets.sync.store.mailing import release as released
from crm_sheets.sync.store.outbox import SqlOutbox

WAITING_FIRST = (
    State.DEAD,
    State.UNCERTAIN,
    State.UNCONFIRMED,
    State.RETRY,
    State.SENDING,
    State.PENDING,
    State.DIGEST,
    State.SENT,
    State.DIGESTED,
    State.MUTED,
    State.WITHDRAWN,
)


def outbox(settings: Settings, *, state: str | None) -> reports.OutboxReport:
    """Messages, those that need a person first."""
    with opened(settings) as workspace:
        return _outbox(workspace, state)


def resend(settings: Settings, key: str) -> reports.OutboxReport:
    """Lets a dead or uncertain message go out again; returns the outbox."""
    return _ordered(settings, key, (State.DEAD, State.UNCERTAIN, State.UNCONFIRMED), lambda _: revived(clock.now()))


def drop(settings: Settings, key: str) -> reports.OutboxReport:
    """Keeps a message that did not go out from being sent; returns the outbox."""
    return _ordered(settings, key, (State.PENDING, State.RETRY, State.UNCERTAIN, State.UNCONFIRMED), dropped)


def release(settings: Settings, address: str) -> reports.OutboxReport:
    """Lets mails go to an address again from which they came back; returns the outbox.

    Raises:
        UsageError: the address is not suspended.
    """
    with opened(settings) as workspace:
        if not released(workspace.state, address.strip().casefold()):
            raise UsageError(workspace.words.text("error.outbox.release", address=address))
        return _outbox(workspace, None)


def inbox(settings: Settings) -> reports.InboxReport:
    """Looks at the answers and bounces that arrived since the last time.

    Raises:
        UsageError: the config names no mailbox.
    """
    from crm_sheets.app.answering import read_inbox

    with opened(settings) as workspace:
        if settings.mail.inbox.host is None:
            raise UsageError(workspace.words.text("error.inbox.host"))
        return read_inbox(workspace, clock.now())


def _ordered(
    settings: Settings, key: str, states: tuple[State, ...], order: Callable[[OutboxEntry], Settlement]
) -> reports.OutboxReport:
    """Does what an administrator says with a message in one of some states.

    Raises:
        UsageError: there is no such message.
    """
    with opened(settings) as workspace:
        store = SqlOutbox(workspace.state)
        found = {entry.key: entry for entry in store.entries(states)}
        if key not in found:
            shown = " / ".join(workspace.words.text(f"cli.state.{state}") for state in states)
            raise UsageError(workspace.words.text("error.outbox.key", message=key, states=shown))
        store.settle(key, order(found[key]))
        return _outbox(workspace, None)


def remind(settings: Settings) -> reports.RemindReport:
    """Sends what is due in the outbox now."""
    if settings.mail.host is None:
        raise UsageError("the config names no mail server: fill in [mail] host and sender").told("error.mail.no_server")
    with opened(settings) as workspace:
        done = mail_round(workspace, clock.now())
        items = {item.key: item for item in _outbox(workspace, None).items}
        sent, retried = (tuple(items[key] for key in keys) for keys in (done.sent, done.retried))
        return reports.RemindReport(
            sent, retried, tuple(items[key] for key in (*done.dead, *done.uncertain, *done.unconfirmed))
        )


def _outbox(workspace: Workspace, state: str | None) -> reports.OutboxReport:
    wanted = (State(state),) if state else WAITING_FIRST[:-3]
    entries = SqlOutbox(workspace.state).entries(wanted)
    recipients = Recipients(workspace)
    order = {each: place for place, each in enumerate(WAITING_FIRST)}
    items = [
        _outbox_item(entry, recipients, Reporter(workspace))
        for entry in sorted(entries, key=lambda entry: order[entry.state])
    ]
    return reports.OutboxReport(tuple(items))


def _outbox_item(entry: OutboxEntry, recipients: Recipients, reporter: Reporter) -> reports.OutboxItem:
    recipient = recipients.of(entry.person)
    return reports.OutboxItem(
        entry.key,
        entry.kind,
        entry.person,
        recipient.address if recipient else entry.parameters.get("address", ""),
        entry.state,
        reporter.moment(entry.not_before),
        entry.attempts,
        entry.error,
    )
