"""A team's workspace put together: its state, its workbook, the cycle over both."""

import gc
import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from getpass import getuser
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from crm_sheets import __version__
from crm_sheets.app.backends import Backends
from crm_sheets.app.beside import beside_of
from crm_sheets.app.files import file_facts
from crm_sheets.app.policies import calendar_of, codec_of, customer_mail_terms, levels_of, rules_wanted, threshold_of
from crm_sheets.app.vaults import is_sealed_over, sealed_over, vault_of
from crm_sheets.config import Settings
from crm_sheets.draft import Draft
from crm_sheets.errors import ServiceError, UsageError, WorkbookBusy
from crm_sheets.language import Language
from crm_sheets.permissions import SHARED_ROLE
from crm_sheets.rules import DEFAULT_RULES
from crm_sheets.rules.base import TabRules
from crm_sheets.rules.calendar_days import own_days
from crm_sheets.rules.duplicates.keys import VERSION as KEYS_VERSION
from crm_sheets.rules.reads import own_reads
from crm_sheets.rules.summaries import SUMMARIES
from crm_sheets.rules.team_rules import with_own_rules
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries, dictionaries_of
from crm_sheets.schema.team import TeamSchema
from crm_sheets.sync.backends.base import Backend
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.round import Round, RoundResult
from crm_sheets.sync.setup import Setup, Wish, shared_replica
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.store.vault import Vault
from crm_sheets.tables import ColumnKey, TabKey

if TYPE_CHECKING:
    from crm_sheets.app.gallery import Gallery

DICTIONARIES, CALENDAR = TabKey("dictionaries"), TabKey("calendar")

LOCK_SECONDS = 60.0
"""How long a command waits for a cycle that another process is in."""

NEW_OBJECTS = 100_000
"""How many objects a cycle makes before Python looks for circles among them."""


@dataclass
class Workspace:
    """What a command works with.

    Attributes:
        round: the cycle, and those of the views that it concerns.
        folder: where what belongs to the state is kept: locks and the status file.
        vault: keeps the texts of sealed columns; None for a team without a key.
        gallery: the workbooks of people; None where they have none.
    """

    settings: Settings
    team: TeamSchema
    state: SqlState
    backend: Backend
    cycle: Cycle
    round: Round
    folder: Path
    vault: Vault | None = None
    gallery: "Gallery | None" = None

    @property
    def words(self) -> Language:
        """The words of the workbook, those of the team among them."""
        return self.team.language

    @property
    def tabs(self) -> Mapping[TabKey, Tab]:
        """The tabs that the team uses."""
        return self.team.tabs

    @property
    def status_file(self) -> Path:
        """Where the daemon tells how it fares."""
        return self.folder / "status.json"

    def dictionaries(self) -> Dictionaries:
        """The drop-downs as of the last cycle; those of a new book before the first."""
        default = self.team.default_dictionaries()
        if DICTIONARIES not in self.tabs:
            return default
        draft = self.draft()
        rows = [row for key in draft.keys(DICTIONARIES) if (row := draft.row(DICTIONARIES, key)) is not None]
        return dictionaries_of(rows, default.own) if rows else default

    def own_days(self) -> Mapping[date, bool]:
        """The days of the calendar tab as of the last cycle, and whether they are worked."""
        draft = self.draft()
        keys = draft.keys(CALENDAR) if CALENDAR in self.tabs else []
        rows = [row for key in keys if (row := draft.row(CALENDAR, key)) is not None]
        return own_days(rows, self.dictionaries())

    def draft(self) -> Draft:
        """The records as they are, to be looked at."""
        return Draft(self.state, self.tabs)

    def people(self) -> list[str]:
        """Names of the active people, ordered."""
        records = (record.values for record in self.state.all_records(TabKey("people")).values())
        active = (values for values in records if values.get(ColumnKey("active")) is not False)
        return sorted({str(values[ColumnKey("name")]) for values in active if values.get(ColumnKey("name"))})

    def run(self, wish: Wish) -> RoundResult:
        """One round, alone: no two processes are ever in a cycle of one workbook.

        Raises:
            WorkbookBusy: another process is in a cycle that does not end.
        """
        with alone(self.folder, self.settings.workbook.place), _seldom_collecting():
            return self.round.run(wish)

    def catch_up(self, now: datetime, *, dry_run: bool) -> None:
        """Takes in what people typed since the last cycle: what is planned by the records is planned by what stands in
        the workbooks. Who only wants to see a plan sees that of the records: nothing is taken in for it.

        Raises:
            WorkbookError, ServiceError: as a cycle.
        """
        if not dry_run:
            self.run(Wish(now))


