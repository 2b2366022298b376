"""What the store remembers of calendars, of mails that came back, and of addresses that take none."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from crm_sheets.sync.appointments import Appointment, Sent
from crm_sheets.sync.store.queries import chunks, instant
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.store.tables import answers, appointments, bounces, journal, suspensions
from crm_sheets.tables import RowKey, TabKey


def changed_since(state: SqlState, tab: TabKey, number: int) -> tuple[int, tuple[RowKey, ...]]:
    """The last entry of the journal, and which rows of a tab it speaks of after entry `number`."""
    t = journal
    with state.engine.connect() as connection:
        last = connection.scalar(select(func.max(t.c.id))) or 0
        if last <= number:
            return last, ()
        query = select(t.c.key).distinct().where(t.c.id > number, t.c.id <= last, t.c.tab == tab).order_by(t.c.key)
        return last, tuple(RowKey(key) for key in connection.scalars(query))


def sent_appointments(state: SqlState, rows: Iterable[RowKey]) -> dict[RowKey, list[Sent]]:
    """What was sent of follow-ups."""
    t = appointments
    found: dict[RowKey, list[Sent]] = {}
    with state.engine.connect() as connection:
        for chunk in chunks(rows):
            for row in connection.execute(select(t).where(t.c.row.in_(chunk)).order_by(t.c.row, t.c.person)):
                appointment = Appointment(RowKey(row.row), row.person, instant(row.starts), row.content)
                found.setdefault(appointment.row, []).append(Sent(appointment, row.sequence, bool(row.stands)))
    return found


def put_appointments(connection: Connection, sent: Iterable[Sent]) -> None:
    """Remembers what was sent last."""
    t = appointments
    for each in sent:
        of = each.appointment
        connection.execute(delete(t).where(t.c.row == of.row, t.c.person == of.person))
        connection.execute(
            insert(t).values(
                row=of.row,
                person=of.person,
                sequence=each.sequence,
                starts=of.starts.isoformat(),
                content=of.content,
                stands=int(each.stands),
            )
        )


def put_bounce(connection: Connection, identity: str, address: str, hard: bool, said: str, at: datetime) -> int:
    """Remembers that a mail came back, once; how many hard ones the address has now."""
    t = bounces
    if connection.scalar(select(t.c.identity).where(t.c.identity == identity)) is None:
        values = {"identity": identity, "address": address, "hard": int(hard), "said": said[:500], "at": at.isoformat()}
        connection.execute(insert(t).values(**values))
    return connection.scalar(select(func.count()).where(t.c.address == address, t.c.hard == 1)) or 0


def suspend(connection: Connection, address: str, said: str, at: datetime) -> bool:
    """Nothing is sent to an address any more; False when that was so already."""
    t = suspensions
    if connection.scalar(select(t.c.address).where(t.c.address == address)) is not None:
        return False
    connection.execute(insert(t).values(address=address, said=said[:500], at=at.isoformat()))
    return True


def put_answer(connection: Connection, identity: str, about: str, outcome: str, at: datetime) -> None:
    """Remembers what came of an answer, by its own Message-ID."""
    if identity:
        connection.execute(delete(answers).where(answers.c.identity == identity[:255]))
        values = {"identity": identity[:255], "about": about, "outcome": outcome, "at": at.isoformat()}
        connection.execute(insert(answers).values(**values))


def answered(state: SqlState, identity: str) -> bool:
    """Whether an answer was dealt with before: a mailbox may be numbered anew."""
    with state.engine.connect() as connection:
        query = select(answers.c.identity).where(answers.c.identity == identity[:255])
        return bool(identity) and connection.scalar(query) is not None


def release(state: SqlState, address: str) -> bool:
    """Mails may go to an address again, as if none had come back; False when it was not suspended."""
    with state.transaction() as connection:
        connection.execute(delete(bounces).where(bounces.c.address == address))
        return connection.execute(delete(suspensions).where(suspensions.c.address == address)).rowcount == 1


def suspended_addresses(state: SqlState) -> dict[str, str]:
    """The addresses to which nothing is sent, and what was said when the last mail came back."""
    t = suspensions
    with state.engine.connect() as connection:
        return {row.address: row.said for row in connection.execute(select(t).order_by(t.c.address))}
