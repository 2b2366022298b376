"""What all tests share."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples each time: a rare find of a random search must not stop a change that has nothing to do with it, nor
# be the first that a newcomer sees. CRM_SHEETS_EXAMPLES makes the search long and random (see CONTRIBUTING.md).
# How long an example takes says how busy the machine is: no test fails for it.
settings.register_profile("same", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("search", settings.get_profile("same"), derandomize=False)
settings.load_profile("search" if "CRM_SHEETS_EXAMPLES" in os.environ else "same")

# As cycles have it themselves (app/workspace.py): to look for circles after each 700 new objects takes a tenth longer.
gc.set_threshold(20_000, 10, 10)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files that say nothing of `slow` are not even read by `-m slow`: to read them all takes each worker longer than
    a good part of its tests."""
    if config.getoption("markexpr") != "slow" or not collection_path.name.startswith("test_"):
        return None
    return True if "slow" not in collection_path.read_text(encoding="utf-8").lower() else None


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay to the end: a full garbage collection need not go through them each time."""
    gc.collect()
    gc.freeze()