@contextmanager
def alone(folder: Path, workbook: Path | str) -> Iterator[None]:
    """No other process is in a cycle meanwhile; `folder` is that of the state.

    Raises:
        WorkbookBusy: another process is in a cycle that does not end.
    """
    lock = FileLock(folder / "cycle.lock", timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout:
        raise WorkbookBusy(f"{workbook}: another crm-sheets is busy with it; try again when it is done").told(
            "error.busy.cycle", path=workbook
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """A cycle makes hundreds of thousands of values that refer to no one: looking for circles among them again and
    again takes up to a fifth of its time."""
    before = gc.get_threshold()
    gc.set_threshold(NEW_OBJECTS, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def opened(
    settings: Settings,
    checkpoint: Callable[[str], None] = lambda step: None,
    random: Callable[[int], bytes] = secrets.token_bytes,
    *,
    remember: bool = False,
) -> Iterator[Workspace]:
    """The workspace of a config, its connections given back at the end.

    Args:
        settings: of the team.
        checkpoint: called after each durable step of a cycle; for fault injection.
        random: gives bytes for new ids.
        remember: what was read, because one cycle follows another.
    """
    team = settings.team
    folder = state_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    with _store(settings, team, remember=remember) as state:
        vault = state.keeper = vault_of(settings, state)
        setup = replace(setup_of(settings, team), checkpoint=checkpoint, random=random)
        setup = replace(setup, codec=replace(setup.codec, sealer=vault, shown=settings.sealed.show))
        if vault is not None and not is_sealed_over(state):
            with alone(folder, settings.workbook.place):
                sealed_over(settings, state, vault, setup.codec)
        backends = Backends(settings, state, team.language, remember, vault)
        told = settings.workbook
        backend = backends.open(
            tuple(team.tabs.values()), (told.path, told.spreadsheet), settings.backups.folder, setup.replica.key
        )
        setup = replace(setup, copies=backends.shelf(backend, settings.backups.conflicts))
        gallery, beside, setup = beside_of(settings, team, state, setup, backends, backend)
        cycle = Cycle(state, backend, setup)
        round_ = Round(state, cycle, beside)
        workspace = Workspace(settings, team, state, backend, cycle, round_, folder, vault, gallery)
        if settings.form:
            from crm_sheets.app.forms import FormsOfWorkspace

            cycle.setup = replace(cycle.setup, forms=FormsOfWorkspace(workspace))
        yield workspace


def author(command: str = "crm-sheets") -> str:
    """Whom the journal puts a command down to."""
    try:
        return f"{command} ({getuser()})"
    except (OSError, KeyError):  # no user database, as in a bare container
        return command


@contextmanager
def _store(settings: Settings, team: TeamSchema, *, remember: bool) -> Iterator[SqlState]:
    """The state store; what its database says when it fails, now or later, becomes an error of ours.

    Raises:
        ServiceError: it cannot be opened, read or written.
        UsageError: the config names none.
    """
    try:
        state = SqlState(settings.state.database_url(), team.known, remember=remember)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise UsageError(f"state.url: {error}; for PostgreSQL: pip install 'crm-sheets[postgres]'").told(
            "error.state.url", said=error
        ) from error
    try:
        yield state
    except SQLAlchemyError as error:
        said = error.orig if isinstance(error, DBAPIError) else error
        raise ServiceError(
            f"the state store failed: {said}; what was not finished is taken up by the next cycle. "
            "Make room on its disk, or check [state] url"
        ).told("error.state.failed", said=said) from error
    finally:
        state.close()


def setup_of(settings: Settings, team: TeamSchema) -> Setup:
    """What the config says about cycles."""
    tabs, words = team.tabs, team.language
    # A tab left out needs no summary.
    of_tabs = (rule for rule in SUMMARIES if rule.reads.keys() & tabs.keys() and rule.needs <= tabs.keys())
    return Setup(
        tabs=tabs,
        rules={
            each.tab: with_own_rules(rules_wanted(each.rules, settings), tabs[each.tab], team.conditions)
            for each in (*DEFAULT_RULES, *without_rules(tabs))
            if each.tab in tabs
        },
        summaries=tuple(rule for rule in of_tabs if settings.summaries.shows(rule.key)),
        language=words,
        zone=settings.workbook.zone,
        replica=replace(shared_replica(settings.policy, tabs), log=settings.history.terms(SHARED_ROLE)),
        limits=settings.sync.limits,
        codec=codec_of(settings, words),
        random=secrets.token_bytes,
        threshold=threshold_of(settings),
        merge_rules=settings.duplicates.merge.rules,
        rules_version=rules_version(settings),
        calendar=calendar_of(settings),
        files=file_facts(settings),
        levels=levels_of(settings),
        peace=settings.reminders.peace_terms,
        dictionaries=team.default_dictionaries(),
        approvals=settings.approval_terms,
        lookups=settings.lookups.terms,
        mail_look=customer_mail_terms(settings).look if settings.customer_mail.enabled else "",
        own_reads=own_reads(team.conditions, tabs, words) if team.conditions else {},
    )


def without_rules(tabs: Mapping[TabKey, Tab]) -> tuple[TabRules, ...]:
    """The tabs that have no line in DEFAULT_RULES: what their columns ask for is what is checked."""
    listed = {each.tab for each in DEFAULT_RULES}
    return tuple(TabRules(key, ()) for key in tabs if key not in listed)


def rules_version(settings: Settings) -> str:
    """Another text whenever rows may mean something else: after an update, after a change of the config."""
    beside = (
        "backups",
        "state",
        "sync",
        "mail",
        "templates",
        "summaries",
        "log",
        "intake",
        "form",
        "views",
        "history",
        "lookups",
        "reports",
        "google",
        "mirror",
    )
    relevant = settings.model_dump_json(exclude={**dict.fromkeys(beside, True), "workbook": {"path", "spreadsheet"}})
    relevant += _holidays()  # which learns of new years
    if settings.customer_mail.enabled:
        relevant += customer_mail_terms(settings).look
    return f"{__version__}:{KEYS_VERSION}:{hashlib.blake2b(relevant.encode('utf-8'), digest_size=8).hexdigest()}"


@cache
def _holidays() -> str:
    """The version of the calendar of public holidays; to look it up takes longer than the rest of the text."""
    return version("holidays")


def state_folder(settings: Settings) -> Path:
    """Beside an SQLite state, otherwise beside the backups: a place of ours that is not the file share."""
    url = settings.state.database_url()
    file = url.removeprefix("sqlite:///")
    return Path(file).parent if file != url and file else settings.backups.folder.parent
