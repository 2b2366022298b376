"""What a sealed value says, and what nothing says of its text."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.cells import CellError, CellValue, Formula
from crm_sheets.reading import cut_tab
from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.book import tab
from crm_sheets.schema.codecs import CodecContext, render
from crm_sheets.schema.layout import Layout
from crm_sheets.schema.sealed import Revealed, Sealed, flaw_in, index_of, is_mask, is_sealed, mask_in, mask_of, shows
from crm_sheets.schema.validation import sealed_cells, unmasked, validate_rows
from crm_sheets.tables import ColumnKey, SheetRow, TabKey

CUSTOMERS, NUMBER = tab(TabKey("customers")), ColumnKey("id_number")
COLUMN = CUSTOMERS.columns[NUMBER]
RIGHT = "110101199003070134"


class Shelf:
    """Takes texts in the order in which they come."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def index(self, tab: TabKey, column: ColumnKey, text: str) -> str:
        if text not in self.texts:
            self.texts.append(text)
        return f"I{self.texts.index(text)}"

    def keyed(self, digest: str) -> str:
        return f"K{digest}"


def codec(shelf: Shelf) -> CodecContext:
    return CodecContext(ZoneInfo("Asia/Shanghai"), sealer=shelf)


def sealed(*cells: CellValue) -> tuple[list[CellValue], list[str]]:
    shelf = Shelf()
    return sealed_cells(CUSTOMERS.record, COLUMN, cells, codec(shelf)), shelf.texts


@pytest.mark.parametrize(
    ("text", "shown", "mask"),
    [
        (RIGHT, "ends", "110101********0134"),
        (RIGHT, "tail", "**************0134"),
        (RIGHT, "nothing", "********"),
        ("E12345678", "ends", "E******78"),
        ("6222021234567890123", "ends", "622202*********0123"),
        ("1234567", "ends", "********"),
        ("李雷的秘密", "ends", "********"),
        ("divorcedlastyear", "ends", "********"),
        ("110101 19900307 0134", "ends", "********"),
    ],
)
def test_a_mask(text: str, shown: str, mask: str) -> None:
    assert mask_of(text, shown) == mask
    assert is_mask(mask)


@given(st.text(max_size=40))
def test_a_mask_shows_ten_characters_at_most_and_is_known_as_one(text: str) -> None:
    mask = mask_of(text)
    assert is_mask(mask)
    assert sum(character != "*" for character in mask) <= 10
    assert len(text) < 8 or set(text) == {"*"} or text not in mask


@pytest.mark.parametrize("text", [RIGHT, "", "*", "11010119900307****", "1101011990****03070134", "重要****内容"])
def test_what_is_no_mask_is_sealed(text: str) -> None:
    assert not is_mask(text)


@pytest.mark.parametrize(
    ("cell", "flaw", "text"),
    [
        (RIGHT, "", RIGHT),
        (" 11010119900307 0134 ", "", RIGHT),
        (Formula('"110"&"101"', RIGHT), "", RIGHT),
        (RIGHT[:-1] + "5", "wrong-check-digit", RIGHT[:-1] + "5"),
        ("12345", "wrong-length", "12345"),
        (1.10101199003070e17, "digits-lost", "110101199003070000"),
        (Formula("A1"), "formula-without-value", "=A1"),
        ("sealed:I0::110101********0134", "wrong-length", "sealed:I0::110101********0134"),
    ],
)
def test_a_text_is_taken_whatever_is_wrong_with_it(cell: CellValue, flaw: str, text: str) -> None:
    (value,), texts = sealed(cell)
    assert isinstance(value, Sealed)
    assert is_sealed(value)
    assert (flaw_in(value)[0], texts) == (flaw, [text])
    assert text not in value


def test_what_a_message_needs_of_a_flaw_is_kept_and_no_more() -> None:
    (value,), _ = sealed("12345")
    assert isinstance(value, Sealed)
    assert flaw_in(value) == ("wrong-length", {"expected": "18", "length": "5"})


