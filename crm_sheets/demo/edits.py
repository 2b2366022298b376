"""The second act of the demo: what staff do in the workbook between two cycles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from random import Random

from crm_sheets.cells import CellValue
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.generator import CellRow, DemoBook
from crm_sheets.demo.numbers import mobile
from crm_sheets.demo.words.model import words_of
from crm_sheets.language import language
from crm_sheets.tables import ColumnKey, TabKey

CUSTOMERS, FOLLOW_UPS, OPPORTUNITIES = TabKey("customers"), TabKey("follow_ups"), TabKey("opportunities")


@dataclass(frozen=True, slots=True)
class StaffEdit:
    """One thing that somebody does.

    Attributes:
        what: key of its name, `demo.edit.<what>` in the catalogue.
        row: place in the rows of the tab as they were generated, 0-based; None for a new row below the last.
        cells: what is typed.
        deletes: the whole row goes, be it deleted or blanked.
    """

    what: str
    tab: TabKey
    row: int | None
    cells: Mapping[ColumnKey, CellValue]
    deletes: bool = False


def staff_edits(book: DemoBook, seed: int, now: datetime, zone: tzinfo, locale: str) -> tuple[StaffEdit, ...]:
    """The edits of a seed, each in another row; none touches a row with a planted mistake but the one that mends it."""
    dice = Dice(Random(f"{seed}/{locale}/edits"), now.astimezone(zone).replace(tzinfo=None, microsecond=0))  # noqa: S311 - no secret
    words, text = words_of(locale), language(locale).text
    spoiled = {(fault.tab, fault.row) for fault in book.planted}
    spoiled |= {(CUSTOMERS, place) for pair in book.duplicates for place in pair}

    def some_row(tab: TabKey, fits: Callable[[CellRow], bool]) -> int:
        places = [n for n, row in enumerate(book.tabs[tab]) if (tab, n) not in spoiled and fits(row)]
        chosen = dice.pick(places)
        spoiled.add((tab, chosen))
        return chosen

    open_follow_up = some_row(FOLLOW_UPS, lambda row: "done_at" not in row)
    proposal = text("value.opportunity_stage.proposal")
    deal = some_row(OPPORTUNITIES, lambda row: row.get(ColumnKey("stage")) == proposal)
    put_off = some_row(OPPORTUNITIES, lambda row: row.get(ColumnKey("stage")) == proposal)
    negotiation = text("value.opportunity_stage.negotiation")
    back = some_row(OPPORTUNITIES, lambda row: row.get(ColumnKey("stage")) == negotiation)
    broken_phone = next(fault for fault in book.planted if fault.kind == "phone_digit_missing")
    owner = book.tabs[CUSTOMERS][0][ColumnKey("owner")]
    return (
        StaffEdit(
            "completed",
            FOLLOW_UPS,
            open_follow_up,
            _cells(
                done_at=dice.now - timedelta(hours=1),
                result=dice.pick(words.follow_ups.results),
                next_step=dice.pick(words.follow_ups.next_steps),
                reaction=dice.pick(words.follow_ups.reactions),
                next_at=dice.office_hour(dice.day(5, 9)),
            ),
        ),
        StaffEdit(
            "new_customer",
            CUSTOMERS,
            None,
            _cells(
                name=words.faults.new_customer,
                type=text("value.customer_type.enterprise"),
                industry=text("value.industry.manufacturing"),
                contact=book.tabs[CUSTOMERS][1][ColumnKey("contact")],
                phone=mobile(dice),
                owner=owner,
            ),
        ),
        StaffEdit(
            "won",
            OPPORTUNITIES,
            deal,
            _cells(
                stage=text("value.opportunity_stage.won"),
                win_reason=text("value.win_reason.service"),
                close_date=dice.now.date(),
            ),
        ),
        StaffEdit("put_off", OPPORTUNITIES, put_off, _cells(close_date=dice.day(160, 200))),
        StaffEdit("went_back", OPPORTUNITIES, back, _cells(stage=text("value.opportunity_stage.needs"))),
        StaffEdit(
            "system_column",
            CUSTOMERS,
            some_row(CUSTOMERS, lambda row: True),
            _cells(created_at="2020-01-01", lifecycle="?"),
        ),
        StaffEdit("deleted", FOLLOW_UPS, some_row(FOLLOW_UPS, lambda row: "done_at" in row), {}, deletes=True),
        StaffEdit("wrong_phone", CUSTOMERS, some_row(CUSTOMERS, lambda row: True), _cells(phone="12345")),
        StaffEdit("mended", CUSTOMERS, broken_phone.row, _cells(phone=mobile(dice))),
    )


def _cells(**cells: CellValue) -> dict[ColumnKey, CellValue]:
    return {ColumnKey(key): cell for key, cell in cells.items()}
