"""What staff read in the column 疑似重复."""

from collections.abc import Iterable

from crm_sheets.language import Language
from crm_sheets.rules.duplicates.subjects import Pair

SHOWN = 3
"""A cell names this many partners at most."""


def hint(key: str, pairs: Iterable[Pair], language: Language) -> str:
    """The text for one customer, "" where it has no pair.

    Args:
        key: the customer whose cell it is.
        pairs: its pairs; the most likely are named.
        language: of the staff.
    """
    ordered = sorted(pairs, key=lambda pair: (not pair.certain, -pair.score, pair.one, pair.other))
    if not ordered:
        return ""
    text = language.text("duplicates.hint.separator").join(_named(key, pair, language) for pair in ordered[:SHOWN])
    if len(ordered) > SHOWN:
        text += language.text("duplicates.hint.more", count=len(ordered) - SHOWN)
    return text


def _named(key: str, pair: Pair, language: Language) -> str:
    partner = pair.other if pair.one == key else pair.one
    columns = [language.text(f"duplicates.column.{column}") for column in pair.keys]
    return language.text(
        f"duplicates.hint.{'certain' if pair.certain else 'possible'}",
        partner=partner,
        percent=round(pair.score * 10_000) // 100,  # rounded down: 100 % is for a score of 1
        columns=language.text("duplicates.column.separator").join(columns) or language.text("duplicates.column.none"),
    )
