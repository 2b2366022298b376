"""Validation of many rows against a loop of `Record.model_validate`, on the customers tab.

`python -m benchmarks.validation [--rows 20000]`: both read the same cells, both find every error with its address, and
the sets of errors must be equal. The goal is 1.5 times the rows per CPU second.
"""

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from benchmarks.targets import Target, write_targets
from crm_sheets.cells import CellValue
from crm_sheets.changes import Value
from crm_sheets.schema import tab
from crm_sheets.schema.base import Tab
from crm_sheets.schema.checks import checked_credit_code
from crm_sheets.schema.codecs import CodecContext, Flaw, parse
from crm_sheets.schema.codecs.calendar_texts import read_moment
from crm_sheets.schema.codecs.phones import read_number
from crm_sheets.schema.validation import validate_rows
from crm_sheets.tables import ColumnKey, TabKey

Address = tuple[int, ColumnKey]
GOAL = 1.5


def one_by_one(customers: Tab, raws: list[tuple[CellValue, ...]], context: CodecContext) -> set[Address]:
    """The peer: cells through the same codecs, then model_validate for each row."""
    columns = tuple(customers.columns.values())
    wrong: set[Address] = set()
    kept = []
    for place, cells in enumerate(raws):
        values: dict[str, Value] = {}
        for column, cell in zip(columns, cells, strict=True):
            found = parse(cell, column, context)
            if isinstance(found, Flaw):
                wrong.add((place, column.key))
            else:
                values[column.key] = found
        try:
            kept.append(customers.record.model_validate(values))
        except ValidationError as error:
            wrong |= {(place, ColumnKey(str(each["loc"][0]))) for each in error.errors()}
    return wrong


def by_columns(customers: Tab, raws: list[tuple[CellValue, ...]], context: CodecContext) -> set[Address]:
    """Ours."""
    rows = validate_rows(customers, raws, context)
    return {(place, column) for place, row in enumerate(rows) for column in row.flaws}


def measured(work: Callable[[], set[Address]]) -> tuple[float, set[Address]]:
    """CPU seconds of one run that starts with cold caches, and what it found."""
    read_number.cache_clear()
    read_moment.cache_clear()
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


def rows_of(customers: Tab, count: int, dice: random.Random) -> list[tuple[CellValue, ...]]:
    """Cells as a sheet holds them; about one row in twenty has a fault."""
    rows = []
    for number in range(count):
        row = _sound_row(number, dice)
        if dice.random() < 0.05:
            column, cell = dice.choice(_FAULTS)
            row[column] = cell
        rows.append(tuple(row.get(column) for column in customers.columns))
    return rows


_FAULTS: tuple[tuple[str, CellValue], ...] = (
    ("phone", "12345"),
    ("email", "zhang.wei@"),
    ("credit_code", "91110000600037341M"),
    ("birthday", "03/04/2001"),
    ("employees", -5),
    ("employees", "about 50"),
    ("annual_revenue", "1.234,50"),
    ("name", "x" * 201),
    ("tags", ";".join(f"tag-{i}" for i in range(60))),
    ("id_number", "36042619911301007X"),
)


def _sound_row(number: int, dice: random.Random) -> dict[str, CellValue]:
    landline = f"0{dice.choice(('10', '755', '571'))}-{dice.randrange(20_000_000, 89_999_999)}"
    return {
        "id": f"C-{number:06X}7",
        "key_": f"{dice.getrandbits(80):020X}",
        "name": f"{dice.choice('华东宏远鑫')}{dice.choice('达盛辉泰和')}{number}科技有限公司",
        "type": dice.choice(("企业客户", "个人客户", "渠道客户")),
        "industry": dice.choice(("制造业", "零售", "金融", "教育")),
        "contact": dice.choice("王李张刘陈") + dice.choice("伟芳娜敏静") + dice.choice("强磊军洋勇"),
        "phone": landline if dice.random() < 0.1 else dice.randrange(13_000_000_000, 19_900_000_000),
        "email": f"user{number}@corp{number % 997}.com.cn" if dice.random() < 0.7 else None,
        "region": dice.choice(("北京市", "广东省深圳市", "浙江省杭州市")),
        "address": f"人民路{number}号{dice.randrange(1, 30)}楼",
        "employees": dice.randrange(1, 5000),
        "annual_revenue": dice.randrange(10, 10_000) * 10_000,
        "credit_code": _credit_code(dice) if dice.random() < 0.7 else None,
        "birthday": dice.randrange(20_000, 36_000) if dice.random() < 0.1 else None,
        "needs": f"需要{dice.randrange(1, 500)}台设备，预计下半年采购",
        "tags": dice.choice(("行业-制造业; 级别-A类", "需求-设备采购")),
        "status": dice.choice(("潜在客户", "意向客户", "成交客户")),
        "level": dice.choice(("VIP", "A", "B", "C")),
        "owner": f"销售{number % 40}",
        "department": dice.choice(("销售一部", "销售二部")),
        "last_contact": 45_000 + dice.randrange(0, 86_400 * 600) / 86_400,
        "created_at": 44_000 + dice.randrange(0, 86_400 * 900) / 86_400,
        "updated_at": 45_000 + dice.randrange(0, 86_400 * 600) / 86_400,
    }


def _credit_code(dice: random.Random) -> str:
    from stdnum.cn import uscc

    body = "91" + f"{dice.randrange(110_000, 659_000)}" + "".join(dice.choices("0123456789ABCDEFGHJK", k=9))
    return checked_credit_code(body + uscc.calc_check_digit(body))


def main() -> None:
    """Measures three times and prints the best of each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=20_000)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    count: int = asked.rows
    customers, context = tab(TabKey("customers")), CodecContext(ZoneInfo("Asia/Shanghai"))
    raws = rows_of(customers, count, random.Random(1))
    by_columns(customers, raws[:200], context), one_by_one(customers, raws[:200], context)
    peers = [measured(lambda: one_by_one(customers, raws, context)) for _ in range(3)]
    ours = [measured(lambda: by_columns(customers, raws, context)) for _ in range(3)]
    assert peers[0][1] == ours[0][1], "the sets of errors differ"
    peer, mine = min(seconds for seconds, _ in peers), min(seconds for seconds, _ in ours)
    print(f"{count} rows, {len(customers.columns)} columns, {len(ours[0][1])} errors, the same in both")
    print(f"model_validate by row  {count / peer:>10,.0f} rows per CPU second")
    print(f"validate_rows          {count / mine:>10,.0f} rows per CPU second")
    print(f"ratio {peer / mine:.2f} (goal {GOAL})")
    write_targets(asked.json, [Target("rows validated per CPU second", peer / mine, "x", GOAL, least=True)])
    if peer / mine < GOAL:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
