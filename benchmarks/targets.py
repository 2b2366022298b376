"""What a benchmark aims at and what it measured, in one form for all of them."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the table.

    Attributes:
        aim: None for a figure that is only told.
        least: the aim is the least that will do; otherwise the most.
    """

    name: str
    measured: float
    unit: str
    aim: float | None = None
    least: bool = False

    @property
    def met(self) -> bool:
        if self.aim is None:
            return True
        return self.measured >= self.aim if self.least else self.measured <= self.aim

    def __str__(self) -> str:
        sign = "at least" if self.least else "at most"
        aim = "" if self.aim is None else f"{sign} {self.aim:g}"
        verdict = "" if self.aim is None else "met" if self.met else "NOT MET"
        return f"{self.name:64} {self.measured:12.4g} {self.unit:14} {aim:16} {verdict}"


def write_targets(path: Path | None, targets: Iterable[Target]) -> None:
    """Writes a JSON list, where a path is given."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        told = [{**asdict(target), "met": target.met} for target in targets]
        path.write_text(json.dumps(told, indent=2, ensure_ascii=False), encoding="utf-8")


def read_targets(path: Path) -> list[Target]:
    """What write_targets wrote."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return [Target(each["name"], each["measured"], each["unit"], each["aim"], each["least"]) for each in told]
