"""Workbooks as xlsx files: read by our own reader, changed by our own patcher, never loaded and saved."""

from crm_sheets.sync.backends.xlsx.container import fingerprint
from crm_sheets.sync.backends.xlsx.edit import PackageEdit, PatchReport, patch_package, patch_workbook
from crm_sheets.sync.backends.xlsx.package import open_package
from crm_sheets.sync.backends.xlsx.reader import read_workbook

__all__ = [
    "PackageEdit",
    "PatchReport",
    "fingerprint",
    "open_package",
    "patch_package",
    "patch_workbook",
    "read_workbook",
]
