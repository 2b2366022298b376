"""Puts the made-up team together: one seed, one workbook."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from random import Random
from typing import TypeAlias

from crm_sheets.cells import CellValue, text_key
from crm_sheets.demo.activities import ActivityMaker, ask_for_recommendations
from crm_sheets.demo.campaigns import CampaignMaker
from crm_sheets.demo.customers import Company, CustomerMaker, as_people_type
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.faults import DUPLICATE_GROUPS, Draft, PlantedDraft, doubled, kinds, plant
from crm_sheets.demo.sales import SalesMaker, leave_unpaid
from crm_sheets.demo.services import service_tabs
from crm_sheets.demo.targets import target_rows
from crm_sheets.demo.team import Member, accountant, members, people_rows
from crm_sheets.demo.words.model import Words, words_of
from crm_sheets.language import language
from crm_sheets.tables import ColumnKey, TabKey

CellRow: TypeAlias = dict[ColumnKey, CellValue]

CUSTOMERS, FOLLOW_UPS, OPPORTUNITIES, FEEDBACK = 285, 1200, 250, 200
"""Customers before the duplicates are added."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A mistake that a cycle must find.

    Attributes:
        kind: key of its name, `demo.fault.<kind>` in the catalogue.
        row: place in the rows of the tab, 0-based: the sheet has it in row + 2.
        code: of the finding; with a `*` at its end any code that begins so.
    """

    kind: str
    tab: TabKey
    row: int
    column: ColumnKey
    code: str


@dataclass(frozen=True, slots=True)
class DemoBook:
    """A workbook as staff would have typed it, and what is wrong with it.

    Attributes:
        tabs: raw cells; no ids and no computed columns, which come with the first cycle. Dates and times are naive, on
            the wall of the office.
        duplicates: places (0-based) in the customers tab of the two rows of each planted pair.
    """

    tabs: Mapping[TabKey, list[CellRow]]
    planted: tuple[Planted, ...]
    duplicates: tuple[tuple[int, int], ...]


def generate(seed: int, now: datetime, zone: tzinfo, locale: str) -> DemoBook:
    """The made-up workbook of a seed.

    Args:
        now: aware; dates are spread sensibly round it.
        zone: of the office.
        locale: `zh-CN` or `en`: names, words and values of drop-downs.
    """
    local = now.astimezone(zone).replace(tzinfo=None, microsecond=0)
    dice = Dice(Random(f"{seed}/{locale}"), local)  # noqa: S311 - made-up names are no secret
    words = words_of(locale)
    team = members(dice, words)
    maker = CustomerMaker(dice, words, language(locale), _sellers(team))
    customers, companies = _customers(maker)
    tabs = {
        "customers": customers,
        **_activities(dice, words, locale, team, customers),
        "people": people_rows(team, words, language(locale)),
    }
    # Draws of its own: what is added to one part of the demo leaves the others as they were.
    dice_of = partial(_dice_of, seed, locale, local)
    tabs |= _sales(dice_of("sales"), words, locale, tabs)
    campaigns = CampaignMaker(dice_of("campaigns"), words, language(locale))
    tabs |= campaigns.rows(customers, tabs["opportunities"])
    tabs |= service_tabs(dice_of("services"), words, language(locale), team, customers)
    ask_for_recommendations(dice_of("recommendations"), tabs["feedback"], language(locale))
    leave_unpaid(dice_of("receivables"), tabs["payments"])
    pairs = _add_duplicates(maker, customers, companies)
    for row in customers:
        as_people_type(row, dice)
    spared = [row for pair in pairs for row in pair]
    tabs["people"].append(accountant(dice_of("finance"), words, language(locale), team))
    planted = plant(kinds(words.faults, team, language(locale), dice), tabs, spared, dice)
    return _book(tabs, planted, pairs)


def _dice_of(seed: int, locale: str, now: datetime, part: str) -> Dice:
    return Dice(Random(f"{seed}/{locale}/{part}"), now)  # noqa: S311 - made-up names are no secret


def _sellers(team: list[Member]) -> tuple[Member, ...]:
    return tuple(
        member for member in team if member.role in {"sales", "group_lead"} and member.active and member.id[0] == "S"
    )


def _customers(maker: CustomerMaker) -> tuple[list[Draft], list[Company]]:
    made: dict[str, tuple[Draft, Company]] = {}
    while len(made) < CUSTOMERS:
        row, company = maker.made()
        made.setdefault(str(row["name"]), (row, company))
    return [row for row, _ in made.values()], [company for _, company in made.values()]


def _activities(
    dice: Dice, words: Words, locale: str, team: list[Member], customers: list[Draft]
) -> dict[str, list[Draft]]:
    service = tuple(member for member in team if member.role == "service")
    maker = ActivityMaker(dice, words, language(locale), service)
    deals: dict[str, Draft] = {}
    deals_of: dict[str, list[Draft]] = {}
    while len(deals) < OPPORTUNITIES:
        deal = maker.opportunity(dice.pick(customers))
        if str(deal["name"]) not in deals:
            deals[str(deal["name"])] = deal
            deals_of.setdefault(str(deal["customer"]), []).append(deal)
    _settle_statuses(dice, customers, deals_of, locale)
    busy = dice.random.choices(customers, [1 / (place + 5) for place in range(len(customers))], k=FOLLOW_UPS)
    follow_ups = [maker.follow_up(customer, deals_of.get(str(customer["name"]), ())) for customer in busy]
    _come_due(dice, follow_ups, locale)
    feedback = [maker.feedback(dice.pick(customers)) for _ in range(FEEDBACK)]
    return {"follow_ups": follow_ups, "opportunities": list(deals.values()), "feedback": feedback}


def _sales(dice: Dice, words: Words, locale: str, tabs: Mapping[str, list[Draft]]) -> dict[str, list[Draft]]:
    """Orders, contracts and payments of the won deals, and the targets by which they are measured."""
    department, groups = words.team.departments[0], words.team.groups[:2]
    sellers = [row for row in tabs["people"] if row["role"] == language(locale).text("value.role.sales")]
    yes = language(locale).text("word.yes")
    grouped = {
        group: tuple(str(row["name"]) for row in sellers if row["group"] == group and row["active"] == yes)
        for group in groups
    }
    targets = target_rows(dice.now.date(), department, grouped, language(locale))
    return {**SalesMaker(dice, words, language(locale)).rows(tabs["opportunities"]), "targets": targets}


def _come_due(dice: Dice, follow_ups: list[Draft], locale: str) -> None:
    """A few follow-ups of which a reminder falls into the last two minutes: the demo's second cycle sends it."""
    lately = dice.now.replace(second=0) - timedelta(minutes=1)
    hour = language(locale).text("value.remind_before.hour")
    due = (lately + timedelta(hours=1), lately, lately - timedelta(days=1)) * 2
    waiting = [row for row in follow_ups if "done_at" not in row]
    for row, planned in zip(dice.random.sample(waiting, len(due)), due, strict=True):
        row |= {"planned_at": planned, "remind": hour}


