"""vCard files (RFC 6350 and the older 3.0 and 2.1) as a table of customers: one row for each card.

They come from strangers' phones: a process of its own reads them, with bounds on memory and time.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from crm_sheets.importing.convert import SourceRow, SourceTable
from crm_sheets.language import Language
from crm_sheets.schema.labels import column_label
from crm_sheets.sync.backends.xlsx.untrusted import Bounds, run_bounded
from crm_sheets.tables import ColumnKey, TabKey

CUSTOMERS = TabKey("customers")
COLUMNS = ("name", "type", "contact", "title", "phone", "email", "address", "birthday", "note")
"""Of customers, which a card can fill."""

Card = Mapping[str, Sequence[str]]
"""What vcards_child found in a card: texts by the name of the property; `line` where it begins, `unread` its whole text
where it cannot be read."""


def read_vcards(path: Path, text: str, sheet: str, words: Language) -> SourceTable:
    """The cards of a file, in their order, under our own headers.

    Args:
        path: of the file.
        text: what it holds.
        sheet: what its sheet in an error workbook is called.
        words: language of the headers.

    Raises:
        WorkbookUnreadable: it cannot be read within the bounds.
    """
    with tempfile.TemporaryDirectory(prefix="crm-sheets-") as folder:
        given, answer = Path(folder) / "cards", Path(folder) / "answer"
        given.write_text(text, encoding="utf-8", newline="")
        run_bounded("crm_sheets.importing.vcards_child", path, {"path": str(given), "answer": str(answer)}, Bounds())
        cards: list[Card] = json.loads(answer.read_text(encoding="utf-8"))
    header = tuple(column_label(CUSTOMERS, ColumnKey(column), words) for column in COLUMNS)
    rows = [SourceRow(int(card["line"][0]), _cells(card, words)) for card in cards]
    return SourceTable(path.name, sheet, header, rows)


def _cells(card: Card, words: Language) -> tuple[str | None, ...]:
    """What does not fit a column goes into the note: nothing of a card is lost."""
    if "unread" in card:
        return (*(None for _ in COLUMNS[:-1]), words.text("vcard.unread", text="".join(card["unread"])))
    person, firm = _first(card, "name"), _first(card, "firm")
    kind = words.text(f"value.customer_type.{'enterprise' if firm else 'person'}")
    birthday = _first(card, "birthday")
    whole = birthday if birthday and not birthday.startswith("--") else None
    rest = [
        words.text(f"vcard.more.{name}", text="、".join(texts))
        for name, texts in (
            ("phone", card.get("phone", ())[1:]),
            ("email", card.get("email", ())[1:]),
            ("address", card.get("address", ())[1:]),
            ("website", card.get("website", ())),
            ("birthday", () if whole or not birthday else (birthday,)),
        )
        if texts
    ]
    note = "\n".join([*card.get("note", ()), *rest]) or None
    phone, email, address = (_first(card, name) for name in ("phone", "email", "address"))
    return firm or person, kind, person, _first(card, "title"), phone, email, address, whole, note


def _first(card: Card, name: str) -> str | None:
    found = card.get(name, ())
    return found[0] if found else None
