"""A field of the team's own does not open a tab that only the program writes."""

from crm_sheets.config_fields import FieldSettings, team_of
from crm_sheets.tables import TabKey


def test_a_field_in_the_results_leaves_their_rows_to_the_program() -> None:
    field = FieldSettings.model_validate({"tab": "performance", "key": "remark", "label": {"zh-CN": "备注"}})
    team = team_of("zh-CN", ["customers", "performance", "people"], [field], [])
    assert {key for key, tab in team.tabs.items() if tab.ours} == {TabKey("performance")}