def _settle_statuses(dice: Dice, customers: list[Draft], deals_of: Mapping[str, list[Draft]], locale: str) -> None:
    """Whoever bought is a customer who bought; a few salespeople forget to say so."""
    words = language(locale)
    won, bought = words.text("value.opportunity_stage.won"), words.text("value.customer_status.won")
    for customer in customers:
        if any(deal["stage"] == won for deal in deals_of.get(str(customer["name"]), ())) and dice.chance(0.85):
            customer["status"] = bought


def _add_duplicates(
    maker: CustomerMaker, customers: list[Draft], companies: list[Company]
) -> list[tuple[Draft, Draft]]:
    """Doubles of companies whose credit code and mail are known, each put somewhere below its original."""
    known = [
        (row, company)
        for row, company in zip(customers, companies, strict=True)
        if row.get("credit_code") and row.get("email") and row.get("address")
    ]
    taken = {text_key(str(row["name"])) for row in customers}
    pairs: list[tuple[Draft, Draft]] = []
    for row, company in maker.dice.random.sample(known, len(known)):
        copy = doubled(row, company, maker, len(pairs))
        if len(pairs) < DUPLICATE_GROUPS and text_key(str(copy["name"])) not in taken:
            taken.add(text_key(str(copy["name"])))
            customers.insert(maker.dice.whole(_place(customers, row) + 1, len(customers)), copy)
            pairs.append((row, copy))
    return pairs


def _place(rows: list[Draft], wanted: Draft) -> int:
    return next(place for place, row in enumerate(rows) if row is wanted)


def _book(tabs: dict[str, list[Draft]], planted: list[PlantedDraft], pairs: list[tuple[Draft, Draft]]) -> DemoBook:
    places = {id(row): place for rows in tabs.values() for place, row in enumerate(rows)}
    return DemoBook(
        {
            TabKey(tab): [{ColumnKey(key): cell for key, cell in row.items() if cell is not None} for row in rows]
            for tab, rows in tabs.items()
        },
        tuple(
            Planted(
                fault.kind.name,
                TabKey(fault.kind.tab),
                places[id(fault.row)],
                ColumnKey(fault.kind.column),
                fault.kind.code,
            )
            for fault in planted
        ),
        tuple((places[id(one)], places[id(other)]) for one, other in pairs),
    )


def counted(planted: tuple[Planted, ...]) -> dict[str, int]:
    """How many mistakes of each kind there are."""
    return dict(Counter(fault.kind for fault in planted))
