"""A trial of the config: people made up for it, one of each role, work for a moment in a temporary folder.

Each has a workbook, types once where they may, once where they may only propose, once where they may only read; the
requests are decided; the mails go to a sink on this machine. The team's own workbook, state and mail server are left
alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from crm_sheets.app.backends import file_of
from crm_sheets.app.gallery import Gallery
from crm_sheets.app.mail import mail_round
from crm_sheets.app.rights_words import AccessWords
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.approvals import ADMIN, HEAD_ROLE, Decision, Proposal, Verb
from crm_sheets.approving import open_requests
from crm_sheets.cells import CellValue
from crm_sheets.config import Settings
from crm_sheets.config_rights import GrantSettings
from crm_sheets.draft import Draft
from crm_sheets.organisation import Person
from crm_sheets.permissions import ANY, SHARED_ROLE, Level
from crm_sheets.schema.base import Column, Kind, Tab, values_of
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.schema.layout import find_tabs
from crm_sheets.state import RowId
from crm_sheets.sync.backends.xlsx import patch_workbook, read_workbook
from crm_sheets.sync.notifiers.sink import MailSink
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from crm_sheets.views import PersonEyes, Reader

OWNER, CUSTOMER = ColumnKey("owner"), ColumnKey("customer")
TRIED: Final = tuple(
    map(TabKey, ("customers", "follow_ups", "opportunities", "feedback", "services", "orders", "contracts"))
)
"""Tabs in which everybody has one row."""

PLAIN: Final = frozenset({Kind.TEXT, Kind.LONG_TEXT})
LEVELS: Final = (Level.EDIT, Level.PROPOSE, Level.READ)
LEADING: Final = (ADMIN, HEAD_ROLE)
PLANTING: Final = {"role": SHARED_ROLE, "tab": ANY, "columns": {ANY: "edit"}, "create": "all"}
"""The rows of the trial are put into its shared workbook, whatever people may do in that of the team."""

DOMAIN: Final = "example.com"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial showed: what was done, by role; what did not come out as the config has it; mails by subject."""

    lines: tuple[str, ...]
    faults: tuple[str, ...]
    mails: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Typed:
    """What somebody typed into a cell, and what they may do there."""

    reader: Reader
    row: RowId
    column: ColumnKey
    level: Level
    text: str


def try_out(settings: Settings, dictionaries: Dictionaries, people: Sequence[Person], now: datetime) -> Tried:
    """Tries the config with made-up people.

    Args:
        settings: of the team.
        dictionaries: its drop-downs.
        people: those who are made up.
        now: when.
    """
    with TemporaryDirectory(prefix="crm-sheets-launch-") as temporary, MailSink(Path(temporary) / "mails") as sink:
        folder = Path(temporary)
        with opened(apart(settings, folder, sink.port)) as workspace:
            return _Trial(workspace, folder, now).run(dictionaries, people)


def apart(settings: Settings, folder: Path, port: int) -> Settings:
    """The same settings, for a workbook of its own in a folder, whose mails go to a port of this machine."""

    def changed(name: str, **values: object) -> object:
        return getattr(settings, name).model_copy(update=values)

    return settings.model_copy(
        update={
            "workbook": changed("workbook", path=folder / "trial.xlsx", spreadsheet=None, quiet=timedelta()),
            "views": changed("views", folder=folder / "views", spreadsheets={}, people=(), encrypt=False, summaries=()),
            "state": changed("state", url=f"sqlite:///{(folder / 'trial.db').as_posix()}"),
            "backups": changed("backups", folder=folder / "backups"),
            "mail": changed(
                "mail", host=MailSink.host, port=port, security="none", user=None, password=None, administrators=(),
                sender=settings.mail.sender or f"crm@{DOMAIN}",
            ),
            "summaries": changed("summaries", enabled=False),
            "reports": changed("reports", weekly=False),
            "intake": changed("intake", folder=None),
            "log": changed("log", file=None),
            "sealed": changed("sealed", key=None, old_keys=()),
            "grant": (*settings.grant, GrantSettings.model_validate(PLANTING)),
            "mirror": (),
            "robots": (),
            "form": (),
        }
    )  # fmt: skip


