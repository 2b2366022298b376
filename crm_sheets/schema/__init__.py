"""What a tab means: its columns, their types, and how a cell becomes a value. Pure."""

from crm_sheets.schema.book import TABS, tab

__all__ = ["TABS", "tab"]
