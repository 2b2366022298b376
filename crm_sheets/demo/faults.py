"""Mistakes and doubles, planted on purpose: each with the finding that must tell it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from crm_sheets.cells import CellValue
from crm_sheets.demo.customers import Company, CustomerMaker
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.numbers import with_wrong_check
from crm_sheets.demo.team import LEFT, Member
from crm_sheets.demo.words.model import FaultWords
from crm_sheets.language import Language

Draft = dict[str, CellValue]
Spoil = Callable[[Draft], CellValue]

DUPLICATE_GROUPS = 15


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of mistake.

    Attributes:
        code: of the finding that must tell it (docs/issues.md).
        count: how many are planted.
        spoil: what stands in the cell instead.
        fits: which rows it can happen to.
    """

    tab: str
    name: str
    column: str
    code: str
    count: int
    spoil: Spoil
    fits: Callable[[Draft], bool]


@dataclass(frozen=True, slots=True)
class PlantedDraft:
    """A mistake and the row that it was made in."""

    kind: FaultKind
    row: Draft


def kinds(words: FaultWords, team: Sequence[Member], language: Language, dice: Dice) -> tuple[FaultKind, ...]:
    """Every kind of mistake of the demo."""
    return (
        *_in_customers(words, team, dice),
        *_in_follow_ups(words),
        *_in_opportunities(words, language, dice),
        *_in_feedback(language),
        *_in_sales(words),
        *_in_campaigns(words),
        *_in_services(language),
    )


def _in_customers(words: FaultWords, team: Sequence[Member], dice: Dice) -> tuple[FaultKind, ...]:
    kind = partial(FaultKind, "customers")
    company = _filled("employees")
    return (
        kind("phone_digit_missing", "phone", "not-a-phone", 4, lambda row: "1380" + dice.digits(6), _anything),
        kind("email_without_at", "email", "not-an-email", 3, _without_at, _filled("email")),
        kind("credit_code_slip", "credit_code", "wrong-check-digit", 3, _slip("credit_code"), _filled("credit_code")),
        kind("id_number_slip", "id_number", "wrong-check-digit", 2, _slip("id_number"), _filled("id_number")),
        kind("birthday_ambiguous", "birthday", "date-ambiguous", 2, _always("03/04/1985"), _filled("birthday")),
        kind("contact_missing", "contact", "required", 3, _blank, company),
        kind("status_unknown", "status", "not-in-dictionary*", 3, _always(words.status), company),
        kind("amount_in_words", "annual_revenue", "not-a-number", 2, _always(words.amount), company),
        kind("owner_unknown", "owner", "person-unknown", 2, _always(words.unknown_person), company),
        kind("owner_left", "owner", "person-left", 3, _always(team[LEFT].name), company),
    )


def _in_follow_ups(words: FaultWords) -> tuple[FaultKind, ...]:
    kind = partial(FaultKind, "follow_ups")
    done = _filled("done_at")
    return (
        kind("customer_unknown", "customer", "reference-not-found", 4, _always(words.missing_customer), _anything),
        kind("method_unknown", "method", "not-in-dictionary*", 3, _always(words.method), _anything),
        kind("done_without_result", "result", "required-when-done", 5, _blank, done),
        kind("planned_ambiguous", "planned_at", "date-ambiguous", 2, _always("05/06/2026 10:00"), done),
    )


def _in_opportunities(words: FaultWords, language: Language, dice: Dice) -> tuple[FaultKind, ...]:
    kind = partial(FaultKind, "opportunities")

    def at(stage: str) -> Callable[[Draft], bool]:
        return _says("stage", language.text(f"value.opportunity_stage.{stage}"))

    return (
        kind("stage_unknown", "stage", "not-in-dictionary*", 2, _always(words.stage), at("contact")),
        kind("won_without_reason", "win_reason", "required-when", 3, _blank, at("won")),
        kind("lost_without_reason", "loss_reason", "required-when", 3, _blank, at("lost")),
        kind("close_date_passed", "close_date", "close-date-passed", 4, lambda row: dice.day(-40, -2), at("proposal")),
        kind("amount_missing", "amount", "required", 2, _blank, at("needs")),
    )


def _in_feedback(language: Language) -> tuple[FaultKind, ...]:
    kind = partial(FaultKind, "feedback")
    done = _says("state", language.text("value.feedback_state.done"))
    return (
        kind("settled_without_response", "response", "required-when", 3, _blank, done),
        kind("satisfaction_six", "satisfaction", "out-of-range", 2, _always(6), _filled("satisfaction")),
    )


