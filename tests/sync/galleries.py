"""Views in memory: a team whose people have workbooks of their own beside the shared one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crm_sheets.cells import CellValue
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.permissions import Extent, Grant, Level, Policy, Scope
from crm_sheets.plan import Plan
from crm_sheets.readership import STEERING, Readership
from crm_sheets.schema.book import tab as described
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.sync.backends.memory import Grid, MemoryBackend, MemoryFile
from crm_sheets.sync.cycle import Cycle
from crm_sheets.sync.round import OpenView, Round, RoundResult
from crm_sheets.sync.setup import ReplicaSetup, Setup, Wish
from crm_sheets.tables import ReplicaKey, TabKey
from tests.sync.desks import WORDS, ZONE, Desk

EDIT, READ, PROPOSE, HIDDEN = Level.EDIT, Level.READ, Level.PROPOSE, Level.HIDDEN
EVERYTHING = Grant("shared", "*", {"*": EDIT}, create=Extent.ALL, delete=EDIT)
COLUMNS: Mapping[str, str] = {
    "customers": "id key_ name type industry contact phone owner department private_note note created_at check",
    "follow_ups": "id key_ customer method content planned_at owner state check",
    "people": "key_ id name department group role manager email active check",
}


@dataclass
class MemoryGallery:
    """Implements sync.round.Views over files in memory."""

    setup: Setup
    readership: Readership
    desk: "TeamDesk"
    files: dict[ReplicaKey, MemoryBackend] = field(default_factory=dict)
    _open: dict[ReplicaKey, OpenView] = field(default_factory=dict)
    _looked: bool = False
    aside: list[MemoryFile] = field(default_factory=list)

    def look(self, now: datetime) -> None:
        if not self._looked:
            self._looked = True
            today = now.astimezone(ZONE).date()
            self.readership.look(Draft(self.desk.state, self.setup.tabs), today)

    def open(self, wish: Wish, done: Iterable[Plan]) -> Sequence[OpenView]:
        if any(STEERING & plan.changed.keys() for plan in done):
            self._looked = False
        self.look(wish.now)
        for key, reader in self.readership.readers.items():
            backend = self.files.setdefault(key, MemoryBackend())
            if not backend.file.sheets:
                backend.file = MemoryFile(
                    {
                        tab_label(tab, WORDS): [
                            [
                                "_key" if column == "key_" else column_label(tab, column, WORDS)
                                for column in shown.columns
                            ]
                        ]
                        for tab, shown in reader.tabs.items()
                    }
                )
            part = ReplicaSetup(
                key, reader.tabs, self.readership.own(reader), reader.person.name, True,
                self.readership.rights(key), self.others(key),
            )  # fmt: skip
            cycle = Cycle(self.desk.state, backend, replace(self.setup, replica=part))
            self._open[key] = OpenView(key, str(key), reader.person.id, cycle)
        return list(self._open.values())

    def renew(self, view: ReplicaKey) -> None:
        """What the file held is kept aside, where its reader does not look."""
        self.aside.append(self.files[view].file)
        self.files[view].file = MemoryFile()

    def others(self, beside: ReplicaKey) -> Callable[[Draft], Mapping[ReplicaKey, Eyes]]:
        views, shared = self.readership.others(beside), self.setup.replica

        def eyes(draft: Draft) -> Mapping[ReplicaKey, Eyes]:
            return views(draft) if beside == shared.key else {shared.key: shared.eyes(draft), **views(draft)}

        return eyes


@dataclass
class TeamDesk(Desk):
    """A book whose people have views."""

    columns: Mapping[str, str] = field(default_factory=lambda: dict(COLUMNS))

    def __post_init__(self) -> None:
        super().__post_init__()
        default = default_dictionaries(WORDS)
        readership = Readership(self.policy, self.tabs, default, WORDS, ZONE, "1")
        self.gallery = MemoryGallery(self.setup, readership, self)
        part = replace(self.setup.replica, others=self.gallery.others(self.setup.replica.key))
        self.cycle.setup = replace(self.setup, replica=part)
        self.round = Round(self.state, self.cycle, self.gallery)

    def person(self, number: str, name: str, role: str, **cells: str) -> None:
        given = {"department": "销售部", "email": f"{number}@example.com", "active": "是", **cells}
        self.add("people", id=number, name=name, role=role, **given)

    def go(self, *, later: timedelta = timedelta(seconds=30), **wish: bool) -> RoundResult:
        """A round."""
        self.now += later
        return self.round.run(Wish(self.now, **wish))  # type: ignore[arg-type]  # flags of Wish

    def view(self, number: str) -> MemoryBackend:
        """The workbook of a person, by 工号."""
        readers = self.gallery.readership.readers.values()
        return self.gallery.files[next(each.replica for each in readers if each.person.id == number)]

    def eyes(self, number: str) -> Eyes:
        """What a person may see, by the records as they are."""
        readers = self.gallery.readership.readers.values()
        reader = next(each for each in readers if each.person.id == number)
        return self.gallery.readership.own(reader)(Draft(self.state, self.tabs))


def columns_in(file: MemoryFile, tab: str) -> dict[str, int]:
    """Where each column of a tab stands in a file, by key: 0-based."""
    header = file.sheets[tab_label(TabKey(tab), WORDS)][0]
    labels = {
        ("_key" if key == "key_" else column_label(TabKey(tab), key, WORDS)): str(key)
        for key in described(TabKey(tab)).columns
    }
    return {labels[str(text)]: place for place, text in enumerate(header) if str(text) in labels}


def grid_of(file: MemoryFile, tab: str) -> Grid:
    """The rows of a tab in a file, its header first."""
    return file.sheets[tab_label(TabKey(tab), WORDS)]


def rows(desk: TeamDesk, number: str, tab: str, *columns: str) -> list[tuple[CellValue, ...]]:
    """The cells of a tab of somebody's view; a column that it lacks is None."""
    file = desk.view(number).file
    places = columns_in(file, tab)
    body = [row for row in grid_of(file, tab)[1:] if any(cell is not None for cell in row)]

    def cell(row: list[CellValue], column: str) -> CellValue:
        place = places.get(column, len(row))
        return row[place] if place < len(row) else None

    return [tuple(cell(row, column) for column in columns) for row in body]


def types(desk: TeamDesk, number: str, tab: str, row: int, **cells: CellValue) -> None:
    """Somebody types into a row of their view, 0-based."""
    file = desk.view(number).file
    line = grid_of(file, tab)[row + 1]
    for column, value in cells.items():
        place = columns_in(file, tab)[column]
        line.extend([None] * (place + 1 - len(line)))
        line[place] = value


def sales_team(*, nosy: bool = False) -> Policy:
    """Sellers have their own customers, the manager those of the department but for what is private.

    Args:
        nosy: sellers read the names and notes of the department's other customers, too.
    """
    own = {"*": EDIT, "contact": READ}
    grants = [
        EVERYTHING,
        Grant("sales", "customers", own, Extent.OWN, EDIT, (Scope.OWN,)),
        Grant("sales", "follow_ups", {"*": EDIT}, Extent.OWN, EDIT, (Scope.OWN, Scope.CUSTOMER)),
        Grant(
            "department_manager",
            "customers",
            {"*": EDIT, "private_note": HIDDEN},
            Extent.ALL,
            EDIT,
            (Scope.DEPARTMENT,),
        ),
    ]
    if nosy:
        grants.append(Grant("sales", "customers", {"name": READ, "note": READ}, rows=(Scope.DEPARTMENT,)))
    return Policy(tuple(grants))
