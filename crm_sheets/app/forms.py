"""The form sheets of a workspace: implements sync.forms.Forms over its records."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_sheets.app.imports import import_context
from crm_sheets.app.workspace import Workspace
from crm_sheets.commands import FORM, Command
from crm_sheets.errors import UsageError
from crm_sheets.importing.context import ImportContext
from crm_sheets.importing.forms import Form, FormReading, read_form
from crm_sheets.projection import TabEdits
from crm_sheets.state import RowId
from crm_sheets.sync.logs import Event, log
from crm_sheets.tables import ColumnKey, Snapshot, TabKey


@dataclass(frozen=True, slots=True)
class Look:
    """See sync.forms.FormLook."""

    workspace: Workspace
    context: ImportContext
    readings: tuple[FormReading, ...]
    broken: frozenset[str]

    @property
    def commands(self) -> tuple[Command, ...]:
        """See FormLook."""
        return tuple(command for reading in self.readings for command in reading.arrivals)

    @property
    def waiting(self) -> frozenset[str]:
        """See FormLook."""
        return self.broken | {reading.form.sheet for reading in self.readings if reading.waiting}

    def edits(self, taken: Mapping[str, RowId]) -> tuple[TabEdits, ...]:
        """See FormLook."""
        origins = [answer.origin for reading in self.readings for answer in reading.answers]
        known = {**self.workspace.state.taken(origins), **taken}
        found = (reading.edits(known, self.context) for reading in self.readings)
        return tuple(edits for edits in found if edits is not None)


@dataclass(frozen=True, slots=True)
class FormsOfWorkspace:
    """See sync.forms.Forms."""

    workspace: Workspace
    forms: tuple[Form, ...] = field(init=False)

    def __post_init__(self) -> None:
        label = self.workspace.words.text("form.answer")
        made = tuple(
            Form(
                each.sheet,
                TabKey(each.tab),
                {ColumnKey(column): header for column, header in each.columns.items()},
                {ColumnKey(column): value for column, value in each.values.items()},
                each.duplicates,
                each.answer or label,
            )
            for each in self.workspace.settings.form
        )
        object.__setattr__(self, "forms", made)

    @property
    def sheets(self) -> frozenset[str]:
        """See Forms."""
        return frozenset(form.sheet for form in self.forms)

    def look(self, snapshot: Snapshot) -> Look:
        """See Forms. A sheet that lacks a column that the config names is left alone, and stops nothing else."""
        context = import_context(self.workspace)
        readings, broken = [], set()
        for form in self.forms:
            sheet = snapshot.sheets.get(form.sheet)
            if sheet is None or not sheet.rows:
                continue
            try:
                author = f"{FORM} ({form.sheet})"
                readings.append(read_form(form, sheet, context, author, date1904=snapshot.date1904))
            except UsageError as error:
                broken.add(form.sheet)
                log(Event("form cannot be read", message=str(error)))
        return Look(self.workspace, context, tuple(readings), frozenset(broken))
