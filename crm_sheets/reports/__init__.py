"""What each command found and did, as plain data: `app` returns it, `cli` shows it as tables or as JSON.

Texts in a report are ready to be shown, in the language of the workbook; instants are aware. The names of the fields
are the names in the JSON that `--json` prints, so renaming one is a breaking change.
"""

from crm_sheets.reports.cycles import (
    CellChange,
    Change,
    Conflict,
    CycleReport,
    FoundDuplicate,
    FoundIssue,
    PlannedReminder,
    Reverted,
)
from crm_sheets.reports.exchange import (
    ExportReport,
    FigureReport,
    FileReport,
    SummaryReport,
)
from crm_sheets.reports.imports import (
    ImportReport,
    ImportsReport,
    IntakeFile,
    IntakeReport,
    PastImport,
    PastSample,
    RefusedCell,
    RefusedRow,
    SampleRemark,
    SampleReport,
    SignOffReport,
)
from crm_sheets.reports.mail import (
    OutboxItem,
    OutboxReport,
    RemindReport,
)
from crm_sheets.reports.progress import (
    Progress,
    silent,
)
from crm_sheets.reports.records import (
    DuplicatesReport,
    ExplainedCell,
    ExplainedPair,
    ExplainReport,
    HandedOver,
    HandoverReport,
    HistoryEntry,
    HistoryReport,
    MergedCell,
    MergeReport,
    MovedReference,
    RestoredCell,
    RestoreReport,
    UndoReport,
)
from crm_sheets.reports.workbook import (
    CheckReport,
    DemoReport,
    DoctorReport,
    Examination,
    InitReport,
    StatusReport,
)

__all__ = [
    "CellChange",
    "Change",
    "CheckReport",
    "Conflict",
    "CycleReport",
    "DemoReport",
    "DoctorReport",
    "DuplicatesReport",
    "Examination",
    "ExplainReport",
    "ExplainedCell",
    "ExplainedPair",
    "ExportReport",
    "FigureReport",
    "FileReport",
    "FoundDuplicate",
    "FoundIssue",
    "HandedOver",
    "HandoverReport",
    "HistoryEntry",
    "HistoryReport",
    "ImportReport",
    "ImportsReport",
    "InitReport",
    "IntakeFile",
    "IntakeReport",
    "MergeReport",
    "MergedCell",
    "MovedReference",
    "OutboxItem",
    "OutboxReport",
    "PastImport",
    "PastSample",
    "PlannedReminder",
    "Progress",
    "RefusedCell",
    "RefusedRow",
    "RemindReport",
    "RestoreReport",
    "RestoredCell",
    "Reverted",
    "SampleRemark",
    "SampleReport",
    "SignOffReport",
    "StatusReport",
    "SummaryReport",
    "UndoReport",
    "silent",
]
