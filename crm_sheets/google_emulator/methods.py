"""The methods of both APIs, by their ids in the discovery documents."""

from crm_sheets.google_emulator import creating, drive, filtered_values, finding_metadata, spreadsheets, values
from crm_sheets.google_emulator.session import Answering

METHODS: dict[str, Answering] = {
    **creating.METHODS,
    **spreadsheets.METHODS,
    **values.METHODS,
    **filtered_values.METHODS,
    **finding_metadata.METHODS,
    **drive.METHODS,
}

BODY_FIELDS = {
    "sheets.spreadsheets.create": "spreadsheet",
    "sheets.spreadsheets.values.update": "data",
    "sheets.spreadsheets.values.append": "data",
}
"""The field of the call's message that its body is; in messages, paths begin with it."""
