"""`doctor --launch`: the config tried with test people before the team begins, and the checklist to sign."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from crm_sheets import clock, reports
from crm_sheets.app.care import Examiner, Say, backup, examinations, folder_found
from crm_sheets.app.example_letters import example_letters
from crm_sheets.app.launch_trial import Tried, made_up_people, try_out
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.rights_words import AccessWords
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.approval_flows import DEPARTMENT_HEAD, MANAGER, ROLE, Flow, Step
from crm_sheets.approving.staff import TeamStaff
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.language import language
from crm_sheets.organisation import Person
from crm_sheets.permissions import ANY, SHARED_ROLE, Level
from crm_sheets.readership import Readership
from crm_sheets.rights import Authority
from crm_sheets.schema.labels import tab_label
from crm_sheets.schema.people import PEOPLE, PersonRecord
from crm_sheets.sync.setup import Wish
from crm_sheets.sync.templates import Templates
from crm_sheets.views import view_tabs

MOST_NAMED = 10
"""Names in one line of the report."""


def launch(settings: Settings, checklist: Path | None = None) -> reports.LaunchReport:
    """Everything that `doctor` looks at, and what else must be right on the day on which a team begins.

    Args:
        settings: of the team.
        checklist: where the list to be signed is written; None writes none.
    """
    found = (*examinations(settings), *_launching(settings))
    if checklist is not None:
        from crm_sheets.app.checklist import write_checklist

        write_checklist(checklist, found, language(settings.workbook.locale), settings.workbook.place)
    return reports.LaunchReport(found, checklist)


def _launching(settings: Settings) -> Iterator[reports.Examination]:
    examined = Examiner(language(settings.workbook.locale))
    with opened(settings) as workspace:
        yield examined("launch_cycle", lambda say: _cycle(workspace, say))
        yield examined("launch_roles", lambda say: _roles(workspace, say))
        yield examined("launch_sight", lambda say: _sight(workspace, say))
        tried: list[Tried] = []
        yield examined("launch_trial", lambda say: _trial(workspace, say, tried))
        yield examined("launch_mails", lambda say: _mails(tried, say))
        yield examined("launch_approvals", lambda say: _approvals(workspace, say))
        yield examined("launch_letters", lambda say: _letters(workspace, say))
    yield examined("launch_folders", lambda say: _folders(settings, say))
    yield examined("launch_backup", lambda say: _backup(settings, say))


def _cycle(workspace: Workspace, say: Say) -> str:
    """A dry run reads all tabs and pulls no brake."""
    _, report = Reporter(workspace).run(Wish(clock.now(), dry_run=True))
    if report.halted:
        raise UsageError(report.halted)
    errors = sum(issue.severity == "error" for issue in report.issues)
    rows = sum(workspace.state.count(tab) for tab in workspace.tabs)
    return say("doctor.found.launch_cycle", rows=rows, errors=errors)


# -- people and rights -------------------------------------------------------------------------------------------------


def _authority(workspace: Workspace) -> Authority:
    setup, settings = workspace.cycle.setup, workspace.settings
    default = workspace.team.default_dictionaries()
    known = Readership(settings.policy, setup.tabs, default, setup.language, setup.zone, setup.rules_version)
    draft = workspace.draft()
    known.look(draft, clock.now().astimezone(setup.zone).date())
    return known.authority(draft)


def _roles(workspace: Workspace, say: Say) -> str:
    """Every role that somebody has in 组织 is spoken of by a grant."""
    if not workspace.settings.grant:
        return say("doctor.found.launch_no_grants")
    granted = {grant.role for grant in workspace.settings.policy.grants}
    people = [person for person in _authority(workspace).organisation.people if person.active]
    bare = {person.role: person.name for person in people if person.role not in granted and ANY not in granted}
    if bare:
        raise UsageError(say("doctor.found.launch_bare_roles", roles=_list(f"{r} ({n})" for r, n in bare.items())))
    names = (_called(workspace, role) for role in sorted({person.role for person in people}))
    return say("doctor.found.launch_roles", roles=_list(names))


def _called(workspace: Workspace, role: str) -> str:
    return AccessWords(workspace.words, workspace.tabs).role(role)


def _sight(workspace: Workspace, say: Say) -> str:
    """What an invented person of each role would find in a workbook of their own.

    Raises:
        UsageError: a role of somebody sees nothing, though everybody is to have a workbook.
    """
    authority = _authority(workspace)
    policy = workspace.settings.policy
    roles = {person.role for person in authority.organisation.people if person.active}
    roles |= {grant.role for grant in policy.grants if grant.role not in {ANY, SHARED_ROLE}}
    lines, blind = [], []
    for role in sorted(roles):
        like = next((each for each in authority.organisation.people if each.role == role and each.active), None)
        person = replace(like or Person("", "", role), id="TEST", name="TEST", role=role, active=True)
        told = _seen(workspace, authority, person, say)
        lines.append(f"{_called(workspace, role)}: {told or '—'}")
        blind += [role] if not told else []
    if blind and workspace.settings.views.enabled:
        raise UsageError("\n".join([*lines, say("doctor.found.launch_blind", roles=_list(blind))]))
    return "\n".join(lines) or say("doctor.found.launch_nobody")


def _seen(workspace: Workspace, authority: Authority, person: Person, say: Say) -> str:
    rights = authority.of(person)
    parts = []
    for key, tab in view_tabs(rights, workspace.tabs).items():
        levels = rights.widest(key)
        edited = sum(levels.get(column, Level.HIDDEN) >= Level.EDIT for column in tab.columns)
        label = tab_label(key, workspace.words)
        parts.append(say("doctor.found.launch_tab", tab=label, columns=len(tab.columns), edited=edited))
    return _list(parts, len(parts))


def _trial(workspace: Workspace, say: Say, tried: list[Tried]) -> str:
    """Made-up people, one of each role, work for a moment with the config; what came of it is put into `tried`.

    Raises:
        UsageError: something came out otherwise than the config has it.
    """
    settings = workspace.settings
    if not (settings.views.enabled and settings.grant):
        return say("doctor.found.launch_no_trial")
    authority, names = _authority(workspace), AccessWords(workspace.words, workspace.tabs)
    active = [person for person in authority.organisation.people if person.active]
    roles = {person.role for person in active}
    roles |= {grant.role for grant in settings.policy.grants if grant.role not in {ANY, SHARED_ROLE}}
    people = made_up_people(roles, {each.role: each for each in active}, names)
    found = try_out(settings, workspace.dictionaries(), people, clock.now())
    tried.append(found)
    if found.faults:
        raise UsageError("\n".join(found.faults))
    return "\n".join(found.lines) or say("doctor.found.launch_nobody")


def _mails(tried: list[Tried], say: Say) -> str:
    """The mails of the trial arrived at a sink on this machine.

    Raises:
        UsageError: none did, though people have workbooks.
    """
    if not tried:
        return say("doctor.found.launch_no_trial")
    mails = [say("doctor.found.launch_mail", subject=each, count=count) for each, count in tried[0].mails.items()]
    if not mails:
        raise UsageError(say("doctor.found.launch_no_mails"))
    return say("doctor.found.launch_mails", count=sum(tried[0].mails.values()), mails=_list(mails))


def _approvals(workspace: Workspace, say: Say) -> str:
    """Every level of every flow has somebody who could decide, for everybody who could ask.

    Raises:
        UsageError: requests that nobody could decide.
    """
    terms = workspace.settings.approval_terms
    draft, dictionaries = workspace.draft(), workspace.dictionaries()
    rows = [row for key in draft.keys(PEOPLE) if (row := draft.row(PEOPLE, key)) is not None]
    staff = TeamStaff(rows, dictionaries)
    asking = {
        str(row.key): dictionaries.code("role", row.record.role) or row.record.role or ""
        for row in rows
        if isinstance(row.record, PersonRecord) and row.record.active is not False
    }
    stuck = [line for flow in terms.flows for line in _stuck(flow, staff, asking, say)]
    if stuck:
        raise UsageError("\n".join(stuck[:MOST_NAMED]))
    return say("doctor.found.launch_approvals", flows=len(terms.flows))


def _stuck(flow: Flow, staff: TeamStaff, asking: dict[str, str], say: Say) -> Iterator[str]:
    proposers = [person for person, role in asking.items() if not flow.roles or role in flow.roles]
    for number, step in enumerate(flow.steps, 1):
        alone = [staff.called(person) for person in proposers if not _deciders(step, staff, person)]
        if alone:
            yield say("doctor.found.launch_stuck", flow=flow.name, step=number, who=step.approver, people=_list(alone))


def _deciders(step: Step, staff: TeamStaff, person: str) -> set[str]:
    """Who could decide what a person asks for: nobody decides about their own."""
    match step.approver:
        case str(name) if name == MANAGER:
            found = {staff.manager(person)}
        case str(name) if name == DEPARTMENT_HEAD:
            found = set[str | None](staff.heads(person))
        case str(name) if name.startswith(ROLE):
            found = set[str | None](staff.bearing(name.removeprefix(ROLE)))
        case name:
            found = {staff.find(name)}
    return {each for each in found if each and each != person and staff.active(each)}


# -- mails, folders, backups -------------------------------------------------------------------------------------------


def _letters(workspace: Workspace, say: Say) -> str:
    """Every template is rendered once with example values; nothing is sent.

    Raises:
        UsageError: a template of the team cannot be used.
    """
    templates = Templates(workspace.settings.templates.folder)
    kinds = list(example_letters(workspace, templates, clock.now()))
    if templates.problems:
        wrong = (issue.parameters for issue in templates.problems.values())
        raise UsageError("\n".join(f"{each['template']}: {each['reason']}" for each in wrong))
    return say("doctor.found.launch_letters", kinds=len(kinds))


def _folders(settings: Settings, say: Say) -> str:
    """The folders into which the program writes, beside those of the workbook and the backups."""
    wanted = [settings.views.folder] if settings.views.enabled else []
    wanted += [settings.intake.folder] if settings.intake.folder is not None else []
    wanted += [settings.log.file.parent] if settings.log.file is not None else []
    for folder in wanted:
        folder_found(folder, say)
    return _list(map(str, wanted)) or say("doctor.found.launch_no_folders")


def _backup(settings: Settings, say: Say) -> str:
    """A backup is made in a temporary folder, unpacked, and opened.

    Raises:
        UsageError: it does not hold what the state holds.
    """
    with TemporaryDirectory(prefix=".crm-sheets-launch-") as temporary:
        folder = Path(temporary)
        section = settings.backups.model_copy(update={"folder": folder / "backups"})
        made = backup(settings.model_copy(update={"backups": section}))
        with ZipFile(made.path) as archive:
            if archive.testzip() is not None:
                raise UsageError(say("doctor.found.launch_backup_broken", file=made.path.name))
            archive.extractall(folder)
        state = folder / "state.db"
        if not state.exists():
            return say("doctor.found.launch_backup_without_state")
        copied = settings.state.model_copy(update={"url": f"sqlite:///{state.as_posix()}"})
        with opened(settings) as workspace, opened(settings.model_copy(update={"state": copied})) as restored:
            rows = {tab: workspace.state.count(tab) for tab in workspace.tabs}
            if rows != {tab: restored.state.count(tab) for tab in workspace.tabs}:
                raise UsageError(say("doctor.found.launch_backup_broken", file=made.path.name))
        return say("doctor.found.launch_backup", rows=sum(rows.values()), size=f"{made.size // 1024:,}")


def _list(texts: "Iterator[str] | list[str] | map[str]", most: int = MOST_NAMED) -> str:
    told = [str(each) for each in texts]
    return "; ".join(told[:most]) + ("; …" if len(told) > most else "")
