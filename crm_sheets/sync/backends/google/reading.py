"""Looking at a spreadsheet with as few calls as possible: one when nothing changed, one more for what did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_sheets.errors import WorkbookChanged
from crm_sheets.sync.backends.google.errors import Refused, in_our_terms
from crm_sheets.sync.backends.google.look import Look, Mark, look_of, ranges_of, sheet_of
from crm_sheets.sync.backends.google.spreadsheet import Spreadsheet
from crm_sheets.sync.backends.google.structure import Structure, quoted
from crm_sheets.sync.backends.google.values import formulas_in, with_formulas
from crm_sheets.tables import Sheet, SheetRow

STRUCTURE_AGE = 600.0
"""Seconds after which a look asks for the sheets again: what people call a new one shows nowhere else."""

TRIES = 3
"""Looks until values and formulas are of one state."""

Formulas = Mapping[int, Mapping[int, str]]


@dataclass(slots=True)
class Reader:
    """What is known of one spreadsheet.

    Attributes:
        skipped: tabs that are not read.
        now: monotonic seconds.
    """

    spreadsheet: Spreadsheet
    skipped: frozenset[str]
    now: Callable[[], float]
    last: Look | None = None
    _structure: Structure | None = None
    _asked: float = 0.0
    _formulas: dict[str, tuple[str, Formulas]] = field(default_factory=dict)
    """By title: the digest of the values that they go with, and where they stand."""

    def look(self) -> Look:
        """The spreadsheet now."""
        if self._structure is not None and self.now() - self._asked < STRUCTURE_AGE:
            try:
                return self._look(self._structure)
            except Refused:  # a tab was renamed, or is gone
                self.forget_structure()
        structure = self.structure()
        try:
            return self._look(structure)
        except Refused as refused:
            spreadsheet = self.spreadsheet
            raise in_our_terms(refused, spreadsheet.name, spreadsheet.account.email, writing=False) from refused

    def structure(self) -> Structure:
        """The sheets, asked for if they are not known."""
        if self._structure is None or self.now() - self._asked >= STRUCTURE_AGE:
            self._structure, self._asked = self.spreadsheet.structure(), self.now()
        return self._structure

    def forget_structure(self) -> None:
        """Something does not fit: it is asked for again."""
        self._structure = None

    def forget(self) -> None:
        """Nothing that was read counts any more."""
        self.last, self._structure = None, None
        self._formulas.clear()

    def _look(self, structure: Structure) -> Look:
        titles, ranges = ranges_of(structure, self.skipped)
        answer, digest = self.spreadsheet.values(ranges)
        before, at = self.last, self.now()
        if before is not None and before.answer == digest and before.structure is structure:
            self.last = replace(before, at=at)
        else:
            self.last = look_of(structure, titles, answer, digest, at, before)
        return self.last

    def sheets(self, look: Look, titles: Sequence[str]) -> tuple[Look, dict[str, Sheet]]:
        """Tabs with their formulas, and the look that they belong to: a later one when somebody typed in between.

        Raises:
            WorkbookChanged: people type faster than we can read.
        """
        for _ in range(TRIES):
            if self._ask_formulas(look, [title for title in titles if title in look.grids]):
                structure = look.structure
                return look, {title: sheet_of(structure.sheets[title], self.rows(look, title)) for title in titles}
            look = self.look()
        raise WorkbookChanged(f"{self.spreadsheet.name} was changed while it was being read")

    def rows(self, look: Look, title: str) -> list[SheetRow]:
        """Rows of a tab whose formulas are known."""
        return with_formulas(look.rows(title), self.formulas(title))

    def _ask_formulas(self, look: Look, titles: Sequence[str]) -> bool:
        """Whether the formulas of tabs are known that go with their values."""
        wanted = [title for title in titles if self._known(look, title) is None and look.rows(title)]
        for title in titles:
            if not look.rows(title):
                self._formulas[title] = (look.grids[title].digest, {})
        if not wanted:
            return True
        try:
            answer, _ = self.spreadsheet.values([quoted(title) for title in wanted], "FORMULA")
        except Refused:
            self.forget_structure()
            return False
        told = [each.get("values", []) for each in answer.get("valueRanges", ())]
        for title, texts in zip(wanted, told, strict=True):
            found = formulas_in(texts, look.rows(title))
            if found is None:
                return False
            self._formulas[title] = (look.grids[title].digest, found)
        return True

    def _known(self, look: Look, title: str) -> Formulas | None:
        known = self._formulas.get(title)
        return known[1] if known is not None and known[0] == look.grids[title].digest else None

    def formulas(self, title: str) -> Formulas:
        """Where formulas stand in a tab, as far as they were asked for."""
        known = self._formulas.get(title)
        return known[1] if known is not None else {}

    def note(self, mark: Mark) -> Look | None:
        """The service tab says something else, by our own doing."""
        if self.last is not None:
            self.last = replace(self.last, mark=mark, answer="")
        return self.last

    def took(self, look: Look, structure: Structure, formulas: Mapping[str, Formulas]) -> None:
        """What our own write left, worked out and not read."""
        self.last, self._structure = look, structure
        for title, known in formulas.items():
            self._formulas[title] = (look.grids[title].digest, known)