@pytest.mark.parametrize("cell", [None, "", "110101********0134", CellError("#REF!"), Formula("", CellError("#N/A"))])
def test_what_tells_nothing_stays(cell: CellValue) -> None:
    assert sealed(cell) == ([cell], [])


def test_a_formula_with_an_error_loses_its_text() -> None:
    assert sealed(Formula(f'"{RIGHT}"+#REF!', CellError("#REF!"))) == ([Formula("", CellError("#REF!"))], [])


def test_spaces_are_blank() -> None:
    assert sealed("  ") == ([None], [])


def test_equal_texts_are_equal_and_others_are_not() -> None:
    values, _ = sealed(RIGHT, " " + RIGHT, "110101194901010018", RIGHT)
    assert values[0] == values[1] == values[3] != values[2]


def test_a_cell_shows_the_mask_and_means_the_value() -> None:
    (value,), _ = sealed(RIGHT)
    assert isinstance(value, Sealed)
    assert render(value, COLUMN, codec(Shelf())) == mask_in(value) == "110101********0134"
    assert shows("110101********0134", value)
    assert not shows("110101********0135", value)
    cells = [mask_in(value) if key == NUMBER else None for key in CUSTOMERS.columns]
    (row,) = validate_rows(CUSTOMERS, [cells], codec(Shelf()))
    assert [why.code for why in row.flaws.values()] == ["sealed-mask"]
    meant = unmasked(row, CUSTOMERS, cells, {}, {NUMBER: str(value)})
    assert (meant.values[NUMBER], dict(meant.flaws)) == (value, {})
    assert unmasked(row, CUSTOMERS, cells, {NUMBER: "sealed:X::110101********9999"}) == row


def test_a_reader_may_have_the_text_and_the_value_stays_the_same() -> None:
    (value,), _ = sealed(RIGHT)
    assert isinstance(value, Sealed)
    revealed = Revealed.of(value, lambda: RIGHT)
    assert revealed == value
    assert revealed.text == RIGHT
    assert RIGHT not in repr(revealed)


def test_without_a_key_a_text_stays_as_it_is() -> None:
    plain = CodecContext(ZoneInfo("Asia/Shanghai"))
    assert sealed_cells(CUSTOMERS.record, COLUMN, [RIGHT], plain) == [RIGHT]


def test_a_sheet_is_cut_without_its_texts() -> None:
    """No digest is made of a text: whoever knows the rest of the row could try numbers until the digest is right. The
    digest of what staff typed is that of the masked row, so that a row is known again after its cell was masked."""
    layout = Layout(CUSTOMERS.key, "客户", 1, {ColumnKey("name"): 1, NUMBER: 2, ColumnKey("note"): 3}, 3)
    shelf = Shelf()
    rows = [SheetRow(2, ("张三", RIGHT, RIGHT)), SheetRow(3, ("李四",)), SheetRow(4, ("张三", mask_of(RIGHT), RIGHT))]
    reading = cut_tab(CUSTOMERS, layout, rows, None, codec(shelf))
    place = reading.place[NUMBER]
    typed, blank, masked = reading.rows
    assert isinstance(typed.cells[place], Sealed)
    assert index_of(str(typed.cells[place])) == "I0"
    assert blank.cells[place] is None
    assert masked.cells[place] == "110101********0134"
    assert typed.cells[reading.place[ColumnKey("note")]] == RIGHT, "what people write elsewhere is theirs"
    plain = cut_tab(CUSTOMERS, layout, rows)
    assert plain.rows[0].digest != typed.digest
    assert reading.content(typed) == reading.content(masked)
    assert typed.digest != masked.digest, "another number with the same mask is an edit"


def test_an_own_text_field_can_be_sealed() -> None:
    column = Column(Kind.LONG_TEXT, sealed=True, key=ColumnKey("note"))
    shelf = Shelf()
    (value,) = sealed_cells(CUSTOMERS.record, column, ["家庭住址：长安街 1 号"], codec(shelf))
    assert isinstance(value, Sealed)
    assert (mask_in(value), shelf.texts) == ("********", ["家庭住址：长安街 1 号"])
