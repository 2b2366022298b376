"""One cell of a row is found where all of them are."""

import pytest

from crm_sheets.sync.backends.xlsx.locate import ByteLocator, Locator, NotUsual, ParsedLocator
from tests.backends.xlsx.kinds import HEAD, MAIN

ROW = (
    '<c r="A2" s="1"><v>1</v></c> <c r="B2" t="inlineStr"><is><t>&lt;c r="C2"&gt; r="D2"</t></is></c>'
    '<c r="D2" s="2"/><c r="AA2"><f>A2</f><v>1</v></c>'
)


def markup(row: str) -> bytes:
    other = '<row r="1"><c r="D1"/></row>', '<row r="3"><c r="C3"><v>3</v></c></row>'
    rows = f'{other[0]}<row r="2">{row}</row>{other[1]}'
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


@pytest.mark.parametrize("of", [ByteLocator, lambda content: ParsedLocator(content, "sheet")])
@pytest.mark.parametrize(
    "row",
    [
        ROW,
        "",
        '<c  r="D2"/>',
        "<c s='2' r='C2'><v>1</v></c>",
        '<c r="C2" xml:lang="z"><v>1</v></c>',
        '<c r="AA2"/><c r="AB2"><v>1</v></c>',  # neither is in column A
        '<c r="C2" s="1"/><c r="C2"><v>1</v></c>',  # the last one counts
    ],
)
def test_one_cell_is_that_of_all(of: type[ByteLocator], row: str) -> None:
    locator: Locator = of(markup(row))
    place = locator.row(2)[0]
    assert place is not None
    try:
        every = {cell.number: cell for cell in locator.cells(place)}
    except NotUsual:
        with pytest.raises(NotUsual):
            locator.cell(place, 3)
        return
    for column in (1, 2, 3, 4, 5, 27, 28):
        assert locator.cell(place, column) == every.get(column)


def test_rows_asked_for_one_after_the_other_are_those_asked_for_alone() -> None:
    content = markup(ROW).replace(b"</sheetData>", b'<row r="30"/><row r="31"></row></sheetData>')
    locator = ByteLocator(content)
    for number in (1, 2, 3, 4, 30, 31, 32, 3, 2, 30, 31):
        assert locator.row(number) == ByteLocator(content).row(number), number


@pytest.mark.parametrize("of", [ByteLocator, lambda content: ParsedLocator(content, "sheet")])
def test_a_row_that_closes_itself_has_no_cells(of: type[ByteLocator]) -> None:
    content = markup("").replace(b'<row r="2"></row>', b'<row r="2"/>')
    locator: Locator = of(content)
    place = locator.row(2)[0]
    assert place is not None
    assert content[place.start : place.end] == b'<row r="2"/>'
    assert (locator.cells(place), locator.cell(place, 3)) == ([], None)
