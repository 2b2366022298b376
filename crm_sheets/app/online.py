"""The workbooks beside the team's own that need Google, or stand beside one that does."""

from functools import partial

from crm_sheets.app.backends import Backends
from crm_sheets.app.beside import others_of
from crm_sheets.app.furnishing import Furnisher, TeamSpreadsheet
from crm_sheets.app.gallery import Gallery
from crm_sheets.app.mirrors import Mirrors
from crm_sheets.app.online_notes import RevertNotes
from crm_sheets.app.spreadsheet_views import SpreadsheetViews
from crm_sheets.config import Settings
from crm_sheets.sync.backends.base import Backend
from crm_sheets.sync.round import Views
from crm_sheets.sync.setup import Setup
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ReplicaKey


def online_parts(
    settings: Settings, state: SqlState, setup: Setup, backends: Backends, backend: Backend, gallery: Gallery | None
) -> list[Views]:
    """What is to be seen to in a round after the cycle of the team's workbook."""
    furnisher = Furnisher(settings, state, setup, backends)
    parts: list[Views] = []
    if settings.workbook.path is None:
        parts.append(TeamSpreadsheet(furnisher, backend))
    if settings.mirrors:
        others = partial(others_of, settings, setup, gallery)
        parts.append(Mirrors(settings, state, setup, backends, furnisher, others))
    if gallery is not None and settings.views.spreadsheets:
        parts.append(SpreadsheetViews(gallery, furnisher, backends))
    own = {setup.replica.key: backend}
    opened = [each.cycles for each in parts if isinstance(each, (Mirrors, SpreadsheetViews))]

    def backend_of(replica: ReplicaKey) -> Backend | None:
        cycles = next((known[replica] for known in opened if replica in known), None)
        return own.get(replica) if cycles is None else cycles.backend

    # First, so that it has its turn after every cycle: the others open theirs behind it.
    return [RevertNotes(state, setup.tabs, setup.language, backend_of), *parts]
