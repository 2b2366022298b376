"""How often Google is asked: once when nothing changed, three times when something is written, however many tabs."""

import time
from pathlib import Path

import pytest

from crm_sheets import clock
from crm_sheets.app.workspace import opened
from crm_sheets.google_emulator import Emulator
from crm_sheets.google_emulator.calls import Answer, Call
from crm_sheets.sync.backends.google import budget
from crm_sheets.sync.setup import Wish
from tests.app.online.teams import Team, made

CUSTOMER = {
    "客户名称": "远山",
    "客户类型": "企业客户",
    "所属行业": "制造业",
    "联系人": "李雷",
    "联系电话": "13900139000",
}


PLAN = {"客户": "远山", "跟进方式": "电话", "跟进内容": "询价", "计划完成时间": "2027-01-05 10:00"}


def test_one_call_when_idle_and_three_when_writing(tmp_path: Path, emulator: Emulator) -> None:
    team = made(tmp_path, emulator)
    team.init()
    place = team.settings.workbook.spreadsheet or ""
    team.add(place, "客户", [CUSTOMER])
    team.add(place, "跟进", [PLAN])
    with opened(team.settings, remember=True) as workspace:
        for _ in range(3):
            workspace.run(Wish(clock.now()))
        team.calls()
        workspace.run(Wish(clock.now()))
        assert team.calls() == ["GET values:batchGet"]
        team.type(place, "客户", 2, {"客户名称": "远山贸易", "联系电话": "139-0013-9001"})
        team.type(place, "跟进", 2, {"跟进内容": "报价", "客户": "远山贸易"})
        team.calls()
        result = workspace.run(Wish(clock.now()))
        assert len(result.shared.written) == 1
        kinds = [call.partition(" ")[0] for call in team.calls()]
        assert kinds.count("POST") == 1
        assert len(kinds) <= 3
        workspace.run(Wish(clock.now()))
        assert len(team.calls()) <= 1


@pytest.mark.slow
def test_twenty_spreadsheets_of_one_account_stay_within_the_limits(
    tmp_path: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute lasts four seconds here, the count is Google's."""
    monkeypatch.setattr(budget, "WINDOW", 4.0)
    team = made(tmp_path, emulator, place='path = "客户管理.xlsx"')
    text = team.config.read_text(encoding="utf-8").replace(
        'tabs = ["customers", "follow_ups", "people", "dictionaries"]', 'tabs = ["people", "dictionaries"]'
    )
    mirrors = [team.spreadsheet(f"镜像 {number}") for number in range(20)]
    more = "".join(f'[[mirror]]\nname = "m{n}"\nspreadsheet = "{each}"\n' for n, each in enumerate(mirrors))
    team.config.write_text(text + more, encoding="utf-8")
    team.init()
    moments: list[tuple[float, str]] = []
    watcher = _Watcher(team, moments)
    emulator.interceptors.append(watcher)
    try:
        with opened(team.settings, remember=True) as workspace:
            for _ in range(3):
                result = workspace.run(Wish(clock.now()))
                assert [view.error for view in result.views.values() if view.error] == []
    finally:
        emulator.interceptors.remove(watcher)
    for method in ("GET", "POST"):
        times = [at for at, each in moments if each == method]
        assert len(times) > 20
        assert max(sum(at <= each < at + 3.9 for each in times) for at in times) <= 60


class _Watcher:
    """Notes when calls of the account come in."""

    def __init__(self, team: Team, moments: list[tuple[float, str]]) -> None:
        self.team, self.moments = team, moments

    def before(self, call: Call) -> Answer | None:
        """See Interceptor."""
        if call.path != "/token":
            self.moments.append((time.monotonic(), call.method))
        return None

    def after(self, call: Call, answer: Answer) -> Answer:
        """See Interceptor."""
        return answer
