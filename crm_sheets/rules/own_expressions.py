"""The expressions of a team's config as rules evaluate them: parsed once for each state of the drop-downs."""

from collections.abc import Iterable, Mapping

from crm_sheets.expressions import At, Expression, Type, messages, parse
from crm_sheets.rules.base import Context
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.row_vocabularies import GIVES, row_vocabulary
from crm_sheets.schema.team import TeamSchema
from crm_sheets.tables import TabKey


class Expressions:
    """Expressions about the rows of one tab, by their texts.

    The texts were checked when the config was loaded. A value that no drop-down has any more is compared as written.
    """

    def __init__(self, tab: TabKey, texts: Iterable[tuple[str, Type]]) -> None:
        self.tab, self.texts = tab, tuple(texts)
        self._parsed: dict[str, Expression] = {}
        self._of: Dictionaries | None = None

    def of(self, context: Context) -> Mapping[str, Expression]:
        """The expressions by their texts."""
        if self._of is not context.dictionaries:
            self._parsed = self._read(context)
            self._of = context.dictionaries
        return self._parsed

    def _read(self, context: Context) -> dict[str, Expression]:
        tab = context.tabs[self.tab]
        found: dict[str, Expression] = {}
        for dictionaries in (None, context.dictionaries):
            known = row_vocabulary(tab, context.tabs, dictionaries, context.language)
            for text, wanted in self.texts:
                expression = parse(text, known, wanted)
                if isinstance(expression, Expression):
                    found[text] = expression
        return found


def here(context: Context) -> At:
    """When and where expressions are evaluated in this cycle."""
    return At(context.today, context.zone)


def wrong_expressions(team: TeamSchema, dictionaries: Dictionaries) -> list[str]:
    """What is wrong with the team's conditions and computed fields in the light of its drop-downs, line by line."""
    found = [(each.name, each.tab, each.when, Type.BOOLEAN) for each in team.conditions if each.tab in team.tabs]
    found += [
        (f"{key}.{column.key}", key, column.formula, GIVES[column.kind])
        for key, tab in team.tabs.items()
        for column in tab.columns.values()
        if column.formula
    ]
    lines = []
    for name, key, text, wanted in found:
        known = row_vocabulary(team.tabs[key], team.tabs, dictionaries, team.language)
        parsed = parse(text, known, wanted)
        if not isinstance(parsed, Expression):
            lines.append(f"{name}: {messages(parsed, team.language)}")
    return lines
