"""The converter of the help desk's log: first event, second, last; and the mappings of both examples can be read."""

import runpy
from pathlib import Path

import pytest

from crm_sheets.config import load
from crm_sheets.importing.mapping import parse_mapping
from crm_sheets.schema import TABS

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_ticket_is_its_first_its_second_and_its_last_event() -> None:
    convert = runpy.run_path(str(EXAMPLES / "helpdesk" / "convert.py"))
    events = [
        {"CaseID": "10", "ActivityID": "1", "CompleteTimestamp": "2012-04-03 16:55:38"},
        {"CaseID": "2", "ActivityID": "6", "CompleteTimestamp": "2012-04-25 00:00:00"},
        {"CaseID": "2", "ActivityID": "1", "CompleteTimestamp": "2012-04-03 16:55:38"},
        {"CaseID": "2", "ActivityID": "8", "CompleteTimestamp": "2012-04-03 16:55:53"},
    ]
    assert convert["tickets"](events) == [
        ("2", "2012-04-03 16:55:38", "2012-04-03 16:55:53", "2012-04-25 00:00:00", "1-8-6"),
        ("10", "2012-04-03 16:55:38", "", "2012-04-03 16:55:38", "1"),
    ]


@pytest.mark.parametrize("name", ["helpdesk", "zh_feedback"])
def test_the_config_and_the_mapping_of_the_example_load(name: str) -> None:
    settings = load(EXAMPLES / name / "config.toml", {})
    tabs = {tab.key: tab for tab in TABS if tab.key in settings.workbook.tabs}
    text = (EXAMPLES / name / "mapping.toml").read_text(encoding="utf-8")
    mapping = parse_mapping(text, "mapping.toml", tabs)
    assert {table.tab for table in mapping.table} <= tabs.keys()
