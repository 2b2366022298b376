"""The records as one person of the team may see them: what is told to somebody on the command line."""

from crm_sheets import clock
from crm_sheets.app.rights import effective_policy, nobody_called
from crm_sheets.app.workspace import Workspace
from crm_sheets.expressions import At
from crm_sheets.organisation import Person, organisation_of
from crm_sheets.rights import Authority, Rights
from crm_sheets.schema.people import PEOPLE
from crm_sheets.seen import SeenBook
from crm_sheets.tables import RowKey
from crm_sheets.views import PersonEyes, Reader, view_tabs


def person_rights(workspace: Workspace, text: str) -> tuple[Person, Rights]:
    """Somebody who works in the team, by 工号 or name, and what they may do by what is confirmed of the config.

    Raises:
        UsageError: nobody is called so, two are, or they have left.
    """
    draft, dictionaries = workspace.draft(), workspace.dictionaries()
    organisation = organisation_of(draft.every(PEOPLE) if PEOPLE in workspace.tabs else (), dictionaries)
    person = organisation.find(text)
    if person is None or not person.active:
        raise nobody_called(text, organisation, workspace.words)
    zone = workspace.settings.workbook.zone
    at = At(clock.now().astimezone(zone).date(), zone)
    policy = effective_policy(workspace.settings, workspace)
    return person, Authority(policy, organisation, workspace.tabs, at, dictionaries).of(person)


def person_eyes(workspace: Workspace, text: str) -> PersonEyes:
    """What a person may see, with the tabs and columns that their workbook has or would have; see person_rights."""
    person, rights = person_rights(workspace, text)
    reader = Reader(RowKey(""), person, rights, view_tabs(rights, workspace.tabs))
    return PersonEyes(reader, workspace.draft())


def seen_book(workspace: Workspace, eyes: PersonEyes) -> SeenBook:
    """The records as these eyes see them."""
    return SeenBook(workspace.draft(), eyes, eyes.tabs)
