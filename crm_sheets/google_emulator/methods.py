"""The methods of both APIs, by their ids in the discovery documents."""

from crm_sheets.google_emulator import drive, spreadsheets, values
from crm_sheets.google_emulator.session import Answering

METHODS: dict[str, Answering] = {**spreadsheets.METHODS, **values.METHODS, **drive.METHODS}

BODY_FIELDS = {
    "sheets.spreadsheets.create": "spreadsheet",
    "sheets.spreadsheets.values.update": "data",
    "sheets.spreadsheets.values.append": "data",
}
"""The field of the call's message that its body is; in messages, paths begin with it."""
