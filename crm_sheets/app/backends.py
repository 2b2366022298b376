"""Which back end a workbook is opened with: by where it is, a file or a Google spreadsheet."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING

from crm_sheets.config import Settings
from crm_sheets.config_google import address_of
from crm_sheets.errors import ConfigError, UsageError
from crm_sheets.language import Language
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.schema.base import Tab
from crm_sheets.sync.backends.base import Backend
from crm_sheets.sync.backends.copies import CopyShelf, NoCopies
from crm_sheets.sync.backends.xlsx.backend import XlsxBackend, XlsxSettings
from crm_sheets.sync.backends.xlsx.copy_shelf import FolderShelf
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.store.vault import Vault
from crm_sheets.tables import ReplicaKey

if TYPE_CHECKING:  # gspread and requests are imported when a spreadsheet is opened: a cycle over a file must start fast
    from crm_sheets.sync.backends.google.backend import GoogleBackend
    from crm_sheets.sync.backends.google.connect import Account


@dataclass
class Backends:
    """Opens workbooks. All spreadsheets are asked through one account, whose calls a minute they share.

    Attributes:
        remember: what was read, because one cycle follows another.
        vault: encrypts backups; None keeps them as they are.
    """

    settings: Settings
    state: SqlState
    words: Language
    remember: bool = False
    vault: Vault | None = None

    def open(
        self,
        tabs: tuple[Tab, ...],
        place: tuple[Path | None, str | None],
        backups: Path,
        replica: ReplicaKey,
    ) -> Backend:
        """The back end of a workbook: of the file where there is one."""
        path, spreadsheet = place
        if path is None:
            return self.google(spreadsheet or "", tabs, replica)
        return self.file(path, tabs, backups)

    def file(self, path: Path, tabs: tuple[Tab, ...], backups: Path) -> XlsxBackend:
        """That of a file."""
        told = self.settings
        return XlsxBackend(
            path,
            XlsxSettings(
                tabs=tabs,
                words=self.words,
                backups=backups,
                keep_count=told.backups.keep_count,
                keep_days=told.backups.keep_days,
                quiet=told.workbook.quiet,
                protect=told.workbook.protect,
                remember=self.remember,
                conceal=None if self.vault is None else self.vault.conceal,
            ),
        )

    def shelf(self, backend: Backend, conflicts: Path) -> CopyShelf:
        """Where conflict copies of a workbook lie; a spreadsheet has none."""
        if not isinstance(backend, XlsxBackend):
            return NoCopies()
        quiet = self.settings.workbook.quiet.total_seconds()
        return FolderShelf(backend.path, conflicts, quiet, conceal=backend.settings.conceal)

    # -- Google --------------------------------------------------------------------------------------------------------

    def google(self, spreadsheet: str, tabs: tuple[Tab, ...], replica: ReplicaKey) -> "GoogleBackend":
        """That of a spreadsheet."""
        from time import monotonic

        from crm_sheets.app.furnished import dictionary_rows
        from crm_sheets.sync.backends.google.backend import GoogleBackend, GoogleSettings
        from crm_sheets.sync.backends.google.native.own_tabs import NativeTabs
        from crm_sheets.sync.backends.google.spreadsheet import Spreadsheet

        words, zone, state = self.words, self.settings.workbook.zone, self.state
        own = NativeTabs(tabs, words, own_titles(words), lambda offered: dictionary_rows(offered, words, zone))
        told = GoogleSettings(monotonic, token_bytes, own, lambda: state.confirmed_generation(replica))
        return GoogleBackend(Spreadsheet(lambda: self.account, spreadsheet, address_of(spreadsheet)), told)

    @cached_property
    def account(self) -> "Account":
        """The account of [google].

        Raises:
            ConfigError: the config names no credentials, or they are none.
            ServiceUnavailable: they cannot be used.
        """
        import json
        from random import random
        from time import monotonic, sleep

        from crm_sheets.sync.backends.google.budget import Budget
        from crm_sheets.sync.backends.google.connect import connect
        from crm_sheets.sync.backends.google.http import Terms

        told = self.settings.google
        if told.credentials is None:
            raise ConfigError(("google.credentials: missing; docs/google.md says where to get them",))
        try:
            info = json.loads(told.credentials.reveal().get_secret_value())
        except ValueError as error:
            raise ConfigError(
                (f"google.credentials: not the JSON of a key file ({error}); docs/google.md says where to get it",)
            ) from None
        if not isinstance(info, dict):
            raise ConfigError(("google.credentials: not a key file; docs/google.md says where to get it",))
        terms = Terms(monotonic, sleep, random, patience=told.patience.total_seconds(), base=told.url)
        budget = Budget(monotonic, sleep, reads=told.reads_per_minute, writes=told.writes_per_minute)
        return connect(info, terms, budget, person=told.signed_in_as)


def file_of(backend: Backend) -> XlsxBackend:
    """A back end that is known to be of a file."""
    if not isinstance(backend, XlsxBackend):
        raise UsageError(f"{backend.name} is no file")
    return backend


def own_titles(words: Language) -> frozenset[str]:
    """Titles of the tabs that only we write and never read: summaries, the change log."""
    return frozenset({words.text("tab.change_log"), *(words.text(f"tab.summary_{rule.key}") for rule in SUMMARIES)})


def spreadsheet_of(backend: Backend) -> "GoogleBackend":
    """A back end that is known to be of a spreadsheet."""
    from crm_sheets.sync.backends.google.backend import GoogleBackend

    if not isinstance(backend, GoogleBackend):
        raise UsageError(f"{backend.name} is no Google spreadsheet")
    return backend
