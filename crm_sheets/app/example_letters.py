"""Every kind of mail that the program may send, rendered once with example values."""

import json
from collections.abc import Iterator
from datetime import datetime

from crm_sheets.app.workspace import Workspace
from crm_sheets.sync.appointments import KINDS as CALENDAR_KINDS
from crm_sheets.sync.delivery import Content
from crm_sheets.sync.digest import FAULTS, WEEKLY, Section
from crm_sheets.sync.digest import KIND as DIGEST
from crm_sheets.sync.letters import APPROVAL, REPORT, TEXTS, Letterhead, render
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.sync.templates import Templates

RULE = "mail.rule."
"""Every kind of mail but the digest has the name of its rule in the catalogue."""

ITEM = (
    "key", "in_tab", "row", "subject", "field", "old", "new", "proposer", "reason", "state", "decided_by", "comment",
)  # fmt: skip


def example_letters(workspace: Workspace, templates: Templates, now: datetime) -> Iterator[tuple[str, Content]]:
    """The kinds of mails, each with an example.

    Raises:
        TemplateBroken: a template that we ship cannot be rendered.
    """
    settings = workspace.settings
    head = Letterhead(str(settings.workbook.place), settings.workbook.zone, workspace.words)
    kinds = sorted(key.removeprefix(RULE) for key in workspace.words.messages if key.startswith(RULE))
    for kind in dict.fromkeys((*kinds, DIGEST, WEEKLY)):
        entry = OutboxEntry(kind, kind, "TEST", now, now, now, _parameters(kind, now), "customers", "C-TEST")
        yield kind, render(templates, head, entry, now)


def _parameters(kind: str, now: datetime) -> dict[str, str]:
    if kind in (DIGEST, WEEKLY, FAULTS):
        item = {"tab": "customers", "row": "C-TEST", "title": "TEST", "customer": "TEST", "state": ""}
        items = [{**item, "when": now.isoformat()}]
        sections = [{"code": section.value, "count": 1, "items": items} for section in Section]
        digest = json.dumps({"at": now.isoformat(), "sections": sections})
        return {DIGEST: digest, REPORT: json.dumps(_report())}
    if kind.startswith(APPROVAL):
        return {"items": json.dumps([{**dict.fromkeys(ITEM, "TEST"), "due": now.isoformat()}])}
    if kind in CALENDAR_KINDS:
        return {**dict.fromkeys(TEXTS, "TEST"), "starts": now.isoformat(), "due_at": now.isoformat(), "sequence": "1"}
    return {**dict.fromkeys(TEXTS, "TEST"), "due_at": now.isoformat(), "planned_at": now.isoformat()}


def _report() -> dict[str, object]:
    """A weekly report: one picture that is there, one for which bars of a table stand in."""
    bars = [{"label": "TEST", "value": "1", "percent": 100}]
    picture = {"title": "TEST", "identity": "test@crm-sheets", "alt": "TEST 1", "bars": []}
    table = {"title": "TEST", "header": ["TEST"] * 4, "rows": [["TEST"] * 4], "more": 1}
    return {
        "title": "TEST",
        "subtitle": "TEST",
        "conclusions": [{"name": "TEST", "text": "TEST"}],
        "tiles": [{"label": "TEST", "value": "1"}] * 3,
        "pictures": [picture, {**picture, "identity": "", "bars": bars}],
        "tables": [table],
        "file": "TEST.pdf",
    }
