"""Who gets a workbook is told once where it lies."""

from datetime import UTC, datetime

from crm_sheets import app
from crm_sheets.app.workspace import opened
from crm_sheets.language import language
from crm_sheets.sync.letters import Letterhead, render
from crm_sheets.sync.outbox import OutboxEntry, State
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.sync.templates import Templates
from tests.app.offices import CONFIG, Office

VIEWS = """
[views]
enabled = true

[[grant]]
role = "sales"
tab = "customers"
rows = "own"
columns = { name = "read", phone = "edit" }
"""


def welcomes(office: Office) -> list[OutboxEntry]:
    with opened(office.settings) as workspace:
        return [each for each in SqlOutbox(workspace.state).entries(list(State)) if each.kind == "notice-welcome"]


def test_a_new_workbook_is_announced_once(office: Office) -> None:
    office.config.write_text(CONFIG + VIEWS, encoding="utf-8")
    app.sync(office.settings)
    app.sync(office.settings)
    (entry,) = welcomes(office)
    (view,) = (office.folder / "views").rglob("*.xlsx")
    assert (entry.person, entry.parameters["workbook"]) == ("王芳", str(view))
    now = datetime(2026, 11, 22, tzinfo=UTC)
    mail = render(
        Templates(), Letterhead("/srv/all.xlsx", office.settings.workbook.zone, language("zh-CN")), entry, now
    )
    assert str(view) in mail.text
    assert "all.xlsx" not in mail.text + mail.html
