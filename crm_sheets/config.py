"""The settings of one team: what `config.toml` may say, each option with its type and default.

`load` is the only way in; it finds all mistakes at once. Every option is explained in config.example.toml.
"""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import time, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator

from crm_sheets.config_fields import FieldSettings, RuleSettings, denies_of, team_of
from crm_sheets.config_section import Duration, Section
from crm_sheets.config_source import FromEnvironment, Tree, problems, read_tree
from crm_sheets.config_taking_in import AttachmentSettings, FormSettings, IntakeSettings, taking_in_mistakes
from crm_sheets.errors import ConfigError
from crm_sheets.guards import Limits
from crm_sheets.merging import MergeRules, Take
from crm_sheets.permissions import OPEN, Deny, Grant, Level, Policy
from crm_sheets.rules.naming import CUSTOMERS
from crm_sheets.rules.pool import POOL_COLUMNS, PoolTerms
from crm_sheets.rules.service_levels import NEAR
from crm_sheets.rules.workdays import OFFICE_HOURS, Span
from crm_sheets.schema.team import TeamSchema
from crm_sheets.tables import ColumnKey

_HOURS = re.compile(r"(\d{1,2}):([0-5]\d)\s*[-–—~]\s*(\d{1,2}):([0-5]\d)")


def _secret(given: object) -> object:
    if isinstance(given, FromEnvironment):
        return {"env": given.variable}
    if isinstance(given, str):
        raise ValueError(
            'a secret never stands in the config; write { env = "NAME" }, { file = "PATH" } or { keyring = "NAME" }'
        )
    return given


def _clock_time(given: object) -> object:
    if isinstance(given, str) and not re.fullmatch(r"\d{1,2}:\d{2}", given):
        raise ValueError('write a time of day such as "08:30"')
    return given.rjust(5, "0") if isinstance(given, str) else given


def _working_hours(given: object) -> object:
    if not isinstance(given, list | tuple) or not all(isinstance(span, str) for span in given):
        return given
    spans = [_HOURS.fullmatch(span.strip()) for span in given]
    clocks = [tuple(map(int, span.groups())) for span in spans if span]
    times = [timedelta(hours=hour, minutes=minute) for a, b, c, d in clocks for hour, minute in ((a, b), (c, d))]
    in_order = all(one < other for one, other in pairwise(times)) and times[-1:] <= [timedelta(days=1)]
    if not times or len(clocks) < len(given) or not in_order:
        raise ValueError('write the hours of a working day in order, such as ["09:00-12:00", "13:30-18:00"]')
    return tuple(zip(times[::2], times[1::2], strict=True))


ClockTime: TypeAlias = Annotated[time, BeforeValidator(_clock_time)]
Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WorkingHours: TypeAlias = Annotated[tuple[Span, ...], BeforeValidator(_working_hours)]
LevelName: TypeAlias = Literal["hidden", "read", "propose", "edit"]
PhoneKind: TypeAlias = Literal["mobile", "landline", "service", "foreign"]


_SectionT = TypeVar("_SectionT", bound=Section)


class Secret(Section):
    """Where a secret is kept; the config itself holds none."""

    env: str | None = None
    file: Path | None = None
    keyring: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(place is not None for place in (self.env, self.file, self.keyring)) != 1:
            raise ValueError("name exactly one of env, file, keyring")
        return self

    def reveal(self) -> SecretStr:
        """The secret itself, looked up now.

        Raises:
            ConfigError: the variable is not set, the file cannot be read, the keyring has no such entry.
        """
        if self.env is not None:
            found = os.environ.get(self.env)
            if found is None:
                raise ConfigError(
                    (f"the environment variable {self.env} is not set; the config takes a secret from it",)
                )
            return SecretStr(found)
        if self.file is not None:
            try:
                return SecretStr(self.file.read_text(encoding="utf-8").rstrip("\r\n"))
            except OSError as error:
                raise ConfigError((f"{self.file}: {error.strerror}; the config takes a secret from it",)) from error
        return _from_keyring(self.keyring or "")


def _from_keyring(name: str) -> SecretStr:
    try:
        import keyring  # an optional package, and slow to import
    except ImportError:
        raise ConfigError(('{ keyring = … } needs the package keyring: pip install "keyring"',)) from None
    found = keyring.get_password("crm-sheets", name)
    if found is None:
        raise ConfigError((f"the keyring has no entry {name!r} for crm-sheets: keyring set crm-sheets {name}",))
    return SecretStr(found)


SecretReference: TypeAlias = Annotated[Secret, BeforeValidator(_secret)]


class WorkbookSettings(Section):
    """[workbook]."""

    path: Path
    locale: Literal["zh-CN", "en"] = "zh-CN"
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    tabs: tuple[str, ...] = ("customers", "follow_ups", "opportunities", "feedback", "people", "dictionaries")
    quiet: Duration = timedelta(seconds=3)
    protect: Literal["none", "system"] = "none"


class BackupSettings(Section):
    """[backups]."""

    folder: Path = Path("backups")
    keep_count: int = Field(default=50, ge=1)
    keep_days: int = Field(default=30, ge=1)


