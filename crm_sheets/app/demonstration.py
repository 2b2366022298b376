"""`demo`: a made-up team's workspace, two cycles over it with staff edits in between, mails into a local sink."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from crm_sheets import clock, reports
from crm_sheets.app.backends import file_of
from crm_sheets.app.cycles import empty_summaries, run_cycle
from crm_sheets.app.demo_past import earlier_moves, insights_are_due, plant_past
from crm_sheets.app.mail import mail_round
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.cells import CellValue
from crm_sheets.config import load
from crm_sheets.demo.campaigns import with_library
from crm_sheets.demo.edits import StaffEdit, staff_edits
from crm_sheets.demo.generator import DemoBook, Planted, generate
from crm_sheets.demo.incoming import write_incoming
from crm_sheets.demo.policy import policy
from crm_sheets.demo.services import COUNTRIES
from crm_sheets.demo.words.model import words_of
from crm_sheets.errors import UsageError
from crm_sheets.language import Language, language
from crm_sheets.reading import cut_tab
from crm_sheets.reports import Progress, silent
from crm_sheets.schema.book import TABS
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.layout import find_tabs
from crm_sheets.sync.backends.xlsx import patch_workbook, read_workbook
from crm_sheets.sync.notifiers.sink import MailSink
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import SHARED, RowKey, Snapshot, TabKey

if TYPE_CHECKING:
    from crm_sheets.sync.backends.xlsx.create import Rows

ZONES = {"zh-CN": "Asia/Shanghai", "en": "Europe/London"}
FIRST_SHEET_ROW = 2


MADE_UP = "# A made-up team."
"""How the config of a demo begins."""


def demo(
    folder: Path,
    *,
    seed: int,
    locale: str,
    again: bool = False,
    google: bool = False,
    views: bool = True,
    progress: Progress = silent,
) -> reports.DemoReport:
    """Makes a workspace with a made-up team and plays two cycles with staff edits in between.

    Args:
        folder: where.
        seed: another one makes another team.
        locale: of the workbook.
        google: in a spreadsheet of the emulator instead of a file.
        views: four people have workbooks of their own; not in a spreadsheet of the emulator.
        again: puts the folder of an earlier demo aside, under the name that it has and `.old`.
        progress: is told of each act.

    Raises:
        UsageError: the folder holds something already, or the emulator is not installed.
    """
    if folder.exists() and any(folder.iterdir()):
        put_aside(folder, language(locale), again=again)
    folder.mkdir(parents=True, exist_ok=True)
    now, zone, words = clock.now(), ZoneInfo(ZONES[locale]), language(locale)
    with ExitStack() as stack:
        hands: Hands = FileHands(folder / words.text("demo.workbook"))
        place, more = f'path = "{words.text("demo.workbook")}"', ""
        if google:
            from crm_sheets.app.online_demo import emulated

            hands, place, more = stack.enter_context(emulated(folder, words))
        elif views:
            more = policy(words)
        sink = stack.enter_context(MailSink(folder / "mails"))
        config = _write_config(folder, locale, zone, words, sink.port, place, more)
        with opened(load(config)) as workspace:
            return _Play(workspace, folder, generate(seed, now, zone, locale), now, progress, sink, hands).run(
                staff_edits(generate(seed, now, zone, locale), seed, now, zone, locale)
            )


def put_aside(folder: Path, words: Language, *, again: bool) -> None:
    """Makes room for another demo; the one before the last goes.

    Raises:
        UsageError: the folder is no demo's, or it was not asked for.
    """
    if not _is_a_demo(folder):
        raise UsageError(words.text("demo.not_empty", folder=folder))
    if not again:
        raise UsageError(words.text("demo.made_before", folder=folder))
    old = folder.with_name(f"{folder.name}.old")
    if old.exists() and not _is_a_demo(old):
        raise UsageError(words.text("demo.not_empty", folder=old))
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)


def _is_a_demo(folder: Path) -> bool:
    config = folder / "config.toml"
    return config.is_file() and config.read_text(encoding="utf-8").startswith(MADE_UP)


class Hands(Protocol):
    """What a demo asks of where its workbook is."""

    @property
    def place(self) -> str:
        """The file to open first."""

    @property
    def told(self) -> str:
        """The key of what is said of that file."""

    def make(self, workspace: Workspace, dictionaries: Dictionaries, rows: "Mapping[TabKey, Rows]") -> None:
        """Makes the workbook with its rows."""

    def type(self, cells: Mapping[str, Mapping[tuple[int, int], CellValue]]) -> None:
        """Types into cells, 1-based (row, column), by sheet."""

    def leave(self, workspace: Workspace) -> None:
        """The demo is over."""


@dataclass(frozen=True, slots=True)
class FileHands:
    """The hands of the staff, in a spreadsheet program that opens the file."""

    path: Path
    told: str = "demo.open.workbook"

    @property
    def place(self) -> str:
        """See Hands."""
        return str(self.path)

    def make(self, workspace: Workspace, dictionaries: Dictionaries, rows: "Mapping[TabKey, Rows]") -> None:
        """See Hands."""
        file_of(workspace.backend).create(dictionaries, summaries=empty_summaries(workspace), rows=rows)

    def type(self, cells: Mapping[str, Mapping[tuple[int, int], CellValue]]) -> None:
        """See Hands."""
        aside = self.path.with_suffix(".tmp")
        patch_workbook(self.path, aside, cells)
        aside.replace(self.path)

    def leave(self, workspace: Workspace) -> None:
        """See Hands."""


class _Play:
    """The acts of the demo."""

    def __init__(
        self,
        workspace: Workspace,
        folder: Path,
        book: DemoBook,
        now: datetime,
        progress: Progress,
        sink: MailSink,
        hands: Hands,
    ) -> None:
        self.workspace, self.folder, self.book, self.now = workspace, folder, book, now
        self.progress, self.sink, self.words = progress, sink, workspace.words
        self.hands = hands

    def run(self, edits: tuple[StaffEdit, ...]) -> reports.DemoReport:
        """All acts, in order."""
        say = self.words.text
        self.progress(say("demo.act.first"), 0, 3)
        dictionaries = with_library(self.workspace.dictionaries(), words_of(self.words.locale))
        self.hands.make(self.workspace, dictionaries, self.book.tabs)
        first = run_cycle(self.workspace, Wish(self.now - timedelta(minutes=2)))
        keys = self._keys()
        plant_past(self.workspace, self.now)
        insights_are_due(self.workspace)
        mail_round(self.workspace, self.now - timedelta(minutes=2))
        self.progress(say("demo.act.edits"), 1, 3)
        self._edit(edits, keys)
        self.progress(say("demo.act.second"), 2, 3)
        second = run_cycle(self.workspace, Wish(self.now, commands=earlier_moves(self.workspace)))
        mail_round(self.workspace, self.now)
        self.progress(say("demo.act.second"), 3, 3)
        self.hands.leave(self.workspace)
        write_incoming(self.folder / say("demo.incoming.folder"), self.words)
        return reports.DemoReport(
            folder=self.folder,
            planted=self._planted(first, keys),
            acts=((say("demo.act.first"), first), (say("demo.act.second"), second)),
            mails=tuple(_subject(path) for path in self.sink.files),
            open_first={
                self.hands.place: say(self.hands.told),
                str(self.folder / "mails"): say("demo.open.mails"),
                str(self.folder / say("demo.incoming.folder")): say("demo.open.incoming"),
                **self._views(),
                str(self.folder / "config.toml"): say("demo.open.config"),
            },
        )

    def _views(self) -> dict[str, str]:
        """Where the workbooks of people lie, with whose they are."""
        settings = self.workspace.settings.views
        found = sorted(settings.folder.glob("*/*.xlsx")) if settings.enabled else []
        return {str(path): self.words.text("demo.open.view", who=path.stem) for path in found}

    # -- the first act -------------------------------------------------------------------------------------------------

    def _keys(self) -> dict[tuple[TabKey, int], RowKey]:
        """The key of each made-up row: the sheet still has them in the order in which they were made."""
        keys: dict[tuple[TabKey, int], RowKey] = {}
        snapshot, state = self.workspace.backend.read({}), self.workspace.state
        tabs = self.workspace.tabs
        for tab, layout in find_tabs(snapshot.sheets, tabs.values(), words_of=self.words).layouts.items():
            known = state.known_rows(SHARED, tab, state.confirmed_generation(SHARED)).by_witness
            rows = cut_tab(tabs[tab], layout, snapshot.sheets[layout.sheet].rows).rows
            keys.update({(tab, row.number - FIRST_SHEET_ROW): known[row.witness].key for row in rows})
        return keys

    def _planted(
        self, first: reports.CycleReport, keys: Mapping[tuple[TabKey, int], RowKey]
    ) -> dict[str, tuple[int, int]]:
        """Kinds of planted faults: how many, and how many of them the first cycle found."""
        found = {(issue.tab, issue.row, issue.column, issue.code) for issue in first.issues}
        counts: dict[str, tuple[int, int]] = {}
        for fault in self.book.planted:
            name = self.words.text(f"demo.fault.{fault.kind}")
            hit = _is_found(fault, keys.get((fault.tab, fault.row)), found)
            planted, seen = counts.get(name, (0, 0))
            counts[name] = (planted + 1, seen + hit)
        pairs = {frozenset((pair.one, pair.other)) for pair in first.duplicates}
        customers = TabKey("customers")
        told = [frozenset(keys.get((customers, place), "") for place in pair) for pair in self.book.duplicates]
        counts[self.words.text("demo.fault.duplicate")] = (len(told), sum(pair in pairs for pair in told))
        return counts

    # -- the second act ------------------------------------------------------------------------------------------------

    def _edit(self, edits: tuple[StaffEdit, ...], keys: Mapping[tuple[TabKey, int], RowKey]) -> None:
        """Types what staff type: in the team's workbook where the rows stand, in a person's where their numbers do."""
        self.hands.type(self._typed([edit for edit in edits if not edit.who], self.workspace.backend.read({}), {}))
        for path in map(Path, self._views()):
            own = [edit for edit in edits if edit.who and path.stem.startswith(edit.who)]
            if own:
                FileHands(path).type(self._typed(own, read_workbook(path), keys))

    def _typed(
        self, edits: Sequence[StaffEdit], snapshot: Snapshot, keys: Mapping[tuple[TabKey, int], RowKey]
    ) -> dict[str, dict[tuple[int, int], CellValue]]:
        """The cells of a workbook into which something is typed, by sheet."""
        cells: dict[str, dict[tuple[int, int], CellValue]] = {}
        for edit in edits:
            tab = self.workspace.tabs[edit.tab]
            layout = find_tabs(snapshot.sheets, [tab], words_of=self.words).layouts[edit.tab]
            typed = cells.setdefault(layout.sheet, {})
            rows = snapshot.sheets[layout.sheet].rows
            if edit.row is None:
                row = max([rows[-1].number, *(number for number, _ in typed)]) + 1
            elif keys:
                found = cut_tab(tab, layout, rows).rows
                row = next(each.number for each in found if each.shown == keys[edit.tab, edit.row])
            else:
                row = edit.row + FIRST_SHEET_ROW
            self.progress(self.words.text(f"demo.edit.{edit.what}"), 1, 3)
            for column, value in (dict.fromkeys(layout.columns) if edit.deletes else edit.cells).items():
                typed[row, layout.columns[column]] = value
        return cells


def _is_found(fault: Planted, key: RowKey | None, found: set[tuple[str | None, str | None, str | None, str]]) -> bool:
    return any(
        (tab, row) == (fault.tab, key) and column in {fault.column, None} and fnmatchcase(code, fault.code)
        for tab, row, column, code in found
    )


def _subject(path: Path) -> str:
    return str(message_from_bytes(path.read_bytes(), policy=modern)["Subject"])


def _write_config(folder: Path, locale: str, zone: ZoneInfo, words: Language, port: int, place: str, more: str) -> Path:
    config = folder / "config.toml"
    tabs = ", ".join(f'"{tab.key}"' for tab in TABS)
    config.write_text(
        f"""{MADE_UP} All options: config.example.toml

[workbook]
{place}
locale = "{locale}"
zone = "{zone.key}"
quiet = "0s"
tabs = [{tabs}]

[calendar]
country = "{COUNTRIES[locale]}"

[care]
enabled = true

[summaries]
insights = true

[intake]
folder = "{words.text("demo.intake")}"

[mail]
# `crm-sheets demo` received the mails itself; to get your own, name your server here.
host = "127.0.0.1"
port = {port}
security = "none"
sender = "{words.text("demo.sender")} <crm@example.com>"

[customer_mail]
# A campaign has a mail that waits for the lead's approval; nothing goes before that.
enabled = true
sender = "{words.text("demo.sender")} <news@example.com>"
unsubscribe_url = "https://example.com/unsubscribe?m={{token}}"
{more}""",
        encoding="utf-8",
    )
    return config
