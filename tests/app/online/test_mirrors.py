"""One book as a file and as a Google spreadsheet at the same time, both edited."""

from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.google_emulator import Emulator
from crm_sheets.sync.backends.xlsx import patch_workbook, read_workbook
from tests.app.online.teams import Team, made

pytestmark = pytest.mark.slow

CUSTOMER = {"客户类型": "企业客户", "所属行业": "制造业", "联系人": "王敏", "联系电话": "13800138000"}


class Both:
    """The file of a team, and its mirror."""

    def __init__(self, team: Team, mirror: str) -> None:
        self.team, self.mirror = team, mirror
        self.path = team.settings.workbook.path or Path()

    def rows(self) -> list[dict[str, object]]:
        """What the file holds of customers, by header."""
        header, *rows = read_workbook(self.path).sheets["客户"].rows
        names = [str(name).rstrip("*") for name in header.cells]
        return [dict(zip(names, [*row.cells, *[None] * (len(names) - len(row.cells))], strict=True)) for row in rows]

    def type(self, row: int, cells: dict[str, object]) -> None:
        """Types into the file."""
        header = [str(name).rstrip("*") for name in read_workbook(self.path).sheets["客户"].rows[0].cells]
        aside = self.path.with_suffix(".tmp")
        edits = {(row, header.index(name) + 1): value for name, value in cells.items()}
        patch_workbook(self.path, aside, {"客户": edits})  # type: ignore[dict-item]  # texts and numbers
        aside.replace(self.path)

    def agree(self) -> list[str]:
        """The names of the customers in both, which must say the same but for their own hidden keys."""
        there = [{**row, "_key": ""} for row in self.team.rows(self.mirror, "客户")]
        here = [{name: "" if value is None else value for name, value in row.items()} for row in self.rows()]
        found = [{**row, "_key": ""} for row in here]
        key = "编号"
        assert sorted(map(_told, there)) == sorted(map(_told, found))
        return sorted(str(row["客户名称"]) for row in there if row[key])


def _told(row: dict[str, object]) -> str:
    """A row as one compares it: a time has as many digits as a spreadsheet keeps."""
    return repr([(name, round(v, 8) if isinstance(v, float) else v) for name, v in sorted(row.items())])


@pytest.fixture
def both(tmp_path: Path, emulator: Emulator) -> Both:
    team = made(tmp_path, emulator, place='path = "客户管理.xlsx"')
    mirror = team.spreadsheet("总部")
    more = f'[[mirror]]\nname = "head-office"\nspreadsheet = "{mirror}"\n'
    team.config.write_text(team.config.read_text(encoding="utf-8") + more, encoding="utf-8")
    team.init()
    team.sync()
    return Both(team, mirror)


def test_edits_on_both_sides_come_together(both: Both) -> None:
    team = both.team
    both.type(2, {**CUSTOMER, "客户名称": "上海宏图机械有限公司"})
    team.add(both.mirror, "客户", [{**CUSTOMER, "客户名称": "北京远山贸易", "联系电话": "13900139000"}])
    team.sync()
    assert both.agree() == ["上海宏图机械有限公司", "北京远山贸易"]
    here, there = both.rows(), team.rows(both.mirror, "客户")
    mine = next(number for number, row in enumerate(here, 2) if row["客户名称"] == "北京远山贸易")
    theirs = next(number for number, row in enumerate(there, 2) if row["客户名称"] == "北京远山贸易")
    both.type(mine, {"备注": "分公司"})
    team.type(both.mirror, "客户", theirs, {"地区": "北京"})
    team.sync()
    both.agree()
    row = both.rows()[mine - 2]
    assert (row["备注"], row["地区"]) == ("分公司", "北京")


def test_one_cell_edited_on_both_sides_is_a_conflict_and_neither_word_is_lost(both: Both) -> None:
    team = both.team
    both.type(2, {**CUSTOMER, "客户名称": "上海宏图机械有限公司"})
    team.sync()
    both.type(2, {"备注": "分公司说"})
    team.type(both.mirror, "客户", 2, {"备注": "总部说"})
    team.sync()
    both.agree()
    assert both.rows()[0]["备注"] == "分公司说"
    assert "【备注】" in str(both.rows()[0]["检查"])
    assert "总部说" in repr(app.history(team.settings, app.HistoryRequest()).entries)


def test_a_mirror_that_cannot_be_reached_does_not_stop_the_file(both: Both, emulator: Emulator) -> None:
    emulator.unshare(both.mirror, both.team.account)
    both.type(2, {**CUSTOMER, "客户名称": "上海宏图机械有限公司"})
    report = both.team.sync()
    assert both.rows()[0]["编号"]
    (mirror,) = report.views
    assert both.team.account in (mirror.error or "")
    emulator.share(both.mirror, both.team.account, "writer")
    both.team.sync()
    assert both.agree() == ["上海宏图机械有限公司"]
