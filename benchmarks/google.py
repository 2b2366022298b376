"""People and a program in one Google spreadsheet at the same time: ours, gspread, pygsheets and gspread-pandas.

They do the same work on the double of Google, in as many random interleavings as asked for. Half of what people do they
do between the program's reading and its first write, the rest before calls chosen at random: they edit, insert, delete,
sort, move and copy rows, put in and move columns. It is counted in how many interleavings a value of the program ends
where it was not meant to stand, and in how many something that people typed is gone; of the others more leniently than
of ours, since one of them writes whole tables. `python -m benchmarks.google [--interleavings N] [--programs ours …]`
"""

import argparse
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter

from benchmarks.targets import Target, write_targets
from crm_sheets.google_emulator.calls import Answer, Call, json_answer
from tests.backends.google.interleavings import KEY, NAME, SHEET, People, Work, some_work
from tests.backends.google.programs import do
from tests.backends.google.rooms import Room, google


class MyDrive:
    """Answers for the folder that gspread-pandas asks for and the double of Google has not."""

    def before(self, call: Call) -> Answer | None:
        return json_answer(200, {"id": "root", "name": "My Drive"}) if call.path.endswith("/files/root") else None

    def after(self, call: Call, answer: Answer) -> Answer:
        return answer


Program = Callable[[Room, Work], Counter[str]]
KINDS = ("wrong row", "human edits lost", "lost rows", "doubled", "not added", "deleted rows came back")
GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com")


