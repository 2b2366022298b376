"""A summary tab whose layout is not the one that it was made with: made anew in its place, if it holds nothing else.

Charts point at rows; where a new version of the program tells more, these rows are others. The tab keeps its name and
place among the tabs, a chart that somebody moved the place that it was moved to. A tab into which somebody put charts,
pictures, notes or cells of their own is not touched: only its rows are written, as ever.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_sheets.rules.summaries.base import Summary
from crm_sheets.sync.backends.xlsx.graft import grafted_over
from crm_sheets.sync.backends.xlsx.markup import Element, elements
from crm_sheets.sync.backends.xlsx.package import SheetPart
from crm_sheets.sync.backends.xlsx.summary_kept import own_cells
from crm_sheets.sync.backends.xlsx.summary_layout import CHART_COLUMNS, FIRST

if TYPE_CHECKING:
    from openpyxl import Workbook

    from crm_sheets.sync.backends.xlsx.edit import PackageEdit

_COLUMNS = {*CHART_COLUMNS, FIRST + 7}
"""Where charts of a pair begin, or began in former versions."""

_OWN_FEATURES = re.compile(rb"<(?:\w+:)?(?:conditionalFormatting|dataValidations|tableParts|sparklineGroups)\b")


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Where a chart stands: the markup of its corners, in the namespace of drawings without a prefix."""

    title: str
    corners: str
    moved: bool


def remake(edit: "PackageEdit", found: SheetPart, summary: Summary, workbook: "Workbook") -> bool:
    """Puts the tab of `workbook`, which has this summary only, in the place of the one that is there.

    Returns whether it did: False where somebody's own things are in it.
    """
    content = edit.read(found.part)
    kinds = {each.type for each in edit.package.relationships_of(found.part)}
    if not kinds <= {"drawing", "printerSettings"} or _OWN_FEATURES.search(content) or own_cells(content):
        return False
    titles = [block.title for block in summary.blocks if block.chart is not None]
    anchors = list(_anchors(edit, found))
    if any(anchor is None or not _titled(anchor, titles) for anchor in anchors):
        return False
    moved = {_titled(anchor, titles): anchor.corners for anchor in anchors if anchor is not None and anchor.moved}
    grafted_over(edit, workbook, found, lambda drawing: _placed(drawing, summary, moved))
    return True


def _anchors(edit: "PackageEdit", found: SheetPart) -> Iterator[_Anchor | None]:
    """What is drawn on a tab; None for what is no chart."""
    package = edit.package
    for drawing in package.related(found.part, "drawing"):
        charts = {each.id: package.part(each.target) for each in package.relationships_of(drawing)}
        for told in _children(elements(edit.read(drawing), drawing)):
            chart = next((each for each in told if each.name == "chart"), None)
            part = charts.get(chart.attributes.get("id", "")) if chart is not None else None
            yield None if part is None else _anchor(told, _title(elements(edit.read(part), part)))


def _children(told: list[Element]) -> Iterator[list[Element]]:
    """What is directly below the root, each with all that is in it."""
    starts = [place for place, each in enumerate(told) if each.depth == told[0].depth + 1]
    for start, end in zip(starts, [*starts[1:], len(told)], strict=True):
        yield told[start:end]


def _anchor(told: list[Element], title: str) -> _Anchor:
    corners, numbers = "", dict[str, int]()
    for each in _children(told):
        if each[0].name in {"from", "to"}:
            corners += f"<{each[0].name}>{''.join(f'<{n.name}>{n.text}</{n.name}>' for n in each[1:])}</{each[0].name}>"
            numbers |= {n.name: int(n.text) for n in each[1:]} if each[0].name == "from" else {}
        elif each[0].name == "ext":
            corners += f'<ext cx="{each[0].attributes["cx"]}" cy="{each[0].attributes["cy"]}"/>'
    column, row = numbers.get("col", 0) + 1, numbers.get("row", 0) + 1
    offset = numbers.get("colOff", 0) or numbers.get("rowOff", 0)
    stands = column in _COLUMNS and row % 4 == 0 and not offset
    return _Anchor(title, corners, moved=not stands)


def _title(told: list[Element]) -> str:
    """The words of the title of a chart, which stands before all else that has words."""
    start = next((place for place, each in enumerate(told) if each.name == "title"), len(told))
    words = []
    for each in told[start + 1 :]:
        if each.depth <= told[start].depth:
            break
        words += [each.text] if each.name == "t" else []
    return "".join(words)


def _titled(anchor: _Anchor, titles: list[str]) -> str:
    """The title of ours with which that of the chart begins, what it shows stands behind it; "" for one of theirs."""
    return max((title for title in titles if anchor.title.startswith(title)), key=len, default="")


_FRESH = re.compile(r"<oneCellAnchor>(<from>.*?</from><ext\b[^>]*/>)(.*?)</oneCellAnchor>", re.DOTALL)


def _placed(drawing: bytes, summary: Summary, moved: Mapping[str, str]) -> bytes:
    """The new drawing, its charts in the order of the blocks, with those that were moved where they stand."""
    titles = iter([block.title for block in summary.blocks if block.chart is not None])

    def placed(match: re.Match[str]) -> str:
        corners = moved.get(next(titles), match[1])
        kind = "twoCellAnchor" if "<to>" in corners else "oneCellAnchor"
        return f"<{kind}>{corners}{match[2]}</{kind}>"

    return _FRESH.sub(placed, drawing.decode()).encode()
