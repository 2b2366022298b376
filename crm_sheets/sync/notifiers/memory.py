"""A channel that keeps its messages: for a dry run, a preview, and tests of what stands above it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from crm_sheets.errors import ServiceError
from crm_sheets.sync.notifiers.base import Message, Receipt, deliverable_address, one_line


@dataclass(slots=True)
class MemoryNotifier:
    """Keeps what it is given.

    Attributes:
        refusals: addresses for which sending fails, each with the error that is raised.
        sent: the messages taken, oldest first, as a receiver would see them.
    """

    refusals: Mapping[str, ServiceError] = field(default_factory=lambda: MappingProxyType({}))
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Receipt:
        """Keeps the message, or raises the refusal set for its address."""
        address = deliverable_address(message.to_address)
        if refusal := self.refusals.get(address):
            raise refusal
        self.sent.append(replace(message, to_address=address, subject=one_line(message.subject)))
        return Receipt(message.key, f"memory:{message.key}")

    def close(self) -> None:
        """Does nothing: there is no connection."""
