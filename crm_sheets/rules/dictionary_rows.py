"""The rows of 字典 can be used: their dictionary exists, and their value stands in it once."""

from crm_sheets.cells import text_key
from crm_sheets.changes import NOTHING, Issue, Outcome, Severity
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionary_rows import DictionaryRecord
from crm_sheets.schema.tags import TAG, dimension_of

SIMILAR = 60
"""From this score (of 100) on a name is near enough to be offered."""


def dictionary_rows(row: Row, context: Context) -> Outcome:
    """Flags a dictionary that no column uses, and a value that its dictionary has already."""
    record = record_of(row, DictionaryRecord)
    if not record.dictionary:
        return NOTHING
    dictionary = context.dictionaries.key(record.dictionary)
    if dictionary is None:
        return Outcome((_unknown(row, record.dictionary, context),))
    if dictionary == TAG and record.value and not dimension_of(record.value):
        return Outcome((found("tag-without-dimension", row, "value", Severity.INFO, value=record.value),))
    wanted = text_key(record.value or "")
    same = [e for e in context.dictionaries.entries.get(dictionary, ()) if text_key(e.value) == wanted]
    if len(same) < 2 or not record.value:
        return NOTHING
    issue = found("dictionary-value-doubled", row, "value", value=record.value, dictionary=record.dictionary)
    return Outcome((issue,))


def _unknown(row: Row, name: str, context: Context) -> Issue:
    from rapidfuzz import fuzz, process

    labels = [context.language.text(f"dictionary.{key}") for key in context.dictionaries.known]
    best = process.extractOne(name, labels, scorer=fuzz.WRatio, processor=text_key, score_cutoff=SIMILAR)
    if best:
        return found("dictionary-unknown-similar", row, "dictionary", value=name, suggestion=best[0])
    return found(
        "dictionary-unknown", row, "dictionary", value=name, choices=context.language.text("list.and").join(labels)
    )
