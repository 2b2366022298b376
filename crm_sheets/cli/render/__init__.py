"""Reports as tables and sentences for people. Every word comes from the catalogue `cli`."""

from crm_sheets.cli.render import cycles, exchange, imports, mail, past, records, workbook  # each registers its reports
from crm_sheets.cli.render.dispatch import parts

__all__ = ["cycles", "exchange", "imports", "mail", "parts", "past", "records", "workbook"]
