"""The parts of what rules say, each with what it may be made from, and the proof that it is made from nothing else.

A rule that reads no more than a part may be made from has shown it for that row. One that reads more, since it says
several things at once, is asked again with lies in place of the rest: the part must stay what it was.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crm_sheets.changes import Outcome
from crm_sheets.rules.base import Context, Rule
from crm_sheets.schema.base import Row
from crm_sheets.schema.derivations import Source
from tests.rules.tables import ALL_TABS, TextBook
from tests.rules.watching import WatchedBook, another, blank


class Part(NamedTuple):
    """One thing that an outcome says: `value`, `issue`, `row` or `reminder`, of which tab, what, and where."""

    kind: str
    tab: str
    what: str
    where: str = ""


Allowed = Callable[[Row, Part], frozenset[Source] | None]
"""What a part of what is said of a row may be made from; None for a part that the proof is not about."""


def parts_of(row: Row, outcome: Outcome) -> dict[Part, object]:
    """An outcome, part by part."""
    parts: dict[Part, object] = {}
    for column, value in (*outcome.defaults.items(), *outcome.values.items()):
        parts[Part("value", row.tab, column)] = value
    for issue in outcome.issues:
        part = Part("issue", row.tab, issue.code, issue.column or "")
        parts[part] = (parts.get(part, ()), issue.severity, sorted(issue.parameters.items()))
    for new in outcome.new_rows:
        for column, value in new.values.items():
            part = Part("row", new.tab, column)
            parts[part] = (parts.get(part, ()), value)
    for reminder in outcome.reminders:
        for name, text in reminder.parameters.items():
            part = Part("reminder", row.tab, reminder.kind, name)
            parts[part] = (parts.get(part, ()), text)
    return parts


@dataclass(slots=True)
class Proof:
    """What was seen.

    Attributes:
        seen: parts that some rule said, so that the proof is about something.
        leaks: parts that were another when something changed that they may not be made from, with what was changed.
    """

    allowed: Allowed
    seen: set[Part] = field(default_factory=set)
    leaks: dict[Part, set[Source]] = field(default_factory=dict)
    _said_by: dict[tuple[str, Rule], set[Part]] = field(default_factory=dict)

    def watch(self, book: TextBook, context: Context, rules: Mapping[str, Iterable[Rule]], rows: Iterable[Row]) -> None:
        """Lets the rules judge some rows of a book."""
        watched = WatchedBook(book, ALL_TABS)
        for row in rows:
            for rule in rules[row.tab]:
                self._watch_rule(watched, rule, row, context)

    def _watch_rule(self, watched: WatchedBook, rule: Rule, row: Row, context: Context) -> None:
        judged = watched.judged(rule, row, context)
        parts = parts_of(row, judged.outcome)
        said = self._said_by.setdefault((row.tab, rule), set())
        said |= parts.keys()
        self.seen |= parts.keys()
        for too_much, concerned in _grouped(said, judged.read, row, self.allowed):
            for lie in (blank, another):
                again = parts_of(row, watched.judged(rule, row, context, too_much, lie).outcome)
                for part in concerned:
                    if again.get(part) != parts.get(part):
                        self.leaks.setdefault(part, set()).update(too_much)


def _grouped(
    parts: Iterable[Part], read: frozenset[Source], row: Row, allowed: Allowed
) -> Iterator[tuple[frozenset[Source], list[Part]]]:
    """The parts by what was read beyond what they may be made from."""
    groups: dict[frozenset[Source], list[Part]] = {}
    for part in parts:
        may = allowed(row, part)
        if may is not None and not read <= may:
            groups.setdefault(read - may, []).append(part)
    yield from groups.items()
