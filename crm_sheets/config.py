"""The settings of one team: what `config.toml` may say, each option with its type and default.

`load` is the only way in; it finds all mistakes at once. Every option is explained in config.example.toml.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from crm_sheets.approval_flows import ApprovalTerms, Flow
from crm_sheets.config_approvals import (
    ApprovalSettings,
    ApprovalsSettings,
    approval_mistakes,
    deciding_denies,
    proposes,
    terms_of,
    with_matters,
)
from crm_sheets.config_customer_mail import CustomerMailSettings, customer_mail_mistakes
from crm_sheets.config_customers import (
    DuplicateSettings,
    LevelSettings,
    LookupSettings,
    PhoneSettings,
    PoolSettings,
    StatusSettings,
)
from crm_sheets.config_fields import FieldSettings, RuleSettings, denies_of, team_of
from crm_sheets.config_google import OWN_MIRROR, GoogleSettings, MirrorSettings, google_mistakes
from crm_sheets.config_mail import MailSettings, ReminderSettings, TemplateSettings
from crm_sheets.config_rights import DeclassifySettings, DenySettings, GrantSettings
from crm_sheets.config_robots import RobotSettings
from crm_sheets.config_sealed import SealedSettings
from crm_sheets.config_section import Section
from crm_sheets.config_source import Said, Tree, near, placed, problems, read_tree
from crm_sheets.config_taking_in import AttachmentSettings, FormSettings, IntakeSettings, taking_in_mistakes
from crm_sheets.config_times import CalendarSettings, CareSettings, ServiceSettings
from crm_sheets.config_workbook import (
    BackupSettings,
    HistorySettings,
    LogSettings,
    ReportSettings,
    StateSettings,
    SummarySettings,
    SyncSettings,
    ViewSettings,
    WorkbookSettings,
)
from crm_sheets.errors import ConfigError
from crm_sheets.language import line
from crm_sheets.permissions import OPEN, Policy
from crm_sheets.rules.customer_mail import MAIL_COLUMNS
from crm_sheets.rules.naming import CUSTOMERS
from crm_sheets.rules.pool import POOL_COLUMNS
from crm_sheets.schema.base import Tab
from crm_sheets.schema.team import TeamSchema
from crm_sheets.tables import TabKey

_SectionT = TypeVar("_SectionT", bound=Section)


class Settings(Section):
    """Everything that config.toml may say. Paths are absolute after `load`."""

    workbook: WorkbookSettings
    views: ViewSettings
    backups: BackupSettings
    state: StateSettings
    sync: SyncSettings
    calendar: CalendarSettings
    service: ServiceSettings
    care: CareSettings
    phones: PhoneSettings
    duplicates: DuplicateSettings
    lookups: LookupSettings
    pool: PoolSettings
    status: StatusSettings
    levels: LevelSettings
    reminders: ReminderSettings
    mail: MailSettings
    customer_mail: CustomerMailSettings
    templates: TemplateSettings
    summaries: SummarySettings
    reports: ReportSettings
    log: LogSettings
    history: HistorySettings
    intake: IntakeSettings
    attachments: AttachmentSettings
    sealed: SealedSettings
    approvals: ApprovalsSettings
    google: GoogleSettings
    mirror: tuple[MirrorSettings, ...] = ()
    robots: tuple[RobotSettings, ...] = ()
    approval: tuple[ApprovalSettings, ...] = ()
    form: tuple[FormSettings, ...] = ()
    grant: tuple[GrantSettings, ...] = ()
    deny: tuple[DenySettings, ...] = ()
    declassify: tuple[DeclassifySettings, ...] = ()
    field: tuple[FieldSettings, ...] = ()
    rule: tuple[RuleSettings, ...] = ()

    @property
    def team(self) -> TeamSchema:
        """The team's book: its tabs with the fields that it added."""
        left_out = {} if self.customer_mail.enabled else dict(MAIL_COLUMNS)
        if not self.pool.enabled:
            left_out[CUSTOMERS] = left_out.get(CUSTOMERS, frozenset()) | POOL_COLUMNS
        return team_of(self.workbook.locale, self.workbook.tabs, self.field, self.rule, left_out)

    @property
    def mirrors(self) -> tuple[MirrorSettings, ...]:
        """Further workbooks that show what the team's workbook shows."""
        told = self.workbook
        own = MirrorSettings(name=OWN_MIRROR, spreadsheet=told.spreadsheet) if told.path and told.spreadsheet else None
        return (own, *self.mirror) if own is not None else self.mirror

    @property
    def policy(self) -> Policy:
        """The grants and denies; without any grant the shared workbook is open to whoever can open the file."""
        grants = tuple(grant for each in self.grant for grant in each.grants())
        denies = [deny for each in self.deny for deny in each.denies()]
        opened = tuple(each.declassified() for each in self.declassify)
        denies += [*denies_of(self.field, self.workbook.locale), *deciding_denies(self.approvals, self.workbook.tabs)]
        return Policy(grants or OPEN.grants, tuple(denies), opened)

    @property
    def approval_terms(self) -> ApprovalTerms:
        """Which edits somebody must approve."""
        return terms_of(self.approvals, self.approval, self.own_flows)

    @property
    def own_flows(self) -> tuple[Flow, ...]:
        """The flows that come with what the team does."""
        return (self.customer_mail.flow(self.workbook.locale),) if self.customer_mail.enabled else ()


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in the file `path`, overridden by the environment.

    Relative paths, that of an SQLite state too, are taken from the folder of the config.

    Raises:
        ConfigError: with every mistake found, one line each.
    """
    tree = read_tree(path, environment)
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        raise ConfigError((*problems(error, Settings, path.name), *_mistakes(tree, path.name))) from None
    wrong = (*_unknown_names(settings, path.name), *_mistakes(tree, path.name))
    wrong += taking_in_mistakes(settings.intake, settings.form, set(settings.workbook.tabs), path.name)
    if settings.views.encrypt and settings.sealed.key is None:
        wrong += tuple(placed(path.name, "", [("views.encrypt", line("mistake.views.encrypt"))]))
    places = settings.workbook.path, settings.workbook.spreadsheet
    wrong += customer_mail_mistakes(settings.customer_mail, settings.workbook.tabs, settings.mail.inbox.host, path.name)
    wrong += google_mistakes(settings.google, places, settings.views.spreadsheets, settings.mirror, path.name)
    if wrong:
        raise ConfigError(wrong)
    requests = bool(settings.own_flows or settings.approval) or proposes(settings.policy)
    tabs = with_matters(settings.workbook.tabs, requests=requests, views=settings.views.enabled)
    settings = settings.model_copy(update={"workbook": settings.workbook.model_copy(update={"tabs": tabs})})
    return _anchored(settings, path.resolve().parent)


def _anchored(section: _SectionT, folder: Path) -> _SectionT:
    changed: dict[str, object] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Path):
            changed[name] = folder / value.expanduser()
        elif isinstance(value, Section):
            changed[name] = _anchored(value, folder)
        elif isinstance(value, tuple) and any(isinstance(each, Section) for each in value):
            changed[name] = tuple(_anchored(each, folder) for each in value)
        elif name == "url" and isinstance(value, str):
            changed[name] = _anchored_url(value, folder)
    return section.model_copy(update=changed)


def _anchored_url(url: str, folder: Path) -> str:
    """`sqlite:///state.db` with its file beside the config; any other URL as it is."""
    name = url.removeprefix("sqlite:///")
    if name == url or name in {"", ":memory:"}:
        return url
    return f"sqlite:///{(folder / name).as_posix()}"


def _mistakes(tree: Tree, file: str) -> tuple[str, ...]:
    """What is wrong with those fields, rules, permissions and approvals that can be read, whatever else is."""
    if not any(tree.get(name) for name in ("field", "rule", "grant", "deny", "declassify", "approval", "approvals")):
        return ()
    from crm_sheets.config_mistakes import Mistakes

    grants = _readable(tree.get("grant"), GrantSettings)
    found = Mistakes(
        file,
        _readable(tree.get("field"), FieldSettings),
        _readable(tree.get("rule"), RuleSettings),
        [role for _, grant in grants for role in grant.role],
        _tabs_in(tree),
    )
    rights = _wrong_rights(tree, file, grants, found.tabs)
    flows, given = _readable(tree.get("approval"), ApprovalSettings), tree.get("approvals") or {}
    approvals = next((each for _, each in _readable([given], ApprovalsSettings)), ApprovalsSettings())
    return (*found.lines(), *rights, *approval_mistakes(flows, approvals, found.tabs, found.used, found.roles, file))


def _wrong_rights(
    tree: Tree, file: str, grants: list[tuple[int, GrantSettings]], tabs: Mapping[TabKey, Tab]
) -> tuple[str, ...]:
    denies = _readable(tree.get("deny"), DenySettings)
    opened = _readable(tree.get("declassify"), DeclassifySettings)
    if not grants and not denies and not opened:
        return ()
    from crm_sheets.config_rights_mistakes import RightsMistakes

    return RightsMistakes(file, grants, denies, opened, tabs, _tabs_in(tree)).lines()


def _tabs_in(tree: Tree) -> tuple[str, ...]:
    """The tabs that the team uses, as far as the config can be read."""
    workbook = tree.get("workbook")
    given = workbook.get("tabs") if isinstance(workbook, Mapping) else None
    default: tuple[str, ...] = WorkbookSettings.model_fields["tabs"].default
    return tuple(map(str, given)) if isinstance(given, list) else default


def _readable(given: object, section: type[_SectionT]) -> list[tuple[int, _SectionT]]:
    found = []
    for number, table in enumerate(given if isinstance(given, list) else (), 1):
        with suppress(ValidationError):
            found.append((number, section.model_validate(table)))
    return found


def _unknown_names(settings: Settings, file: str) -> tuple[str, ...]:
    from crm_sheets.schema import TABS

    columns = {str(tab.key): {str(column) for column in tab.columns} for tab in TABS}
    for field in settings.field:
        columns.get(field.tab, set()).add(field.key)
    lines: list[Said] = [
        ("workbook.tabs", line("mistake.tab", given=name, near=near(name, columns, len(columns))))
        for name in settings.workbook.tabs
        if name not in columns
    ]
    robots = [robot.name for robot in settings.robots]
    twice = [name for name in sorted(set(robots)) if robots.count(name) > 1]
    lines += [("robots", line("mistake.robots.twice", given=name)) for name in twice]
    if settings.views.enabled:
        unread = [robot.name for robot in settings.robots if not robot.reader]
        lines += [("robots", line("mistake.robots.reader", given=name)) for name in unread]
    if "targets" in settings.workbook.tabs and "performance" not in settings.workbook.tabs:
        lines.append(("workbook.tabs", line("mistake.tabs.targets")))
    if settings.calendar.country not in {"", "CN"}:  # looking takes long, and CN is known
        from crm_sheets.public_holidays import is_known

        if not is_known(settings.calendar.country):
            lines.append(("calendar.country", line("mistake.calendar.country", given=settings.calendar.country)))
    if settings.summaries.show is not None:
        from crm_sheets.rules.summaries import SUMMARIES

        keys = [rule.key for rule in SUMMARIES]
        shown = [name for name in settings.summaries.show if name not in keys]
        lines += [
            ("summaries.show", line("mistake.summary", given=name, near=near(name, keys, len(keys)))) for name in shown
        ]
    named = [("duplicates.merge", "customers", tuple(settings.duplicates.merge.columns))]
    for key, tab, names in named:
        if tab != "*" and tab not in columns:
            lines.append((f"{key}.tab", line("mistake.tab", given=tab, near=near(tab, columns, len(columns)))))
            continue
        known = columns[tab] if tab != "*" else set[str]().union(*columns.values())
        lines += [
            (f"{key}.columns", line("mistake.column", tab=tab, given=name, near=near(name, sorted(known))))
            for name in names
            if name not in known | {"*"}
        ]
    return tuple(placed(file, "", lines))
