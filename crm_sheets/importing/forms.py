"""A form sheet: a form appends answers to it, each becomes a record once. The answers themselves are never written.

An answer is known by what it says and by how often the same was said above it, not by its row: rows may be sorted. What
became of it stands in a column of ours beside it; an answer that was changed afterwards is known by that column.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from crm_sheets.cells import CellError, CellValue, Formula, text_key
from crm_sheets.commands import Act, Command
from crm_sheets.errors import UsageError
from crm_sheets.importing.context import ImportContext
from crm_sheets.importing.convert import SourceRow, SourceTable
from crm_sheets.importing.faults import Refusal
from crm_sheets.importing.mapping import ColumnSource, ImportMapping, TableMapping
from crm_sheets.importing.plan import check_import
from crm_sheets.projection import CellWrite, TabEdits
from crm_sheets.reading import digest_of
from crm_sheets.schema.base import Kind
from crm_sheets.schema.sealed import Sealer
from crm_sheets.state import RowId
from crm_sheets.tables import ColumnKey, Sheet, SheetRow, TabKey

LONGEST = 500
"""Characters of what is said beside an answer."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form sheet.

    Attributes:
        columns: our column -> header of the form.
        values: our column -> the same for every answer.
        duplicates: what becomes of an answer that repeats a row: `flag`, `skip` or `add`.
        answer: header of our column beside the answers.
    """

    sheet: str
    tab: TabKey
    columns: Mapping[ColumnKey, str]
    values: Mapping[ColumnKey, str]
    duplicates: str
    answer: str

    def mapping(self) -> ImportMapping:
        """How its answers are read; what no drop-down has comes in and is flagged in 检查."""
        columns = {column: ColumnSource(column=header) for column, header in self.columns.items()}
        columns |= {column: ColumnSource(value=value) for column, value in self.values.items()}
        table = {
            "source": self.sheet,
            "tab": self.tab,
            "columns": columns,
            "duplicates": self.duplicates,
            "unknown": "take",
        }
        return ImportMapping(table=(TableMapping.model_validate(table),))


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of a form sheet; `said` is what stands in our column."""

    row: SheetRow
    origin: str
    said: str


@dataclass(frozen=True, slots=True)
class FormReading:
    """What one look at a form sheet found.

    Attributes:
        place: 1-based column of ours; header: whether its header stands there already.
        told: what to say beside each answer that becomes no record now, by its origin.
        arrivals: commands that make records of new answers.
    """

    form: Form
    answers: tuple[Answer, ...]
    header_row: int
    place: int
    header: bool
    told: Mapping[str, str]
    arrivals: tuple[Command, ...]

    @property
    def waiting(self) -> bool:
        """Whether answers could not become records yet."""
        return bool(self.told)

    def edits(self, taken: Mapping[str, RowId], context: ImportContext) -> TabEdits | None:
        """What to write in our column, where something else stands there; None for nothing."""
        cells = [] if self.header else [CellWrite(self.header_row, self.place, self.form.answer, Kind.TEXT)]
        for answer in self.answers:
            text = self.told.get(answer.origin)
            if text is None:
                made = taken.get(answer.origin)
                text = answer.said if made is None else context.language.text("form.taken", row=made[1])
            if text != answer.said:
                cells.append(CellWrite(answer.row.number, self.place, text[:LONGEST], Kind.TEXT, answer.said or None))
        if not cells:
            return None
        return TabEdits(self.form.sheet, self.header_row, tuple(cells), (), self.header_row)


def read_form(form: Form, sheet: Sheet, context: ImportContext, author: str, *, date1904: bool) -> FormReading:
    """Looks at a form sheet: which answers are new, and what becomes of them.

    Raises:
        UsageError: the sheet has no column that the config names.
    """
    header, *rows = sheet.rows
    labels = tuple(_label(cell) for cell in header.cells)
    place, found = _place(labels, form.answer)
    answers = tuple(_answers(form, rows, place, context.codec.sealer))
    known = context.book.taken(answer.origin for answer in answers)
    new = [answer for answer in answers if answer.origin not in known]
    changed = {answer.origin for answer in new if _was_taken(answer, form, context)}
    told = {origin: context.language.text("form.changed") for origin in changed}
    fresh = [answer for answer in new if answer.origin not in changed]
    source = SourceTable(
        sheet.name,
        sheet.name,
        labels[: place - 1],
        [SourceRow(answer.row.number, answer.row.cells[: place - 1]) for answer in fresh],
        date1904,
    )
    _require_headers(source, form)
    arrivals, reasons = _judged(form, source, fresh, context, author)
    return FormReading(form, answers, header.number, place, found, told | reasons, arrivals)


def _judged(
    form: Form, source: SourceTable, fresh: Sequence[Answer], context: ImportContext, author: str
) -> tuple[tuple[Command, ...], dict[str, str]]:
    plan = check_import({0: source}, form.mapping(), replace(context, again=True))
    origins = {answer.row.number: answer.origin for answer in fresh}
    arrivals = tuple(
        Command(Act.CREATE, row.tab, None, row.values, author, origin=origins[row.line]) for row in plan.good
    )
    reasons = {origins[refused.line]: _reason(refused, context) for refused in plan.bad}
    reasons |= {origins[row.line]: context.language.text("form.repeats") for row in plan.skipped}
    return arrivals, reasons


def _reason(refused: Refusal, context: ImportContext) -> str:
    """Whoever reads it looks at the sheet, and not at the options of a command."""
    say = context.language
    texts = (
        say.text(f"form.{fault.rule}", **fault.parameters) if say.has(f"form.{fault.rule}") else fault.message
        for fault in refused.faults
    )
    return say.text("form.refused", reasons=" ".join(dict.fromkeys(texts)))


def _answers(form: Form, rows: Iterable[SheetRow], place: int, sealer: Sealer | None) -> Iterable[Answer]:
    times: Counter[str] = Counter()
    for row in rows:
        said = _label(row.cells[place - 1]) if len(row.cells) >= place else ""
        cells = row.cells[: place - 1]
        while cells and cells[-1] in {None, ""}:
            cells = cells[:-1]
        if not cells:
            continue
        digest = digest_of(cells)
        times[digest] += 1
        name = f"form|{form.sheet}|{form.tab}|{digest}|{times[digest]}"
        origin = blake2b(name.encode(), digest_size=16).hexdigest()
        yield Answer(row, origin if sealer is None else sealer.keyed(origin), said)


def _was_taken(answer: Answer, form: Form, context: ImportContext) -> bool:
    """Whether our column names a record that this answer became before it was changed."""
    if answer.said == context.language.text("form.changed"):
        return True
    before, _, row = answer.said.rpartition(" ")
    taken = before == context.language.text("form.taken", row="").strip()
    return taken and bool(context.book.named(form.tab, row))


def _place(labels: Sequence[str], answer: str) -> tuple[int, bool]:
    for place, label in enumerate(labels, 1):
        if text_key(label) == text_key(answer):
            return place, True
    return len(labels) + 1, False


def _require_headers(source: SourceTable, form: Form) -> None:
    missing = [header for header in form.columns.values() if text_key(header) not in source.places()]
    if missing:
        has = ", ".join(filter(None, source.header))
        raise UsageError(f"[[form]] {form.sheet}: no column {', '.join(missing)}; the sheet has {has}").told(
            "error.form.columns", sheet=form.sheet, missing=", ".join(missing), has=has
        )


def _label(cell: CellValue) -> str:
    if isinstance(cell, Formula):
        cell = cell.cached
    return "" if cell is None or isinstance(cell, CellError) else str(cell).strip()
