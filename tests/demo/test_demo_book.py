"""The made-up team: equal for a seed, other for another, sound but for what was planted."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_sheets.cells import text_key
from crm_sheets.demo import DemoBook, generate
from crm_sheets.demo.edits import StaffEdit, staff_edits
from crm_sheets.demo.generator import counted
from crm_sheets.language import LOCALES, language
from crm_sheets.schema import TABS, tab
from crm_sheets.schema.base import Kind
from crm_sheets.schema.codecs import CodecContext, Flaw, parse
from crm_sheets.tables import ColumnKey, TabKey

NOW = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
CUSTOMERS = TabKey("customers")
NAME = ColumnKey("name")


@pytest.fixture(scope="module", params=LOCALES)
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def book(locale: str) -> DemoBook:
    return generate(1, NOW, ZONE, locale)


def names(book: DemoBook) -> list[str]:
    return [text_key(str(row[NAME])) for row in book.tabs[CUSTOMERS]]


def test_equal_seeds_make_equal_books(book: DemoBook, locale: str) -> None:
    assert generate(1, NOW, ZONE, locale) == book


def test_another_seed_has_other_names(book: DemoBook, locale: str) -> None:
    other = generate(2, NOW, ZONE, locale)
    assert len(set(names(book)) & set(names(other))) < 30
    assert {row[NAME] for row in book.tabs[TabKey("people")]} != {row[NAME] for row in other.tabs[TabKey("people")]}


def test_the_team_has_the_size_that_was_promised(book: DemoBook) -> None:
    sizes = {str(key): len(rows) for key, rows in book.tabs.items()}
    promised = {
        "customers": 300,
        "follow_ups": 1200,
        "opportunities": 250,
        "feedback": 200,
        "people": 13,
        "services": 160,
        "targets": 40,
        "campaigns": 6,
        "campaign_members": 105,
    }
    assert sizes | promised == sizes
    assert all(sizes[key] >= 25 for key in ("orders", "order_lines", "payments", "contracts"))
    people = book.tabs[TabKey("people")]
    assert len({row[ColumnKey("department")] for row in people}) == 3
    assert len({row[ColumnKey("group")] for row in people if ColumnKey("group") in row}) == 3


def test_every_column_is_one_that_staff_may_fill(book: DemoBook) -> None:
    for key, rows in book.tabs.items():
        columns = tab(key).columns
        assert all(not columns[column].system for row in rows for column in row)


def test_every_cell_can_be_read_but_the_planted_ones(book: DemoBook, locale: str) -> None:
    context = CodecContext(zone=ZONE, language=language(locale))
    unreadable = {
        (key, place, column)
        for key, rows in book.tabs.items()
        for place, row in enumerate(rows)
        for column, raw in row.items()
        if isinstance(parse(raw, tab(key).columns[column], context), Flaw)
    }
    planted = {(fault.tab, fault.row, fault.column) for fault in book.planted}
    assert unreadable
    assert unreadable <= planted


def test_every_record_is_valid_but_the_planted_ones(book: DemoBook, locale: str) -> None:
    context = CodecContext(zone=ZONE, language=language(locale))
    planted = {(fault.tab, fault.row) for fault in book.planted}
    for key, rows in book.tabs.items():
        for place, row in enumerate(rows):
            if (key, place) not in planted:
                columns = tab(key).columns
                tab(key).record(**{column: parse(raw, columns[column], context) for column, raw in row.items()})


def test_choices_references_and_people_exist_but_for_the_planted_ones(book: DemoBook, locale: str) -> None:
    words = language(locale)
    values = {key: text for key, text in words.messages.items() if key.startswith("value.")}
    planted = {(fault.tab, fault.row, fault.column) for fault in book.planted}
    naming = {key: tab(key).record.name_column or NAME for key in book.tabs}
    named = {key: Counter(text_key(str(row.get(naming[key]))) for row in rows) for key, rows in book.tabs.items()}
    for each in TABS:
        for place, row in enumerate(book.tabs.get(each.key, [])):
            for column, raw in row.items():
                meta = each.columns[column]
                if (each.key, place, column) in planted:
                    continue
                if meta.kind is Kind.CHOICE:
                    known = {text for key, text in values.items() if key.startswith(f"value.{meta.dictionary}.")}
                    assert raw in known
                elif meta.refers_to is not None:
                    assert named[meta.refers_to][text_key(str(raw))] == 1, (each.key, column, raw)


def test_faults_are_what_the_manifest_says(book: DemoBook) -> None:
    kinds = counted(book.planted)
    assert len(kinds) >= 20
    assert all(count >= 2 for count in kinds.values())
    assert len({(fault.tab, fault.row) for fault in book.planted}) == len(book.planted)


def test_every_fault_and_edit_has_a_name_in_both_languages(book: DemoBook, locale: str) -> None:
    keys = {f"demo.fault.{fault.kind}" for fault in book.planted}
    keys |= {f"demo.edit.{edit.what}" for edit in edits_of(book, locale)}
    assert [key for key in sorted(keys) for each in LOCALES if not language(each).has(key)] == []


def test_duplicates_are_two_rows_that_share_something_but_not_the_name(book: DemoBook) -> None:
    rows = book.tabs[CUSTOMERS]
    assert len(book.duplicates) == 15
    assert len({place for pair in book.duplicates for place in pair}) == 30
    for one, other in book.duplicates:
        assert rows[one][NAME] != rows[other][NAME]
        assert rows[one][ColumnKey("contact")] == rows[other][ColumnKey("contact")]
    assert max(Counter(names(book)).values()) == 1


def test_dates_lie_sensibly_round_now(book: DemoBook) -> None:
    now = NOW.astimezone(ZONE).replace(tzinfo=None)
    follow_ups = book.tabs[TabKey("follow_ups")]
    done = [row[ColumnKey("done_at")] for row in follow_ups if ColumnKey("done_at") in row]
    assert 700 < len(done) < 1000
    assert all(isinstance(moment, datetime) and moment < now for moment in done)
    planned = [row[ColumnKey("planned_at")] for row in follow_ups if ColumnKey("done_at") not in row]
    late = [moment for moment in planned if isinstance(moment, datetime) and moment < now]
    assert 30 < len(late) < 200
    assert len(planned) > 2 * len(late)


def edits_of(book: DemoBook, locale: str) -> tuple[StaffEdit, ...]:
    return staff_edits(book, 1, NOW, ZONE, locale)


def test_staff_edits_are_equal_for_a_seed_and_each_in_a_row_of_its_own(book: DemoBook, locale: str) -> None:
    edits = edits_of(book, locale)
    assert edits == edits_of(book, locale)
    there = [(edit.tab, edit.row, edit.who) for edit in edits if edit.row is not None]
    assert len(set(there)) == len(there)
    assert len(edits) == 16
    assert {edit.what for edit in edits if edit.deletes} == {"deleted"}


def test_two_people_type_different_titles_into_one_cell_that_they_both_see(book: DemoBook, locale: str) -> None:
    ours, theirs = (edit for edit in edits_of(book, locale) if edit.what.startswith("same_cell"))
    assert (ours.tab, ours.row, set(ours.cells)) == (theirs.tab, theirs.row, set(theirs.cells))
    assert (ours.who, theirs.who) == ("", "S006")
    assert ours.row is not None
    row = book.tabs[CUSTOMERS][ours.row]
    assert len({row.get(ColumnKey("title")), *ours.cells.values(), *theirs.cells.values()}) == 3
    seller = next(each[NAME] for each in book.tabs[TabKey("people")] if each[ColumnKey("id")] == theirs.who)
    assert row[ColumnKey("owner")] == seller


def test_the_mended_row_is_a_planted_one(book: DemoBook, locale: str) -> None:
    mended = next(edit for edit in edits_of(book, locale) if edit.what == "mended")
    assert mended.row in {fault.row for fault in book.planted if fault.kind == "phone_digit_missing"}


def test_some_reminders_fall_between_the_two_cycles_of_the_demo(book: DemoBook) -> None:
    now = NOW.astimezone(ZONE).replace(tzinfo=None)
    planned = [
        row[ColumnKey("planned_at")] for row in book.tabs[TabKey("follow_ups")] if ColumnKey("done_at") not in row
    ]
    due = [at for at in planned if isinstance(at, datetime) and now - timedelta(minutes=2) < at <= now]
    assert len(due) == 2
