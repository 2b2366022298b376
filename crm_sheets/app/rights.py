"""`access`: what a person may do and why, what a changed config would open or close, and the confirming of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.policies import codec_of
from crm_sheets.app.rights_diff import Comparison
from crm_sheets.app.rights_words import AccessWords
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.config import Settings
from crm_sheets.confirmations import IN_FORCE, confirmation, confirmed, in_force
from crm_sheets.errors import UsageError
from crm_sheets.expressions import At
from crm_sheets.language import Language
from crm_sheets.organisation import Organisation, Person, organisation_of
from crm_sheets.permissions import Level, Policy, RowRights
from crm_sheets.rights import Authority, Rights
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.schema.team import with_words
from crm_sheets.tables import TabKey

PEOPLE = TabKey("people")


def effective_policy(settings: Settings, workspace: Workspace) -> Policy:
    """The policy of the config, without what it would show for the first time and nobody has confirmed."""
    return in_force(settings.policy, workspace.tabs.values(), workspace.state.note(IN_FORCE))[0]


def access(settings: Settings, person: str, preview: Path | None = None) -> reports.AccessReport:
    """What somebody may do, per tab and column, with the rows as they stood after the last cycle.

    Args:
        person: 工号 or name.
        preview: a new .xlsx to which the view that they would get is written.

    Raises:
        UsageError: 组织 has no such person, or two; the file is there already.
    """
    with opened(settings) as workspace:
        looking = _Looking(workspace, effective_policy(settings, workspace))
        who = looking.person(person)
        rights = looking.authority.of(who)
        if preview is not None:
            _write_preview(looking, who, rights, preview)
        tabs = (looking.tab(tab, rights) for tab in workspace.tabs.values())
        might = _granted_tabs(rights, workspace.tabs)
        return reports.AccessReport(
            person=who.name,
            number=who.id,
            role=looking.said.role(who.role),
            department=who.department,
            group=who.group,
            tabs=tuple(tab for tab in tabs if any(column.rows for column in tab.columns) or tab.tab in might),
            waits=looking.authority.policy.limit is not None,
            preview=preview,
        )


def access_diff(settings: Settings, other: Settings) -> reports.AccessDiffReport:
    """What another config would open and close, on the rows as they stood after the last cycle."""
    with opened(settings) as workspace:
        now = _Looking(workspace, effective_policy(settings, workspace))
        said = AccessWords(with_words(other.team.language, workspace.words.messages), workspace.tabs)
        compared = Comparison(now.draft, now.authority, now.under(other.policy, other.team.tabs), said)
        return reports.AccessDiffReport(tuple(compared.changes()), lines=tuple(sorted(compared.lines())))


def access_apply(settings: Settings, confirm: str = "") -> reports.AccessDiffReport:
    """What waits to be confirmed, against what was in force in the last cycle; with its digest it takes effect.

    Raises:
        UsageError: the digest is of another config: it was changed since it was looked at.
    """
    with opened(settings) as workspace:
        tabs, policy = workspace.tabs.values(), settings.policy
        digest = confirmation(policy, tabs)
        now = _Looking(workspace, effective_policy(settings, workspace))
        waits = now.authority.policy.limit is not None
        changes = tuple(Comparison(now.draft, now.authority, now.under(policy, workspace.tabs), now.said).changes())
        if confirm and confirm.strip().lower() != digest:
            raise UsageError(workspace.words.text("error.access.other_config", given=confirm, confirm=digest))
        if confirm:
            workspace.state.set_note(IN_FORCE, confirmed(policy, tabs))
        return reports.AccessDiffReport(changes, digest if waits and not confirm else "", bool(confirm))


def nobody_called(text: str, organisation: Organisation, words: Language) -> UsageError:
    """Nobody, or more than one, is called so; those whom 组织 has are named."""
    names = sorted(each.name for each in organisation.people if each.active)
    if not names:
        return UsageError(words.text("error.access.no_people", given=text))
    return UsageError(words.text("error.access.person", given=text, names="、".join(names)))


class _Looking:
    """A book with its people, looked at under a policy."""

    def __init__(self, workspace: Workspace, policy: Policy) -> None:
        self.workspace, self.draft = workspace, workspace.draft()
        self.dictionaries = workspace.dictionaries()
        rows = self.draft.every(PEOPLE) if PEOPLE in workspace.tabs else ()
        self.organisation: Organisation = organisation_of(rows, self.dictionaries)
        self.authority = self.under(policy, workspace.tabs)
        self.said = AccessWords(workspace.words, workspace.tabs)

    def under(self, policy: Policy, tabs: Mapping[TabKey, Tab]) -> Authority:
        """The same under another policy."""
        zone = self.workspace.settings.workbook.zone
        at = At(clock.now().astimezone(zone).date(), zone)
        return Authority(policy, self.organisation, tabs, at, self.dictionaries)

    def person(self, text: str) -> Person:
        """Whom a 工号 or name stands for."""
        found = self.organisation.find(text)
        if found is None:
            raise nobody_called(text, self.organisation, self.workspace.words)
        return found

    def tab(self, tab: Tab, rights: Rights) -> reports.TabAccess:
        """What somebody may do in a tab."""
        found = Counter[int]()
        kinds: dict[int, RowRights] = {}
        for row in self.draft.every(tab.key):
            of = rights.of_row(rights.authority.facts(tab.key, row.record.__dict__, self.draft))
            kinds[id(of)] = of
            found[id(of)] += 1
        counted = [(kinds[key], count) for key, count in found.items()]
        grants, denies = rights.concerning(tab.key)
        return reports.TabAccess(
            tab=tab.key,
            label=tab_label(tab.key, self.workspace.words),
            visible=sum(count for of, count in counted if of.visible),
            total=sum(found.values()),
            create=rights.create(tab.key).name.lower(),
            deletable=sum(count for of, count in counted if of.delete is Level.EDIT),
            delete_asks=sum(count for of, count in counted if of.delete is Level.PROPOSE),
            columns=tuple(self._columns(tab, rights, counted)),
            grants=tuple(self.said.grant(each, tab) for each in grants),
            denies=tuple(self.said.deny(each, tab) for each in denies),
        )

    def _columns(
        self, tab: Tab, rights: Rights, counted: Iterable[tuple[RowRights, int]]
    ) -> Iterator[reports.ColumnAccess]:
        for key, column in tab.columns.items():
            if column.kind is Kind.WITNESS:
                continue
            levels = Counter[Level]()
            for of, count in counted:
                levels[of.level(key)] += count
            rows = {level.name.lower(): levels[level] for level in reversed(Level) if level and levels[level]}
            why = self.said.why(tab, key, rights)
            yield reports.ColumnAccess(key, column_label(tab.key, key, self.workspace.words), rows, why)


def _granted_tabs(rights: Rights, tabs: Mapping[TabKey, Tab]) -> set[TabKey]:
    """Tabs of which somebody would see rows if there were any, beside those that all have who take part in a matter."""
    from crm_sheets.involvement import TELLING
    from crm_sheets.views import view_tabs

    return view_tabs(rights, tabs).keys() - TELLING.keys()


def _write_preview(looking: _Looking, who: Person, rights: Rights, target: Path) -> None:
    """Writes the view that somebody would get."""
    from crm_sheets.schema.codecs import render
    from crm_sheets.sync.backends.xlsx.create import WorkbookOptions, create_workbook
    from crm_sheets.tables import RowKey
    from crm_sheets.views import PersonEyes, Reader, view_tabs

    workspace = looking.workspace
    if target.suffix.lower() != ".xlsx" or target.exists():
        raise UsageError(workspace.words.text("error.access.preview", path=target))
    tabs = view_tabs(rights, workspace.tabs)
    eyes = PersonEyes(Reader(RowKey(who.id), who, rights, tabs), looking.draft)
    codec = codec_of(workspace.settings, workspace.words)
    rows = {}
    for key, tab in tabs.items():
        shown = (  # 检查 and 疑似重复 stay blank: they are written in the first cycle of the view
            eyes.shown((key, row.key), dict(looking.draft.values((key, row.key)) or {}), {})
            for row in looking.draft.every(key)
        )
        rows[key] = [
            {column: render(values.get(column), each, codec) for column, each in tab.columns.items()}
            for values in shown
            if values is not None
        ]
    options = replace(WorkbookOptions(looking.dictionaries), spare_rows=1)
    create_workbook(target, tuple(tabs.values()), workspace.words, rows, options)
