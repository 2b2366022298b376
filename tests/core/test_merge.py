"""Every row of the table of merge.py, and that the rows are all there is."""

from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.merge import RowMerge, merge_row
from crm_sheets.permissions import Level
from crm_sheets.tables import ColumnKey

NAME = ColumnKey("name")


def merged(base: object, sheet: object, canonical: object, level: Level = Level.EDIT, had: object = ...) -> RowMerge:
    """One cell; `had` is a value that it had since an old file was written."""
    since = None if had is ... else lambda column, value: value == had
    return merge_row({NAME: base}, {NAME: sheet}, {NAME: canonical}, lambda column: level, since)


def test_nothing_was_typed() -> None:
    assert merged("a", "a", "a") == RowMerge()
    assert merged("a", "a", "c") == RowMerge(), "the sheet takes c when it is written"


def test_both_made_the_same_edit() -> None:
    assert merged("a", "b", "b") == RowMerge(observed={NAME: "b"})
    assert merged("a", "b", "b", Level.READ) == RowMerge(observed={NAME: "b"}), (
        "whoever may not edit typed what is there"
    )


def test_an_edit_is_accepted() -> None:
    assert merged("a", "b", "a") == RowMerge(accepted={NAME: "b"}, observed={NAME: "b"})


def test_a_cell_that_was_blanked_is_an_edit() -> None:
    assert merged("a", None, "a") == RowMerge(accepted={NAME: None}, observed={NAME: None})


def test_an_edit_without_permission_is_put_back() -> None:
    for level in (Level.HIDDEN, Level.READ, Level.PROPOSE):
        result = merged("a", "b", "a", level)
        assert [(clash.typed, clash.stays) for clash in result.reverted] == [("b", "a")]
        assert result == RowMerge(reverted=result.reverted)


def proposed(base: object, sheet: object, canonical: object, level: Level, asks: bool = True) -> RowMerge:
    """One cell, an edit of which from `base` to `sheet` somebody must approve, or not."""
    return merge_row(
        {NAME: base},
        {NAME: sheet},
        {NAME: canonical},
        lambda column: level,
        None,
        lambda column, old, new: asks and (column, old, new) == (NAME, "a", "b"),
    )


def test_an_edit_that_needs_an_approval_is_put_back_and_asked_for() -> None:
    for level in (Level.PROPOSE, Level.EDIT):
        result = proposed("a", "b", "a", level)
        assert [(clash.column, clash.typed, clash.stays) for clash in result.proposed] == [(NAME, "b", "a")]
        assert result == RowMerge(proposed=result.proposed), "nothing is accepted, and the base stays"


def test_what_nobody_would_decide_is_not_asked_for() -> None:
    assert proposed("a", "b", "a", Level.PROPOSE, asks=False).reverted
    assert proposed("a", "b", "a", Level.EDIT, asks=False).accepted == {NAME: "b"}
    assert proposed("a", "c", "a", Level.EDIT).accepted == {NAME: "c"}, "another step needs nobody"


def test_who_may_not_propose_is_put_back() -> None:
    for level in (Level.HIDDEN, Level.READ):
        assert proposed("a", "b", "a", level).reverted


def test_a_request_for_a_cell_that_changed_meanwhile_is_a_conflict() -> None:
    result = merge_row({NAME: "x"}, {NAME: "b"}, {NAME: "a"}, lambda column: Level.PROPOSE, None, lambda *_: True)
    assert [(clash.typed, clash.stays) for clash in result.conflicts] == [("b", "a")]
    assert not result.proposed


def test_two_edits_of_one_cell_are_a_conflict() -> None:
    result = merged("a", "b", "c")

    assert [(clash.typed, clash.stays) for clash in result.conflicts] == [("b", "c")]
    assert result == RowMerge(conflicts=result.conflicts)


def test_what_an_old_file_holds_of_later_values_is_an_echo() -> None:
    assert merged("a", "b", "c", had="b") == RowMerge()
    assert merged("a", "x", "c", had="b").conflicts, "but not what nobody ever accepted"


def test_a_cell_that_cannot_be_read_is_left_alone() -> None:
    """It is not among the cells of the sheet."""
    assert merge_row({NAME: "a"}, {}, {NAME: "a"}, lambda column: Level.EDIT) == RowMerge()


def test_cells_are_merged_one_by_one() -> None:
    base = {ColumnKey(key): "old" for key in "abc"}
    sheet = {**base, ColumnKey("a"): "mine"}
    canonical = {**base, ColumnKey("b"): "theirs"}

    assert merge_row(base, sheet, canonical, lambda column: Level.EDIT).accepted == {ColumnKey("a"): "mine"}


def test_what_a_person_sees_as_the_same_is_no_edit() -> None:
    assert merged(5, 5.0, 5) == RowMerge()
    assert merged(None, "", None) == RowMerge()
    assert merged(1, True, 1).accepted == {NAME: True}


VALUES = st.sampled_from([None, "a", "b", "c", 1, True])


@given(base=VALUES, sheet=VALUES, canonical=VALUES, level=st.sampled_from(Level))
def test_each_typed_value_meets_exactly_one_fate(base: object, sheet: object, canonical: object, level: Level) -> None:
    result = merged(base, sheet, canonical, level)

    fates = [bool(result.accepted), bool(result.reverted), bool(result.conflicts)]
    assert sum(fates) <= 1
    assert not result.accepted or level is Level.EDIT
    assert result.accepted.keys() <= result.observed.keys()
    again = merge_row({NAME: sheet}, {NAME: sheet}, {NAME: canonical}, lambda column: level)
    assert again == RowMerge(), "what the base advanced to is typed by nobody"
