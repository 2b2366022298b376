"""`init` on Google: fills a spreadsheet that a person owns and shared with our account."""

from collections.abc import Mapping
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.backends import Backends
from crm_sheets.app.cycles import adoption_report, empty_summaries
from crm_sheets.app.furnished import DICTIONARIES, dictionary_rows
from crm_sheets.app.furnishing import Furnisher
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.labels import tab_label
from crm_sheets.schema.layout import FoundTabs, find_tabs
from crm_sheets.sync.backends.google.native.placed import Rows
from crm_sheets.sync.backends.google.native.setting_up import Wanted
from crm_sheets.sync.backends.xlsx.adopt import Adoption, found_values, missing_columns
from crm_sheets.tables import SHARED, ColumnKey, Snapshot, TabKey


def init_spreadsheet(settings: Settings, config: Path, *, adopt: bool, all_columns: bool) -> reports.InitReport:
    """Adds tabs, columns, drop-downs, colours and protection; nothing that stands there is changed.

    Raises:
        UsageError: something stands there, and it is not to be adopted; or it is the workbook of somebody else.
        WorkbookError, ServiceError: it cannot be opened or written.
    """
    with opened(settings) as workspace:
        snapshot = workspace.backend.read({})
        found = find_tabs(snapshot.sheets, workspace.tabs.values(), words_of=workspace.words, adopting=True)
        _require_ours(workspace, snapshot, found, adopt=adopt)
        dictionaries = workspace.team.default_dictionaries()
        values = found_values(snapshot, found.layouts, tuple(workspace.tabs.values()))
        entries = dictionary_rows(dictionaries, workspace.words, settings.workbook.zone, values)
        missing = {key: missing_columns(workspace.tabs[key], each, all_columns) for key, each in found.layouts.items()}
        wanted = fill(workspace, dictionaries, {DICTIONARIES: entries}, missing, adopting=adopt)
        if adopt:
            names = [tab_label(key, workspace.words) for key in workspace.tabs if key not in found.layouts]
            added = Adoption(
                missing, (*names, *(each.title for each in wanted.summaries if each.title not in snapshot.sheet_names))
            )
            return adoption_report(workspace, config, added, snapshot, found)
        tabs = {tab_label(key, workspace.words): len(entries) if key == DICTIONARIES else 0 for key in workspace.tabs}
        return reports.InitReport(settings.workbook.place, config, False, tabs)


def fill(
    workspace: Workspace,
    dictionaries: Dictionaries,
    rows: Mapping[TabKey, Rows],
    missing: Mapping[TabKey, tuple[ColumnKey, ...]],
    *,
    adopting: bool = False,
) -> Wanted:
    """Furnishes the team's spreadsheet, with what new tabs begin with; what it was furnished with."""
    settings, state, setup = workspace.settings, workspace.state, workspace.cycle.setup
    backends = Backends(settings, state, workspace.words)
    furnisher = Furnisher(settings, state, setup, backends)
    wanted = Wanted(
        tuple(workspace.tabs.values()),
        workspace.words,
        dictionaries,
        columns=missing,
        rows=rows,
        summaries=empty_summaries(workspace),
        guarding=furnisher.guarding(clock.now()),
    )
    furniture = furnisher.furniture(SHARED, workspace.backend)
    furniture.forget()  # whoever asks for it wants the spreadsheet looked at
    furniture.see_to_it(wanted, adopting=adopting)
    return wanted


def _require_ours(workspace: Workspace, snapshot: Snapshot, found: FoundTabs, *, adopt: bool) -> None:
    place, say = workspace.settings.workbook.place, workspace.words.text
    if snapshot.stamp is not None and snapshot.stamp.workbook != workspace.cycle.workbook_id:
        raise UsageError(say("google.init.strange", workbook=place))
    if found.layouts and not adopt:
        tabs = ", ".join(layout.sheet for layout in found.layouts.values())
        raise UsageError(say("google.init.there", workbook=place, tabs=tabs))
