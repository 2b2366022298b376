"""What all tests share."""

import os

from hypothesis import settings

# In CI the same examples each time: a rare find of a random search must not stop a change that has nothing to do with
# it. Everywhere else the search is random, and the long ones are run by hand (tests/sync/test_sync_machine.py).
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
