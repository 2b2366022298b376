"""A request is decided by who is asked, whatever a grant says of the tab."""

from crm_sheets.involvement import APPROVALS, COMMENT, DECISION, involved
from crm_sheets.permissions import Level, RowRights
from crm_sheets.schema.labels import words
from crm_sheets.tables import ColumnKey
from tests.core.permission_tables import Team
from tests.rules.tables import ALL_TABS


def test_a_grant_for_the_tab_alone_lets_nobody_decide() -> None:
    team, tab = Team(""), ALL_TABS[APPROVALS]
    everything = RowRights(dict.fromkeys(tab.columns, Level.EDIT), visible=True, delete=Level.EDIT)
    pending = {
        ColumnKey("state"): words("approval.state.pending")[0],
        ColumnKey("proposer"): "李娜",
        ColumnKey("approvers"): "赵敏",
    }

    def may(name: str) -> RowRights:
        who = (team.person(name), team.organisation)
        return involved(everything, tab, pending, who, team.book, lambda *_: everything, ALL_TABS)

    assert {each for each in may("张伟").levels.values() if each > Level.READ} == set()
    assert may("张伟").delete == Level.READ
    assert {key for key, level in may("赵敏").levels.items() if level is Level.EDIT} == {DECISION, COMMENT}
    assert {key for key, level in may("李娜").levels.items() if level is Level.EDIT} == {DECISION}  # withdraws it
