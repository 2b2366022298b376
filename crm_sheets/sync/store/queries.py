"""What all questions to the state store share."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Engine

from crm_sheets.schema.base import Tab
from crm_sheets.tables import TabKey

CHUNK = 400
"""Keys in one IN (...): SQLite takes 999 parameters by default in old builds."""

T = TypeVar("T")


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def instant(text: str) -> datetime:
    """An instant as the store keeps it."""
    return datetime.fromisoformat(text)


class Queries:
    """Asks a database."""

    engine: Engine
    tabs: Mapping[TabKey, Tab]
