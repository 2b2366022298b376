"""A sample of an import, old and new side by side, to be signed off by a person before everything comes in."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from crm_sheets.cells import CellError, CellValue, Formula, column_letters, text_key
from crm_sheets.errors import UsageError
from crm_sheets.importing.convert import SourceRow, SourceTable
from crm_sheets.importing.mapping import ColumnSource, ImportMapping
from crm_sheets.importing.plan import Arrival
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs import CodecContext, render
from crm_sheets.schema.codecs.base import shown
from crm_sheets.schema.labels import column_label, words
from crm_sheets.schema.sealed import mask_of
from crm_sheets.sync.backends.xlsx.create import new_workbook, put
from crm_sheets.sync.backends.xlsx.style import FONT, STAFF_HEADER
from crm_sheets.sync.backends.xlsx.untrusted import read_untrusted
from crm_sheets.tables import ColumnKey, SheetRow, TabKey

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FACTS_SHEET = "_sample"
SURE = 0.95
"""The confidence that the bound on wrong rows is given with."""

_CHANGED = "FFF2CC"


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """What a sample is drawn from and shown with.

    Attributes:
        codec: how new values are written.
        seed: the same seed draws the same rows.
    """

    tabs: Mapping[TabKey, Tab]
    codec: CodecContext
    language: Language
    seed: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What people said of one row of a sample; `agreed` is None where they said nothing."""

    source: str
    line: int
    agreed: bool | None
    remark: str


@dataclass(frozen=True, slots=True)
class SignedSample:
    """A sample that was read back; `digest` is that of the import that it was drawn from."""

    digest: str
    size: int
    population: int
    seed: int
    verdicts: tuple[Verdict, ...]


def draw(rows: Sequence[Arrival], size: int, seed: int) -> list[Arrival]:
    """So many rows, each as likely as any other, in their order."""
    chosen = random.Random(seed).sample(range(len(rows)), min(size, len(rows)))  # noqa: S311 - repeatable on purpose
    return [rows[place] for place in sorted(chosen)]


def bound(size: int) -> float:
    """The share of wrong rows that is not exceeded at SURE confidence when all of a sample are right.

    Exact for a binomial distribution: (1 - share) ** size = 1 - SURE (Clopper and Pearson 1934, no failure).
    """
    return 1.0 if size == 0 else float(1 - (1 - SURE) ** (1 / size))


