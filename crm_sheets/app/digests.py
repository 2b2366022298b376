"""The daily digests: for whom one is due, what is in it, and what waited for it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from crm_sheets.app.digest_rows import DigestRows
from crm_sheets.app.policies import calendar_of
from crm_sheets.app.report_readers import ReportReaders
from crm_sheets.app.workspace import Workspace
from crm_sheets.changes import Route
from crm_sheets.config_times import WEEKDAYS
from crm_sheets.dashboard.weeks import last_week
from crm_sheets.rules.base import record_of
from crm_sheets.rules.peace import MOST_DAYS, Peace, route_of
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.people import PersonRecord
from crm_sheets.state import OutboxItem
from crm_sheets.sync.digest import FAULTS, KIND, WEEKLY, DigestItem, Section, digest_at, digest_for, faults_of, item_of
from crm_sheets.sync.outbox import OutboxEntry, State
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.sync.store.outbox_writing import put_outbox, settle_all
from crm_sheets.tables import TabKey

PEOPLE = TabKey("people")
MADE_NOTE, NEXT_NOTE = "digests", "digests-next"
"""Notes: up to which instant digests were made, and until when there is none to make."""

LOOKED_AT_LEAST = timedelta(minutes=10)
CLOCK_SLACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Turn:
    """A digest of somebody that is due.

    Attributes:
        at: when it goes out, aware.
        name: what the person is called in mails.
        weekly: whether it tells of the team, too.
        daily: whether it tells what waits for the person.
        errors: whether rows with errors have a mail of their own.
    """

    person: PersonRecord
    name: str
    at: datetime
    day: date
    zone: tzinfo
    weekly: bool
    daily: bool
    errors: bool = False


def queue_digests(workspace: Workspace, now: datetime) -> int:
    """Makes the digests whose time has come since the last ones, one for a person and day; how many were made.

    After an outage only the last of each is made: what an older one said stands in it too.
    """
    settings, state = workspace.settings, workspace.state
    digest = settings.reminders.digest
    wanted = digest.enabled or digest.errors != "digest" or settings.reports.weekly
    if not (settings.reminders.enabled and wanted):
        return 0
    since = _instant(state.note(MADE_NOTE))
    if since is not None and since - now > CLOCK_SLACK:
        since = now  # the clock was put back
    following = _instant(state.note(NEXT_NOTE))
    if since is not None and following is not None and since <= now < following <= now + LOOKED_AT_LEAST:
        return 0
    turns = list(_turns(workspace, since, now))
    rows = DigestRows(workspace, now) if turns else None
    reports = ReportReaders(workspace)
    told = settings.reminders.digest.errors
    made = [one for turn in turns if rows is not None for one in _mails(turn, rows, reports, told)]
    gone = _gone(workspace, made)
    waited = _waited(workspace, [turn.name for turn in turns if turn.daily and turn.name not in gone])
    with state.transaction() as connection:
        settle_all(connection, [entry.key for entry in waited[KIND]], State.WITHDRAWN)
        settle_all(connection, [entry.key for entry in waited[""]], State.DIGESTED)
        put_outbox(connection, (replace(one, again=True) for one in made), now)
    state.set_note(MADE_NOTE, now.isoformat())
    state.set_note(NEXT_NOTE, (now + LOOKED_AT_LEAST / 2).isoformat())
    return len(made)


def _instant(note: str | None) -> datetime | None:
    return datetime.fromisoformat(note) if note else None


def _turns(workspace: Workspace, since: datetime | None, now: datetime) -> Iterator[Turn]:
    """The digests that are due: of active people who want one, at their hour, on working days."""
    settings, dictionaries = workspace.settings, workspace.dictionaries()
    digest, terms = settings.reminders.digest, settings.reminders.peace_terms
    weekdays = frozenset(WEEKDAYS.index(name) for name in digest.weekdays)
    calendar = _calendar(workspace)
    draft = workspace.draft()
    for key in draft.keys(PEOPLE) if PEOPLE in workspace.tabs else ():
        row = draft.row(PEOPLE, key)
        person = record_of(row, PersonRecord) if row is not None else None
        name = person.name or person.id if person is not None else None
        if person is None or name is None or person.active is False:
            continue
        daily = digest.enabled and route_of(person, KIND, dictionaries) is not Route.NONE
        leads = digest.weekly and route_of(person, WEEKLY, dictionaries) is not Route.NONE
        errors = digest.errors != "digest" and route_of(person, FAULTS, dictionaries) is not Route.NONE
        if not daily and not errors and not (leads and settings.reports.weekly):
            continue
        times = _Times(terms.of(person, calendar), digest.at, weekdays, moved=terms.enabled)
        zone, due = times.peace.zone, times.due(now)
        if due is None or (since is not None and due[1] <= since):
            continue
        day, at = due
        first = times.is_first_of_week(day, since)
        if daily or errors or (leads and first):
            yield Turn(person, name, at, day, zone, leads and first, daily, errors)


@dataclass(frozen=True, slots=True)
class _Times:
    """When the digests of one person go out.

    Attributes:
        moved: whether one that is planned for a time at which nobody may be written to waits until that is over.
    """

    peace: Peace
    at: time
    weekdays: Collection[int]
    moved: bool

    def due(self, now: datetime) -> tuple[date, datetime] | None:
        """The last digest whose time has come today: the day for which it is, and when it goes out. That may be the one
        of the evening before."""
        today = now.astimezone(self.peace.zone).date()
        for back in range(MOST_DAYS):
            day = today - timedelta(days=back)
            at = self._of(day)
            if at is not None and at <= now and at.astimezone(self.peace.zone).date() == today:
                return day, at
        return None

    def is_first_of_week(self, day: date, since: datetime | None) -> bool:
        """Whether no digest of that week was made before: there was none to make, or nobody was there to make it."""
        earlier = (self._of(day - timedelta(days=back)) for back in range(1, day.weekday() + 1))
        return all(at is None or (since is not None and at > since) for at in earlier)

    def _of(self, day: date) -> datetime | None:
        noon = datetime.combine(day, time(12), self.peace.zone)
        planned = digest_at(noon, self.at, self.peace.zone, self.weekdays, self.peace.calendar)
        return self.peace.later(planned) if planned is not None and self.moved else planned


def _mails(turn: Turn, rows: DigestRows, reports: ReportReaders, errors: str) -> Iterator[OutboxItem]:
    """The digest of somebody, and a mail about rows with errors where the team wants one (`mail`, `both`)."""
    own = list(rows.of(turn.name, turn.zone)) if turn.daily or turn.errors else []
    faults = [item for item in own if item.section is Section.FAULTS]
    kept = own if errors != "mail" else [item for item in own if item.section is not Section.FAULTS]
    found = _digest(turn, kept if turn.daily else [], rows, reports)
    if found is not None:
        yield found
    about = digest_for(turn.name, faults, turn.day) if turn.errors else None
    if about is not None:
        yield faults_of(about, turn.at)


def _digest(turn: Turn, items: list[DigestItem], rows: DigestRows, reports: ReportReaders) -> OutboxItem | None:
    week = last_week(turn.day).name if turn.weekly and rows.leads(turn.name) and reports.may_have(turn.name) else ""
    if turn.weekly and (turn.daily or week):
        items = [*items, *rows.team(turn.name, turn.zone)]
    found = digest_for(turn.name, items, turn.day, week)
    return item_of(found, turn.at) if found is not None else None


def _gone(workspace: Workspace, made: Iterable[OutboxItem]) -> set[str]:
    """Those whose digest of the day went already, before a crash or a clock that was put back: there is no second one
    that could tell what waits."""
    known = SqlOutbox(workspace.state).with_keys(one.key for one in made)
    still = (State.PENDING, State.RETRY, State.WITHDRAWN)
    return {entry.person for entry in known.values() if entry.state not in still}


def _waited(workspace: Workspace, names: Iterable[str]) -> Mapping[str, list[OutboxEntry]]:
    """What waited for the digests of people, and older digests of theirs that were not sent."""
    wanted = set(names)
    store = SqlOutbox(workspace.state)
    found: dict[str, list[OutboxEntry]] = {"": [], KIND: []}
    if wanted:
        found[""] = [each for each in store.entries((State.DIGEST,)) if each.person in wanted]
        unsent = store.entries((State.PENDING, State.RETRY))
        found[KIND] = [each for each in unsent if each.kind == KIND and each.person in wanted]
    return found


def _calendar(workspace: Workspace) -> WorkCalendar:
    """When the team works, with the days that it entered."""
    return replace(calendar_of(workspace.settings), own=workspace.own_days())
