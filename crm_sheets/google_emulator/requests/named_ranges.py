"""addNamedRange, updateNamedRange, deleteNamedRange."""

import re

from crm_sheets.google_emulator.a1 import box_of
from crm_sheets.google_emulator.discovery import sheets as document
from crm_sheets.google_emulator.json_values import Object, part, text
from crm_sheets.google_emulator.masks import update_mask, updated
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler


def add(batch: Batch, request: Object) -> Object | None:
    """A new named range."""
    given = part(request, "namedRange")
    number = text(given, "namedRangeId") or str(batch.ids.randrange(1, 1 << 31))
    if _find(batch.book, number) is not None:
        raise Refused(f"A named range with ID {number} already exists.")
    named: Object = {"namedRangeId": number, "name": text(given, "name"), "range": part(given, "range")}
    _check(batch.book, named)
    batch.book.named_ranges.append(named)
    return {"namedRange": named}


def _check(book: Book, named: Object) -> None:
    name, other = text(named, "name"), book.named(text(named, "name"))
    if not re.fullmatch(r"[^\W\d][\w.]{0,249}", name) or re.fullmatch(r"[A-Za-z]{1,3}\d+|[Rr]\d+[Cc]\d+", name):
        raise Refused(f"Invalid name: {name}")
    if other is not None and text(other, "namedRangeId") != text(named, "namedRangeId"):
        raise Refused(f"Cannot add named range with name {name}, a named range with that name already exists.")
    box_of(book, part(named, "range"))


def _find(book: Book, number: str) -> int | None:
    ids = [text(named, "namedRangeId") for named in book.named_ranges]
    return ids.index(number) if number in ids else None


def update(batch: Batch, request: Object) -> Object | None:
    """Changes the fields of the mask."""
    mask = update_mask(document(), "NamedRange", text(request, "fields"))
    given = part(request, "namedRange")
    index = _existing(batch.book, text(given, "namedRangeId"))
    old = batch.book.named_ranges[index]
    new = updated(old, given, mask) | {"namedRangeId": text(old, "namedRangeId")}
    _check(batch.book, new)
    batch.book.named_ranges[index] = new
    return None


def delete(batch: Batch, request: Object) -> Object | None:
    """Deletes one."""
    del batch.book.named_ranges[_existing(batch.book, text(request, "namedRangeId"))]
    return None


def _existing(book: Book, number: str) -> int:
    index = _find(book, number)
    if index is None:
        raise Refused(f"No named range with id: {number}")
    return index


HANDLERS: dict[str, Handler] = {"addNamedRange": add, "updateNamedRange": update, "deleteNamedRange": delete}