def _in_sales(words: FaultWords) -> tuple[FaultKind, ...]:
    orders, lines, payments, targets = (
        partial(FaultKind, tab) for tab in ("orders", "order_lines", "payments", "targets")
    )
    return (
        orders("order_state_unknown", "state", "not-in-dictionary*", 2, _always(words.stage), _filled("owner")),
        lines("price_in_words", "unit_price", "not-a-number", 2, _always(words.amount), _anything),
        lines("order_unknown", "order", "reference-not-found", 2, _always("PO9999-999"), _anything),
        payments("payment_for_nothing", "order", "payment-for-nothing", 2, _blank, _filled("order")),
        targets("target_of_nobody", "scope", "scope-unknown", 2, _always(words.unknown_person), _anything),
    )


def _in_campaigns(words: FaultWords) -> tuple[FaultKind, ...]:
    campaigns, members = partial(FaultKind, "campaigns"), partial(FaultKind, "campaign_members")
    return (
        campaigns(
            "audience_misspelt", "audience", "audience-not-understood", 2, _always(words.audience), _without("list")
        ),
        members("member_unknown", "customer", "reference-not-found", 2, _always(words.missing_customer), _anything),
        members("participation_unknown", "state", "not-in-dictionary*", 2, _always(words.stage), _anything),
    )


def _without(column: str) -> Callable[[Draft], bool]:
    return lambda row: not row.get(column)


def _in_services(language: Language) -> tuple[FaultKind, ...]:
    kind = partial(FaultKind, "services")
    solved = _says("state", language.text("value.service_state.solved"))
    return (
        kind("solved_without_solution", "solution", "required-when", 3, _blank, solved),
        kind("service_without_problem", "problem", "required", 2, _blank, solved),
    )


def _filled(column: str) -> Callable[[Draft], bool]:
    return lambda row: bool(row.get(column))


def _says(column: str, value: str) -> Callable[[Draft], bool]:
    return lambda row: row.get(column) == value


def _anything(row: Draft) -> bool:
    return True


def _always(value: CellValue) -> Spoil:
    return lambda row: value


def _blank(row: Draft) -> None:
    return None


def _without_at(row: Draft) -> CellValue:
    return str(row["email"]).replace("@", "#")


def _slip(column: str) -> Spoil:
    return lambda row: with_wrong_check(str(row[column]))


def plant(
    wanted: Sequence[FaultKind], tabs: dict[str, list[Draft]], spared: Sequence[Draft], dice: Dice
) -> list[PlantedDraft]:
    """Makes the mistakes, at most one in a row, none in the rows that are spared."""
    planted: list[PlantedDraft] = []
    used = {id(row) for row in spared}
    for kind in wanted:
        fitting = [row for row in tabs[kind.tab] if id(row) not in used and kind.fits(row)]
        for row in dice.random.sample(fitting, min(kind.count, len(fitting))):
            row[kind.column] = kind.spoil(row)
            used.add(id(row))
            planted.append(PlantedDraft(kind, row))
    return planted


def doubled(row: Draft, company: Company, maker: CustomerMaker, turn: int) -> Draft:
    """The same company once more, as another salesperson would have typed it."""
    lists, dice = maker.words.companies, maker.dice
    other, _ = maker.made()
    shared = ("type", "industry", "region", "phone", "contact")
    copy: Draft = {**other, **{column: row[column] for column in shared}}
    for column in ("credit_code", "id_number", "birthday", "address", "email", "employees", "size", "title"):
        copy[column] = None
    short = company.name(lists.name, form=lists.short_forms.get(company.form, company.form))
    match turn % 4:
        case 0:
            copy |= {"name": company.name(lists.bracketed), "address": row["address"]}
        case 1:
            copy |= {"name": short, "email": row["email"], "address": row["address"]}
        case 2:
            copy |= {"name": company.name("{brand}{business}" if not short.isascii() else "{brand} {business}")}
            copy |= {"credit_code": row["credit_code"], "phone": other["phone"]}
        case _:
            copy |= {"name": " " + short.replace(company.brand, company.brand + " ", 1), "address": row["address"]}
    copy["owner"] = dice.pick(maker.owners).name
    return copy
