"""Who is sent weekly reports; what is needed to say so is light: every cycle asks."""

from crm_sheets.app.seeing import person_eyes
from crm_sheets.app.workspace import Workspace
from crm_sheets.errors import UsageError
from crm_sheets.views import summaries_of


class ReportReaders:
    """Which people of the team may be told figures by mail."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def may_have(self, person: str) -> bool:
        """Whether reports are wanted, and somebody may read all that at least one summary is made from."""
        workspace = self._workspace
        rules = workspace.cycle.setup.summaries if workspace.settings.reports.weekly else ()
        if not rules or not workspace.settings.views.enabled:
            return bool(rules)
        try:
            return bool(summaries_of(person_eyes(workspace, person).reader, rules, workspace.tabs))
        except UsageError:  # two are called so
            return False
