"""People whose workbook is a Google spreadsheet: what they may not see stands nowhere in it, hidden tabs included."""

from pathlib import Path

import pytest

from crm_sheets import app
from crm_sheets.cells import column_letters
from crm_sheets.config_google import address_of
from crm_sheets.google_emulator import Emulator
from crm_sheets.reports import CycleReport
from tests.app.galleries import POLICY, STAFF
from tests.app.online.teams import Team, made

pytestmark = pytest.mark.slow

CUSTOMER = {"客户类型": "企业客户", "所属行业": "制造业", "联系人": "王敏"}


def handled(report: CycleReport) -> dict[str, tuple[str, ...]]:
    """What was done with the workbook of each person; of none of them anything went wrong."""
    assert [view.error or view.halted for view in report.views if view.error or view.halted] == []
    return {view.person: view.handled for view in report.views if view.handled}


def test_a_view_shows_what_its_person_may_see_and_nothing_else(tmp_path: Path, emulator: Emulator) -> None:
    team = made(tmp_path, emulator)
    wang, li = team.spreadsheet("王芳"), team.spreadsheet("李强")
    policy = POLICY.replace('folder = "各人"', f'folder = "各人"\nspreadsheets = {{ E01 = "{wang}", e03 = "{li}" }}')
    team.config.write_text(team.config.read_text(encoding="utf-8") + policy, encoding="utf-8")
    team.init()
    main = team.settings.workbook.spreadsheet or ""
    team.add(main, "组织", STAFF)
    team.add(
        main,
        "客户",
        [
            {
                **CUSTOMER,
                "客户名称": "上海宏图机械有限公司",
                "负责人": "王芳",
                "联系电话": "13800138000",
                "隐私备注": "KOPFHOERER",
            },
            {
                **CUSTOMER,
                "客户名称": "北京远山贸易",
                "负责人": "李强",
                "联系电话": "13900139000",
                "隐私备注": "GARTENZWERG",
            },
        ],
    )
    assert handled(team.sync()) == {"E01": ("made",), "E02": ("made",), "E03": ("made",)}
    lines = {line.person: (line.state, str(line.path)) for line in app.views(team.settings).views}
    assert lines["E01"] == ("fine", address_of(wang))
    assert app.status(team.settings).views["views"] == 3
    for place, mine, other in ((wang, "上海宏图", "北京远山"), (li, "北京远山", "上海宏图")):
        held = team.held(place)
        assert mine in held
        assert not any(word in held for word in (other, "KOPFHOERER", "GARTENZWERG", "张伟", "客户等级"))

    team.type(wang, "客户", 2, {"备注": "来自视图"})  # taken in as hers
    assert handled(team.sync()) == {}
    assert [row["备注"] for row in team.rows(main, "客户")] == ["来自视图", ""]
    (entry,) = (each for each in app.history(team.settings, app.HistoryRequest()).entries if "来自视图" in repr(each))
    assert "王芳" in repr(entry)

    team.type(main, "客户", 2, {"负责人": "李强"})  # handed over: gone here, there now
    team.sync()
    assert "上海宏图" not in team.held(wang)
    assert len(team.rows(li, "客户")) == 2

    text = team.config.read_text(encoding="utf-8")  # a column is taken away; what he added beside stays
    last = len(team.grid(li, "客户")[0]) + 1
    team.ask("POST", f"/v4/spreadsheets/{li}:batchUpdate", {"requests": [_column(team, li)]})
    team.type_at(li, f"'客户'!{column_letters(last)}1:{column_letters(last)}2", [["我的"], ["自己的"]])
    team.config.write_text(text.replace('level = "hidden"', 'level = "hidden", note = "hidden"'), encoding="utf-8")
    assert handled(team.sync()) == {"E01": ("renewed",), "E03": ("renewed",)}
    assert "来自视图" not in team.held(li)
    assert team.rows(li, "客户")[0]["我的"] == "自己的"
    assert handled(team.sync()) == {}

    team.type(main, "组织", 4, {"在职": "否"})  # who has left has nothing any more
    team.sync()
    assert team.titles(li) == ["已收回"]
    assert not any(word in team.held(li) for word in ("上海宏图", "北京远山"))


def _column(team: Team, spreadsheet: str) -> dict[str, object]:
    sheets = team.told(spreadsheet)["sheets"]
    sheet = next(each["properties"] for each in sheets if each["properties"]["title"] == "客户")
    return {"appendDimension": {"sheetId": sheet["sheetId"], "dimension": "COLUMNS", "length": 1}}


def test_one_that_is_not_shared_or_only_to_be_read_stops_no_other(tmp_path: Path, emulator: Emulator) -> None:
    team = made(tmp_path, emulator)
    wang, li = team.spreadsheet("王芳", shared=False), team.spreadsheet("李强", role="reader")
    policy = POLICY.replace('folder = "各人"', f'folder = "各人"\nspreadsheets = {{ E01 = "{wang}", E03 = "{li}" }}')
    team.config.write_text(team.config.read_text(encoding="utf-8") + policy, encoding="utf-8")
    team.init()
    team.add(team.settings.workbook.spreadsheet or "", "组织", STAFF)
    team.add(team.settings.workbook.spreadsheet or "", "客户", [{**CUSTOMER, "客户名称": "远山", "负责人": "李强"}])
    outcomes = {view.person: view for view in team.sync().views}
    assert team.account in (outcomes["E01"].error or "")
    assert team.account in (outcomes["E03"].error or "")
    assert outcomes["E02"].error is None
