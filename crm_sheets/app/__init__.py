"""The composition root: one function for each command. `cli` calls them and shows the report that each returns.

Every function raises errors.CrmSheetsError and nothing else that a user should see. A function's module is imported
when it is first asked for: a cycle need not wait for what only `demo` or `import` need.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_sheets.app.approving import approvals, decide_approval
    from crm_sheets.app.care import backup, doctor, status
    from crm_sheets.app.cycles import check, init, run, sync
    from crm_sheets.app.dashboards import report
    from crm_sheets.app.deciding import conflicts, decide_conflict
    from crm_sheets.app.demonstration import demo
    from crm_sheets.app.exchange import duplicates_in_file, summary, template
    from crm_sheets.app.exporting import ExportRequest, export
    from crm_sheets.app.group_robots import robot_test, robots
    from crm_sheets.app.handing_over import handover
    from crm_sheets.app.imports import ImportRequest, import_files
    from crm_sheets.app.intake_folder import intake
    from crm_sheets.app.launching import launch
    from crm_sheets.app.looking_up import lookup
    from crm_sheets.app.mailing_commands import mailings, preview_mailing, send_mailings, unsubscribe
    from crm_sheets.app.mappings import MappingRequest, keep_mapping, mapping_of
    from crm_sheets.app.merging import merge_duplicates, unmerge
    from crm_sheets.app.messages import drop, inbox, outbox, release, remind, resend
    from crm_sheets.app.records import (
        dismiss_duplicate,
        duplicates,
        explain,
        explain_duplicates,
    )
    from crm_sheets.app.reminding import preview, upcoming
    from crm_sheets.app.restoring import HistoryRequest, RestoreRequest, history, restore, undo
    from crm_sheets.app.revealing import make_key, open_sealed, reveal, rotate_keys, sealing
    from crm_sheets.app.rights import access, access_apply, access_diff
    from crm_sheets.app.samples import past_imports, require_signed, sample_import, sign_off
    from crm_sheets.app.viewing import rebuild_view, view_password, views
    from crm_sheets.app.weekly import weekly_files

__all__ = [
    "ExportRequest",
    "HistoryRequest",
    "ImportRequest",
    "MappingRequest",
    "RestoreRequest",
    "access",
    "access_apply",
    "access_diff",
    "approvals",
    "backup",
    "check",
    "conflicts",
    "decide_approval",
    "decide_conflict",
    "demo",
    "dismiss_duplicate",
    "doctor",
    "drop",
    "duplicates",
    "duplicates_in_file",
    "explain",
    "explain_duplicates",
    "export",
    "handover",
    "history",
    "import_files",
    "inbox",
    "init",
    "intake",
    "keep_mapping",
    "launch",
    "lookup",
    "mailings",
    "make_key",
    "mapping_of",
    "merge_duplicates",
    "open_sealed",
    "outbox",
    "past_imports",
    "preview",
    "preview_mailing",
    "rebuild_view",
    "release",
    "remind",
    "report",
    "require_signed",
    "resend",
    "restore",
    "reveal",
    "robot_test",
    "robots",
    "rotate_keys",
    "run",
    "sample_import",
    "sealing",
    "send_mailings",
    "sign_off",
    "status",
    "summary",
    "sync",
    "template",
    "undo",
    "unmerge",
    "unsubscribe",
    "upcoming",
    "view_password",
    "views",
    "weekly_files",
]

_HOMES = {
    "mailing_commands": ("mailings", "preview_mailing", "send_mailings", "unsubscribe"),
    "group_robots": ("robot_test", "robots"),
    "dashboards": ("report",),
    "weekly": ("weekly_files",),
    "rights": ("access", "access_apply", "access_diff"),
    "approving": ("approvals", "decide_approval"),
    "care": ("backup", "doctor", "status"),
    "messages": ("drop", "inbox", "outbox", "release", "remind", "resend"),
    "deciding": ("conflicts", "decide_conflict"),
    "cycles": ("check", "init", "run", "sync"),
    "demonstration": ("demo",),
    "exchange": ("duplicates_in_file", "summary", "template"),
    "handing_over": ("handover",),
    "exporting": ("ExportRequest", "export"),
    "imports": ("ImportRequest", "import_files"),
    "intake_folder": ("intake",),
    "revealing": ("make_key", "open_sealed", "reveal", "rotate_keys", "sealing"),
    "samples": ("past_imports", "require_signed", "sample_import", "sign_off"),
    "launching": ("launch",),
    "reminding": ("preview", "upcoming"),
    "looking_up": ("lookup",),
    "mappings": ("MappingRequest", "keep_mapping", "mapping_of"),
    "merging": ("merge_duplicates", "unmerge"),
    "records": ("dismiss_duplicate", "duplicates", "explain", "explain_duplicates"),
    "viewing": ("rebuild_view", "view_password", "views"),
    "restoring": ("HistoryRequest", "RestoreRequest", "history", "restore", "undo"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"crm_sheets.app.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
