"""Which record a row is: one small sheet for each case of the table."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import pytest

from crm_sheets.identity import Ask, Identity, identify, means_new
from crm_sheets.known import KnownRow, KnownRows
from crm_sheets.state import IssuedKey
from crm_sheets.tables import RowKey, TabRow
from tests.sync.desks import START


def digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()


def row(number: int, shown: str = "", witness: str = "", text: str = "") -> TabRow:
    """A row in which staff typed `text`."""
    return TabRow(number, shown, witness, (text,), digest(f"{shown}|{text}"))


def known(*rows: tuple[str, str]) -> KnownRows:
    """The base of rows (key, text); the witness of A is `wA`."""
    return KnownRows(KnownRow(RowKey(key), f"w{key}", digest(f"{key}|{text}"), digest(text)) for key, text in rows)


def found(
    rows: Sequence[TabRow],
    base: KnownRows,
    *,
    issued: str = "",
    born: Mapping[str, str] | None = None,
    held: Mapping[str, str] | None = None,
    stale: bool = False,
) -> Identity:
    ask = Ask(
        content=lambda row: digest(str(row.cells[0])) if row.cells[0] else "",
        resembles=lambda row, keys: tuple(key for key in keys if str(row.cells[0]).startswith(f"like {key}")),
        means_new=means_new(["新", "new"]),
        held_before={digest(text): code for text, code in (held or {}).items()},
    )
    given = {f"w{key}": IssuedKey(RowKey(key), f"w{key}", START) for key in issued}
    twins = {digest(text): RowKey(key) for text, key in (born or {}).items()}
    whole = identify(rows, base, given, twins, ask, stale=stale)
    standing, others = base.sort_out(rows)
    assert seen(identify(others, base, given, twins, ask, stale=stale, standing=standing)) == seen(whole)
    return whole


def seen(identity: Identity) -> dict[str, object]:
    """What was found, without what is empty, as row numbers and keys."""
    told = {
        "matched": {str(key): row.number for key, row in identity.placed().items()},
        "arrived": {str(key): row.number for key, row in identity.arrived.items()},
        "fresh": [row.number for row in identity.fresh],
        "copies": dict(identity.copies),
        "held": [(held.row.number, held.code, *held.candidates) for held in identity.held],
        "missing": [str(key) for key in identity.missing],
        "unsure": sorted(identity.unsure),
        "emptied": dict(identity.emptied),
        "scrambled": identity.scrambled,
    }
    return {name: value for name, value in told.items() if value}


TWO = known(("A", "ant"), ("B", "bee"))
SAME = {"matched": {"A": 2, "B": 3}}


@pytest.mark.parametrize(
    ("case", "rows", "expected"),
    [
        ("nothing moved", [row(2, "A", "wA", "ant"), row(3, "B", "wB", "bee")], SAME),
        ("sorted", [row(2, "B", "wB", "bee"), row(3, "A", "wA", "ant")], {"matched": {"A": 3, "B": 2}}),
        ("edited", [row(2, "A", "wA", "ape"), row(3, "B", "wB", "bee")], SAME),
        ("the id was blanked", [row(2, "", "wA", "ant"), row(3, "B", "wB", "bee")], SAME),
        ("the hidden key was blanked", [row(2, "A", "", "ant"), row(3, "B", "wB", "bee")], SAME),
        ("both were blanked, the text is the same", [row(2, "", "", "ant"), row(3, "B", "wB", "bee")], SAME),
        ("a typed id of another row", [row(2, "B", "wA", "ant"), row(3, "B", "wB", "bee")], SAME),
        ("deleted", [row(3, "B", "wB", "bee")], {"matched": {"B": 3}, "missing": ["A"]}),
        (
            "emptied",
            [row(2, "A", "wA", ""), row(3, "B", "wB", "bee")],
            {"matched": {"B": 3}, "missing": ["A"], "emptied": {"A": 2}},
        ),
        ("a new row", [*(row(n, k, f"w{k}", t) for n, k, t in ((2, "A", "ant"), (3, "B", "bee"))), row(4, text="cat")],
         {**SAME, "fresh": [4]}),
        ("a new row and a deletion", [row(2, "A", "wA", "ant"), row(3, text="cat")],
         {"matched": {"A": 2}, "fresh": [3], "missing": ["B"]}),
        ("a row that is like a missing one", [row(2, "A", "wA", "ant"), row(3, text="like B but for this")],
         {"matched": {"A": 2}, "held": [(3, "row-without-id", "B")], "unsure": ["B"]}),
        ("which the staff say is new", [row(2, "A", "wA", "ant"), row(3, "新", "", "like B but for this")],
         {"matched": {"A": 2}, "fresh": [3], "missing": ["B"]}),
        ("copied", [row(2, "A", "wA", "ant"), row(3, "B", "wB", "bee"), row(4, "A", "wA", "ant")],
         {**SAME, "fresh": [4], "copies": {4: "A"}}),
        ("copied to the place above, and the copy edited",
         [row(2, "A", "wA", "ape"), row(3, "A", "wA", "ant"), row(4, "B", "wB", "bee")],
         {"matched": {"A": 3, "B": 4}, "fresh": [2], "copies": {2: "A"}}),
        ("copied, and both edited otherwise",
         [row(2, "A", "wA", "ape"), row(3, "A", "wA", "asp"), row(4, "B", "wB", "bee")],
         {"matched": {"B": 4}, "unsure": ["A"],
          "held": [(2, "row-copies-all-edited", "A"), (3, "row-copies-all-edited", "A")]}),
        ("copied, and the original emptied",
         [row(2, "A", "wA", ""), row(3, "A", "wA", "ant"), row(4, "B", "wB", "bee")],
         {"matched": {"A": 3, "B": 4}}),
        ("a key that was never given", [row(2, "A", "wA", "ant"), row(3, "B", "wB", "bee"), row(4, "Z", "wZ", "zoo")],
         {**SAME, "fresh": [4]}),
        ("a blank row that somebody coloured", [row(2, "A", "wA", "ant"), row(3, "B", "wB", "bee"), row(4)], SAME),
    ],
)  # fmt: skip
def test_a_row_of_a_sheet_that_is_up_to_date(case: str, rows: list[TabRow], expected: dict[str, object]) -> None:
    assert seen(found(rows, TWO)) == expected, case


def test_a_row_becomes_a_record_when_its_key_was_read_back() -> None:
    assert seen(found([row(2, "A", "wA", "ant")], KnownRows(), issued="A")) == {"arrived": {"A": 2}}
    assert seen(found([row(2, "A", "wA", "ant")], KnownRows())) == {"fresh": [2]}, "but no key that was not given"


def test_a_row_that_moved_and_left_its_hidden_key_behind_is_known_by_its_id_and_text() -> None:
    rows = [row(2, "B", "wA", "bee"), row(3, "A", "wB", "ant")]

    assert seen(found(rows, TWO)) == {"matched": {"A": 3, "B": 2}}


def test_a_sort_that_left_the_hidden_column_behind_is_counted() -> None:
    letters = "ABCDEFGH"
    base = known(*((key, key.lower()) for key in letters))
    shifted = letters[1:] + letters[0]
    edited = [row(n, shown, f"w{key}", "x") for n, (key, shown) in enumerate(zip(letters, shifted, strict=True), 2)]

    assert found(edited, base).scrambled == 8
    assert found(edited[:3], base).scrambled == 0, "three are three accidents of one row each"


def test_of_two_rows_that_lost_their_ids_the_text_must_be_told_apart() -> None:
    twins = known(("A", "ant"), ("B", "ant"))

    lost = seen(found([row(2, text="ant")], twins))

    assert lost == {"held": [(2, "row-without-id", "A", "B")], "unsure": ["A", "B"]}


def test_rows_of_an_old_file() -> None:
    kept = [row(2, "A", "wA", "ant"), row(3, "B", "wB", "bee")]
    copied = seen(found([*kept, row(4, "A", "wA", "ape")], TWO, stale=True))
    typed = seen(found([*kept, row(4, text="cat")], TWO, stale=True))
    born = seen(found([*kept, row(4, text="cat")], TWO, born={"cat": "C"}, stale=True))

    assert copied == {**SAME, "held": [(4, "row-copied-in-old-file", "A")]}
    assert typed == {**SAME, "held": [(4, "row-new-in-old-file")]}
    assert born == {**SAME, "arrived": {"C": 4}}, "it is that row, before it got its key"


def test_a_row_that_was_held_stays_held_until_it_is_mended() -> None:
    kept = [row(2, "A", "wA", "ant"), row(3, "B", "wB", "bee")]
    held = {"cat": "row-new-in-old-file"}

    assert seen(found([*kept, row(4, text="cat")], TWO, held=held))["held"] == [(4, "row-new-in-old-file")]
    assert seen(found([*kept, row(4, "新", "", "cat")], TWO, held=held))["fresh"] == [4]
    assert seen(found([*kept, row(4, text="cat, mended")], TWO, held=held))["fresh"] == [4]


def test_a_row_that_was_held_beside_the_one_whose_key_it_has_stays_held() -> None:
    held = {"ape": "row-copied-in-old-file", "ant": "row-new-in-old-file"}
    ant, bee, ape = row(2, "A", "wA", "ant"), row(3, "B", "wB", "bee"), row(4, "A", "wA", "ape")
    left = {"held": [(4, "row-copied-in-old-file", "A")]}

    assert seen(found([ant, bee, ape], TWO, held=held)) == {**SAME, **left}
    assert seen(found([row(2, "A", "wA", "asp"), bee, ape], TWO, held=held)) == {**SAME, **left}, "an edited row is one"
    assert seen(found([row(2, "A", "wA", "asp"), bee, row(4, "", "wA", "ant")], TWO, held=held)) == {
        **SAME,
        "held": [(4, "row-new-in-old-file", "A")],
    }, "though the text of what is held is that of the base"
    assert seen(found([ant, bee, row(4, "新", "wA", "ape")], TWO, held=held)) == {**SAME, "fresh": [4]}
    assert seen(found([ant, bee, row(4, "A", "wA", "ape, mended")], TWO, held=held))["fresh"] == [4]
    assert seen(found([bee, ape], TWO, held=held)) == {"matched": {"B": 3, "A": 4}}, "the other one was taken out"


def test_a_row_that_was_held_beside_two_copies_that_were_edited_keeps_its_own_reason() -> None:
    copies = [row(2, "A", "wA", "asp"), row(3, "A", "wA", "auk")]
    sheet = [*copies, row(4, "A", "wA", "ape"), row(5, "B", "wB", "bee")]

    assert seen(found(sheet, TWO, held={"ape": "row-copied-in-old-file"}))["held"] == [
        (2, "row-copies-all-edited", "A"),
        (3, "row-copies-all-edited", "A"),
        (4, "row-copied-in-old-file", "A"),
    ]


def test_the_word_for_new_is_read_as_people_type_it() -> None:
    said = means_new(["新", "new"])

    assert [said(text) for text in ("新", " NEW ", "ｎｅｗ", "newer", "")] == [True, True, True, False, False]
