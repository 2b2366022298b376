"""Blank rows taken out of a sheet, so that the rows below them move up, as a spreadsheet program does it.

Only where nothing else minds: what is attached to rows in a way that this module does not know makes it refuse, and
then the rows stay blank. It knows filters, tables, conditional formats, validations, links, ignored errors and the
names of filters and print areas; it refuses formulas that read the sheet, merged cells, comments, pictures, charts and
pivot tables of the sheet, and every element that is not named here (ECMA-376 part 1, 18.3.1.99).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence

from crm_sheets.errors import WriteRefused
from crm_sheets.sync.backends.xlsx.edit import PackageEdit
from crm_sheets.sync.backends.xlsx.formula_cells import formula_cells
from crm_sheets.sync.backends.xlsx.locate import ByteLocator, NotUsual, Place
from crm_sheets.sync.backends.xlsx.markup import attributes_of, decode, elements, has_declarations, with_attribute
from crm_sheets.sync.backends.xlsx.package import SheetPart
from crm_sheets.sync.backends.xlsx.rows_general import Area, parse_area
from crm_sheets.sync.backends.xlsx.sheet_patch import area_text

_INDIFFERENT = frozenset(
    {
        *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection"),
        *("phoneticPr", "printOptions", "pageMargins", "pageSetup", "headerFooter", "picture", "tableParts"),
    }
)
"""Children of a sheet that say nothing of single rows."""

_SHIFTED = frozenset(
    {"autoFilter", "conditionalFormatting", "dataValidations", "hyperlinks", "ignoredErrors", "extLst"}
)
_EXTENSIONS = frozenset({"conditionalFormattings", "dataValidations"})
"""Extensions of 2009 and later that are known (MS-XLSX 2.3): all others are refused."""

_RELATED = frozenset({"table", "hyperlink", "printerSettings"})
_PLACES = re.compile(rb'<(row|c) r="([A-Z]{0,3})(\d{1,7})"')
_REFERENCE = re.compile(rb"<(?:[\w.-]+:)?(?:autoFilter|sortState|sortCondition|hyperlink|dimension|table)\s[^>]*>")
_AREAS = re.compile(rb"<(?:[\w.-]+:)?(?:conditionalFormatting|dataValidation|ignoredError)\s[^>]*>")
_INNER = re.compile(rb"(<(?:[\w.-]+:)?sqref>)([^<]*)(</)")
_RULE = re.compile(
    rb"<(?P<name>(?:[\w.-]+:)?(?:conditionalFormatting|dataValidation))[\s>].*?</(?P=name)\s*>", re.DOTALL
)
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?(?:formula[12]?|f)>([^<]*)</")
_ROW_OF = re.compile(r"(?<![\w.])\$?[A-Za-z]{1,3}(\$?)(\d{1,7})(?![\w(.!])")
_NAMED = re.compile(rb"(<(?:[\w.-]+:)?definedName\s[^>]*>)([^<]*)(<)")
_AREA_OF_NAME = re.compile(r"(.+)!\$([A-Z]{1,3})\$(\d+):\$([A-Z]{1,3})\$(\d+)")
_ELSEWHERE = re.compile(r"('(?:[^']|'')+'|[\w.]+)!\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}\$?\d+)?")
_COLUMN = re.compile(r"\$?[A-Za-z]{1,3}\$(\d+):(?:\$?[A-Za-z]{1,3}\$(\d+)|INDEX(?=\())")
_LINK = re.compile(rb"<(?:[\w.-]+:)?hyperlink\s[^>]*?/>")
_NO_LINKS = re.compile(rb"<((?:[\w.-]+:)?)hyperlinks\b[^>]*>\s*</\1hyperlinks\s*>")
_SPARE = re.compile(rb"<(?:v|is|f|t)[\s>/]")
_UNSEEN = (b"INDIRECT", b"OFFSET", b"CELL(")
"""Functions that read cells which their formula does not name."""


def remove_rows(edit: PackageEdit, sheet: str, rows: Collection[int]) -> tuple[int, ...]:
    """Take those of some rows out of a sheet that are blank; returns which, in order.

    Args:
        edit: the changes so far; those that name rows of the sheet by their numbers must all be made before.
        sheet: name of the tab.
        rows: their numbers, 1-based.

    Raises:
        WriteRefused: something stands in the way; nothing was changed.
    """
    return _Removal(edit, sheet, sorted(set(rows))).run() if rows else ()


class _Removal:
    """The steps of remove_rows(), with what they share."""

    def __init__(self, edit: PackageEdit, sheet: str, rows: Sequence[int]) -> None:
        self.edit, self.rows = edit, rows
        found = edit.package.sheet(sheet)
        if found is None or found.kind != "worksheet":
            raise WriteRefused(f"{edit.package.name}: there is no tab {sheet}")
        self.sheet: SheetPart = found
        self.content = edit.read(found.part)
        self.links: list[str] = []
        """Ids of relationships of links that go with their rows."""

    def run(self) -> tuple[int, ...]:
        """See remove_rows()."""
        self.rows = self._blank_rows()
        if not self.rows:
            return ()
        self._check_elements()
        self._check_relations()
        self._check_formulas()
        self._check_other_parts()
        content = self._without_links(self._without_rows())
        start, stop = content.index(b"<sheetData>"), content.rindex(b"</sheetData>")
        head, tail = self._moved(content[:start]), self._moved(content[stop:])
        tables = {part: self._moved_table(part) for part in self.edit.package.related(self.sheet.part, "table")}
        names = self._moved_names()
        self.edit.replace_part(self.sheet.part, head + content[start:stop] + tail)
        for part, table in tables.items():
            self.edit.replace_part(part, table)
        self.edit.replace_part(self.edit.package.workbook, names)
        self.edit.forget_tables(self.sheet)
        for id_ in self.links:
            self.edit.remove_relationship(self.sheet.part, id_)
        return tuple(self.rows)

    def _refuse(self, why: str) -> WriteRefused:
        return WriteRefused(f"{self.edit.package.name}: rows of {self.sheet.name} cannot be taken out: {why}")

    # -- what would mind -------------------------------------------------------------------------------------------

    def _check_elements(self) -> None:
        start, stop = self.content.find(b"<sheetData>"), self.content.rfind(b"</sheetData>")
        if start < 0 or stop < start or has_declarations(self.content):
            raise self._refuse("its markup is unusual")
        skeleton = self.content[: start + len(b"<sheetData>")] + self.content[stop:]
        listed = elements(skeleton, self.sheet.part)
        for item in listed:
            if item.depth == 1 and item.name not in _INDIFFERENT | _SHIFTED:
                raise self._refuse(f"it has {item.name}")
        extensions = [place for place, item in enumerate(listed) if item.name == "ext" and item.depth == 2]
        if any(listed[place + 1].name not in _EXTENSIONS for place in extensions if place + 1 < len(listed)):
            raise self._refuse("it has an extension that is not known")
        for rule in _RULE.finditer(self.content[stop:]):
            self._check_rule(rule[0])

    def _check_rule(self, rule: bytes) -> None:
        """Addresses in a format or validation count from the first row of its area: that row must stay, and they must
        not name rows below it for good."""
        references = b" ".join(
            [
                attributes_of(rule[: rule.index(b">") + 1]).get(b"sqref", b""),
                *(inner[1] for inner in _INNER.findall(rule)),
            ]
        )
        areas = [parse_area(each) for each in references.decode("latin-1").split()]
        firsts = [area[0] for area in areas if area is not None]
        for raw in _FORMULA.findall(rule):
            for fixed, row in _ROW_OF.findall(self._of_this_sheet(_text(raw))):
                if not firsts or min(firsts) > self.rows[0] or (fixed and int(row) >= self.rows[0]):
                    raise self._refuse("a format or validation reads rows below")

    def _of_this_sheet(self, formula: str) -> str:
        """What a formula of the sheet names of its rows, but for whole columns of them: these begin above and may end
        below the last row."""
        own = (self.sheet.name, self.sheet.name.replace("'", "''"))

        def elsewhere(found: re.Match[str]) -> str:
            return found[0].rpartition("!")[2] if found[1].strip("'") in own else ""

        def single(found: re.Match[str]) -> str:
            last = int(found[2]) if found[2] else self.rows[0]  # worked out by INDEX, as our own lists have it
            return "" if int(found[1]) <= self.rows[0] <= last else found[0]

        return _COLUMN.sub(single, _ELSEWHERE.sub(elsewhere, formula))

    def _check_relations(self) -> None:
        kinds = {item.type for item in self.edit.package.relationships_of(self.sheet.part)}
        if kinds - _RELATED:
            raise self._refuse(f"it has {', '.join(sorted(kinds - _RELATED))}")

    def _check_formulas(self) -> None:
        names: list[str] = []
        for part in self.edit.package.related(self.sheet.part, "table"):
            names += [
                item.attributes.get("displayName", "").casefold() for item in elements(self.edit.read(part), part)
            ]
        for name in self.edit.package.defined_names:
            if not name.name.startswith("_xlnm.") and self._named_in(name.formula):
                names.append(name.name.casefold())
        wanted = [name for name in names if name]
        for sheet in self.edit.package.sheets:
            content = self.edit.read(sheet.part) if sheet.kind == "worksheet" else b""
            if sheet.name != self.sheet.name:
                self._check_rules_of(sheet, content)
            if b"<f>" not in content and b"<f " not in content and b":f" not in content:
                continue
            if sheet.name == self.sheet.name:
                raise self._refuse("it has formulas")
            for cell in formula_cells(content, sheet.part):
                if self._reads(cell.text, wanted):
                    raise self._refuse(f"a formula of {sheet.name} reads it")

    def _check_rules_of(self, sheet: SheetPart, content: bytes) -> None:
        """Formats and validations of another tab may read columns of the sheet, and no single rows."""
        for raw in _FORMULA.findall(content[content.rfind(b"</sheetData>") :]):
            text = _text(raw)
            single = _ROW_OF.findall(self._of_this_sheet(text)) if self._named_in(text) else []
            if any(not fixed or int(row) >= self.rows[0] for fixed, row in single):
                raise self._refuse(f"a format or validation of {sheet.name} reads its rows")

    def _reads(self, formula: str, names: Collection[str]) -> bool:
        text = formula.casefold().replace("''", "'")
        if self._named_in(formula):
            return True
        spans = "!" in text and re.search(r"[\w']:[\w'][^!]*!", text) is not None  # Sheet1:Sheet3!A1
        unseen = any(word.decode().casefold() in text for word in _UNSEEN)
        return spans or unseen or any(name in text for name in names)

    def _check_other_parts(self) -> None:
        """Charts, pivot tables and whatever else may read the sheet by its name, in all parts that are not looked
        through here."""
        known = {sheet.part for sheet in self.edit.package.sheets} | {self.edit.package.workbook}
        for part in self.edit.parts:
            if part in known or part == self.edit.package.shared_strings or not part.startswith("xl/"):
                continue
            content = self.edit.read(part)
            if part.endswith((".xml", ".vml")) and self._named_in(_text(content)):
                raise self._refuse(f"{part} names it")

    def _named_in(self, text: str) -> bool:
        """Whether a text names cells of the sheet, or the sheet as the source of a pivot table."""
        name, text = self.sheet.name.casefold(), text.casefold()
        quoted = name.replace("'", "''")
        marks = (f"'{quoted}'!", f'sheet="{name}"', f"sheet='{name}'")
        return any(mark in text for mark in marks) or bool(re.search(rf"(?<![\w.'-]){re.escape(name)}!", text))

    # -- rows ------------------------------------------------------------------------------------------------------

    def _blank_rows(self) -> list[int]:
        """Those of the rows in which nothing stands."""
        places = self._places()
        return [row for row, place in places.items() if not _SPARE.search(self.content, place.body, place.close)]

    def _places(self) -> dict[int, Place]:
        try:
            locator = ByteLocator(self.content)
            places = {row: locator.row(row)[0] for row in self.rows}
        except NotUsual:
            raise self._refuse("its markup is unusual") from None
        return {row: place for row, place in places.items() if place is not None}

    def _without_rows(self) -> bytes:
        gone = list(self._places().values())
        pieces, position = [], 0
        for place in gone:
            pieces.append(self.content[position : place.start])
            position = place.end
        content = b"".join((*pieces, self.content[position:]))
        start, stop = content.index(b"<sheetData>"), content.rindex(b"</sheetData>")
        body = content[start:stop]
        if len(_PLACES.findall(body)) != body.count(b"<row") + body.count(b"<c ") + body.count(b"<c>"):
            raise self._refuse("its markup is unusual")
        return content[:start] + self._renumbered(body) + content[stop:]

    def _without_links(self, content: bytes) -> bytes:
        """Without the links on rows that go (18.3.1.47)."""
        rows = set(self.rows)

        def kept(found: re.Match[bytes]) -> bytes:
            attributes = attributes_of(found[0])
            area = parse_area(attributes.get(b"ref", b"").decode("latin-1"))
            if area is None or not set(range(area[0], area[2] + 1)) <= rows:
                return found[0]
            self.links += [value.decode() for name, value in attributes.items() if name.endswith(b":id")]
            return b""

        return _NO_LINKS.sub(b"", _LINK.sub(kept, content)) if b"hyperlink" in content else content

    def _renumbered(self, body: bytes) -> bytes:
        """Rows below the first that goes, with their new numbers."""
        split = next((found.start() for found in _PLACES.finditer(body) if int(found[3]) > self.rows[0]), len(body))
        moved: dict[bytes, bytes] = {}

        def place(found: re.Match[bytes]) -> bytes:
            number = found[3]
            if number not in moved:
                moved[number] = b"%d" % self._row(int(number))
            return b"<" + found[1] + b' r="' + found[2] + moved[number] + b'"'

        return body[:split] + _PLACES.sub(place, body[split:])

    def _row(self, number: int) -> int:
        """Where a row that stays is now."""
        return number - bisect_left(self.rows, number)

    # -- areas -----------------------------------------------------------------------------------------------------

    def _area(self, area: Area) -> Area | None:
        """An area after the rows went; None when nothing is left of it."""
        first, last = self._row(area[0]), area[2] - bisect_right(self.rows, area[2])
        return (first, area[1], last, area[3]) if last >= first else None

    def _areas(self, references: str) -> str:
        moved = []
        for each in references.split():
            area = parse_area(each)
            now = self._area(area) if area is not None else None
            moved += [area_text(now)] if now is not None else [] if area is not None else [each]
        return " ".join(moved)

    def _moved(self, content: bytes) -> bytes:
        """A part of the sheet's markup, or of a table, with its areas where they are now."""
        content = _REFERENCE.sub(lambda found: self._tag(found[0], b"ref"), content)
        content = _AREAS.sub(lambda found: self._tag(found[0], b"sqref"), content)
        return _INNER.sub(lambda found: found[1] + self._inner(found[2]) + found[3], content)

    def _moved_table(self, part: str) -> bytes:
        content = self._moved(self.edit.read(part))
        area = parse_area(elements(content, part)[0].attributes.get("ref", ""))
        if area is None or area[2] <= area[0]:
            raise self._refuse("a table must have a row")
        return content

    def _inner(self, old: bytes) -> bytes:
        new = self._areas(old.decode("latin-1"))
        if old.strip() and not new:
            raise self._refuse("something stands on a row that is to go")
        return new.encode()

    def _tag(self, tag: bytes, attribute: bytes) -> bytes:
        old = attributes_of(tag).get(attribute)
        if old is None:
            return tag
        new = self._areas(old.decode("latin-1"))
        if not new:
            raise self._refuse("something stands on a row that is to go")
        return tag if new.encode() == old else with_attribute(tag, attribute, new.encode())

    def _moved_names(self) -> bytes:
        """workbook.xml with the areas of the sheet's filter and of what is printed of it."""

        def name(found: re.Match[bytes]) -> bytes:
            text = _text(found[2])
            if not self._named_in(text):
                return found[0]
            area = _AREA_OF_NAME.fullmatch(text)
            if area is None:
                if re.search(r"\$[A-Z]{1,3}\$\d", text):
                    raise self._refuse("a name stands for several areas of it")
                return found[0]  # whole rows that are repeated in print, or columns
            moved = self._area((int(area[3]), 1, int(area[5]), 1))
            if moved is None:
                raise self._refuse("a name stands for rows that are to go")
            raw = found[2].decode("utf-8").rpartition("!")[0]
            return found[1] + f"{raw}!${area[2]}${moved[0]}:${area[4]}${moved[2]}".encode() + found[3]

        return _NAMED.sub(name, self.edit.read(self.edit.package.workbook))


def _text(raw: bytes) -> str:
    try:
        return decode(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")