class StateSettings(Section):
    """[state]."""

    url: str | SecretReference = "sqlite:///state.db"

    def database_url(self) -> str:
        """The SQLAlchemy URL, with the secret filled in where the config only names one.

        Raises:
            ConfigError: the secret cannot be found.
        """
        return self.url if isinstance(self.url, str) else self.url.reveal().get_secret_value()


class MaxDelete(Section):
    """[sync.max_delete]: more rows gone than the larger of the two holds the tab."""

    rows: int = Field(default=3, ge=0)
    fraction: float = Field(default=0.2, ge=0, le=1)


class MaxChange(Section):
    """[sync.max_change]: a column of which more than both changed at once holds the tab."""

    cells: int = Field(default=50, ge=1)
    fraction: float = Field(default=0.3, ge=0, le=1)


class SyncSettings(Section):
    """[sync]."""

    interval: Duration = timedelta(seconds=30)
    max_delete: MaxDelete
    max_change: MaxChange

    @property
    def limits(self) -> Limits:
        """The brakes as the merge takes them."""
        return Limits(self.max_delete.rows, self.max_delete.fraction, self.max_change.fraction, self.max_change.cells)


class CalendarSettings(Section):
    """[calendar]: when the team works."""

    country: str = Field(default="CN", pattern="^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$")
    weekdays: tuple[Weekday, ...] = Field(default=WEEKDAYS[:5], min_length=1)
    hours: WorkingHours = OFFICE_HOURS


class ServiceSettings(Section):
    """[service]."""

    near: Decimal = Field(default=NEAR, ge=0, lt=1)


class CareSettings(Section):
    """[care]: follow-ups that appear by themselves."""

    enabled: bool = False
    birthdays: bool = True
    occasions: bool = True
    revisits: bool = True
    days_before: int = Field(default=3, ge=0, le=60)


class PhoneSettings(Section):
    """[phones]."""

    kinds: tuple[PhoneKind, ...] = Field(default=("mobile", "landline", "service", "foreign"), min_length=1)
    region: str = Field(default="CN", pattern="^[A-Z]{2}$")


class MergeSettings(Section):
    """[duplicates.merge]: which of two values stays; `columns` by key."""

    default: Literal["not_empty", "newest", "longest", "join"] | None = None
    columns: Mapping[str, Literal["not_empty", "newest", "longest", "join"]] = Field(default_factory=dict)

    @property
    def rules(self) -> MergeRules:
        """As the merge takes them."""
        named = {ColumnKey(column): Take(take) for column, take in self.columns.items()}
        return MergeRules(Take(self.default) if self.default else None, named)


class DuplicateSettings(Section):
    """[duplicates]."""

    enabled: bool = True
    threshold: float | None = Field(default=None, ge=0, le=1)
    merge: MergeSettings


class PoolSettings(Section):
    """[pool]: customers that nobody deals with go back to all."""

    enabled: bool = False
    after: Duration = timedelta(days=30)
    warn: Duration = timedelta(days=3)
    cool_down: Duration = timedelta(days=7)
    capacity: int | None = Field(default=None, ge=1)

    @property
    def terms(self) -> PoolTerms:
        """As the rule takes them."""
        return PoolTerms(self.after, self.warn, self.cool_down, self.capacity)


class StatusSettings(Section):
    """[status]: when a customer counts as dormant."""

    dormant_after: Duration = timedelta(days=180)
    dormant: Literal["flag", "move"] = "flag"

    @model_validator(mode="after")
    def _whole_days(self) -> Self:
        if self.dormant_after % timedelta(days=1):
            raise ValueError('dormant_after is counted in days: write "180d", or "0d" for never')
        return self


class LevelSettings(Section):
    """[levels]: how customers are given their level."""

    method: Literal["thresholds", "rfm", "none"] = "thresholds"
    by: Literal["deals", "orders"] = "deals"
    period: Duration = timedelta(days=365)
    match: Literal["all", "any"] = "all"

    @model_validator(mode="after")
    def _whole_days(self) -> Self:
        if self.period < timedelta(days=1) or self.period % timedelta(days=1):
            raise ValueError('period is counted in days, at least one: write "365d"')
        return self


class GrantSettings(Section):
    """[[grant]]: what a role may do with the columns and rows of a tab."""

    role: str
    tab: str
    columns: Mapping[str, LevelName]
    create: bool = False
    delete: bool = False


class DenySettings(Section):
    """[[deny]]: a cap over every grant that matches it."""

    role: str
    tab: str
    columns: tuple[str, ...] = ("*",)
    cap: LevelName = "read"
    reason: str = ""


class DigestSettings(Section):
    """[reminders.digest]."""

    enabled: bool = True
    at: ClockTime = time(8, 30)
    weekdays: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


class ReminderSettings(Section):
    """[reminders]."""

    enabled: bool = True
    overdue_after: Duration = timedelta(days=1)
    payments_before: Duration = timedelta(days=3)
    contracts_before: Duration = timedelta(days=30)
    on_unknown: Literal["hold", "resend"] = "hold"
    digest: DigestSettings


