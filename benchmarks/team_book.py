"""The workbook of a made-up team, as large as wanted: the tabs of the program and one of the team's own.

Names, addresses and mailboxes of customers come from benchmarks.customers, all else from the words of the demo. As in a
book that is looked after, few rows have a mistake: of a hundred customers one lacks its phone, one has a wrong one, one
a slip in its credit code, one stands there twice; some feedbacks are overdue. There are no ids and keys in it: those
come with the first cycle.
"""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from benchmarks.customers import customers
from crm_sheets.cells import CellValue
from crm_sheets.demo.activities import ActivityMaker
from crm_sheets.demo.customers import CustomerMaker
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.numbers import with_wrong_check
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

_SHARE = 0.01
"""Of the customers have one or the other mistake."""

_TWICE = 0.05
"""Of the copies that benchmarks.customers makes stay in the book: about one customer in a hundred."""

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
    words = language(LOCALE)
    options = WorkbookOptions(default_dictionaries(words), (), ())
    dice = Dice(random.Random(seed), NOW)
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


def made_rows(sizes: Mapping[str, int], seed: int = 1) -> dict[TabKey, Rows]:
    """The rows of each tab; the same for the same seed."""
    return _rows(sizes, Dice(random.Random(seed), NOW), language(LOCALE), seed)


def _rows(sizes: Mapping[str, int], dice: Dice, words: Language, seed: int) -> dict[TabKey, Rows]:
    said = words_of(LOCALE)
    team = members(dice, said)
    sellers = tuple(each for each in team if each.role in {"sales", "group_lead"} and each.active)
    service = tuple(each for each in team if each.role == "service")
    buyers = _customers(sizes.get("customers", 0), CustomerMaker(dice, said, words, sellers), seed)
    names = Counter(row["name"] for row in buyers)
    named = [row for row in buyers if names[row["name"]] == 1] or [_buyer(sellers)]
    maker = ActivityMaker(dice, said, words, service)
    bought = [maker.opportunity(dice.pick(named)) for _ in range(sizes.get("opportunities", 0))]
    for number, deal in enumerate(bought):
        deal["name"] = f"{deal['name']}{number}"
    deals = {str(deal["customer"]): deal for deal in bought}
    won = {deal["customer"] for deal in bought if deal["win_reason"]}
    for row in buyers:
        if row["name"] in won:
            row["status"] = words.text("value.customer_status.won")
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
    dice, known = maker.dice, set[str]()
    rows: list[dict[str, CellValue]] = []
    for firm in customers(2 * count, seed):  # a third of those are copies of others
        if len(rows) == count:
            break
        if firm.name in known and not dice.chance(_TWICE):
            continue
        row, _ = maker.made()
        while "id_number" in row:  # of a private person
            row, _ = maker.made()
        row |= {"name": firm.name, "email": firm.email or None, "address": firm.address or None}
        _spoil(row, dice)
        rows.append(row)
        known.add(firm.name)
    return rows


def _spoil(row: dict[str, CellValue], dice: Dice) -> None:
    """Now and then, a mistake."""
    if dice.chance(_SHARE):
        row["phone"] = None
    elif dice.chance(_SHARE):
        row["phone"] = f"{row['phone']}0"
    elif dice.chance(_SHARE) and row["credit_code"]:
        row["credit_code"] = with_wrong_check(str(row["credit_code"]))


def _buyer(sellers: tuple[Member, ...]) -> dict[str, CellValue]:
    return {"name": "某客户", "contact": "某人", "owner": sellers[0].name}


def _plain(row: Mapping[str, CellValue]) -> dict[ColumnKey, CellValue]:
    return {ColumnKey(key): value for key, value in row.items() if value is not None}
