"""Customers that somebody may mean by a name or a phone, found as duplicates are: by the same keys and likeness."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from crm_sheets.draft import Draft
from crm_sheets.rules.duplicates import Cells, block_keys, links_and_keys, links_round
from crm_sheets.rules.duplicates.names import Name, name_of
from crm_sheets.rules.duplicates.regions import NOWHERE
from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.codecs import CodecContext, Flaw, parse
from crm_sheets.state import State
from crm_sheets.suspects import CUSTOMERS, BlockIndex, Suspects, telling_cells
from crm_sheets.tables import ColumnKey, RowKey

PHONE: Final = Column(Kind.PHONE)
BY_NAME, BY_PHONE = ColumnKey("name"), ColumnKey("phone")
ASKER: Final = "?"
"""Stands for the customer that somebody asks about, among the keys of the others."""

SIMILAR: Final = 0.45
"""The likeness from which a customer counts as similar to a name: that of the brand alone, 宏图 and 上海宏图机械."""


@dataclass(frozen=True, slots=True)
class Known:
    """The customers as a cycle will leave them.

    Attributes:
        state: what is known of earlier cycles; suspects: what this one changed in the index.
        indexed: whether there is an index at all: a team that wants no duplicates told has none.
    """

    draft: Draft
    state: State
    suspects: Suspects
    indexed: bool


@dataclass(frozen=True, slots=True)
class Likes:
    """Customers that a question may mean, by key: `same` by name or phone, `similar` by likeness of the name.

    Attributes:
        column: by which they were found.
    """

    column: ColumnKey
    same: tuple[RowKey, ...] = ()
    similar: tuple[RowKey, ...] = ()


def like(question: str, least: int, book: Known, codec: CodecContext) -> Likes | None:
    """The customers that somebody means by a name or a phone; None where it tells too little.

    Args:
        question: as typed.
        least: characters that a name must have.
        book: where to look.
        codec: how phones are read.
    """
    told, name = parse(question, PHONE, codec), name_of(question)
    phone = str(told) if told is not None and not isinstance(told, Flaw) else ""
    if not phone and (len(name.whole) < least or not any(map(str.isalpha, name.whole))):
        return None
    asked: Cells = (ASKER, None, None, phone, None, None, None, None) if phone else (ASKER, question, *[None] * 6)
    cells: dict[str, Cells] = {ASKER: asked}

    def cells_of(keys: Collection[str]) -> Iterable[Cells]:
        living = (
            RowKey(key) for key in keys if key != ASKER and (CUSTOMERS, RowKey(key)) not in book.draft.provisional
        )
        known = ((key, book.draft.values((CUSTOMERS, key))) for key in living)
        cells.update({key: telling_cells(key, values) for key, values in known if values is not None})
        return [cells[key] for key in keys if key in cells]

    if not book.indexed:
        everyone = book.draft.keys(CUSTOMERS)
        links = links_and_keys(cells_of([ASKER, *everyone]))[0]
        links = [link for link in links if ASKER in (link.one, link.other)]
    else:
        come = book.suspects.come | {(block, RowKey(ASKER)) for block in block_keys([asked])[ASKER]}
        links = links_round([ASKER], cells_of, BlockIndex(book.state, book.suspects.gone, come))
    found = {RowKey(link.other if link.one == ASKER else link.one): link.score for link in links}
    same = tuple(sorted(key for key in found if phone or _is_called(cells[key][1], name)))
    similar = tuple(sorted(key for key, score in found.items() if score >= SIMILAR and key not in same))
    return Likes(BY_PHONE if phone else BY_NAME, same, similar)


def _is_called(text: str | None, name: Name) -> bool:
    """Whether a customer is called so, but for the form of the firm and its place where one of the two has none."""
    other = name_of(text)
    places = {other.region, name.region} - {NOWHERE}
    return bool(name.core) and (other.core, other.branch) == (name.core, name.branch) and len(places) < 2
