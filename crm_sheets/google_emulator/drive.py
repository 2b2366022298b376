"""Drive v3: files and permissions."""

from crm_sheets.google_emulator.session import Answering

METHODS: dict[str, Answering] = {}
