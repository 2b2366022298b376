"""What somebody does at a chosen instant: before or after the Nth call of a kind."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from crm_sheets.google_emulator.calls import Call
from crm_sheets.google_emulator.patterns import CallPattern


class Moment(StrEnum):
    """When, seen from the call."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Hook:
    """One thing to be done once, or at every call.

    Attributes:
        action: runs while the call waits, outside of any lock of the workbook: it may edit what the call will find.
        nth: of the calls that match, 1 for the first from now on; None for each of them.
    """

    moment: Moment
    action: Callable[[], None]
    calls: CallPattern = field(default_factory=CallPattern)
    nth: int | None = 1


class Hooks:
    """Runs what is due, one thing after the other.

    Calls that come while somebody acts are taken for what that person does: they are not counted, and run nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._acting = False
        self._hooks: list[tuple[Hook, int]] = []

    def add(self, hook: Hook) -> None:
        """Counts from now on."""
        with self._lock:
            self._hooks.append((hook, 0))

    def before(self, action: Callable[[], None], calls: CallPattern | None = None, nth: int | None = 1) -> None:
        """Does this before the Nth call of that kind is carried out."""
        self.add(Hook(Moment.BEFORE, action, calls or CallPattern(), nth))

    def after(self, action: Callable[[], None], calls: CallPattern | None = None, nth: int | None = 1) -> None:
        """Does this after the Nth call of that kind was carried out, before its answer is sent."""
        self.add(Hook(Moment.AFTER, action, calls or CallPattern(), nth))

    def clear(self) -> None:
        """Nobody does anything any more."""
        with self._lock:
            self._hooks.clear()

    def run(self, moment: Moment, call: Call) -> None:
        """What is due at this moment of this call. An action that fails stops the call: a test must not miss it."""
        with self._lock:
            due = [] if self._acting else self._due(moment, call)
            self._acting = self._acting or bool(due)
        try:
            for hook in due:
                hook.action()
        finally:
            if due:
                self._acting = False

    def _due(self, moment: Moment, call: Call) -> list[Hook]:
        due = []
        for place, (hook, seen) in enumerate(self._hooks):
            if hook.moment is moment and hook.calls.matches(call):
                self._hooks[place] = (hook, seen + 1)
                if hook.nth in (None, seen + 1):
                    due.append(hook)
        return due
