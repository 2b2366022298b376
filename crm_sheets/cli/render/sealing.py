"""Sealed values and their keys: reveal, keys."""

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.language import Language


@parts.register
def _(report: reports.RevealReport, words: Language) -> Parts:
    return [Text(words.text("cli.reveal", column=report.column, row=report.row, text=report.text))]


@parts.register
def _(report: reports.RotationReport, words: Language) -> Parts:
    return [Text(words.text("cli.keys.rotated", id=report.key, values=report.values, files=report.files))]
