"""Where the tabs and columns of the book are in a workbook: found by name and header, never by position.

A tab whose header cannot be trusted gets no layout, and a finding says what to mend: nothing is inferred from a
column that is missing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crm_sheets.cells import column_letters, text_key
from crm_sheets.changes import Issue, Severity
from crm_sheets.language import Language, language
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.headers import SEARCHED_ROWS, HeaderRow, best_header, header_key
from crm_sheets.schema.labels import column_label, header_names, tab_label, tab_names
from crm_sheets.tables import ColumnKey, Sheet, TabKey

SIMILAR = 70
"""From this score (of 100, rapidfuzz's ratio) on a header is near enough to a missing one to be named."""

ENOUGH = 4
"""So many columns must be named before a sheet of another name is taken for a tab."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a tab is.

    Attributes:
        sheet: its name in the workbook.
        header_row: 1-based; the rows below it are the records.
        columns: 1-based place of each column of ours that the sheet has.
        last_column: the last column that has a header, of ours or the team's.
    """

    tab: TabKey
    sheet: str
    header_row: int
    columns: Mapping[ColumnKey, int]
    last_column: int


@dataclass(frozen=True, slots=True)
class FoundTabs:
    """What a workbook's sheets are.

    Attributes:
        layouts: of the tabs that were found and whose header can be trusted.
        issues: for each tab with a finding; an error means that it has no layout.
    """

    layouts: Mapping[TabKey, Layout]
    issues: Mapping[TabKey, tuple[Issue, ...]]


def find_tabs(
    sheets: Mapping[str, Sheet], tabs: Iterable[Tab], *, words_of: Language | None = None, adopting: bool = False
) -> FoundTabs:
    """Finds the tabs among the sheets: by name (label, then alias), then by headers.

    Args:
        sheets: by name, as read.
        tabs: those to look for.
        words_of: language of the labels in findings; Chinese when not given.
        adopting: the workbook is not ours yet: columns may be missing, and a tab that is not there is no finding.
    """
    wanted = {tab.key: tab for tab in tabs}
    speech = words_of or language("zh-CN")
    readable = {name: sheet for name, sheet in sheets.items() if sheet.kind == "worksheet"}
    chosen, issues = _by_name(readable, wanted, speech)
    _by_headers(readable, wanted, chosen, adopting=adopting)
    layouts: dict[TabKey, Layout] = {}
    for key, tab in wanted.items():
        if key not in chosen:
            if not adopting and key not in issues:
                issues[key] = (Issue("tab-missing", key, parameters={"expected": tab_label(key, speech)}),)
            continue
        found = find_layout(readable[chosen[key]], tab, words_of=speech, adopting=adopting)
        if found.issues:
            issues[key] = issues.get(key, ()) + found.issues
        if found.layout:
            layouts[key] = found.layout
    return FoundTabs(layouts, issues)


def _by_name(
    sheets: Mapping[str, Sheet], tabs: Mapping[TabKey, Tab], speech: Language
) -> tuple[dict[TabKey, str], dict[TabKey, tuple[Issue, ...]]]:
    """The sheet of each tab that a sheet is named after; of several, the one with the best label and header."""
    names = tab_names(tuple(tabs))
    ranks = {name: rank for rank, name in enumerate(names)}
    candidates: dict[TabKey, list[tuple[int, int, str]]] = {}
    for name, sheet in sheets.items():
        said = text_key(name)
        if said in names:
            header = best_header(tabs[names[said]], sheet)
            score = len(header.columns) if header else 0
            candidates.setdefault(names[said], []).append((-score, ranks[said], name))
    chosen: dict[TabKey, str] = {}
    issues: dict[TabKey, tuple[Issue, ...]] = {}
    for key, found in candidates.items():
        best, *others = sorted(found)
        if any(other[0] == best[0] and other[0] for other in others):
            parameters = {"expected": tab_label(key, speech), "sheets": ", ".join(sorted(name for _, _, name in found))}
            issues[key] = (Issue("tab-doubled", key, parameters=parameters),)
        else:
            chosen[key] = best[2]
    return chosen, {key: found for key, found in issues.items() if key not in chosen}


def _by_headers(
    sheets: Mapping[str, Sheet], tabs: Mapping[TabKey, Tab], chosen: dict[TabKey, str], *, adopting: bool
) -> None:
    """Adds tabs whose sheet bears another name: the best pairs of sheet and header first, each sheet once."""
    known = tab_names(tuple(tabs))
    free = {name: sheet for name, sheet in sheets.items() if text_key(name) not in known}
    pairs = []
    for place, (key, tab) in enumerate(tabs.items()):
        if key in chosen:
            continue
        for name, sheet in free.items():
            header = best_header(tab, sheet)
            if (
                header
                and len(header.columns) >= ENOUGH
                and (_told_by_name(tab, header) if adopting else not _missing(tab, header))
            ):
                pairs.append((-len(header.columns), place, name, key))
    for _, _, name, key in sorted(pairs):
        if key not in chosen and name not in chosen.values():
            chosen[key] = name


def _told_by_name(tab: Tab, header: HeaderRow) -> bool:
    """Whether a sheet of a team's own workbook has at least what its rows are told apart by."""
    name = tab.record.name_column
    if name is not None:
        return name in header.columns
    required = [key for key, column in tab.columns.items() if column.required]
    return 2 * sum(key in header.columns for key in required) >= len(required)


@dataclass(frozen=True, slots=True)
class FoundLayout:
    """A layout, and what was found on the way; None with an error."""

    layout: Layout | None
    issues: tuple[Issue, ...] = ()


def find_layout(sheet: Sheet, tab: Tab, *, words_of: Language, adopting: bool = False) -> FoundLayout:
    """Finds the header row of a tab and the places of its columns."""
    header = best_header(tab, sheet)
    if header is None:
        return FoundLayout(None, (_no_header(sheet, tab, words_of),))
    issues = [*_doubled(tab, header), *_merged(tab, header, sheet)]
    if not adopting:
        issues += _absent(tab, header, words_of)
    if any(issue.severity is Severity.ERROR for issue in issues):
        return FoundLayout(None, tuple(issues))
    return FoundLayout(
        Layout(tab.key, sheet.name, header.number, dict(header.columns), header.last_column), tuple(issues)
    )


def _no_header(sheet: Sheet, tab: Tab, words_of: Language) -> Issue:
    expected = next(key for key, column in tab.columns.items() if column.required)
    parameters = {
        "sheet": sheet.name,
        "rows": str(SEARCHED_ROWS),
        "expected": column_label(tab.key, expected, words_of),
    }
    return Issue("header-row-missing", tab.key, parameters=parameters)


def _doubled(tab: Tab, header: HeaderRow) -> Iterator[Issue]:
    for column, places in header.doubled.items():
        parameters = {
            "label": header.texts[places[0]],
            "count": str(len(places)),
            "places": ", ".join(f"{column_letters(place)}{header.number}" for place in places),
        }
        yield Issue("header-doubled", tab.key, column=column, parameters=parameters)


def _merged(tab: Tab, header: HeaderRow, sheet: Sheet) -> Iterator[Issue]:
    """Areas that take in a cell of the header row, between the first and the last header."""
    for top, left, bottom, right in sheet.merged:
        if top <= header.number <= bottom and left <= header.last_column:
            area = f"{column_letters(left)}{top}:{column_letters(right)}{bottom}"
            yield Issue("header-merged", tab.key, parameters={"area": area})


def _missing(tab: Tab, header: HeaderRow) -> list[ColumnKey]:
    """Columns without which the tab cannot be read: those that staff must fill, and a trace of the row's identity."""
    missing = [
        key for key, column in tab.columns.items() if column.required and not column.own and key not in header.columns
    ]
    identity = [key for key, column in tab.columns.items() if column.kind in (Kind.ID, Kind.WITNESS)]
    if identity and not any(key in header.columns for key in identity):
        missing.append(identity[0])
    return missing


def _absent(tab: Tab, header: HeaderRow, words_of: Language) -> Iterator[Issue]:
    needed = _missing(tab, header)
    for key, column in tab.columns.items():
        if key in header.columns or (column.system and key not in needed):
            continue
        expected = column_label(tab.key, key, words_of)
        similar = _similar(tab, key, header)
        if similar:
            severity = Severity.ERROR if key in needed else Severity.WARNING
            parameters = {"expected": expected, "found": similar}
            yield Issue("header-unknown-similar", tab.key, column=key, severity=severity, parameters=parameters)
        elif key in needed:
            yield Issue("column-missing", tab.key, column=key, parameters={"expected": expected})


def _similar(tab: Tab, column: ColumnKey, header: HeaderRow) -> str | None:
    """A header that is no column of ours and nearly a name of this one."""
    ours = set(header.columns.values())
    unknown = {place: header_key(text) for place, text in header.texts.items() if place not in ours}
    if not unknown:
        return None
    from rapidfuzz import fuzz, process

    scored = [
        (match[1], -match[2])
        for name, key in header_names(tab).items()
        if key == column and (match := process.extractOne(name, unknown, scorer=fuzz.ratio))
    ]
    score, place = max(scored, default=(0, 0))
    return header.texts[-place] if score >= SIMILAR else None
