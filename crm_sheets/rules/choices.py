"""What is said of a value that its drop-down does not know: the same in the sheet and in an import."""

from collections.abc import Mapping, Sequence

from crm_sheets.cells import text_key
from crm_sheets.language import Language
from crm_sheets.schema.dictionaries import DictionaryEntry

MOST_CHOICES = 8
"""So many values are listed in a message; the drop-down has them all."""

SIMILAR = 66
"""From this score (of 100) on a value is near enough to be offered: 成交 for 成交客户; 电画 for 电话 is not, nor
制造业 for 农业 (60), Manufacturing for Farming (65): they share no more than their end."""


def unknown_choice(value: str, entries: Sequence[DictionaryEntry], language: Language) -> tuple[str, Mapping[str, str]]:
    """The code of the finding about a value that is none of `entries`, and what its message names."""
    active = [entry.value for entry in entries if entry.active]
    nearest = _nearest(value, active)
    if nearest is not None:
        return "not-in-dictionary-similar", {"value": value, "suggestion": nearest}
    choices = language.text("list.and").join(active[:MOST_CHOICES])
    more = language.text("list.more") if len(active) > MOST_CHOICES else ""
    return "not-in-dictionary", {"value": value, "choices": choices + more}


def _nearest(value: str, choices: Sequence[str]) -> str | None:
    """The value that was probably meant; the first of equals."""
    from rapidfuzz import fuzz, process

    best = process.extractOne(value, choices, scorer=fuzz.WRatio, processor=text_key, score_cutoff=SIMILAR)
    return best[0] if best else None
