"""The composition root: one function for each command. `cli` calls them and shows the report that each returns.

Every function raises errors.CrmSheetsError and nothing else that a user should see.
"""

from crm_sheets.app.care import backup, doctor, outbox, remind, resend, status
from crm_sheets.app.cycles import check, init, run, sync
from crm_sheets.app.demonstration import demo
from crm_sheets.app.exchange import ImportRequest, duplicates_in_file, import_files, summary, template
from crm_sheets.app.records import dismiss_duplicate, duplicates, explain, history, restore, undo

__all__ = [
    "ImportRequest",
    "backup",
    "check",
    "demo",
    "dismiss_duplicate",
    "doctor",
    "duplicates",
    "duplicates_in_file",
    "explain",
    "history",
    "import_files",
    "init",
    "outbox",
    "remind",
    "resend",
    "restore",
    "run",
    "status",
    "summary",
    "sync",
    "template",
    "undo",
]
