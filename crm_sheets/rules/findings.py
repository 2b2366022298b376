"""The text of the 检查 column: one line for each finding, what is wrong and what to do."""

from collections.abc import Iterable, Mapping

from crm_sheets.changes import Issue
from crm_sheets.language import Language, filled
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import tab_label
from crm_sheets.tables import ColumnKey

MOST_CHARACTERS = 32_000
"""A cell holds 32,767 (Excel's specification); what does not fit is counted."""


def marker(label: str, language: Language) -> str:
    """How a line names its column, `【联系电话】`: what a conditional format looks for to colour the cell."""
    return language.text("check.marker", column=label)


def message(issue: Issue, language: Language, labels: Mapping[ColumnKey, str]) -> str:
    """What a finding says to people, without naming its column at the front.

    A parameter that the message names and the finding lacks is shown as `…`: what is wrong must be said all the same.
    """
    key = f"issue.{issue.code}"
    label = labels.get(issue.column, issue.column) if issue.column else ""
    own = {"expected": tab_label(issue.tab, language)} if issue.tab else {}
    return filled(language.messages.get(key, key), _Shown({**own, "column": label, **issue.parameters}))


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def check_text(issues: Iterable[Issue], tab: Tab, language: Language, labels: Mapping[ColumnKey, str]) -> str:
    """The lines of a row's findings, in the order of the tab's columns, then of codes; "" when there are none.

    Args:
        issues: of one row; their order does not matter, and saying a thing twice does not repeat its line.
        tab: the tab that the row is in.
        language: of the workbook.
        labels: the headers of the columns, as messages name them.
    """
    places = {key: place for place, key in enumerate(tab.columns)}
    said = sorted(
        (places.get(issue.column or ColumnKey(""), -1), issue.code, _line(issue, language, labels)) for issue in issues
    )
    return _fitted(list(dict.fromkeys(line for _, _, line in said)), language)


def _line(issue: Issue, language: Language, labels: Mapping[ColumnKey, str]) -> str:
    said = language.text(f"check.{issue.severity}", message=message(issue, language, labels))
    said = " ".join(said.split("\n"))
    if issue.column is None:
        return said
    return marker(labels.get(issue.column, issue.column), language) + said


def _fitted(lines: list[str], language: Language) -> str:
    text = "\n".join(lines)
    if len(text) <= MOST_CHARACTERS:
        return text
    kept: list[str] = []
    room = MOST_CHARACTERS - 100
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, language.text("check.more", count=len(lines) - len(kept))])
