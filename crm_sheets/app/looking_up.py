"""`lookup`: the question of the tab 查重, asked for somebody at the command line."""

from crm_sheets import clock, reports
from crm_sheets.app.cycles import run_cycle
from crm_sheets.app.seeing import person_rights
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.commands import Act, Command
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.lookups import ANSWER, DEPARTMENT, KNOWN, LOOKUPS, OWNER, QUESTION
from crm_sheets.organisation import Person
from crm_sheets.permissions import Extent
from crm_sheets.sync.setup import Wish


def lookup(settings: Settings, question: str, person: str) -> reports.LookupReport:
    """Asks for a person whether a customer is known. It counts as their question and stands in their tab.

    Raises:
        UsageError: the book has no such tab, nobody is called so, or they may not ask.
    """
    with opened(settings) as workspace:
        who, words = _allowed(workspace, person), workspace.words
        draft = workspace.draft()
        before = set(draft.keys(LOOKUPS))
        given = {QUESTION: question.strip()[:200], OWNER: who.name}
        run_cycle(workspace, Wish(clock.now(), commands=(Command(Act.CREATE, LOOKUPS, None, given, author("lookup")),)))
        draft = workspace.draft()
        made = [key for key in draft.keys(LOOKUPS) if key not in before]
        answers = [
            values for key in made if (values := draft.values((LOOKUPS, key)) or {}).get(QUESTION) == given[QUESTION]
        ]
        if not answers:
            raise UsageError(words.text("error.lookup.tab"))
        answer, department, known = (str(answers[0].get(each) or "") for each in (ANSWER, DEPARTMENT, KNOWN))
        return reports.LookupReport(given[QUESTION], answer, department, known)


def _allowed(workspace: Workspace, text: str) -> Person:
    words = workspace.words
    if LOOKUPS not in workspace.tabs:
        raise UsageError(words.text("error.lookup.tab"))
    person, rights = person_rights(workspace, text)
    if workspace.settings.views.enabled and rights.create(LOOKUPS) is Extent.NONE:
        raise UsageError(words.text("error.lookup.denied", person=person.name))
    return person
