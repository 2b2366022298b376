"""Commands about group robots: robots."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RobotState:
    """How a robot stands: messages that wait, went out, were refused for good, and why the last one did not go."""

    name: str
    kind: str
    waiting: int
    sent: int
    dead: int
    error: str


@dataclass(frozen=True, slots=True)
class RobotsReport:
    """`robots`."""

    robots: tuple[RobotState, ...]


@dataclass(frozen=True, slots=True)
class RobotTestReport:
    """`robots --test`: what the robot answered."""

    name: str
    answer: str
