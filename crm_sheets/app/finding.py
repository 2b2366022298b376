"""Tabs, rows and columns as people name them on the command line."""

from crm_sheets.app.workspace import Workspace
from crm_sheets.cells import text_key
from crm_sheets.errors import UsageError
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.state import RowId
from crm_sheets.tables import ColumnKey, RowKey, TabKey


def find_row(workspace: Workspace, text: str, tab: TabKey | None = None) -> RowId:
    """The record whose 编号 is `text`, in whatever case it was typed.

    Raises:
        UsageError: there is none.
    """
    for key in dict.fromkeys((text.strip(), text.strip().upper())):
        for found in workspace.state.tabs_of(key):
            if found in workspace.tabs and (tab is None or found == tab):
                return found, RowKey(key)
    raise UsageError(f"no row {text!r}; write the 编号 as it stands in the sheet, such as C-7K3Q9XM").told(
        "error.find.row", text=text
    )


def find_column(workspace: Workspace, tab: Tab, text: str) -> ColumnKey:
    """The column of a tab that `text` names, by key or label.

    Raises:
        UsageError: there is none.
    """
    for key in tab.columns:
        if text_key(text) in {text_key(key), text_key(column_label(tab.key, key, workspace.words))}:
            return key
    known = "、".join(
        column_label(tab.key, key, workspace.words) for key, column in tab.columns.items() if not column.hidden
    )
    raise UsageError(f"{tab.key} has no column {text!r}; it has {known}").told(
        "error.find.column", tab=tab_label(tab.key, workspace.words), text=text, known=known
    )


def find_tab(workspace: Workspace, text: str) -> TabKey:
    """The tab of the team that `text` names, by key or label.

    Raises:
        UsageError: there is none.
    """
    for key in workspace.tabs:
        if text_key(text) in {text_key(key), text_key(tab_label(key, workspace.words))}:
            return key
    known = "、".join(f"{key} ({tab_label(key, workspace.words)})" for key in workspace.tabs)
    raise UsageError(f"no tab {text!r}; there are {known}").told("error.find.tab", text=text, known=known)
