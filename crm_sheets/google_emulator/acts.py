"""What a person does, written as JSON: {"do": "type", "tab": "客户", "cell": "B2", "text": "…"}.

The names and their parameters are those of the methods of `people.Person`.
"""

from collections.abc import Callable
from typing import Final

from crm_sheets.google_emulator.json_values import Object, flag, items, part, text, whole
from crm_sheets.google_emulator.people import Person
from crm_sheets.google_emulator.refusals import Refused


def perform(person: Person, act: Object) -> None:
    """Does it as that person.

    Raises:
        Refused: there is no such act, or Google would not let this person do it.
        GoogleError: the same, where Google answers with another status than 400.
    """
    does = ACTS.get(text(act, "do"))
    if does is None:
        raise Refused(f"do: {text(act, 'do')} is none of {', '.join(sorted(ACTS))}.")
    does(person, act)


def _count(act: Object) -> int:
    return whole(act, "count", 1)


def _rows(act: Object) -> list[list[str]]:
    return [[str(value) for value in row] for row in items(act, "rows") if isinstance(row, list)]


ACTS: Final[dict[str, Callable[[Person, Object], None]]] = {
    "type": lambda who, act: who.type(text(act, "tab"), text(act, "cell"), text(act, "text")),
    "paste": lambda who, act: who.paste(text(act, "tab"), text(act, "cell"), _rows(act)),
    "clear": lambda who, act: who.clear(text(act, "tab"), text(act, "cells")),
    "insert_rows": lambda who, act: who.insert_rows(text(act, "tab"), whole(act, "row"), _count(act)),
    "delete_rows": lambda who, act: who.delete_rows(text(act, "tab"), whole(act, "row"), _count(act)),
    "insert_columns": lambda who, act: who.insert_columns(text(act, "tab"), text(act, "column"), _count(act)),
    "delete_columns": lambda who, act: who.delete_columns(text(act, "tab"), text(act, "column"), _count(act)),
    "move_columns": lambda who, act: who.move_columns(
        text(act, "tab"), text(act, "column"), text(act, "before"), _count(act)
    ),
    "move_rows": lambda who, act: who.move_rows(text(act, "tab"), whole(act, "row"), whole(act, "before"), _count(act)),
    "sort": lambda who, act: who.sort(text(act, "tab"), text(act, "column"), descending=flag(act, "descending")),
    "copy_rows": lambda who, act: who.copy_rows(text(act, "tab"), whole(act, "row"), whole(act, "to"), _count(act)),
    "cut_rows": lambda who, act: who.cut_rows(text(act, "tab"), whole(act, "row"), whole(act, "to"), _count(act)),
    "filter": lambda who, act: who.filter(
        text(act, "tab"), text(act, "cells"), text(act, "column"), [str(one) for one in items(act, "hidden")]
    ),
    "unfilter": lambda who, act: who.unfilter(text(act, "tab")),
    "replace": lambda who, act: who.replace(text(act, "tab"), text(act, "old"), text(act, "new")),
    "rename_tab": lambda who, act: who.rename_tab(text(act, "tab"), text(act, "title")),
    "add_tab": lambda who, act: who.add_tab(text(act, "title")),
    "delete_tab": lambda who, act: who.delete_tab(text(act, "tab")),
    "send": lambda who, act: who.send(text(act, "tab"), text(act, "kind"), part(act, "request")),
    "share": lambda who, act: who.share(text(act, "email"), text(act, "role", "writer")),
    "revoke": lambda who, act: who.revoke(text(act, "email")),
    "name_version": lambda who, act: who.name_version(text(act, "name")),
    "restore_version": lambda who, act: who.restore_version(text(act, "name")),
    "undo": lambda who, act: who.undo(),
}
