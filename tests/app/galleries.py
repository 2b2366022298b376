"""A small team in which everybody has a workbook of their own, and hands that type in those."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.app.offices import CONFIG, Office, made_anew, made_once

POLICY = """
[views]
enabled = true
folder = "各人"

[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit" }
create = "all"
delete = "allow"

[[grant]]
role = "sales"
tab = "customers"
rows = "own"
columns = { "*" = "edit", level = "hidden", private_note = "hidden" }
create = "own"
delete = "allow"

[[grant]]
role = "sales"
tab = "follow_ups"
rows = "own"
columns = { "*" = "edit" }
create = "own"

[[grant]]
role = "department_manager"
tab = "customers"
rows = "department"
columns = { "*" = "read", note = "edit" }
"""
"""Sellers have their own customers, managers look at those of their department."""

STAFF = (
    {"工号": "E01", "姓名": "王芳", "部门": "销售部", "角色": "销售专员", "邮箱": "wangfang@example.com"},
    {"工号": "E02", "姓名": "张伟", "部门": "销售部", "角色": "部门经理", "邮箱": "zhangwei@example.com"},
    {"工号": "E03", "姓名": "李强", "部门": "销售部", "角色": "销售专员", "邮箱": "liqiang@example.com"},
)


@dataclass(frozen=True, slots=True)
class Gallery(Office):
    """An office whose people have views."""

    def view(self, person: str) -> "Desk":
        """The workbook of somebody, by 工号."""
        found = sorted((self.folder / "各人").glob(f"{person}-*/{person}-*.xlsx"))
        assert len(found) == 1, found
        return Desk(self.folder, found[0])

    def views(self) -> list[str]:
        """The names of all that lie there."""
        return sorted(path.stem for path in (self.folder / "各人").glob("*/*.xlsx"))

    def copied(self, folder: Path) -> "Gallery":
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Gallery(folder)

    def allow(self, old: str, new: str) -> None:
        """Changes the config."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Desk(Office):
    """One view, typed into as if it were the workbook of the office."""

    path: Path

    @property
    def book(self) -> Path:
        return self.path


def gallery(folder: Path, config: str = CONFIG + POLICY) -> Gallery:
    """A team of three: 王芳 has four customers, 李强 one, 张伟 manages both.

    Each config has one that is made once in a process, for each instant that tests set, and copied.
    """
    return Gallery(made_once(_made, config)).copied(folder)


def _made(folder: Path, config: str) -> Gallery:
    office = made_anew(folder, config)
    shared = Gallery(office.folder)
    shared.add("组织", STAFF[2:])
    shared.type("客户", 6, {"负责人": "李强"})
    shared.sync()
    return shared
