"""How a long work tells how far it is."""

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told how far a long work is: what is being done (ready to be shown), how much is done, of how much (0: unknown)."""


def silent(step: str, done: int, total: int) -> None:
    """A Progress that tells nobody."""
