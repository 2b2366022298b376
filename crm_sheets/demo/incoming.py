"""Files that a made-up team has lying about: an old list with a fault of each kind, and cards from a trade fair."""

from collections.abc import Sequence
from pathlib import Path

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.language import Language
from crm_sheets.schema.labels import column_label
from crm_sheets.sync.backends.xlsx.create import new_workbook, put
from crm_sheets.tables import ColumnKey, TabKey

CUSTOMERS = TabKey("customers")
COLUMNS = tuple(map(ColumnKey, ("name", "type", "industry", "contact", "phone", "birthday", "annual_revenue", "note")))
GOOD = 2
"""Rows of the list that can come in as they are."""

FAULTS = (
    "digits-lost",
    "cell-error",
    "not-in-dictionary-similar",
    "formula-without-value",
    "import-repeats-line",
    "import-blank",
)
"""What is wrong with the others, in their order."""

_CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nORG:{firm}\r\nTEL;TYPE=CELL:{phone}\r\nEND:VCARD\r\n"


def write_incoming(folder: Path, words: Language) -> tuple[Path, ...]:
    """Writes the files; the same every time."""
    folder.mkdir(parents=True, exist_ok=True)
    listed, cards = folder / words.text("demo.incoming.list"), folder / words.text("demo.incoming.cards")
    workbook = new_workbook()
    sheet = workbook.create_sheet(words.text("tab.customers"))
    rows: list[Sequence[CellValue]] = [[column_label(CUSTOMERS, column, words) for column in COLUMNS], *_rows(words)]
    for number, row in enumerate(rows, 1):
        for place, cell in enumerate(row, 1):
            put(sheet.cell(number, place), cell)
    workbook.save(listed)
    people = [name.split("/") for name in words.text("demo.incoming.people").split("|")]
    cards.write_text(
        "".join(
            _CARD.format(name=name, firm=firm, phone=f"1390013{place:04}")
            for place, (name, firm) in enumerate(people, 1)
        ),
        encoding="utf-8",
        newline="",
    )
    return listed, cards


def _rows(words: Language) -> list[list[CellValue]]:
    kind, industry = words.text("value.customer_type.enterprise"), words.text("value.industry.manufacturing")
    person = words.text("value.customer_type.person")
    firm, contact = words.text("demo.incoming.firm"), words.text("example.contact")

    def row(number: int, **other: CellValue) -> list[CellValue]:
        values: dict[str, CellValue] = {
            "name": firm.format(number=number),
            "type": kind,
            "industry": industry,
            "contact": contact,
            "phone": f"1390014{number:04}",
        }
        return [{**values, **other}.get(column) for column in COLUMNS]

    return [
        row(1, note="=1+1"),
        row(2, type=person, birthday=33000, phone=13900140002),
        row(3, phone="1.39E+10"),
        row(4, type=person, birthday=CellError("#REF!")),
        row(5, industry=industry[:-1] + "X"),
        row(6, annual_revenue=Formula("A1")),
        row(7, phone="139 0014 0001"),
        row(8, name=None),
    ]
