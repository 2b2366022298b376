"""What every table of the config has in common."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from crm_sheets.errors import Line

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d|w)\s*")


def _duration(given: object) -> object:
    if isinstance(given, timedelta):
        return given
    text = str(given).strip() if isinstance(given, str) else ""
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text):
        raise PydanticCustomError("time_span", 'write a duration such as "30s", "5min", "2h", "1d" or "1h 30min"')
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


Disagreement: TypeAlias = tuple[tuple[str, ...], Line]
"""Options of a table, and what they say against each other."""

Duration: TypeAlias = Annotated[timedelta, BeforeValidator(_duration)]


class Section(BaseModel):
    """A table of the config: an unknown key is a mistake, and nothing changes after loading."""

    # Deferred: the schema of Settings is built when a config is loaded, and not one more for each table in it.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _tables_may_be_left_out(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        tables = (name for name, field in cls.model_fields.items() if _is_section(field.annotation))
        return {**{name: {} for name in tables}, **given}

    def disagreements(self) -> Iterator[Disagreement]:
        """What its options say against each other; that is no matter of reading it, so that all of it can be told."""
        yield from ()


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)
