"""The kinds of reminders, and the families of them that a person may not want."""

from collections.abc import Mapping
from functools import cache

from crm_sheets.cells import text_key
from crm_sheets.schema.labels import words

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "due": ("before_due", "due", "snoozed"),
    "overdue": ("overdue",),
    "results": ("nudge-result",),
    "customers": ("nudge-no-contact", "nudge-no-next-step", "deadline-pool-near"),
    "stages": ("nudge-stage",),
    "targets": ("nudge-pace",),
    "services": (
        "deadline-response-near", "deadline-response-late", "deadline-resolution-near", "deadline-resolution-late",
    ),
    "feedback": ("deadline-handling-near", "deadline-handling-late"),
    "payments": ("deadline-payment",),
    "contracts": ("deadline-contract",),
    "escalations": ("escalation-lead", "escalation-manager"),
    "errors": ("faults",),
    "digest": ("digest",),
    "weekly": ("weekly",),
}  # fmt: skip
"""The kinds of each family; the words for it are under `rules.remind_family.<family>`."""

_FAMILY_OF = {kind: family for family, kinds in FAMILIES.items() for kind in kinds}
_OF_RULES = frozenset(_FAMILY_OF) - {"digest", "weekly", "faults"}


def family_of(kind: str) -> str:
    """The family of a kind of message; "" of one that goes to everybody whom it concerns: approvals, notices."""
    return _FAMILY_OF.get(kind, "")


def is_of_a_rule(kind: str) -> bool:
    """Whether a message of this kind is a reminder that a rule asked for, and no notice of something that was done."""
    return kind in _OF_RULES


def family_called(word: str) -> str | None:
    """The family that a word of people names, in whatever language."""
    return _called().get(text_key(word))


@cache
def _called() -> Mapping[str, str]:
    return {text_key(word): family for family in FAMILIES for word in words(f"rules.remind_family.{family}")}
