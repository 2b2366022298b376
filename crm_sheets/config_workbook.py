"""The workbook and what is kept about it: [workbook], [backups], [state], [sync], [summaries] and [log]."""

from datetime import timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from crm_sheets.change_log import LogTerms
from crm_sheets.config_google import SpreadsheetId, address_of
from crm_sheets.config_secrets import SecretReference
from crm_sheets.config_section import Duration, Section
from crm_sheets.guards import Limits


class WorkbookSettings(Section):
    """[workbook]: a file, a Google spreadsheet, or both, which then show the same."""

    path: Path | None = None
    spreadsheet: SpreadsheetId | None = None
    locale: Literal["zh-CN", "en"] = "zh-CN"
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    tabs: tuple[str, ...] = ("customers", "follow_ups", "opportunities", "feedback", "people", "dictionaries")
    quiet: Duration = timedelta(seconds=3)
    protect: Literal["none", "system"] = "none"

    @property
    def place(self) -> Path | str:
        """Where the team's workbook is: a file, or the address of a spreadsheet."""
        return self.path or address_of(self.spreadsheet or "")


class ViewSettings(Section):
    """[views]: a workbook for each person, with what that person may see."""

    enabled: bool = False
    folder: Path = Path("views")
    spreadsheets: dict[str, SpreadsheetId] = Field(default_factory=dict)
    summaries: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    encrypt: bool | tuple[str, ...] = False
    password_length: int = Field(default=8, ge=6, le=64)


class BackupSettings(Section):
    """[backups]."""

    folder: Path = Path("backups")
    keep_count: int = Field(default=50, ge=1)
    keep_days: int = Field(default=30, ge=1)

    @property
    def conflicts(self) -> Path:
        """Where conflict copies go that were taken in; they are kept until somebody removes them."""
        return self.folder / "conflicts"


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


class SummarySettings(Section):
    """[summaries]; `show` is None for all of them but 汇总_洞察, which `insights` adds."""

    enabled: bool = True
    show: tuple[str, ...] | None = None
    insights: bool = False

    def shows(self, key: str) -> bool:
        """Whether a summary is wanted."""
        if self.show is not None and key in self.show:
            return self.enabled
        return self.enabled and (self.insights if key == "insights" else self.show is None)


class ReportSettings(Section):
    """[reports]: the weekly report of leads; `folder` is None where none is kept, `keep_weeks` 0 where all stay."""

    weekly: bool = True
    pdf: bool = True
    pictures: int = Field(default=6, ge=0, le=12)
    folder: Path | None = Path("reports")
    keep_weeks: int = Field(default=53, ge=0, le=1_000)


class HistorySettings(Section):
    """[history]: the tab 修改日志, in the workbooks of those who may see it."""

    show: bool = True
    roles: tuple[str, ...] = ("admin",)
    days: int = Field(default=30, ge=1)
    most: int = Field(default=2_000, ge=1, le=100_000)

    def terms(self, role: str) -> LogTerms | None:
        """How far back the log of somebody in this role goes; None for none."""
        return LogTerms(self.days, self.most) if self.show and role in self.roles else None


class LogSettings(Section):
    """[log]."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: Path | None = None
