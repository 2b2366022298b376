"""Dictionaries that a book needs since its config or the program changed: their first values become rows of 字典, once.

A dictionary that the team keeps already, or kept once and emptied, is left alone.
"""

from collections.abc import Iterable

from crm_sheets.commands import Desk
from crm_sheets.journal import PROGRAM
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries, rows_of
from crm_sheets.state import RowId, State


def offer(
    desk: Desk, tab: Tab, kept: Dictionaries, wanted: Dictionaries, state: State, words: Language
) -> tuple[set[RowId], Iterable[str]]:
    """Makes the rows of dictionaries that were never offered.

    Args:
        desk: where the rows are made.
        tab: 字典.
        kept: the dictionaries as the rows of 字典 say now.
        wanted: those that a new book of the team would begin with.
        state: remembers what was offered.
        words: language of the rows.

    Returns:
        The rows to look at, and the origins to remember.
    """
    origins = {key: f"dictionary:{key}" for key in wanted.entries}
    offered = state.made_from(sorted(origins.values()))
    fresh = {key: origin for key, origin in origins.items() if origin not in offered}
    dirty: set[RowId] = set()
    for key, rows in rows_of(wanted, words).items():
        if key in fresh and key not in kept.entries:
            for values in rows:
                dirty |= desk.create(tab, values, PROGRAM)
    return dirty, fresh.values()
