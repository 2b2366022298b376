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
CAMPAIGNS = TabKey("campaigns")


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
    return _Staff(book, dice, locale).edits()


class _Staff:
    """The people of the demo at work."""

    def __init__(self, book: DemoBook, dice: Dice, locale: str) -> None:
        self.book, self.dice = book, dice
        self.words, self.text = words_of(locale), language(locale).text
        self.taken = {(fault.tab, fault.row) for fault in book.planted}
        self.taken |= {(CUSTOMERS, place) for pair in book.duplicates for place in pair}

    def edits(self) -> tuple[StaffEdit, ...]:
        """All of them, in the order in which they are told."""
        follow_up = self._row(FOLLOW_UPS, lambda row: "done_at" not in row)
        deal, put_off = self._deal_in("proposal"), self._deal_in("proposal")
        back = self._deal_in("negotiation")
        broken_phone = next(fault for fault in self.book.planted if fault.kind == "phone_digit_missing")
        campaign = self._row(CAMPAIGNS, lambda row: "mail_subject" in row)
        needs = _cells(stage=self.text("value.opportunity_stage.needs"))
        return (
            StaffEdit("completed", FOLLOW_UPS, follow_up, self._outcome()),
            StaffEdit("new_customer", CUSTOMERS, None, self._newcomer()),
            StaffEdit("won", OPPORTUNITIES, deal, self._won()),
            StaffEdit("put_off", OPPORTUNITIES, put_off, _cells(close_date=self.dice.day(160, 200))),
            StaffEdit("went_back", OPPORTUNITIES, back, needs),
            StaffEdit("system_column", CUSTOMERS, self._customer(), _cells(created_at="2020-01-01", lifecycle="?")),
            StaffEdit("deleted", FOLLOW_UPS, self._row(FOLLOW_UPS, lambda row: "done_at" in row), {}, deletes=True),
            StaffEdit("wrong_phone", CUSTOMERS, self._customer(), _cells(phone="12345")),
            StaffEdit("campaign_mail", CAMPAIGNS, campaign, _cells(mail_release=self.text("value.mail_release.send"))),
            StaffEdit("mended", CUSTOMERS, broken_phone.row, _cells(phone=mobile(self.dice))),
        )

    def _row(self, tab: TabKey, fits: Callable[[CellRow], bool]) -> int:
        """A row that nobody has touched yet."""
        places = [n for n, row in enumerate(self.book.tabs[tab]) if (tab, n) not in self.taken and fits(row)]
        chosen = self.dice.pick(places)
        self.taken.add((tab, chosen))
        return chosen

    def _customer(self) -> int:
        return self._row(CUSTOMERS, lambda row: True)

    def _deal_in(self, stage: str) -> int:
        name = self.text(f"value.opportunity_stage.{stage}")
        return self._row(OPPORTUNITIES, lambda row: row.get(ColumnKey("stage")) == name)

    def _outcome(self) -> dict[ColumnKey, CellValue]:
        """What somebody writes down after a visit."""
        dice, said = self.dice, self.words.follow_ups
        return _cells(
            done_at=dice.now - timedelta(hours=1),
            result=dice.pick(said.results),
            next_step=dice.pick(said.next_steps),
            reaction=dice.pick(said.reactions),
            next_at=dice.office_hour(dice.day(5, 9)),
        )

    def _newcomer(self) -> dict[ColumnKey, CellValue]:
        """A customer who is one of the book already, under another name."""
        first, second = self.book.tabs[CUSTOMERS][:2]
        return _cells(
            name=self.words.faults.new_customer,
            type=self.text("value.customer_type.enterprise"),
            industry=self.text("value.industry.manufacturing"),
            contact=second[ColumnKey("contact")],
            phone=mobile(self.dice),
            owner=first[ColumnKey("owner")],
        )

    def _won(self) -> dict[ColumnKey, CellValue]:
        return _cells(
            stage=self.text("value.opportunity_stage.won"),
            win_reason=self.text("value.win_reason.service"),
            close_date=self.dice.now.date(),
        )


def _cells(**cells: CellValue) -> dict[ColumnKey, CellValue]:
    return {ColumnKey(key): cell for key, cell in cells.items()}
