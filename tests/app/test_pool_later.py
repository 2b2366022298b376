"""A team that begins with the pool later: its workbook gets the columns, and whoever claims has the customer."""

from tests.app.offices import Office

POOL = """
[pool]
enabled = true
"""
COLUMNS = ["认领人", "进入公海", "原负责人", "认领时间"]


def test_a_workbook_in_use_gets_the_columns_of_the_pool(office: Office) -> None:
    office.type("客户", 2, {"负责人": None})
    office.sync()
    assert not {*COLUMNS} & {*office.header("客户")}
    office.config.write_text(office.config.read_text(encoding="utf-8") + POOL, encoding="utf-8")
    office.sync()
    assert [each for each in office.header("客户") if each in COLUMNS] == COLUMNS
    digest = office.digest()
    assert (office.sync().changes, office.digest()) == ((), digest)
    office.type("客户", 2, {"认领人": "王芳"})
    office.sync()
    [claimed] = [row for row in office.rows("客户") if row.get("认领时间")]
    assert (claimed["#"], claimed["负责人"], claimed["认领人"]) == (2, "王芳", None)
