"""Rows that are told beforehand from those that identity looks at: what is kept says what a look at all rows says."""

import os
from hashlib import blake2b
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets.identity import Ask, Identity, identify, means_new
from crm_sheets.known import KnownRow, KnownRows
from crm_sheets.state import IssuedKey
from crm_sheets.tables import RowKey, TabRow
from tests.sync.desks import START

EXAMPLES = int(os.environ.get("CRM_SHEETS_EXAMPLES", "150"))
KEYS = "ABCDEFGH"
TEXTS = ("ant", "bee", "cat", "")
ISSUED = {f"w{key}": IssuedKey(RowKey(key), f"w{key}", START) for key in "HI"}


def digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()


def row(number: int, shown: str, witness: str, text: str) -> TabRow:
    return TabRow(number, shown, witness, (text,), digest(f"{shown}|{text}"))


def known_row(key: str, text: str) -> KnownRow:
    return KnownRow(RowKey(key), f"w{key}", digest(f"{key}|{text}"), digest(text) if text else "")


class Sheet:
    """A sheet and its base, at the hands of chance; rows that are left alone stay the same objects."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.base = {key: known_row(key, random.choice(TEXTS)) for key in KEYS[: random.randrange(3, 8)]}
        texts = {digest(text): text for text in TEXTS} | {"": ""}
        self.rows = [
            row(number, key, f"w{key}", texts[each.content]) for number, (key, each) in enumerate(self.base.items(), 2)
        ]

    def change(self) -> set[RowKey]:
        """One thing that people or we do; the keys whose base row moved."""
        random, at = self.random, self.random.randrange(len(self.rows) + 1)
        what = random.choice(
            ("edit", "edit", "copy", "move", "delete", "insert", "sort", "ids", "base", "base", "settle")
        )
        if what == "base":
            return self._move(random.choice(KEYS), random.choice((None, *TEXTS)))
        if what == "settle" and at < len(self.rows):  # what stands there was taken in
            each = self.rows[at]
            return self._move(each.witness[1:], str(each.cells[0])) if each.witness[1:] in self.base else set()
        if what == "insert" or at == len(self.rows):
            self._put(at, row(0, random.choice((*KEYS, "", "新")), random.choice(("", "wA", "wH", "wZ")), "new"))
        elif what == "edit":
            each = self.rows[at]
            self.rows[at] = row(each.number, each.shown, each.witness, random.choice(TEXTS))
        elif what == "ids":
            each = self.rows[at]
            shown, witness = random.choice((each.shown, "", *KEYS)), random.choice((each.witness, "", "wA", "wB"))
            self.rows[at] = row(each.number, shown, witness, str(each.cells[0]))
        elif what == "copy":
            self._put(random.randrange(len(self.rows) + 1), self.rows[at])
        elif what == "delete":
            del self.rows[at]
        else:
            self.rows[at:] = reversed(self.rows[at:])
            self._renumber()
        return set()

    def _move(self, key: str, text: str | None) -> set[RowKey]:
        self.base.pop(key, None)
        if text is not None:
            self.base[key] = known_row(key, text)
        return {RowKey(key)}

    def _put(self, at: int, new: TabRow) -> None:
        self.rows.insert(at, new)
        self._renumber()

    def _renumber(self) -> None:
        self.rows = [
            each if each.number == number else row(number, each.shown, each.witness, str(each.cells[0]))
            for number, each in enumerate(self.rows, 2)
        ]


def told(identity: Identity) -> dict[str, object]:
    return {
        "placed": {key: each.number for key, each in identity.placed().items()},
        "arrived": {key: each.number for key, each in identity.arrived.items()},
        "fresh": [each.number for each in identity.fresh],
        "copies": identity.copies,
        "held": sorted((held.row.number, held.code, held.candidates) for held in identity.held),
        "missing": identity.missing,
        "unsure": identity.unsure,
        "emptied": identity.emptied,
        "scrambled": identity.scrambled,
    }


ASK = Ask(
    content=lambda each: digest(str(each.cells[0])) if each.cells[0] else "",
    resembles=lambda each, keys: tuple(key for key in keys if key == str(each.cells[0])[:1].upper()),
    means_new=means_new(["新"]),
    held_before={digest("new"): "row-new-in-old-file"},
)


def check(sheet: Sheet, kept: KnownRows, *, stale: bool, held: bool) -> None:
    ask = ASK if held else Ask(ASK.content, ASK.resembles, ASK.means_new)
    afresh = KnownRows(sheet.base.values())
    born = {digest("new"): RowKey("K")}
    whole = identify(sheet.rows, afresh, ISSUED, born, ask, stale=stale)
    for known in (afresh, kept):
        standing, others = known.sort_out(sheet.rows)
        parts = identify(others, known, ISSUED, born, ask, stale=stale, standing=standing)
        assert told(parts) == told(whole)


@given(seed=st.integers(0, 1 << 32), stale=st.booleans(), held=st.booleans())
@settings(max_examples=EXAMPLES, deadline=None)
def test_what_is_kept_says_what_a_look_at_the_whole_sheet_says(seed: int, stale: bool, held: bool) -> None:
    random = Random(seed)
    sheet = Sheet(random)
    kept = KnownRows(sheet.base.values())
    for _ in range(12):
        sheet.rows = list(sheet.rows)  # each reading gives another list
        moved = {key for _ in range(random.randrange(3)) for key in sheet.change()}
        kept.move(moved, {RowKey(key): each for key, each in sheet.base.items()})
        check(sheet, kept, stale=stale, held=held)


def test_rows_that_nobody_touched_are_not_looked_at_again() -> None:
    rows = [row(number, key, f"w{key}", "ant") for number, key in enumerate("ABC", 2)]
    known = KnownRows(known_row(key, "ant") for key in "ABC")
    known.sort_out(rows)
    known.by_witness.clear()  # a look at a row would not find what it is

    standing, others = known.sort_out([*rows])

    assert (sorted(standing), others) == (["A", "B", "C"], [])


def test_of_two_rows_that_name_one_row_of_the_base_neither_stands() -> None:
    rows = [row(2, "A", "wA", "ant"), row(3, "B", "wB", "ant"), row(4, "A", "wA", "ape"), row(5, "B", "", "bee")]

    standing, others = KnownRows(known_row(key, "ant") for key in "AB").sort_out(rows)

    assert not standing
    assert [each.number for each in others] == [2, 3, 4, 5]
