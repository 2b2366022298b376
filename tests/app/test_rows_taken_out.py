"""A row that goes leaves no gap in the workbook, unless somebody has something there."""

from crm_sheets import app
from tests.app.offices import Office


def numbers(office: Office) -> list[int]:
    return [int(str(row["#"])) for row in office.rows("客户")]


def erase(office: Office, row: int) -> None:
    labels = [label for label in office.header("客户") if label and label != "_key"]
    office.type("客户", row, dict.fromkeys(labels))


def test_an_erased_row_is_taken_out(office: Office) -> None:
    names = [row["客户名称"] for row in office.rows("客户")]
    erase(office, 3)
    report = app.sync(office.settings)
    assert report.written
    assert [row["客户名称"] for row in office.rows("客户")] == [names[0], *names[2:]]
    assert numbers(office) == [2, 3, 4, 5]
    assert app.sync(office.settings).written == ()
    office.type("客户", 3, {"备注": "还认得"})
    app.sync(office.settings)
    assert [row["备注"] for row in office.rows("客户")] == [None, "还认得", None, None]
