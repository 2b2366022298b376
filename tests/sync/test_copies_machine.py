"""The office of test_sync_machine with a cloud drive that cannot decide: some saves become conflict copies."""

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from crm_sheets.sync.backends.memory import MemoryFile
from tests.sync.test_sync_machine import EXAMPLES, PEOPLE, Office


class OfficeWithDrive(Office):
    def __init__(self) -> None:
        super().__init__()
        self.parted: list[MemoryFile] = []

    @rule(who=st.sampled_from(PEOPLE), close=st.booleans())
    def save_as_conflict(self, who: str, close: bool) -> None:
        file = self.open[who]
        assume(file is not None)
        assert file is not None
        self.parted.append(file.copied())
        self.desk.shelf.copies[f"book ({len(self.parted)}).xlsx"] = file.copied()
        self.saved |= self.tokens_in(file)
        if close:
            self.open[who] = None

    @rule(number=st.integers(0, 30))
    def bring_a_copy_again(self, number: int) -> None:
        assume(self.parted)
        self.desk.shelf.copies["book (again).xlsx"] = self.parted[number % len(self.parted)].copied()

    def teardown(self) -> None:
        super().teardown()
        assert self.desk.shelf.copies == {}, "every copy was put away"


TestOfficeWithDrive = OfficeWithDrive.TestCase
TestOfficeWithDrive.settings = settings(
    max_examples=EXAMPLES // 2,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
