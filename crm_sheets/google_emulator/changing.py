"""A change of a book that is done as a whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager

from crm_sheets.google_emulator.files import File
from crm_sheets.google_emulator.refusals import GoogleError, Refused
from crm_sheets.google_emulator.requests.batch import Batch
from crm_sheets.google_emulator.session import Session


@contextmanager
def change(session: Session, file: File) -> Iterator[None]:
    """Puts the book back when anything is refused; otherwise the file counts as modified now."""
    snapshot = file.book.snapshot()
    try:
        yield
    except (Refused, GoogleError):
        file.book.restore(snapshot)
        raise
    file.touch(session.now)


def batch_for(session: Session, file: File) -> Batch:
    """What the requests of a session on a spreadsheet work with."""
    return Batch(
        book=file.book,
        user=session.user,
        owner=file.owner,
        writers=file.writers,
        switches=session.switches,
        ids=session.ids,
        today=session.today(file.book),
        books=session.files.editable(session.user),
    )
