"""Keeps a team's customer spreadsheet in order: rules, duplicates, guarded columns, reminders, summaries."""

__version__ = "0.1.0"
