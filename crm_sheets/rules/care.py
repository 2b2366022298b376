"""Follow-ups that nobody plans and nobody should forget: birthdays, festivals, regular visits. Each appears in time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from crm_sheets.cells import text_key
from crm_sheets.changes import NOTHING, NewRow, Outcome
from crm_sheets.rules.anniversaries import next_occurrence, of_birth, parse_anniversary
from crm_sheets.rules.attributes import whole
from crm_sheets.rules.base import Context, Rule, cells, record_of
from crm_sheets.rules.moments import day_after, day_of, start_of
from crm_sheets.rules.naming import CUSTOMERS, FOLLOW_UPS
from crm_sheets.rules.standing import FollowUpState, follow_up_state
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.dictionaries import DictionaryEntry
from crm_sheets.schema.follow_ups import FollowUp

OCCASIONS, LEVELS = "care_occasion", "customer_level"
NO_CONTACT, EMAIL_ONLY = "none", "email_only"
MOST_DAYS_BEFORE = 60
LONGEST_HOLIDAYS = 21
"""So many days without a working day among them there are not."""


@dataclass(frozen=True, slots=True)
class CareWishes:
    """What a team wants follow-ups for; so many `days_before` they are to be done they appear."""

    birthdays: bool = True
    occasions: bool = True
    revisits: bool = True
    days_before: int = 3


@dataclass(frozen=True, slots=True)
class _Care:
    """A follow-up that is for `day` and appears on `appears`; `origin` makes it the only one of its kind."""

    kind: str
    origin: str
    appears: date
    day: date
    occasion: str


def caring(wishes: CareWishes) -> Rule:
    """The rule of a team with these wishes."""

    def care(row: Row, context: Context) -> Outcome:
        return _cared(row, context, wishes)

    return care


def care(row: Row, context: Context) -> Outcome:
    """The rule of a team that wants everything."""
    return _cared(row, context, CareWishes())


def _cared(row: Row, context: Context, wishes: CareWishes) -> Outcome:
    """Asks for the follow-ups whose time has come, and wakes when the next one's does.

    A row that was asked for is made in this cycle; asked again tomorrow, it would be planned for another day.
    """
    customer = record_of(row, Customer)
    method = _method(customer, context)
    if FOLLOW_UPS not in context.tabs or method is None or not customer.name or _is_lost(customer, context):
        return NOTHING
    wanted = [*_birthday(row, customer, context, wishes), *_occasions(row, customer, context, wishes)]
    wanted += _revisit(row, customer, context, wishes)
    due = [each for each in wanted if each.appears <= context.today]
    wakes = [start_of(each.appears, context.zone) for each in wanted if each.appears > context.today]
    if due:
        wakes.append(start_of(day_after(context.today), context.zone))
    rows = tuple(_follow_up(row, customer, each, method, context) for each in due)
    return Outcome(new_rows=rows, wake_at=min(wakes, default=None)) if wanted else NOTHING


def _birthday(row: Row, customer: Customer, context: Context, wishes: CareWishes) -> Iterator[_Care]:
    if not wishes.birthdays or customer.birthday is None:
        return
    lunar = context.dictionaries.code("birthday_calendar", customer.birthday_calendar) == "lunar"
    anniversary = of_birth(customer.birthday, lunar=lunar)
    first = max(context.today, day_after(customer.birthday))
    found = next_occurrence(anniversary, first) if anniversary else None
    if found is not None:
        appears = _appears(found.day, wishes.days_before, context)
        yield _Care("birthday", f"care:birthday:{row.key}:{found.year}", appears, found.day, "")


def _occasions(row: Row, customer: Customer, context: Context, wishes: CareWishes) -> Iterator[_Care]:
    for entry in context.dictionaries.entries.get(OCCASIONS, ()) if wishes.occasions else ():
        if not entry.active or not _concerns(entry, customer, context):
            continue
        lunar, solar = (parse_anniversary(entry.attributes.get(name, ""), lunar=name == "lunar") for name in KINDS)
        anniversary = lunar or solar
        found = next_occurrence(anniversary, context.today) if anniversary else None
        if found is not None:
            before = whole(entry.attributes.get("days_before"), MOST_DAYS_BEFORE)
            before = wishes.days_before if before is None else before
            appears = _appears(found.day, before, context)
            name = entry.code or text_key(entry.value)
            yield _Care("occasion", f"care:{name}:{row.key}:{found.year}", appears, found.day, entry.value)


KINDS = ("lunar", "solar")
"""Attributes that say when an occasion is: `lunar=8-15`, `solar=1-1`."""


def _concerns(entry: DictionaryEntry, customer: Customer, context: Context) -> bool:
    """Whether an occasion is for customers of this level: `levels=vip/a`, by code or by value; all without it."""
    wanted = {text_key(name) for name in entry.attributes.get("levels", "").split("/") if name.strip()}
    code = context.dictionaries.code(LEVELS, customer.level)
    return not wanted or bool(wanted & ({text_key(customer.level or ""), code} - {""}))


def _revisit(row: Row, customer: Customer, context: Context, wishes: CareWishes) -> Iterator[_Care]:
    """A visit so many days after the last contact as the level says, unless one is planned already."""
    level = context.dictionaries.entry(LEVELS, customer.level)
    days = whole(level.attributes.get("revisit_days")) if level else None
    last = customer.last_contact or customer.created_at
    if not wishes.revisits or not days or last is None or _is_planned(row, context):
        return
    since = day_of(last, context.zone)
    due = day_after(since, days)
    appears = _appears(due, wishes.days_before, context)
    yield _Care("revisit", f"care:revisit:{row.key}:{since}", appears, due, str(days))


def _is_planned(row: Row, context: Context) -> bool:
    open_states = {FollowUpState.PENDING, FollowUpState.OVERDUE}
    follow_ups = context.book.referring(row, FOLLOW_UPS)
    return any(follow_up_state(record_of(each, FollowUp), context) in open_states for each in follow_ups)


def _is_lost(customer: Customer, context: Context) -> bool:
    return context.dictionaries.code("customer_status", customer.status) == "lost"


def _method(customer: Customer, context: Context) -> str | None:
    """How the customer may be greeted, as staff would choose it; None when not at all."""
    consent = context.dictionaries.code("contact_consent", customer.contact_consent)
    if consent == NO_CONTACT or (consent == EMAIL_ONLY and not customer.email):
        return None
    code = "email" if consent == EMAIL_ONLY else "phone"
    entries = context.dictionaries.entries.get("follow_up_method", ())
    known = (entry.value for entry in entries if entry.code == code and entry.active)
    return next(known, context.language.text(f"value.follow_up_method.{code}"))


def _follow_up(row: Row, customer: Customer, care: _Care, method: str, context: Context) -> NewRow:
    """The row, planned for the day or the last working day before it that is not past."""
    words = context.language
    told = {"name": customer.name or "", "day": care.day.isoformat(), "occasion": care.occasion}
    named = context.book.named(CUSTOMERS, customer.name or "")
    values = cells(
        customer=customer.name if len(named) == 1 else row.key,
        method=method,
        subject=words.text(f"care.subject.{care.kind}", **told),
        content=words.text(f"care.content.{care.kind}", **told),
        planned_at=_planned(care.day, context),
        owner=customer.owner,
    )
    return NewRow(FOLLOW_UPS, {column: value for column, value in values.items() if value is not None}, care.origin)


def _appears(day: date, days_before: int, context: Context) -> date:
    """So long before it is to be done, which is before the holidays when the day is one of them."""
    return day_after(_workday_until(day, context), -days_before)


def _planned(day: date, context: Context) -> datetime:
    wanted = max(day, context.today)
    workday = _workday_until(wanted, context)
    return start_of(workday if workday >= context.today else wanted, context.zone)


def _workday_until(day: date, context: Context) -> date:
    """The last working day until a day; the day itself after longer holidays than there are."""
    days = (day_after(day, -back) for back in range(LONGEST_HOLIDAYS))
    return next((each for each in days if context.calendar.is_workday(each)), day)