def import_digest(sources: Mapping[int, SourceTable], mapping: ImportMapping) -> str:
    """What an import is known by: every cell of its sources, and its mapping."""
    digest = blake2b(mapping.model_dump_json().encode("utf-8"), digest_size=16)
    for place, source in sorted(sources.items()):
        digest.update(repr((place, source.header, [row.cells for row in source.rows])).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def write_sample(
    target: Path,
    rows: Sequence[Arrival],
    population: int,
    sources: Mapping[int, SourceTable],
    mapping: ImportMapping,
    options: SampleOptions,
) -> None:
    """Writes one sheet for each source: what it says, what it becomes, and columns to be filled in."""
    workbook = new_workbook()
    for place, source in sources.items():
        chosen = [row for row in rows if row.table == place]
        if chosen:
            sheet = workbook.create_sheet(f"{place + 1} {source.sheet}"[:31])
            _fill(sheet, chosen, source, mapping, options)
    facts = workbook.create_sheet(FACTS_SHEET)
    told = {
        "digest": import_digest(sources, mapping),
        "size": len(rows),
        "population": population,
        "seed": options.seed,
        "sources": [source.name for source in sources.values()],
    }
    facts.append([json.dumps(told, ensure_ascii=False)])
    facts.sheet_state = "hidden"
    workbook.save(target)


def _fill(
    sheet: "Worksheet", rows: Sequence[Arrival], source: SourceTable, mapping: ImportMapping, options: SampleOptions
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    table, say = mapping.table[rows[0].table], options.language.text
    tab = options.tabs[table.tab]
    columns = [(column, how) for column, how in table.columns.items() if column != tab.id_column]
    header = [say("sample.source"), say("sample.line")]
    for column, how in columns:
        header += [say("sample.old", column=" + ".join(how.headers) or "—")]
        header += [say("sample.new", column=column_label(tab.key, column, options.language))]
    header += [say("sample.verdict"), say("sample.remark")]
    for place, name in enumerate(header, 1):
        put(sheet.cell(1, place), name)
    lines = {row.line: row for row in source.rows}
    for number, row in enumerate(rows, 2):
        put(sheet.cell(number, 1), source.name)
        put(sheet.cell(number, 2), row.line)
        for place, (column, how) in enumerate(columns):
            old = sheet.cell(number, 3 + 2 * place)
            new = sheet.cell(number, 4 + 2 * place)
            before, after = _old(how, lines[row.line], source), _new(row, column, tab, options)
            if tab.columns[column].sealed and options.codec.sealer is not None:
                before = None if before is None else mask_of(shown(before), options.codec.shown)
            put(old, before)
            put(new, after)
            if text_key(str(before)) != text_key(str(after)):
                new.fill = PatternFill("solid", fgColor=_CHANGED)
    for cell in sheet[1]:
        cell.font, cell.fill = Font(FONT, 10, bold=True), PatternFill("solid", fgColor=STAFF_HEADER)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for place in range(1, len(header) + 1):
        sheet.column_dimensions[column_letters(place)].width = 18
    verdict = column_letters(len(header) - 1)
    choices = f'"{say("sample.agreed").split("|")[0]},{say("sample.disagreed").split("|")[0]}"'
    rule = DataValidation(type="list", formula1=choices, allow_blank=True)
    rule.add(f"{verdict}2:{verdict}{len(rows) + 1}")
    sheet.add_data_validation(rule)
    sheet.freeze_panes = "C2"


def _old(how: ColumnSource, row: SourceRow, source: SourceTable) -> CellValue:
    places = source.places()
    found = [row.cells[places[text_key(h)]] if places[text_key(h)] < len(row.cells) else None for h in how.headers]
    plain = [each.cached if isinstance(each, Formula) else each for each in found]
    shown = [each.code if isinstance(each, CellError) else each for each in plain]
    if len(shown) == 1:
        return shown[0]
    return how.value if not shown else " + ".join("" if each is None else str(each) for each in shown)


def _new(row: Arrival, column: ColumnKey, tab: Tab, options: SampleOptions) -> CellValue:
    return render(row.values.get(column), tab.columns[column], options.codec)


def read_signed(path: Path) -> SignedSample:
    """A sample that people have filled in.

    Raises:
        UsageError: it is none.
        WorkbookUnreadable: it cannot be read.
    """
    snapshot = read_untrusted(path)
    facts = snapshot.sheets.get(FACTS_SHEET)
    try:
        told = json.loads(str(facts.rows[0].cells[0])) if facts else {}
        digest, size, population, seed = told["digest"], told["size"], told["population"], told["seed"]
    except (ValueError, KeyError, IndexError, TypeError):
        raise UsageError(f"{path}: this is no sample of `import --sample`: its sheet {FACTS_SHEET} is gone") from None
    verdicts = [
        verdict
        for sheet in snapshot.sheets.values()
        if sheet.name != FACTS_SHEET and sheet.rows
        for verdict in _verdicts(sheet.rows, path)
    ]
    return SignedSample(str(digest), int(size), int(population), int(seed), tuple(verdicts))


def _verdicts(rows: Sequence[SheetRow], path: Path) -> Iterator[Verdict]:
    header = [text_key(str(cell)) for cell in rows[0].cells]

    def place(key: str) -> int:
        found = next((header.index(text_key(word)) for word in words(key) if text_key(word) in header), None)
        if found is None:
            raise UsageError(f"{path}: no column {' / '.join(words(key))}; a sample keeps its columns")
        return found

    source, line, verdict, remark = (place(f"sample.{name}") for name in ("source", "line", "verdict", "remark"))
    for row in rows[1:]:
        cells = (*row.cells, *[None] * len(header))
        if cells[line] is not None:
            said = text_key(str(cells[verdict] or ""))
            agreed = True if said in _said("sample.agreed") else False if said in _said("sample.disagreed") else None
            yield Verdict(str(cells[source]), int(float(str(cells[line]))), agreed, str(cells[remark] or ""))


def _said(key: str) -> frozenset[str]:
    return frozenset(text_key(word) for word in words(key))
