"""Why a row stays out, as a value, and in the words of the team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_sheets.changes import Issue
from crm_sheets.importing.mapping import TableMapping
from crm_sheets.language import Language
from crm_sheets.rules.findings import message
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import column_label
from crm_sheets.tables import ColumnKey, TabKey


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason: `code` is that of the Issue, `column` is None for a reason about the row as a whole."""

    code: str
    column: ColumnKey | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShownFault:
    """A fault ready to be shown.

    Attributes:
        header: what the source calls the column.
        rule: code of the finding, as in docs/issues.md.
        message: what is wrong and what to do, beginning with the header.
        parameters: what the message names.
    """

    column: ColumnKey | None
    header: str
    rule: str
    message: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that stays out.

    Attributes:
        table: place of its table in the mapping.
        line: where it stands in the source, 1-based.
        headers: headers of the source whose cells are at fault.
    """

    table: int
    tab: TabKey
    line: int
    faults: tuple[ShownFault, ...]
    headers: tuple[str, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The messages, each once."""
        return tuple(dict.fromkeys(fault.message for fault in self.faults))


def refusal(
    place: int, line: int, faults: Sequence[Fault], table: TableMapping, tab: Tab, language: Language
) -> Refusal:
    """A row that stays out, with its reasons in the order of the columns of its tab."""
    order = {column: number for number, column in enumerate(tab.columns)}
    ordered = sorted(faults, key=lambda fault: order[fault.column] if fault.column in order else len(order))
    headers = [header for fault in ordered for header in _headers(fault, table)]
    shown = tuple(_shown(fault, table, tab, language) for fault in ordered)
    return Refusal(place, tab.key, line, shown, tuple(dict.fromkeys(headers)))


def _headers(fault: Fault, table: TableMapping) -> tuple[str, ...]:
    if fault.column is None or fault.column not in table.columns:
        return ()
    return table.columns[fault.column].headers


def _shown(fault: Fault, table: TableMapping, tab: Tab, language: Language) -> ShownFault:
    labels = {fault.column: column_label(tab.key, fault.column, language)} if fault.column else {}
    text = message(Issue(fault.code, tab.key, column=fault.column, parameters=fault.parameters), language, labels)
    if fault.column is None:
        return ShownFault(None, "", fault.code, text, fault.parameters)
    header = " + ".join(_headers(fault, table)) or labels[fault.column]
    said = language.text("import.reason", column=header, message=text)
    return ShownFault(fault.column, header, fault.code, said, fault.parameters)
