"""How a report is shown: each family registers its own."""

from functools import singledispatch
from typing import TypeAlias

from rich.console import RenderableType

from crm_sheets.language import Language

Parts: TypeAlias = list[RenderableType]


@singledispatch
def parts(report: object, words: Language) -> Parts:
    """What the console prints for a report, from top to bottom."""
    raise TypeError(f"nobody said how to show a {type(report).__name__}")
