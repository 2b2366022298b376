"""Two teams that differ in nothing but what somebody may not see: their workbook is the same, to the byte.

That leaves no side channel: no order, drop-down, width, hint, count, defined name, file property or cached value.
"""

import re
import zipfile
from pathlib import Path

import pytest

from crm_sheets import app
from tests.app.galleries import POLICY, Gallery, gallery
from tests.app.offices import NOW, WHOLE

pytestmark = pytest.mark.slow

INSTANT = re.compile(rb"(?<=W3CDTF\">)[^<]+(?=</dcterms:)")
SUMMARIES = POLICY.replace("[views]\n", '[views]\nsummaries = ["sales", "department_manager"]\n')


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Gallery, Gallery]:
    """A team and a copy of it in which all that 王芳 may not see became something else; her view made anew in both."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CRM_SHEETS_NOW", NOW.isoformat())
        one = gallery(tmp_path_factory.mktemp("twins") / "one", WHOLE + SUMMARIES)
        other = one.copied(tmp_path_factory.mktemp("twins") / "other")
        for team in (one, other):
            # Both teams write as often: a generation says how often something happened, and is not hidden.
            changed = team is other
            lives_on(team, "甲" if changed else "乙", rows=4 if changed else 1)
            app.rebuild_view(team.settings, "王芳")
            team.sync()
        return one, other


def lives_on(team: Gallery, word: str, rows: int) -> None:
    """Hidden cells of her rows, rows of others that look like hers, people and drop-downs that she does not see."""
    hers, theirs = range(2, 6), 6
    hidden = {"客户等级": "VIP" if word == "甲" else "C", "隐私备注": f"{word}密"}
    team.type_all("客户", dict.fromkeys(hers, hidden))
    team.type("客户", theirs, {"客户名称": f"{word}一号船务有限公司", "联系电话": "13800138001", "地区": f"{word}省"})
    common = {"客户类型": "企业客户", "所属行业": "制造业", "联系人": f"{word}某", "负责人": "李强"}
    names = ("上海宏图机械有限公司", "A", "Z", f"{word}二号")
    team.add(
        "客户", [{"客户名称": name, "联系电话": f"1380013800{n}", **common} for n, name in enumerate(names[:rows], 1)]
    )
    person = {"工号": f"E1{rows}", "姓名": f"{word}新人", "部门": f"{word}部", "角色": "客服专员"}
    team.add("组织", [person])
    team.sync()


def parts(team: Gallery, person: str) -> dict[str, bytes]:
    """The parts of a workbook, without the instant at which it was made."""
    with zipfile.ZipFile(team.view(person).book) as container:
        assert not container.comment
        told = {f"{each.filename}{each.extra!r}": container.read(each) for each in container.infolist()}
    return {name: INSTANT.sub(b"", content) for name, content in told.items()}


def test_what_somebody_may_not_see_changes_no_byte_of_their_workbook(twins: tuple[Gallery, Gallery]) -> None:
    one, other = (parts(team, "E01") for team in twins)
    assert list(one) == list(other)
    assert [name for name in one if one[name] != other[name]] == []
    assert "汇总" in "".join(twins[0].view("E01").snapshot().sheets), "figures are part of it"


def test_the_test_would_notice(twins: tuple[Gallery, Gallery], tmp_path: Path) -> None:
    one, other = (parts(team, "E02") for team in twins)
    assert {name for name in one if one[name] != other.get(name)}, "their manager sees it"
