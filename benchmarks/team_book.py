"""The workbook of a made-up team, as large as wanted: the tabs of the program and one of the team's own.

Customers come from benchmarks.customers (a third of them stand there more than once), their contacts, deals and
follow-ups from the words of the demo. There are no ids and keys in it: those come with the first cycle.
"""

import random
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from benchmarks.customers import customers
from crm_sheets.cells import CellValue
from crm_sheets.demo.activities import ActivityMaker
from crm_sheets.demo.customers import CustomerMaker
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.team import Member, members, people_rows
from crm_sheets.demo.words.model import words_of
from crm_sheets.language import Language, language
from crm_sheets.schema.book import TABS
from crm_sheets.schema.dictionaries import default_dictionaries, default_entries
from crm_sheets.sync.backends.xlsx.create import (
    Content,
    WorkbookOptions,
    add_lists_sheet,
    add_sheets,
    name_sources,
    new_workbook,
)
from crm_sheets.tables import ColumnKey, TabKey

LOCALE = "zh-CN"
NOW = datetime.fromisoformat("2026-03-04T10:00:00")
"""On the wall of the office; the benchmarks run as of this instant."""

NOW_TEXT = "2026-03-04T10:{minute:02}:00+08:00"
"""The same with its zone, some minutes later: an edit must not be made in the minute of the last write."""

OWN_TAB, OWN_COLUMNS = "仓库清单", 20

Rows = list[dict[ColumnKey, CellValue]]


def make_workspace(folder: Path, sizes: Mapping[str, int], seed: int = 1) -> Path:
    """A config and its workbook in `folder`; returns the path of the config.

    Args:
        folder: made when it is not there.
        sizes: rows of customers, follow_ups, opportunities, feedback and `own` (the team's own tab); others are 0.
        seed: the same book for the same seed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.toml"
    config.write_text(
        f'[workbook]\npath = "book.xlsx"\nlocale = "{LOCALE}"\nzone = "Asia/Shanghai"\nquiet = "0s"\n', encoding="utf-8"
    )
    dice, words = Dice(random.Random(seed), NOW), language(LOCALE)
    options = WorkbookOptions(default_dictionaries(words), (), ())
    content = Content(words, _rows(sizes, dice, words, seed), options, (), name_sources(TABS, words))
    workbook = add_sheets(new_workbook(), TABS, content)
    if sizes.get("own"):
        sheet = workbook.create_sheet(OWN_TAB)
        sheet.append([f"项目{place}" for place in range(1, OWN_COLUMNS + 1)])
        for number in range(sizes["own"]):
            texts = [f"物料{dice.whole(1, 5000)}" for _ in range(8)]
            sheet.append([f"W-{number}", *texts, *(dice.whole(0, 100_000) for _ in range(OWN_COLUMNS - 9))])
    add_lists_sheet(workbook, TABS, options)
    workbook.active = 0
    workbook.save(folder / "book.xlsx")
    return config


def _rows(sizes: Mapping[str, int], dice: Dice, words: Language, seed: int) -> dict[TabKey, Rows]:
    said = words_of(LOCALE)
    team = members(dice, said)
    sellers = tuple(each for each in team if each.role in {"sales", "group_lead"} and each.active)
    service = tuple(each for each in team if each.role == "service")
    buyers = _customers(sizes.get("customers", 0), CustomerMaker(dice, said, words, sellers), seed)
    named = list({str(row["name"]): row for row in buyers}.values()) or [_buyer(sellers)]
    maker = ActivityMaker(dice, said, words, service)
    bought = [maker.opportunity(dice.pick(named)) for _ in range(sizes.get("opportunities", 0))]
    for number, deal in enumerate(bought):
        deal["name"] = f"{deal['name']}{number}"
    deals = {str(deal["customer"]): deal for deal in bought}
    tabs: dict[str, list[dict[str, CellValue]]] = {
        "customers": buyers,
        "opportunities": bought,
        "follow_ups": [
            maker.follow_up(customer, [deals[name]] if (name := str(customer["name"])) in deals else [])
            for customer in (dice.pick(named) for _ in range(sizes.get("follow_ups", 0)))
        ],
        "feedback": [maker.feedback(dice.pick(named)) for _ in range(sizes.get("feedback", 0))],
        "people": people_rows(team, said, words),
    }
    rows = {TabKey(tab): [_plain(row) for row in rows] for tab, rows in tabs.items()}
    entries = [
        {key: value for key, value in row.items() if isinstance(value, (str, int))} for row in default_entries(words)
    ]
    return {**rows, TabKey("dictionaries"): [{**entry} for entry in entries]}


def _customers(count: int, maker: CustomerMaker, seed: int) -> list[dict[str, CellValue]]:
    rows = []
    for firm in customers(count, seed):
        row, _ = maker.made()
        known = {"name": firm.name, "contact": firm.contact, "phone": firm.phone, "email": firm.email}
        known |= {"address": firm.address, "credit_code": firm.credit_code}
        rows.append({**row, **{key: value or None for key, value in known.items()}})
    return rows


def _buyer(sellers: tuple[Member, ...]) -> dict[str, CellValue]:
    return {"name": "某客户", "contact": "某人", "owner": sellers[0].name}


def _plain(row: Mapping[str, CellValue]) -> dict[ColumnKey, CellValue]:
    return {ColumnKey(key): value for key, value in row.items() if value is not None}