class Redirected(HTTPAdapter):  # type: ignore[misc]  # requests has no types
    """Brings what is meant for Google to the emulator."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        for base in GOOGLE:
            request.url = (request.url or "").replace(base, self.url)
        return super().send(request, *args, **kwargs)


def ours(room: Room, work: Work) -> Counter[str]:
    """Our back end, as the cycle uses it."""
    backend = room.backend()
    done = do(backend, work)
    return Counter({"unfinished": int(not done), "not found again": backend.lost, "put back": backend.put_back})


def session_of(room: Room) -> Session:
    """A session as gspread makes it, that ends at the emulator."""
    session: Session = room.account.client.session
    for base in GOOGLE:
        session.mount(base, Redirected(room.emulator.url))
    return session


def by_gspread(room: Room, work: Work) -> Counter[str]:
    """Reads all, finds the rows, writes the cells in one call and appends rows."""
    import gspread
    from gspread.utils import rowcol_to_a1

    sheet = gspread.Client(None, session_of(room)).open_by_key(room.id).worksheet(SHEET)
    values = sheet.get_all_values()
    columns = {label: place for place, label in enumerate(values[0], 1)}
    by_key = {row[columns[KEY] - 1]: number for number, row in enumerate(values, 1)}
    cells = [
        {"range": rowcol_to_a1(by_key[wish.key], columns[wish.column]), "values": [[wish.new]]}
        for wish in work.wishes
        if wish.key in by_key
    ]
    if cells:
        sheet.batch_update(cells)
    for key in work.added:
        sheet.append_row(_row(columns, key))
    return Counter()


_CLIENTS: dict[str, Any] = {}


def by_pygsheets(room: Room, work: Work) -> Counter[str]:
    """The same, with its words."""
    if room.emulator.url not in _CLIENTS:  # it reads the whole discovery document each time
        credentials = room.account.client.session.credentials
        made = import_module("pygsheets").authorize(custom_credentials=credentials)
        made.sheet.service._baseUrl = room.emulator.url + "/"
        _CLIENTS[room.emulator.url] = made
    client = _CLIENTS[room.emulator.url]
    sheet = client.open_by_key(room.id).worksheet_by_title(SHEET)
    values = sheet.get_all_values(include_tailing_empty_rows=False)
    columns = {label: place for place, label in enumerate(values[0], 1) if label}
    by_key = {row[columns[KEY] - 1]: number for number, row in enumerate(values, 1)}
    for wish in work.wishes:
        if wish.key in by_key:
            sheet.update_value((by_key[wish.key], columns[wish.column]), wish.new)
    for key in work.added:
        sheet.append_table([_row(columns, key)])
    return Counter()


def by_gspread_pandas(room: Room, work: Work) -> Counter[str]:
    """A frame of the whole tab, changed and written back."""
    pandas, library = import_module("pandas"), import_module("gspread_pandas")
    session = session_of(room)
    client = library.Client(session=session, creds=session.credentials)
    spread = library.Spread(room.id, SHEET, client=client)
    frame = spread.sheet_to_df(index=0)
    for wish in work.wishes:
        frame.loc[frame[KEY] == wish.key, wish.column] = wish.new
    rows = [{KEY: key, NAME: f"d-{key}"} for key in work.added]
    frame = pandas.concat([frame, pandas.DataFrame(rows)]).fillna("") if rows else frame
    spread.df_to_sheet(frame, index=False, sheet=SHEET)
    return Counter()


def _row(columns: dict[str, int], key: str) -> list[str]:
    made = [""] * max(columns.values())
    made[columns[KEY] - 1], made[columns[NAME] - 1] = key, f"d-{key}"
    return made


PROGRAMS: dict[str, Program] = {
    "ours": ours,
    "gspread": by_gspread,
    "pygsheets": by_pygsheets,
    "gspread-pandas": by_gspread_pandas,
}


def play(room: Room, program: Program, seed: int, calls: int) -> Counter[str]:
    """One interleaving, the same for all programs: one to four things that people do."""
    random = Random(seed)
    room = room.another((SHEET,), seed)
    people = People(room, Random(seed + 1))
    people.begin(random.randint(3, 9), random.randint(0, 2))
    work = some_work(people, random, random.randint(1, 5), random.randint(0, 2))
    for _ in range(random.randint(1, 4)):
        if random.random() < 0.5:
            room.actors.waiting.append(people.act)
        else:
            room.actors.at(random.randint(1, calls), people.act)
    told = program(room, work)
    for action in [action for actions in room.actors.due.values() for action in actions]:
        action()
    account = people.account if program is ours else people.lenient_account
    return account(work) + told


def run(name: str, interleavings: int, first: int) -> tuple[Counter[str], Counter[str], float]:
    """How many interleavings went wrong, by kind; how much of each kind there was; processor seconds."""
    spoilt: Counter[str] = Counter()
    found: Counter[str] = Counter()
    start = time.process_time()
    with google((SHEET,)) as room:
        room.emulator.switches.check_answers = False
        room.emulator.interceptors.append(MyDrive())
        for seed in range(first, first + interleavings):
            try:
                one = play(room, PROGRAMS[name], seed, 6)
            except Exception as error:  # what another library raises when the ground moves under it
                if name == "ours":
                    raise
                one = Counter({f"ended with {type(error).__name__}": 1})
            spoilt += Counter(dict.fromkeys(one, 1))
            found += one
    return spoilt, found, time.process_time() - start


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interleavings", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first")
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    targets: list[Target] = []
    for name in options.programs:
        spoilt, found, seconds = run(name, options.interleavings, options.first)
        print(f"{name}: {options.interleavings} interleavings, {seconds:.0f} s of processor time")
        print(f"  interleavings with {dict(spoilt)}; in all {dict(found)}")
        for kind in KINDS:
            aim = 0.0 if name == "ours" else None
            targets.append(Target(f"{name}: {kind}", spoilt[kind], "interleavings", aim))
        if name == "ours":
            rate = (spoilt["copied while wrong"] + spoilt["not found again"]) / options.interleavings
            targets.append(Target("ours: what the journal cannot know", rate, "of all"))
    print(*targets, sep="\n")
    write_targets(options.json, targets)
    return int(not all(target.met for target in targets))


if __name__ == "__main__":
    raise SystemExit(main())
