"""What guides the hand of whoever fills in a tab: drop-downs, input hints, and the colours of faulty cells.

Both a new workbook and an adopted one get them; this module says which, others write them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_sheets.cells import column_letters
from crm_sheets.language import Language
from crm_sheets.schema.base import Column, Kind, Tab
from crm_sheets.schema.labels import column_label
from crm_sheets.sync.backends.xlsx.lists import PEOPLE, list_name
from crm_sheets.sync.backends.xlsx.style import Look
from crm_sheets.tables import ColumnKey, TabKey


@dataclass(frozen=True, slots=True)
class Validation:
    """A data validation of one column (ECMA-376 part 1, 18.3.1.32).

    Attributes:
        column: 1-based.
        source: formula of the list without `=`; None when the cell only has a hint.
        prompt: shown when the cell is selected; "" for none. Excel cuts titles at 32 and texts at 255 characters.
        warning: shown when something else is typed, which may then be kept all the same; "" to take it silently.
    """

    column: int
    source: str | None
    title: str
    prompt: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A conditional format of one column; `formula` is written for the first data row."""

    column: int
    formula: str
    look: Look


def validations(
    tab: Tab, places: Mapping[ColumnKey, int], words: Language, sources: Mapping[TabKey, str]
) -> list[Validation]:
    """The validations of a tab's columns, left to right.

    Args:
        tab: the tab.
        places: 1-based columns of the sheet.
        words: language of the hints.
        sources: for a tab that others refer to, the formula of the list of its names; people have their own list.
    """
    found = []
    for key, place in sorted(places.items(), key=lambda item: item[1]):
        column = tab.columns[key]
        source = _source(column, words, sources)
        prompt = _prompt(tab, column, words)
        if (source or prompt) and not column.hidden:
            warning = words.text("workbook.not_in_list") if column.dictionary else ""
            title = column_label(tab.key, key, words)[:32]
            found.append(Validation(place, source, title, prompt[:255], warning))
    return found


def _source(column: Column, words: Language, sources: Mapping[TabKey, str]) -> str | None:
    if column.system:
        return None
    if column.dictionary:
        return list_name(column.dictionary)
    if column.kind is Kind.PERSON:
        return list_name(PEOPLE)
    if column.kind is Kind.BOOLEAN:
        return f'"{words.text("word.yes")},{words.text("word.no")}"'
    return sources.get(column.refers_to) if column.refers_to else None


def _prompt(tab: Tab, column: Column, words: Language) -> str:
    if column.system:
        return words.text("hint.system")
    parts = [words.text("hint.required")] if column.required else []
    own, by_kind = f"hint.{tab.key}.{column.key}", f"hint.{column.kind}"
    parts += [words.text(key) for key in (own, by_kind) if words.has(key)][:1]
    return "".join(parts)


def highlights(tab: Tab, places: Mapping[ColumnKey, int], words: Language, first_row: int = 2) -> list[Highlight]:
    """The conditional formats of a tab: exactly the cells that 检查 complains about, and the states worth a glance.

    A finding about a cell begins with the label of its column in 【】; FIND takes it literally, SEARCH would not.
    """
    found = [*_duplicates(tab, places, first_row), *_states(tab, places, words, first_row)]
    check = places.get(ColumnKey("check"))
    if check is None:
        return found
    cell = f"${column_letters(check)}{first_row}"
    faults = [
        Highlight(place, f"ISNUMBER(FIND({_quoted(f'【{column_label(tab.key, key, words)}】')},{cell}))", Look.FAULT)
        for key, place in places.items()
        if not tab.columns[key].hidden and key != "check"
    ]
    return [*faults, Highlight(check, f"LEN({cell})>0", Look.FAULT), *found]


def _duplicates(tab: Tab, places: Mapping[ColumnKey, int], first_row: int) -> list[Highlight]:
    place = places.get(ColumnKey("duplicates"))
    if place is None:
        return []
    formula = f"LEN(${column_letters(place)}{first_row})>0"
    shown = [key for key in (ColumnKey("duplicates"), tab.record.name_column) if key is not None and key in places]
    return [Highlight(places[key], formula, Look.DUPLICATE) for key in shown]


def _states(tab: Tab, places: Mapping[ColumnKey, int], words: Language, first_row: int) -> list[Highlight]:
    key, looks = _STATES.get(tab.key, ("", {}))
    column = ColumnKey(key)
    if column not in places:
        return []
    cell = f"${column_letters(places[column])}{first_row}"
    return [
        Highlight(places[column], f"{cell}={_quoted(words.text(f'value.{message}'))}", look)
        for message, look in looks.items()
    ]


_STATES: Mapping[str, tuple[str, Mapping[str, Look]]] = {
    "follow_ups": (
        "state",
        {
            "follow_up_state.overdue": Look.LATE,
            "follow_up_state.pending": Look.WAITING,
            "follow_up_state.done": Look.DONE,
            "follow_up_state.cancelled": Look.OVER,
        },
    ),
    "opportunities": ("stage", {"opportunity_stage.won": Look.DONE, "opportunity_stage.lost": Look.OVER}),
    "feedback": (
        "state",
        {
            "feedback_state.open": Look.LATE,
            "feedback_state.in_progress": Look.WAITING,
            "feedback_state.done": Look.DONE,
        },
    ),
    "services": (
        "sla_state",
        {
            "sla_state.late": Look.LATE,
            "sla_state.near": Look.WAITING,
            "sla_state.met": Look.DONE,
            "sla_state.missed": Look.OVER,
        },
    ),
}


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
