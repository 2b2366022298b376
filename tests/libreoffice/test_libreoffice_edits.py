"""Somebody sorts, inserts, deletes and edits in LibreOffice between two cycles: no edit is lost, none is doubled."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from crm_sheets.config import load
from crm_sheets.schema.book import TABS
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.libreoffice.office import WHY_NOT, Cell, Staff, crm, libreoffice, made, places, python_with_uno, told

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.slow,
    pytest.mark.skipif(python_with_uno() is None, reason=WHY_NOT),
]

CUSTOMERS = "客户"
NAME, CONTACT, PHONE, NOTE = places("name", "contact", "phone", "note")
NAMES = ("丙和贸易有限公司", "甲乙机械厂", "戊己软件公司", "丁戊食品有限公司", "乙丙物流公司", "庚辛学校")


def enter(staff: Staff, names: tuple[str, ...]) -> None:
    """Types customers below the header, each with a contact and a phone of its own."""
    for row, name in enumerate(names, 2):
        staff.act("type", CUSTOMERS, row, NAME, name)
        staff.act("type", CUSTOMERS, row, CONTACT, f"联系人{name[0]}")
        staff.act("type", CUSTOMERS, row, PHONE, f"1380013800{row}")


def named(rows: list[list[Cell]]) -> dict[str, list[Cell]]:
    """The customers that stand in the tab, by name; a name that stands there twice is an error."""
    found = [row for row in rows[1:] if any(row)]
    by_name = {str(row[NAME - 1]): row for row in found}
    assert len(by_name) == len(found)
    return by_name


def deleted(folder: Path, ids: Iterable[Cell]) -> dict[str, bool]:
    """Whether the records of these ids are tombstones; none may be missing."""
    state = SqlState(load(folder / "config.toml").state.database_url(), TABS)
    try:
        records = state.records(TabKey("customers"), [RowKey(str(each)) for each in ids])
    finally:
        state.close()
    return {str(record.values[ColumnKey("name")]): record.deleted for record in records.values()}


def looked_at(staff: Staff, book: Path) -> dict[str, list[Cell]]:
    """The customers as they stand now."""
    with staff.at(book, saves=False):
        return named(staff.rows(CUSTOMERS))


def test_sorting_inserting_deleting_and_editing_lose_and_double_nothing(tmp_path: Path) -> None:
    book = made(tmp_path)
    with libreoffice(tmp_path) as staff:
        with staff.at(book):
            enter(staff, NAMES)
        crm(tmp_path, "sync")
        before = looked_at(staff, book)
        with staff.at(book):
            staff.act("sort", CUSTOMERS, NAME, True)
            order = [str(row[NAME - 1]) for row in staff.rows(CUSTOMERS)[1:]]
            staff.act("insert", CUSTOMERS, 4, 1)
            staff.act("type", CUSTOMERS, 4, NAME, "壬癸新客户公司")
            staff.act("type", CUSTOMERS, 4, PHONE, "13900139000")
            staff.act("delete", CUSTOMERS, 6, 1)
            staff.act("type", CUSTOMERS, 2, CONTACT, "改过的联系人")
            staff.act("type", CUSTOMERS, 3, NOTE, "排序之后写的备注")
        crm(tmp_path, "sync")
        after = looked_at(staff, book)
    gone = order[3]
    assert set(order) == set(NAMES)
    assert order != list(NAMES)
    assert set(after) == {*NAMES, "壬癸新客户公司"} - {gone}
    kept = {name: row[:2] for name, row in after.items() if name in before}
    assert kept == {name: row[:2] for name, row in before.items() if name != gone}
    assert all(str(row[0]).startswith("C-") and row[1] for row in after.values())
    assert after[order[0]][CONTACT - 1] == "改过的联系人"
    assert after[order[1]][NOTE - 1] == "排序之后写的备注"
    assert after["壬癸新客户公司"][PHONE - 1] == "13900139000"
    ids = {str(row[0]) for row in (*before.values(), *after.values())}
    assert len(ids) == len(NAMES) + 1
    assert deleted(tmp_path, ids) == {name: name == gone for name in (*NAMES, "壬癸新客户公司")}
    assert told(tmp_path, "sync")["written"] == []