class MailSettings(Section):
    """[mail]; without a host nothing is sent and reminders wait in the outbox."""

    host: str | None = None
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretReference | None = None
    sender: str | None = None
    reply_to: str | None = None
    administrators: tuple[str, ...] = ()
    ca_file: Path | None = None
    timeout: Duration = timedelta(seconds=20)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.host is not None and self.sender is None:
            raise ValueError('sender is missing: sender = "CRM <crm@example.com>"')
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together: give both or neither")
        return self


class TemplateSettings(Section):
    """[templates]."""

    folder: Path | None = None


class SummarySettings(Section):
    """[summaries]; `show` is None for all of them."""

    enabled: bool = True
    show: tuple[str, ...] | None = None


class LogSettings(Section):
    """[log]."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: Path | None = None


class Settings(Section):
    """Everything that config.toml may say. Paths are absolute after `load`."""

    workbook: WorkbookSettings
    backups: BackupSettings
    state: StateSettings
    sync: SyncSettings
    calendar: CalendarSettings
    service: ServiceSettings
    care: CareSettings
    phones: PhoneSettings
    duplicates: DuplicateSettings
    pool: PoolSettings
    status: StatusSettings
    levels: LevelSettings
    reminders: ReminderSettings
    mail: MailSettings
    templates: TemplateSettings
    summaries: SummarySettings
    log: LogSettings
    intake: IntakeSettings
    attachments: AttachmentSettings
    form: tuple[FormSettings, ...] = ()
    grant: tuple[GrantSettings, ...] = ()
    deny: tuple[DenySettings, ...] = ()
    field: tuple[FieldSettings, ...] = ()
    rule: tuple[RuleSettings, ...] = ()

    @property
    def team(self) -> TeamSchema:
        """The team's book: its tabs with the fields that it added."""
        left_out = {} if self.pool.enabled else {CUSTOMERS: POOL_COLUMNS}
        return team_of(self.workbook.locale, self.workbook.tabs, self.field, self.rule, left_out)

    @property
    def policy(self) -> Policy:
        """The grants and denies; without any grant the shared workbook is open to whoever can open the file."""
        grants = tuple(
            Grant(
                g.role, g.tab, {column: Level[name.upper()] for column, name in g.columns.items()}, g.create, g.delete
            )
            for g in self.grant
        )
        denies = tuple(Deny(d.role, d.tab, frozenset(d.columns), Level[d.cap.upper()], d.reason) for d in self.deny)
        return Policy(grants or OPEN.grants, (*denies, *denies_of(self.field, self.workbook.locale)))


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
    if wrong:
        raise ConfigError(wrong)
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
    """What is wrong with those fields and rules that can be read, whatever else is."""
    if not tree.get("field") and not tree.get("rule"):
        return ()
    from crm_sheets.config_mistakes import Mistakes

    grants = _readable(tree.get("grant"), GrantSettings)
    found = Mistakes(
        file,
        _readable(tree.get("field"), FieldSettings),
        _readable(tree.get("rule"), RuleSettings),
        [grant.role for _, grant in grants],
        _tabs_in(tree),
    )
    return found.lines()


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
    lines = [
        f"{file}: workbook.tabs: no tab {name!r}; there are {', '.join(columns)}"
        for name in settings.workbook.tabs
        if name not in columns
    ]
    if "targets" in settings.workbook.tabs and "performance" not in settings.workbook.tabs:
        lines.append(f'{file}: workbook.tabs: "targets" are measured by "performance": add it, or leave both out')
    if settings.calendar.country not in {"", "CN"}:  # looking takes long, and CN is known
        from crm_sheets.public_holidays import is_known

        if not is_known(settings.calendar.country):
            lines.append(
                f"{file}: calendar.country: no holidays are known for {settings.calendar.country!r}; "
                'give a country and region such as "CN" or "DE-BY", or "" for none'
            )
    if settings.summaries.show is not None:
        from crm_sheets.rules.summaries import SUMMARIES

        keys = [rule.key for rule in SUMMARIES]
        shown = [name for name in settings.summaries.show if name not in keys]
        lines += [f"{file}: summaries.show: no summary {name!r}; there are {', '.join(keys)}" for name in shown]
    named = [(f"grant[{n}]", grant.tab, tuple(grant.columns)) for n, grant in enumerate(settings.grant, 1)]
    named += [(f"deny[{n}]", deny.tab, deny.columns) for n, deny in enumerate(settings.deny, 1)]
    named.append(("duplicates.merge", "customers", tuple(settings.duplicates.merge.columns)))
    for key, tab, names in named:
        if tab != "*" and tab not in columns:
            lines.append(f"{file}: {key}.tab: no tab {tab!r}; there are {', '.join(columns)}")
            continue
        known = columns[tab] if tab != "*" else set[str]().union(*columns.values())
        lines += [f"{file}: {key}.columns: {tab} has no column {name!r}" for name in names if name not in known | {"*"}]
    return tuple(lines)
