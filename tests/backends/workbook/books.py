"""Small books for the tests of workbooks that we make or take over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import ZoneInfo

from lxml import etree

from crm_sheets.cells import CellValue
from crm_sheets.changes import Value
from crm_sheets.language import language
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.rules.summaries.base import Frames, Summary, SummaryContext
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry
from crm_sheets.sync.backends.xlsx.create import Rows
from crm_sheets.tables import ColumnKey, TabKey

ZH = language("zh-CN")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _entries(*values: str) -> tuple[DictionaryEntry, ...]:
    return tuple(
        DictionaryEntry(value, code, place, code != "old", {})
        for place, (value, code) in enumerate(value.split("=") for value in values)
    )


DICTIONARIES = Dictionaries(
    {
        "customer_status": _entries("潜在客户=potential", "成交客户=won", "流失客户=lost", "旧状态=old"),
        "opportunity_stage": _entries("初步接触=contact", "赢单=won", "输单=lost"),
        "feedback_state": _entries("待处理=open", "已处理=done"),
    }
)


def rows(**tabs: Sequence[Mapping[str, CellValue]]) -> dict[TabKey, Rows]:
    return {
        TabKey(tab): [{ColumnKey(key): value for key, value in row.items()} for row in tab_rows]
        for tab, tab_rows in tabs.items()
    }


SUMMARY_SHEETS = [ZH.text(f"tab.summary_{rule.key}") for rule in SUMMARIES]
"""In the order of the workbook."""


TODAY = date(2026, 11, 22)


@cache
def summaries(amounts: tuple[int, ...] = (100, 250), today: date = TODAY) -> tuple[Summary, ...]:
    """All summaries of a book with one won deal for each amount."""
    frames, context = _frames(amounts), SummaryContext(today, ZoneInfo("Asia/Shanghai"), DICTIONARIES, ZH)
    return tuple(rule.compute(frames, context) for rule in SUMMARIES)


def summary(key: str, amounts: tuple[int, ...] = (100, 250)) -> Summary:
    """One of them: to compute all takes as long as many a test."""
    context = SummaryContext(TODAY, ZoneInfo("Asia/Shanghai"), DICTIONARIES, ZH)
    return next(rule for rule in SUMMARIES if rule.key == key).compute(_frames(amounts), context)


def _frames(amounts: tuple[int, ...]) -> Frames:
    deals: dict[str, list[Value]] = {
        "stage": ["赢单"] * len(amounts),
        "amount": [Decimal(amount) for amount in amounts],
        "close_date": [date(2026, 10, 1)] * len(amounts),
        "owner": [f"员工{number % 25:02}" for number in range(len(amounts))],
    }
    customers: dict[str, list[Value]] = {
        "name": ["=甲公司"],
        "status": ["<成交&客户>"],
        "created_at": [datetime(2026, 1, 1, tzinfo=UTC)],
    }
    return {
        TabKey("opportunities"): {ColumnKey(key): values for key, values in deals.items()},
        TabKey("customers"): {ColumnKey(key): values for key, values in customers.items()},
    }


@dataclass(frozen=True, slots=True)
class Found:
    """A place of a tab, as schema.layout finds it."""

    sheet: str
    header_row: int
    columns: Mapping[ColumnKey, int]


def found(sheet: str, header_row: int = 1, **columns: int) -> Found:
    return Found(sheet, header_row, {ColumnKey(key): place for key, place in columns.items()})


def parts(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as members:
        return {name: members.read(name) for name in members.namelist()}


def cells_of(sheet: bytes) -> dict[str, bytes]:
    """Each cell of a sheet part in canonical form."""
    root = etree.fromstring(sheet)
    return {str(cell.attrib["r"]): etree.tostring(cell, method="c14n") for cell in root.iter(f"{MAIN}c")}


def children_of(sheet: bytes) -> list[str]:
    """Names of the elements of a part's root, in their order."""
    return [etree.QName(child).localname for child in etree.fromstring(sheet)]