@dataclass
class _Trial:
    """One trial."""

    workspace: Workspace
    folder: Path
    now: datetime
    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def run(self, dictionaries: Dictionaries, people: Sequence[Person]) -> Tried:
        """All acts, in order."""
        file_of(self.workspace.backend).create(dictionaries, rows=self._rows(people, dictionaries))
        self._round()
        readers = self._readers()
        typed = list(self._type(readers))
        self._round()
        requests = self._judge(typed)
        for proposal in requests:
            self._decide(proposal)
        mail_round(self.workspace, self.now)
        return Tried(tuple(self.lines), tuple(self.faults), self._mails())

    def say(self, key: str, **told: str | int) -> str:
        """Words of the team."""
        return self.workspace.words.text(key, **told)

    def _round(self, *decisions: Decision) -> None:
        self.now += timedelta(seconds=30)
        self.workspace.run(Wish(self.now, decisions=decisions))

    def _readers(self) -> list[Reader]:
        views = self.workspace.round.views
        return list(views.with_files().values()) if isinstance(views, Gallery) else []

    # -- the book ------------------------------------------------------------------------------------------------------

    def _rows(
        self, people: Sequence[Person], dictionaries: Dictionaries
    ) -> dict[TabKey, list[dict[ColumnKey, CellValue]]]:
        """The people, and one row of each of them in each tab in which rows have owners."""
        roles = {entry.code: entry.value for entry in dictionaries.entries.get("role", ()) if entry.code}
        rows: dict[TabKey, list[dict[ColumnKey, CellValue]]] = {TabKey("people"): []}
        for number, person in enumerate(people, 1):
            cells = {
                "id": person.id, "name": person.name, "department": person.department, "group": person.group,
                "role": roles.get(person.role, person.role), "manager": person.manager, "email": person.email,
            }  # fmt: skip
            rows[TabKey("people")].append({ColumnKey(key): value for key, value in cells.items() if value})
            for tab in (self.workspace.tabs[key] for key in TRIED if key in self.workspace.tabs):
                rows.setdefault(tab.key, []).append(self._row(tab, person, number))
        return rows

    def _row(self, tab: Tab, person: Person, number: int) -> dict[ColumnKey, CellValue]:
        name = self.say("launch.customer", number=number)
        cells: dict[ColumnKey, CellValue] = {}
        if tab.record.name_column is not None:
            cells[tab.record.name_column] = name
        cells |= {CUSTOMER: name} if CUSTOMER in tab.columns else {}
        cells |= {OWNER: person.name} if OWNER in tab.columns and not tab.columns[OWNER].system else {}
        return cells

    # -- typing --------------------------------------------------------------------------------------------------------

    def _type(self, readers: Iterable[Reader]) -> Iterator[_Typed]:
        """Everybody types once for each level; no two people into one cell."""
        taken: set[tuple[RowId, ColumnKey]] = set()
        draft = self.workspace.draft()
        for reader in readers:
            chosen: list[_Typed] = []
            for level in LEVELS:
                found = next((each for each in self._cells(reader, draft, level) if each not in taken), None)
                if found is not None:
                    taken.add(found)
                    chosen.append(_Typed(reader, *found, level, f"TEST {len(taken)}"))
            self._put(reader, chosen)
            yield from chosen

    def _cells(self, reader: Reader, draft: Draft, level: Level) -> Iterator[tuple[RowId, ColumnKey]]:
        """Cells of a view for text that a person may do no more and no less with, their own rows first."""
        eyes = PersonEyes(reader, draft)
        for key in TRIED:
            if key not in reader.tabs:
                continue
            rows = sorted(draft.every(key), key=lambda row: values_of(row.record).get(OWNER) != reader.person.name)
            for row in rows:
                rights = eyes.rights(key, values_of(row.record))
                for column in reader.tabs[key].columns.values():
                    if rights.visible and is_plain(column, reader.tabs[key]) and rights.level(column.key) is level:
                        yield (key, row.key), column.key

    def _put(self, reader: Reader, typed: Sequence[_Typed]) -> None:
        path = self._path(reader)
        snapshot = read_workbook(path)
        layouts = find_tabs(snapshot.sheets, tuple(reader.tabs.values()), words_of=self.workspace.words).layouts
        edits: dict[str, dict[tuple[int, int], CellValue]] = {}
        for each in typed:
            layout = layouts[each.row[0]]
            numbers = layout.columns[ColumnKey("id")]
            sheet = snapshot.sheets[layout.sheet]
            place = next(
                row.number for row in sheet.rows if len(row.cells) >= numbers and row.cells[numbers - 1] == each.row[1]
            )
            edits.setdefault(layout.sheet, {})[place, layout.columns[each.column]] = each.text
        if edits:
            aside = path.with_suffix(".typed")
            patch_workbook(path, aside, edits)
            aside.replace(path)

    def _path(self, reader: Reader) -> Path:
        return self.workspace.settings.views.folder / str(self.workspace.state.note(f"view-file@{reader.replica}"))

    # -- judging -------------------------------------------------------------------------------------------------------

    def _judge(self, typed: Sequence[_Typed]) -> list[Proposal]:
        """Says what became of what each person typed; the requests that were made of it."""
        requests = {(each.tab, each.row, each.column): each for each in open_requests(self.workspace.state).values()}
        by_reader: dict[str, list[str]] = {}
        for each in typed:
            request = requests.get((*each.row, each.column))
            outcome = self._outcome(each, request)
            cell = f"{self._label(each.row[0])}.{self._label(each.row[0], each.column)}"
            line = self.say(f"launch.tried.{outcome}", cell=cell)
            by_reader.setdefault(each.reader.person.name, []).append(line)
            expected = {Level.EDIT: {"taken", "asked"}, Level.PROPOSE: {"asked"}, Level.READ: {"put_back"}}
            if outcome not in expected[each.level]:
                self.faults.append(f"{each.reader.person.name}: {line}")
        separator = self.say("list.and")
        self.lines += [f"{name}: {separator.join(said)}" for name, said in by_reader.items()]
        return list(requests.values())

    def _outcome(self, typed: _Typed, request: Proposal | None) -> str:
        record = self.workspace.state.records(typed.row[0], [typed.row[1]]).get(typed.row[1])
        if record is not None and record.values.get(typed.column) == typed.text:
            return "taken"
        return "put_back" if request is None else "asked"

    def _decide(self, proposal: Proposal) -> None:
        """Whoever is asked agrees, level by level, until the change is made."""
        cell = f"{self._label(proposal.tab)}.{self._label(proposal.tab, proposal.column)}"
        for _ in proposal.flow.steps:
            now = open_requests(self.workspace.state).get(proposal.key)
            if now is None:
                break
            approvers = sorted(now.waiting)
            if not approvers:
                self.faults.append(self.say("launch.tried.nobody", cell=cell))
                return
            for approver in approvers:
                self._round(Decision(proposal.key, self._called(approver), Verb.APPROVE, "", "TEST"))
        done = proposal.key not in open_requests(self.workspace.state)
        said = self.say("launch.tried.approved" if done else "launch.tried.not_approved", cell=cell)
        (self.lines if done else self.faults).append(said)

    def _called(self, person: str) -> str:
        record = self.workspace.state.records(TabKey("people"), [RowKey(person)]).get(RowKey(person))
        return str(record.values.get(ColumnKey("id")) or "") if record is not None else person

    def _label(self, tab: TabKey, column: ColumnKey | None = None) -> str:
        words = self.workspace.words
        return tab_label(tab, words) if column is None else column_label(tab, column, words)

    def _mails(self) -> Mapping[str, int]:
        files = (self.folder / "mails").glob("*.eml")
        return Counter(str(message_from_bytes(each.read_bytes(), policy=modern)["Subject"]) for each in files)


def is_plain(column: Column, tab: Tab) -> bool:
    """Whether any text may stand in a column that people fill in."""
    named = column.key == tab.record.name_column
    bound = column.dictionary or column.unique or column.sealed or column.example or column.asks or column.folds
    return column.kind in PLAIN and not (column.system or named or bound)


def made_up_people(roles: Iterable[str], like: Mapping[str, Person], words: AccessWords) -> list[Person]:
    """One person for each role, in the department of somebody who has it; the head of a department leads the others.

    Args:
        roles: codes.
        like: a person of the team for each role that somebody has.
        words: how roles are called.
    """
    made: list[Person] = []
    for number, role in enumerate(sorted(roles, key=lambda role: (role not in LEADING, role)), 1):
        unit = words.words.text("launch.department")
        made.append(
            replace(
                like.get(role) or Person("", "", role, department=unit),
                id=f"TEST{number:02}",
                name=words.words.text("launch.person", role=words.role(role)),
                manager=next((each.name for each in made if each.role in LEADING), ""),
                email=f"test{number:02}@{DOMAIN}",
                active=True,
            )
        )
    return made
