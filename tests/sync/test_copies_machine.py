"""The office of test_sync_machine with a cloud drive that cannot decide: some saves become conflict copies."""

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import rule

from crm_sheets.sync.backends.memory import MemoryFile
from tests.sync.offices import PEOPLE, SHEET, played
from tests.sync.test_sync_machine import EXAMPLES, OfficeWithFiles


class OfficeWithDrive(OfficeWithFiles):
    def __init__(self) -> None:
        super().__init__()
        self.parted: list[MemoryFile] = []

    @rule(who=st.sampled_from(PEOPLE), close=st.booleans())
    def save_as_conflict(self, who: str, close: bool) -> None:
        file = self.place.open[who]
        assume(file is not None)
        assert file is not None
        self.parted.append(file.copied())
        self.desk.shelf.copies[f"book ({len(self.parted)}).xlsx"] = file.copied()
        self.saved |= self.words.within(self.desk.grid(SHEET, file))
        if close:
            self.place.open[who] = None

    @rule(number=st.integers(0, 30))
    def bring_a_copy_again(self, number: int) -> None:
        assume(self.parted)
        self.desk.shelf.copies["book (again).xlsx"] = self.parted[number % len(self.parted)].copied()

    def teardown(self) -> None:
        super().teardown()
        assert self.desk.shelf.copies == {}, "every copy was put away"


OfficeWithDrive.TestCase.settings = played(EXAMPLES // 2, 25)
TestOfficeWithDrive = OfficeWithDrive.TestCase
