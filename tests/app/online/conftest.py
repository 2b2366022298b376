"""One emulator for all tests of this folder: each makes spreadsheets of its own in it."""

from collections.abc import Iterator

import pytest

from crm_sheets.google_emulator import Emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running
