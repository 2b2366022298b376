"""A small team's workspace in a folder, and hands that type in its workbook: what the tests of `app` share."""

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from crm_sheets import app, reports
from crm_sheets.cells import CellValue
from crm_sheets.clock import VARIABLE
from crm_sheets.config import Settings, load
from crm_sheets.sync.backends.xlsx import patch_workbook, read_workbook
from crm_sheets.tables import Snapshot

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""A Friday, 10:00 in Shanghai."""

WHOLE = """
[workbook]
path = "客户.xlsx"
quiet = "0s"
"""
CONFIG = '\n[summaries]\nshow = ["funnel", "customers"]\n' + WHOLE
"""Two summaries stand for all: what concerns the others is tested with `WHOLE`, which takes twice as long to make."""

PEOPLE = (
    {"工号": "E01", "姓名": "王芳", "部门": "销售部", "角色": "销售专员", "邮箱": "wangfang@example.com"},
    {"工号": "E02", "姓名": "张伟", "部门": "销售部", "角色": "部门经理", "邮箱": "zhangwei@example.com"},
)
CUSTOMERS = tuple(
    {
        "客户名称": name,
        "客户类型": "企业客户",
        "所属行业": "制造业",
        "联系人": contact,
        "联系电话": phone,
        "负责人": "王芳",
    }
    for name, contact, phone in (
        ("上海宏图机械有限公司", "李娜", "13800138001"),
        ("杭州锦昌环保科技有限公司", "赵敏", "13800138002"),
        ("苏州远航物流有限公司", "陈静", "13800138003"),
        ("成都天府食品有限公司", "周涛", "13800138004"),
        ("青岛海蓝船务有限公司", "吴磊", "13800138005"),
    )
)


@dataclass(frozen=True, slots=True)
class Office:
    """A workspace. Rows are given as header -> value; row numbers are those of the sheet."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def book(self) -> Path:
        return _book_of(self.config, self.config.read_bytes())

    @property
    def settings(self) -> Settings:
        return load(self.config)

    def copied(self, folder: Path) -> "Office":
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Office(folder)

    def digest(self) -> str:
        return hashlib.sha256(self.book.read_bytes()).hexdigest()

    def snapshot(self) -> Snapshot:
        return _read(self.book, self.digest())

    def header(self, tab: str) -> list[str]:
        """The labels, without the asterisk of what must be filled in."""
        return [str(cell or "").rstrip(" *") for cell in self.snapshot().sheets[tab].rows[0].cells]

    def rows(self, tab: str) -> list[dict[str, CellValue]]:
        """The rows below the header, each with its sheet row under `#`."""
        sheet = self.snapshot().sheets[tab]
        header = self.header(tab)
        return [{**dict(zip(header, row.cells, strict=False)), "#": row.number} for row in sheet.rows[1:]]

    def type(self, tab: str, row: int, cells: Mapping[str, CellValue]) -> None:
        self.type_all(tab, {row: cells})

    def type_all(self, tab: str, rows: Mapping[int, Mapping[str, CellValue]]) -> None:
        header = self.header(tab)
        edits = {(row, header.index(name) + 1): value for row, cells in rows.items() for name, value in cells.items()}
        aside = self.book.with_suffix(".typed")
        patch_workbook(self.book, aside, {tab: edits})
        aside.replace(self.book)

    def add(self, tab: str, rows: Sequence[Mapping[str, CellValue]]) -> None:
        first = self.snapshot().sheets[tab].rows[-1].number + 1
        self.type_all(tab, dict(enumerate(rows, first)))

    def sync(self, *, dry_run: bool = False, accept_deletions: bool = False) -> reports.CycleReport:
        return app.sync(self.settings, dry_run=dry_run, accept_deletions=accept_deletions)


@lru_cache(maxsize=4)
def _book_of(config: Path, content: bytes) -> Path:
    """A config that stands as it stood names the workbook that it named: hands look for it at each cell."""
    return load(config).workbook.path or Path()


@lru_cache(maxsize=4)
def _read(path: Path, digest: str) -> Snapshot:
    """A workbook that stands as it stood is not read again: hands look at the header before they type."""
    return read_workbook(path)


def made(folder: Path, config: str = CONFIG) -> Office:
    """A workspace with a team of two and five customers, after a first cycle.

    Each config has one that is made once in a process, for each instant that tests set, and copied.
    """
    return Office(made_once(made_anew, config)).copied(folder)


def made_once(make: Callable[[Path, str], object], config: str) -> Path:
    """The folder of what `make` makes of a config: once in a process, for each instant that tests set."""
    return Path(_first(make, config, os.environ.get(VARIABLE)).name)


@cache
def _first(make: Callable[[Path, str], object], config: str, now: str | None) -> "TemporaryDirectory[str]":
    folder = TemporaryDirectory(prefix="crm-sheets-office-")
    make(Path(folder.name), config)
    return folder


def made_anew(folder: Path, config: str = CONFIG) -> Office:
    """As `made`, but of its own: another team, with other ids and keys."""
    folder.mkdir(parents=True, exist_ok=True)
    office = Office(folder)
    office.config.write_text(config, encoding="utf-8")
    app.init(office.config, workbook=None, locale=None, adopt=False, all_columns=False)
    office.add("组织", PEOPLE)
    office.add("客户", CUSTOMERS)
    office.sync()
    return office
