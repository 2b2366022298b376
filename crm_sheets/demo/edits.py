"""The second act of the demo: what staff do in the workbook between two cycles."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from random import Random

from crm_sheets.cells import CellValue
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.generator import CellRow, DemoBook
from crm_sheets.demo.numbers import mobile
from crm_sheets.demo.words.model import words_of
from crm_sheets.language import language
from crm_sheets.schema.periods import Period
from crm_sheets.tables import ColumnKey, TabKey

CUSTOMERS, FOLLOW_UPS, OPPORTUNITIES = TabKey("customers"), TabKey("follow_ups"), TabKey("opportunities")
CAMPAIGNS, PEOPLE, REVIEWS, LOOKUPS = TabKey("campaigns"), TabKey("people"), TabKey("reviews"), TabKey("lookups")
SELLER = "S006"
"""Has a workbook of the own, and types there into a cell that somebody changes in the team's at the same time."""


@dataclass(frozen=True, slots=True)
class StaffEdit:
    """One thing that somebody does.

    Attributes:
        what: key of its name, `demo.edit.<what>` in the catalogue.
        row: place in the rows of the tab as they were generated, 0-based; None for a new row below the last.
        cells: what is typed.
        deletes: the whole row goes, be it deleted or blanked.
        who: 工号 of the person in whose workbook it is typed; "" for the team's.
    """

    what: str
    tab: TabKey
    row: int | None
    cells: Mapping[ColumnKey, CellValue]
    deletes: bool = False
    who: str = ""


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
            *self._measures(),
            *self._questions(),
            *self._at_once(),
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

    def _measures(self) -> Iterator[StaffEdit]:
        """What leads decided after the last month: one thing is done, another is not."""
        today, people = self.dice.now.date(), self.book.tabs[PEOPLE]
        last = today.replace(day=1) - timedelta(days=1)
        said, name = self.words.reviews, ColumnKey("name")
        about = _cells(period=Period(last.year, month=last.month).text)
        company, department = self.text("rules.company").split("|")[0], self.words.team.departments[0]
        first = _cells(scope=company, measures=said.measures[0], responsible=people[0][name], due=today, done=said.done)
        due = self.dice.day(7, 14)
        second = _cells(scope=department, measures=said.measures[1], responsible=people[2][name], due=due)
        yield StaffEdit("measure", REVIEWS, None, about | first)
        yield StaffEdit("measure", REVIEWS, None, about | second)

    def _questions(self) -> Iterator[StaffEdit]:
        """A seller asks before writing somebody down: of a customer of the team, and of one whom nobody knows."""
        theirs = self._row(CUSTOMERS, lambda row: row.get(ColumnKey("owner")) != self._seller())
        known = self.book.tabs[CUSTOMERS][theirs][ColumnKey("name")]
        for question in (known, self.words.faults.missing_customer):
            yield StaffEdit("asked", LOOKUPS, None, _cells(question=question, owner=self._seller()))

    def _at_once(self) -> Iterator[StaffEdit]:
        """Two people change one cell, each in a workbook of the own."""
        row = self._row(CUSTOMERS, lambda row: row.get(ColumnKey("owner")) == self._seller())
        was = self.book.tabs[CUSTOMERS][row].get(ColumnKey("title"))
        ours, theirs = self.dice.random.sample([title for title in self.words.people.titles if title != was], 2)
        yield StaffEdit("same_cell", CUSTOMERS, row, _cells(title=ours))
        yield StaffEdit("same_cell_in_view", CUSTOMERS, row, _cells(title=theirs), who=SELLER)

    def _seller(self) -> CellValue:
        people = self.book.tabs[PEOPLE]
        return next(row[ColumnKey("name")] for row in people if row[ColumnKey("id")] == SELLER)

    def _won(self) -> dict[ColumnKey, CellValue]:
        return _cells(
            stage=self.text("value.opportunity_stage.won"),
            win_reason=self.text("value.win_reason.service"),
            close_date=self.dice.now.date(),
        )


def _cells(**cells: CellValue) -> dict[ColumnKey, CellValue]:
    return {ColumnKey(key): cell for key, cell in cells.items()}
