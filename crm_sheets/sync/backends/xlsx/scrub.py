"""Bytes that must go: values of cells that the reader of a workbook may no longer see, wherever a program kept a copy.

Clearing a cell leaves its text among the shared strings, in the caches of charts and pivot tables, in filters, links
and comments. `scrub` empties these places and then searches everything.

What is searched for: the values that the cleared cells held, except those that a cell without a formula still holds
(another row's, or what the reader typed in a cell of their own), texts of fewer than three characters and numbers of
fewer than five digits but where they stand alone. Where: every part of the file, embedded files too, except cells
without a formula, formulas as they were typed, and who saved the file.
"""

from collections.abc import Collection
from dataclasses import dataclass

from crm_sheets.cells import Address
from crm_sheets.errors import BytesRemain
from crm_sheets.sync.backends.xlsx import scrub_parts as parts
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.formula_cells import formula_cells, without_results
from crm_sheets.sync.backends.xlsx.markup import is_utf8
from crm_sheets.sync.backends.xlsx.package import SheetPart, relationships_part
from crm_sheets.sync.backends.xlsx.recalculation import calculating_on_load
from crm_sheets.sync.backends.xlsx.scrub_search import holds, holds_any, outside_of_rows
from crm_sheets.sync.backends.xlsx.scrub_values import (
    Cells,
    CellUse,
    Secrets,
    cell_use,
    secrets_of,
    values_before,
    without_strings,
)
from crm_sheets.sync.backends.xlsx.strings import shared_strings

