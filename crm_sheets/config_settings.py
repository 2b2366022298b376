"""The settings of one team: what `config.toml` may say, each option with its type and default.

`config.load` is the only way in. Every option is explained in config.example.toml.
"""

from crm_sheets.approval_flows import ApprovalTerms, Flow
from crm_sheets.config_approvals import ApprovalSettings, ApprovalsSettings, deciding_denies, terms_of
from crm_sheets.config_customer_mail import CustomerMailSettings
from crm_sheets.config_customers import (
    DuplicateSettings,
    LevelSettings,
    LookupSettings,
    PhoneSettings,
    PoolSettings,
    StatusSettings,
)
from crm_sheets.config_fields import FieldSettings, RuleSettings, denies_of, team_of
from crm_sheets.config_google import OWN_MIRROR, GoogleSettings, MirrorSettings
from crm_sheets.config_mail import MailSettings, ReminderSettings, TemplateSettings
from crm_sheets.config_rights import DeclassifySettings, DenySettings, GrantSettings
from crm_sheets.config_robots import RobotSettings
from crm_sheets.config_sealed import SealedSettings
from crm_sheets.config_section import Section
from crm_sheets.config_taking_in import AttachmentSettings, FormSettings, IntakeSettings
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
from crm_sheets.permissions import OPEN, Policy
from crm_sheets.rules.customer_mail import MAIL_COLUMNS
from crm_sheets.rules.naming import CUSTOMERS
from crm_sheets.rules.pool import POOL_COLUMNS
from crm_sheets.schema.team import TeamSchema


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
