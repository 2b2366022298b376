"""The attributes in 字典 can be used: written name=value, with a code that rules know and numbers where they count."""

from decimal import Decimal, InvalidOperation

from crm_sheets.changes import NOTHING, Issue, Outcome
from crm_sheets.rules.anniversaries import parse_anniversary
from crm_sheets.rules.attributes import whole
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.rules.moves import NEXT, alternatives, entry_called
from crm_sheets.schema.base import Row
from crm_sheets.schema.dictionaries import CODE, parse_attributes
from crm_sheets.schema.dictionary_defaults import SHIPPED
from crm_sheets.schema.dictionary_rows import DictionaryRecord

WHOLE = frozenset(
    {
        "days", "days_before", "dormant_days", "frequency", "goal_days", "hours", "limit_days", "minutes",
        "revisit_days", "score",
    }
)  # fmt: skip
PARTS_OF_ONE = frozenset({"probability"})
AMOUNTS = frozenset({"threshold"})
DAYS_OF_A_YEAR = frozenset({"solar", "lunar"})
HOURS = frozenset({"response", "resolution"})
"""Also for one priority: `urgent.response`."""


def dictionary_attributes(row: Row, context: Context) -> Outcome:
    """Flags attributes that would be passed over in silence: a mistyped probability changes every forecast."""
    record = record_of(row, DictionaryRecord)
    if not record.attributes:
        return NOTHING
    attributes, malformed = parse_attributes(record.attributes)
    wrong = [*malformed, *(f"{name}={value}" for name, value in attributes.items() if not _counts(name, value))]
    wrong += _unknown_followers(record.dictionary, attributes.get(NEXT, ""), context)
    issues: list[Issue] = []
    if wrong:
        value = context.language.text("list.and").join(wrong)
        issues.append(found("attribute-not-understood", row, "attributes", value=value))
    codes = _codes(record.dictionary, context)
    if codes and attributes.get(CODE, codes[0]) not in codes:
        choices = context.language.text("list.and").join(codes)
        issues.append(found("code-unknown", row, "attributes", value=attributes[CODE], choices=choices))
    return Outcome(tuple(issues))


def _codes(dictionary: str | None, context: Context) -> tuple[str, ...]:
    """The codes that rules know in a dictionary; none for the team's own and for one that nobody uses."""
    key = context.dictionaries.key(dictionary) if dictionary else None
    return tuple(value.code for value in SHIPPED.get(key or "", ()))


def _unknown_followers(dictionary: str | None, named: str, context: Context) -> list[str]:
    """What `next=` names and the dictionary does not have."""
    key = context.dictionaries.key(dictionary) if dictionary else None
    return [
        f"{NEXT}={name}" for name in alternatives(named) if entry_called(key or "", name, context.dictionaries) is None
    ]


def _counts(name: str, value: str) -> bool:
    """Whether the value of an attribute is a number where rules count with it; a team's own attributes are free."""
    if name in WHOLE:
        return whole(value, 1) is not None
    if name in DAYS_OF_A_YEAR:
        return parse_anniversary(value, lunar=name == "lunar") is not None
    if name.rpartition(".")[2] in HOURS:
        hours = _number(value)
        return hours is not None and hours > 0
    number = _number(value.removesuffix("%")) if name in PARTS_OF_ONE | AMOUNTS else Decimal(0)
    if number is None or number < 0 or (name in AMOUNTS and value.endswith("%")):
        return False
    return name not in PARTS_OF_ONE or number <= (100 if value.endswith("%") else 1)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