_CHARTS = frozenset({b"chartSpace"})
_LOGS = ("revisionHeaders", "userNames", "usernames")


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What was taken out.

    Attributes:
        strings: shared strings that were blanked.
        parts: names of parts that were changed or removed.
        notes: comments that stood on the cells, and what they said.
    """

    strings: int = 0
    parts: tuple[str, ...] = ()
    notes: tuple[tuple[Address, str], ...] = ()


def scrub(edit: PackageEdit, cells: Cells, *, gently: bool = False) -> Scrubbed:
    """Takes out of a workbook what cells held that `edit` has written over already.

    Args:
        edit: the changes so far; what is taken out is added to them.
        cells: the cells whose values must go, by tab.
        gently: only what holds one of the values is touched, for a workbook whose readers may see all the rest: no
            comment is emptied, no chart or log that holds none.

    Raises:
        BytesRemain: a value stands in a place that cannot be emptied: the workbook must be made anew.
    """
    if not any(cells.values()):
        return Scrubbed()
    return _Scrub(edit, cells, gently=gently).run()


class _Scrub:
    """The steps of scrub(), with what they share."""

    def __init__(self, edit: PackageEdit, cells: Cells, *, gently: bool) -> None:
        self.edit, self.cells, self.gently = edit, cells, gently
        self.notes: list[tuple[Address, str]] = []
        self.before = set(edit.parts_changed)
        self.use = CellUse()
        self.secrets = Secrets()
        self.strings = 0

    def run(self) -> Scrubbed:
        self.use = cell_use(self.edit)
        found = secrets_of(values_before(self.edit, self.cells))
        self.secrets = Secrets(found.texts - self.use.typed, found.numbers - self.use.typed)
        self._empty_results()
        self._blank_strings()
        self._remove_pictures_and_logs()
        for sheet in self.edit.package.sheets:
            self._empty_sheet(sheet)
        for part in self.edit.parts:
            self._empty_part(part)
        self._verify()
        changed = tuple(sorted(set(self.edit.parts_changed) - self.before))
        return Scrubbed(self.strings, changed, tuple(self.notes))

    # -- cells -----------------------------------------------------------------------------------------------------

    def _empty_results(self) -> None:
        """Saved results of formulas that hold a value, and cells that a pivot table filled with one."""
        hits: dict[str, set[tuple[int, int]]] = {}
        for place, text in self.use.results.items():
            if text in self.secrets.numbers or holds_any([text], self.secrets):
                hits.setdefault(place[0], set()).add(place[1:])
        for tab, places in hits.items():
            filled = {place for place in places if (tab, *place) in self.use.pivots}
            self.edit.set_cells(tab, dict.fromkeys(filled), overwrite=filled)
            part = next(sheet.part for sheet in self.edit.package.sheets if sheet.name == tab)
            content = self.edit.read(part)
            formulas = formula_cells(content, f"{self.edit.package.name}: {part}")
            stale = [cell for cell in formulas if (cell.row, cell.column) in places]
            self._replace(part, without_results(content, stale))
        if hits:
            workbook = self.edit.package.workbook
            self._replace(workbook, calculating_on_load(self.edit.read(workbook)))

    def _blank_strings(self) -> None:
        part = self.edit.package.shared_strings
        if part is None:
            return
        content = self._spliceable(part)
        used = cell_use(self.edit).strings
        blanked = without_strings(content, used, part)
        before, after = shared_strings(content, part), shared_strings(blanked, part)
        self.strings = sum(one != other for one, other in zip(before, after, strict=True))
        self._replace(part, blanked)

    # -- parts beside them -----------------------------------------------------------------------------------------

    def _remove_pictures_and_logs(self) -> None:
        """A thumbnail shows the first rows; the logs of a shared workbook tell what cells held."""
        package = self.edit.package
        for part in package.related("", "thumbnail"):
            self.edit.remove_part(part, "")
        for kind in _LOGS:
            for part in package.related(package.workbook, kind):
                if self.gently and not self._told_in(part):
                    continue
                for log in package.related(part, "revisionLog"):
                    self.edit.remove_part(log, part)
                self.edit.remove_part(part, package.workbook)
                listing = package.part(relationships_part(part))
                if listing is not None:
                    self.edit.drop_part(listing)

    def _told_in(self, part: str) -> bool:
        """Whether a log, or one of those that it lists, holds a value."""
        listed = (part, *self.edit.package.related(part, "revisionLog"))
        return any(holds(self.edit.read(each), self.secrets) for each in listed)

    def _empty_sheet(self, sheet: SheetPart) -> None:
        """What belongs to cells of one tab, and stands in other parts."""
        cells = self.cells.get(sheet.name, ())
        if sheet.kind != "worksheet" or not cells:
            return
        content, ids = parts.without_links(self._spliceable(sheet.part), set(cells))
        self._replace(sheet.part, content)
        for id_ in ids:
            if b'"' + id_.encode() + b'"' not in outside_of_rows(content):
                self.edit.remove_relationship(sheet.part, id_)
        for kind in ("comments", "threadedComment") if not self.gently else ():
            for part in self.edit.package.related(sheet.part, kind):
                emptied, said = parts.without_notes(self._spliceable(part), set(cells))
                self._replace(part, emptied)
                self.notes += [(Address(sheet.name, *place), text) for place, text in said if text]

    def _empty_part(self, part: str) -> None:
        content = self.edit.read(part)
        root = parts.root_of(content[:4096])
        if not root or part == self.edit.package.shared_strings:
            return
        if root in _CHARTS and (self._reads_the_tabs(content) or holds(content, self.secrets)):
            self._replace(part, parts.without_chart_cache(self._spliceable(part)))
        elif root == b"pivotCacheDefinition" and (self._reads_the_tabs(content) or holds(content, self.secrets)):
            self._empty_pivot(part)
        elif root in (b"worksheet", b"table") and b"filterColumn" in content:
            self._replace(part, parts.without_filters(self._spliceable(part), self.secrets))
        elif root == b"externalLink" and holds(content, self.secrets):
            self._replace(part, parts.without_external_cache(self._spliceable(part)))
        elif root == b"wsDr" and b"textlink" in content:
            self._replace(part, parts.without_linked_texts(self._spliceable(part), self.secrets))

    def _empty_pivot(self, part: str) -> None:
        for records in self.edit.package.related(part, "pivotCacheRecords"):
            self.edit.remove_part(records, part)
        self._replace(part, parts.without_pivot_items(self._spliceable(part), self.secrets))

    def _reads_the_tabs(self, content: bytes) -> bool:
        """Whether a part names a tab of which cells went; more often True than need be."""
        if self.gently:
            return False
        text = content.decode("utf-8", "replace")
        return any(tab.replace("'", "''").replace("&", "&amp;") in text or tab in text for tab in self.cells)

    # -- the search ------------------------------------------------------------------------------------------------

    def _verify(self) -> None:
        """Raises when a value is left; the message does not repeat it, for it may be read by whoever may not see it."""
        left = cell_use(self.edit)
        gone = (self.secrets.texts | self.secrets.numbers) & left.typed
        results = {place for place, text in left.results.items() if holds_any([text], self.secrets)}
        if gone or results:
            raise self._remain(", ".join(sorted({place[0] for place in results})) or "cells")
        sheets = {sheet.part for sheet in self.edit.package.sheets}
        for part in self.edit.parts:
            content = self.edit.read(part)
            if part == self.edit.package.shared_strings:
                self._verify_strings(part, left.strings)
                continue
            if part in sheets:
                content = outside_of_rows(content)
            if holds(content, self.secrets):
                raise self._remain(part)
        self.edit.let_go()

    def _verify_strings(self, part: str, used: Collection[int]) -> None:
        texts = shared_strings(self.edit.read(part), part)
        if any(text for place, text in enumerate(texts) if place not in used):
            raise self._remain(part)

    def _remain(self, place: str) -> BytesRemain:
        return BytesRemain(f"{self.edit.package.name}: {place} still holds what its reader may no longer see")

    def _replace(self, part: str, content: bytes) -> None:
        if content != self.edit.read(part):
            self.edit.replace_part(part, content)

    def _spliceable(self, part: str) -> bytes:
        content = self.edit.read(part)
        if not is_utf8(content):
            raise self._remain(part)
        return content
