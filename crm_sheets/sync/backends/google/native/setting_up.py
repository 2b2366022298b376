"""Everything that a spreadsheet needs to be a workbook of ours, as one batch: asked again, nothing is lacking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_sheets.language import Language
from crm_sheets.rules.summaries.base import Summary
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.sync.backends.google.native.colours import colours
from crm_sheets.sync.backends.google.native.drop_downs import drop_downs, list_ranges, name_ranges
from crm_sheets.sync.backends.google.native.lists import list_requests, new_lists
from crm_sheets.sync.backends.google.native.looks import dimension
from crm_sheets.sync.backends.google.native.placed import PlacedTab, Rows, new_columns, new_tab
from crm_sheets.sync.backends.google.native.protection import Guarding, protection, sealed_sheet
from crm_sheets.sync.backends.google.native.shapes import Request
from crm_sheets.sync.backends.google.native.summaries import sheet_for, summary_requests
from crm_sheets.sync.backends.google.native.there import BookThere, SheetThere
from crm_sheets.sync.backends.xlsx.adopt import Placed
from crm_sheets.sync.backends.xlsx.create import ADMINISTRATION
from crm_sheets.sync.backends.xlsx.lists import SHEET, list_keys, list_places, lists_content
from crm_sheets.tables import ColumnKey, Sheet, TabKey


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a spreadsheet is to have.

    Attributes:
        tabs: of the book; those that it lacks are added, in this order, administration behind the summaries.
        dictionaries, people: what the drop-downs offer in a spreadsheet that has none yet.
        columns: to be added to tabs that are there.
        rows: what new tabs hold, as rendered by the codecs.
        summaries: those whose tab is to be added.
        guarding: who may edit what; None leaves the protection as it is.
        ours: titles of further tabs that only we write: the change log, service tabs.
        only: tabs to be added; None for all that are lacking.
    """

    tabs: Sequence[Tab]
    words: Language
    dictionaries: Dictionaries
    people: Sequence[str] = ()
    columns: Mapping[TabKey, Sequence[ColumnKey]] = field(default_factory=dict)
    rows: Mapping[TabKey, Rows] = field(default_factory=dict)
    summaries: Sequence[Summary] = ()
    guarding: Guarding | None = None
    ours: Sequence[str] = ()
    only: Sequence[TabKey] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What stands in the spreadsheet.

    Attributes:
        layouts: where its tabs are.
        used: the last column of each sheet in which anything stands, by title.
        lists: what `_lists` holds; None when there is no such tab.
    """

    book: BookThere
    layouts: Mapping[TabKey, Placed] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    lists: Sheet | None = None


def set_up(known: Known, wanted: Wanted) -> list[Request]:
    """What is lacking, as the requests of one batch."""
    book, words = known.book, wanted.words
    taken = set(book.sheet_ids)
    placed, requests = _tabs(known, wanted, taken)
    lists, places, made = _lists(known, wanted, taken)
    requests += made
    for tab in placed:
        requests += _hidden(tab)
        requests += drop_downs(tab, list_ranges(places), name_ranges(placed), words)
        requests += colours(tab, words, book.locale)
        if wanted.guarding is not None:
            requests += protection(tab, wanted.guarding, words)
    return requests if wanted.guarding is None else requests + _closed(known, wanted, wanted.guarding, lists)


def _closed(known: Known, wanted: Wanted, guarding: Guarding, lists: SheetThere) -> list[Request]:
    """The protection of tabs that only we write."""
    book, words = known.book, wanted.words
    requests: list[Request] = []
    summaries = [book.sheets.get(each.title) or sheet_for(each, words, book.sheet_ids) for each in wanted.summaries]
    ours = [book.sheets[title] for title in wanted.ours if title in book.sheets]
    for sheet in {each.id: each for each in (lists, *summaries, *ours)}.values():
        requests += sealed_sheet(sheet, guarding, words)
    return requests


def _tabs(known: Known, wanted: Wanted, taken: set[int]) -> tuple[list[PlacedTab], list[Request]]:
    """The tabs as they will be; adds those that are lacking, the columns of the others, and the summaries."""
    placed: list[PlacedTab] = []
    requests: list[Request] = []
    late: list[Request] = []
    for tab in wanted.tabs:
        layout = known.layouts.get(tab.key)
        if layout is not None:
            there = PlacedTab(tab, known.book.sheets[layout.sheet], layout.header_row, dict(layout.columns))
            added = [key for key in wanted.columns.get(tab.key, ()) if key not in there.columns]
            last = max([known.used.get(layout.sheet, 0), *there.columns.values()])
            requests += new_columns(there, added, last, wanted.words)
            placed.append(there.with_columns(added, last) if added else there)
        elif wanted.only is None or tab.key in wanted.only:
            made, new = new_tab(tab, wanted.words, wanted.rows.get(tab.key, ()), taken)
            (late if tab.key in ADMINISTRATION else requests).extend(new)
            placed.append(made)
    for summary in wanted.summaries:
        if summary.title not in known.book.sheets:
            requests += summary_requests(summary, wanted.words, None, known.book.sheet_ids, known.book.chart_ids)
    return placed, requests + late


def _lists(known: Known, wanted: Wanted, taken: set[int]) -> tuple[SheetThere, dict[str, int], list[Request]]:
    """`_lists` with the place of each list in it; lists that came later get a column behind the last."""
    there, keys = known.book.sheets.get(SHEET), list_keys(wanted.tabs)
    content = lists_content(wanted.tabs, wanted.dictionaries, wanted.people)
    if there is None:
        sheet, made = new_lists(content, taken)
        return sheet, {key: place for place, key in enumerate(keys, 1)}, made
    held = known.lists or Sheet(SHEET, ())
    places = list_places(held, keys)
    headed = {str(cell) for row in held.rows if row.number == 1 for cell in row.cells if cell is not None}
    fresh = [place for place, key in enumerate(keys) if key not in headed]
    more = tuple(tuple(row[place] for place in fresh) for row in content) if fresh else ()
    return there, places, list_requests(there, held, more) if fresh else []


def _hidden(placed: PlacedTab) -> list[Request]:
    """Columns that nobody needs to see are hidden, where somebody showed them again, too."""
    found: list[Request] = []
    for key, place in placed.columns.items():
        told = placed.sheet.widths.get(place)
        if placed.tab.columns[key].hidden and told is not None and not told.hidden:
            found.append(dimension(placed.sheet.id, "COLUMNS", place, place, {"hiddenByUser": True}))
    return found


def without_sheet(known: Known, title: str) -> Known:
    """The same but for one tab: the empty one that every new spreadsheet has."""
    left = {name: sheet for name, sheet in known.book.sheets.items() if name != title}
    return replace(known, book=replace(known.book, sheets=left))
