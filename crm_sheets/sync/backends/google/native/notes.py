"""Notes on cells whose edit was put back: why, for whoever points at the cell. Notes that people wrote stay."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm_sheets.sync.backends.google.native.marks import MARK
from crm_sheets.sync.backends.google.native.shapes import Request, area

_OURS = re.compile(rf"(?s)\n*⟦{MARK}⟧ .*?⟦/⟧")


@dataclass(frozen=True, slots=True)
class CellNote:
    """What is to be noted at a cell, 1-based; "" for nothing any more."""

    sheet: int
    row: int
    column: int
    text: str


def note_requests(notes: Iterable[CellNote], there: Mapping[tuple[int, int, int], str]) -> list[Request]:
    """Brings our part of notes up to date.

    Args:
        notes: what is to be said; the last one of a cell counts.
        there: the notes that stand there now, by (sheet id, row, column).
    """
    requests: list[Request] = []
    for place, note in {(each.sheet, each.row, each.column): each for each in notes}.items():
        known = there.get(place, "")
        text = with_ours(known, note.text)
        if text != known:
            cell: Request = {"rows": [{"values": [{"note": text}]}], "fields": "note"}
            requests.append({"updateCells": {"range": area(*place[:1], *place[1:], *place[1:]), **cell}})
    return requests


def with_ours(known: str, text: str) -> str:
    """A note in which our part says `text`; what people wrote stays before it."""
    theirs = _OURS.sub("", known)
    return f"{theirs}\n⟦{MARK}⟧ {text}⟦/⟧".lstrip("\n") if text else theirs


def is_noted(known: str) -> bool:
    """Whether a note has a part of ours."""
    return _OURS.search(known) is not None
