"""What more than one report shows: findings, duplicates, edits that were put back."""

from collections.abc import Sequence

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts
from crm_sheets.cli.render.tables import table_of
from crm_sheets.cli.render.wording import column_word, tab_word, word
from crm_sheets.language import Language

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def reverted_of(reverted: Sequence[reports.Reverted], words: Language) -> Parts:
    """Edits that were put back."""
    rows = (
        (each.row, column_word(each.tab, each.column, words), each.typed, each.restored, each.reason)
        for each in reverted
    )
    return table_of(words, "reverted", ("row", "column", "typed", "restored", "reason"), rows)


def issues_of(issues: Sequence[reports.FoundIssue], words: Language) -> Parts:
    """Findings, the worst first."""
    rows = (
        (
            Text(words.text(f"cli.severity.{each.severity}"), _COLOURS.get(each.severity, "")),
            each.cell or tab_word(each.tab, words),
            each.row or "",
            each.message,
        )
        for each in sorted(issues, key=lambda each: list(_COLOURS).index(each.severity))
    )
    return table_of(words, "issues", ("severity", "cell", "row", "message"), rows)


def duplicates_of(pairs: Sequence[reports.FoundDuplicate], words: Language, everything: bool = False) -> Parts:
    """Pairs that may be one customer."""
    rows = (
        (
            pair.one,
            pair.other,
            f"{round(pair.score * 10_000) // 100}%",  # rounded down: 100 % is for a score of 1
            words.text(f"cli.sure.{pair.certain}"),
            ", ".join(word(words, "duplicates.column.", key) for key in pair.keys),
        )
        for pair in pairs
    )
    return table_of(words, "duplicates", ("row", "other", "score", "certain", "agree"), rows, everything)
