"""What the config offers, the program asks for: an option that nobody reads promises something to a team."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from crm_sheets.config import Settings

PROGRAM = Path(__file__).parents[2] / "crm_sheets"


def sections(of: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A section and all below it."""
    yield of
    for field in of.model_fields.values():
        for kind in kinds(field.annotation):
            yield from sections(kind)


def kinds(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from kinds(each)


def test_every_option_is_read_somewhere() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in PROGRAM.rglob("*.py"))
    read = set(re.findall(r"\.([a-z_]+)\b", source))
    options = {f"{section.__name__}.{name}" for section in set(sections(Settings)) for name in section.model_fields}
    assert len(options) > 100
    assert {option for option in options if option.partition(".")[2] not in read} == set()
