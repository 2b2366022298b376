"""A double of Google Sheets v4 and Drive v3 on loopback: what Google refuses, it refuses.

`Emulator` is the way in. Requests and answers are checked against Google's own discovery documents.
"""

from crm_sheets.google_emulator.emulator import Emulator
from crm_sheets.google_emulator.switches import Switches

__all__ = ["Emulator", "Switches"]
