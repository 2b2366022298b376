"""Quotas, faults and hooks between the wire and the APIs, in one order.

Hooks run first, so that people act between any two calls; then a fault may come instead of the answer; then the quota
is asked; what was carried out is followed by its hooks, and only then by a fault that loses the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from crm_sheets.google_emulator.calls import Answer, Call
from crm_sheets.google_emulator.faults import Fault, FaultKind, Faults, fault_answer
from crm_sheets.google_emulator.hooks import Hooks, Moment
from crm_sheets.google_emulator.quotas import Quotas


@dataclass(slots=True)
class Trouble:
    """An interceptor of the emulator.

    Attributes:
        expire: takes back the tokens of an account.
    """

    quotas: Quotas
    expire: Callable[[str], None]
    faults: Faults = field(default_factory=Faults)
    hooks: Hooks = field(default_factory=Hooks)
    _applied: dict[int, Fault] = field(default_factory=dict)

    def before(self, call: Call) -> Answer | None:
        """What comes instead of the answer; None when the call is to be carried out."""
        self.hooks.run(Moment.BEFORE, call)
        fault = self.faults.hit(call)
        if fault is not None and fault.kind is FaultKind.TOKEN_EXPIRED:
            self.expire(call.user)
        elif fault is not None and fault.applied:
            self._applied[call.number] = fault
        elif fault is not None:
            return _instead(fault, call)
        return self.quotas.take(call) if call.method_id.startswith("sheets.") else None

    def after(self, call: Call, answer: Answer) -> Answer:
        """What is sent of the answer to a call that was carried out."""
        self.hooks.run(Moment.AFTER, call)
        fault = self._applied.pop(call.number, None)
        if fault is None:
            return answer
        if fault.kind is FaultKind.HANG:
            return replace(answer, delay=fault.seconds or 0.0)
        return _instead(fault, call)


def _instead(fault: Fault, call: Call) -> Answer:
    match fault.kind:
        case FaultKind.CLOSED:
            return Answer(0, lost=True)
        case FaultKind.RESET:
            return Answer(0, lost=True, reset=True)
        case FaultKind.HANG:
            return Answer(0, lost=True, delay=fault.seconds or 0.0)
        case _:
            return fault_answer(fault, call)
