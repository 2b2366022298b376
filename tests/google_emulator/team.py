"""One spreadsheet of three people and a robot, without a server."""

from crm_sheets.google_emulator import Emulator
from tests.google_emulator.calling import Caller

OWNER, EDITOR, READER, STRANGER = "lead@example.com", "sales@example.com", "guest@example.com", "nobody@elsewhere.org"
ROBOT = "robot@emulated.iam.gserviceaccount.com"


class Team:
    """Callers for everybody on one spreadsheet with the sheet Sheet1 (id 0)."""

    def __init__(self) -> None:
        self.emulator = Emulator()
        self.spreadsheet = self.emulator.create("客户", owner=OWNER)
        for email, role in ((EDITOR, "writer"), (ROBOT, "writer"), (READER, "reader")):
            self.emulator.share(self.spreadsheet, email, role)
        self.owner, self.editor = self.caller(OWNER), self.caller(EDITOR)
        self.reader, self.robot = self.caller(READER), self.caller(ROBOT)
        self.stranger = self.caller(STRANGER)

    def caller(self, email: str) -> Caller:
        return Caller(self.emulator, email, self.spreadsheet)
