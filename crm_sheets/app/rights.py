"""`access`: what a person may do and why, what a changed config would open or close, and the confirming of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.policies import codec_of
from crm_sheets.app.rights_words import AccessWords
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.config import Settings
from crm_sheets.confirmations import IN_FORCE, confirmation, confirmed, in_force
from crm_sheets.draft import Draft
from crm_sheets.errors import UsageError
from crm_sheets.expressions import At
from crm_sheets.organisation import Organisation, Person, organisation_of
from crm_sheets.permissions import Level, Policy, RowRights
from crm_sheets.rights import Authority, Rights
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.tables import ColumnKey, TabKey

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
        return reports.AccessReport(
            person=who.name,
            number=who.id,
            role=looking.said.role(who.role),
            department=who.department,
            group=who.group,
            tabs=tuple(tab for tab in tabs if any(column.rows for column in tab.columns)),
            waits=looking.authority.policy.limit is not None,
            preview=preview,
        )


def access_diff(settings: Settings, other: Settings) -> reports.AccessDiffReport:
    """What another config would open and close, on the rows as they stood after the last cycle."""
    with opened(settings) as workspace:
        now = _Looking(workspace, effective_policy(settings, workspace))
        tabs = {key: tab for key, tab in other.team.tabs.items() if key in workspace.tabs}
        return reports.AccessDiffReport(tuple(_changes(now, now.authority, now.under(other.policy, tabs))))


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
        changes = tuple(_changes(now, now.authority, now.under(policy, workspace.tabs)))
        if confirm and confirm.strip().lower() != digest:
            raise UsageError(workspace.words.text("error.access.other_config", given=confirm, confirm=digest))
        if confirm:
            workspace.state.set_note(IN_FORCE, confirmed(policy, tabs))
        return reports.AccessDiffReport(changes, digest if waits and not confirm else "", bool(confirm))


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
            names = sorted(each.name for each in self.organisation.people if each.active)
            raise UsageError(self.workspace.words.text("error.access.person", given=text, names="、".join(names)))
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


def _changes(looking: _Looking, one: Authority, other: Authority) -> Iterator[reports.AccessChange]:
    """What people may do otherwise under another authority, role by role."""
    people = [each for each in looking.organisation.people if each.active]
    for tab in looking.workspace.tabs.values():
        found: dict[tuple[str, ColumnKey, Level, Level], Counter[str]] = {}
        for person in people:
            for (before_, after), count in _pairs(looking.draft, tab, one.of(person), other.of(person)):
                for key, column in tab.columns.items():
                    levels = before_.level(key), after.level(key)
                    if levels[0] is not levels[1] and column.kind is not Kind.WITNESS:
                        found.setdefault((person.role, key, *levels), Counter())[person.name] += count
        for (role, key, was, becomes), counted in sorted(found.items()):
            yield reports.AccessChange(
                role=looking.said.role(role),
                tab=tab_label(tab.key, looking.workspace.words),
                column=key,
                label=column_label(tab.key, key, looking.workspace.words),
                change=_change(was, becomes),
                before=was.name.lower(),
                after=becomes.name.lower(),
                people=tuple(sorted(counted)),
                rows=counted.total(),
            )


def _pairs(draft: Draft, tab: Tab, one: Rights, other: Rights) -> Iterator[tuple[tuple[RowRights, RowRights], int]]:
    """The rights of rows under both, with how many rows have these."""
    counted = Counter[tuple[int, int]]()
    kinds: dict[tuple[int, int], tuple[RowRights, RowRights]] = {}
    for row in draft.every(tab.key):
        values = row.record.__dict__
        before_, after = (each.of_row(each.authority.facts(tab.key, values, draft)) for each in (one, other))
        kinds[id(before_), id(after)] = before_, after
        counted[id(before_), id(after)] += 1
    for key, count in counted.items():
        if kinds[key][0] is not kinds[key][1]:
            yield kinds[key], count


def _change(before_: Level, after: Level) -> str:
    if before_ is Level.HIDDEN:
        return "opens"
    if after is Level.HIDDEN:
        return "closes"
    return "raises" if after > before_ else "lowers"


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
