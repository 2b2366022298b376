"""What an expression about a row may speak of: its own columns, and those of the rows that it names."""

from collections.abc import Mapping

from crm_sheets.expressions import Type, Vocabulary
from crm_sheets.language import Language
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.vocabularies import joined, vocabulary
from crm_sheets.tables import TabKey

GIVES: Mapping[Kind, Type] = {
    **dict.fromkeys((Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.RATIO), Type.NUMBER),
    **dict.fromkeys((Kind.TEXT, Kind.LONG_TEXT), Type.TEXT),
    Kind.DATE: Type.DATE,
    Kind.DATETIME: Type.MOMENT,
    Kind.BOOLEAN: Type.BOOLEAN,
}
"""The kinds that a computed field may be of, and what its expression has to give."""


def row_vocabulary(
    tab: Tab, tabs: Mapping[TabKey, Tab], dictionaries: Dictionaries | None, words: Language
) -> Vocabulary:
    """The words for a row of `tab`: `amount`, and `customer.level` for the customer that the row names.

    Args:
        tab: of the row.
        tabs: of the team; a tab that it leaves out has no rows to speak of.
        dictionaries: as now; None where they are not known yet.
        words: of the labels in messages.
    """
    named = [
        vocabulary(tabs[target], dictionaries, words, (tab.key, column.key))
        for column in tab.columns.values()
        if (target := column.refers_to) in tabs and target and column.kind in (Kind.REFERENCE, Kind.PERSON)
    ]
    return joined(vocabulary(tab, dictionaries, words), *named)
