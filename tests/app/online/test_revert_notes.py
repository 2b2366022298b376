"""A cell whose edit was put back says so in a note, as long as the check column does; people's notes stay."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from crm_sheets.google_emulator import Emulator
from tests.app.online.teams import Team, made

DENY = """
[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit", level = "read" }
create = "all"
delete = "allow"
"""


def note(team: Team, label: str) -> str:
    """Of the first customer."""
    place = team.settings.workbook.spreadsheet or ""
    column = [str(name).rstrip("*") for name in team.grid(place, "客户")[0]].index(label)
    where = f"/v4/spreadsheets/{place}?ranges={quote('客户!2:2')}&fields=sheets(data(rowData(values(note))))"
    cells: list[dict[str, Any]] = team.ask("GET", where)["sheets"][0]["data"][0]["rowData"][0]["values"]
    return str(cells[column].get("note", "")) if column < len(cells) else ""


@pytest.mark.slow
def test_an_edit_that_was_put_back_is_noted_at_its_cell(tmp_path: Path, emulator: Emulator) -> None:
    team = made(tmp_path, emulator, more=DENY)
    team.init()
    place = team.settings.workbook.spreadsheet or ""
    team.add(place, "客户", [{"客户名称": "远山", "客户类型": "企业客户", "所属行业": "制造业", "联系人": "李雷"}])
    team.sync()
    team.type(place, "客户", 2, {"客户等级": "VIP"})
    team.sync()
    assert team.rows(place, "客户")[0]["客户等级"] != "VIP"
    assert "【客户等级】" in note(team, "客户等级")
    assert note(team, "客户名称") == ""
    team.type(place, "客户", 2, {"备注": "好"})  # the row is edited again: what was put back is no longer told
    team.sync()
    assert "【客户等级】" not in str(team.rows(place, "客户")[0]["检查"])
    assert note(team, "客户等级") == ""
