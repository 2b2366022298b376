"""What each thing that a reminder says is made from. Who may not read that gets the reminder without it.

That something is due is told to whoever is to do it, whatever it hangs on: that it is paid already, who has left. Only
what the mail says of the row and of its customer is asked about. Written as in rules/reads.py.
"""

from collections.abc import Mapping

from crm_sheets.rules.reads import Reads, parsed
from crm_sheets.schema.base import Tab
from crm_sheets.tables import ColumnKey, TabKey

_CUSTOMER = "customer customers.name customers.merged_from"
_WHO = {
    "customer": _CUSTOMER,
    "customer_phone": f"{_CUSTOMER} customers.phone",
    "contact": f"{_CUSTOMER} customers.contact",
}
_PROMISED = "opened_at type priority state waiting_since waited solved_at"
_STAGE = "stage stage_since close_date started_on"
_SIGNS = "last_contact next_contact created_at claimed_at"

_PARAMETERS: Mapping[str, Mapping[str, str]] = {
    "follow_ups": {
        **_WHO,
        "subject": "subject content",
        "opportunity": "opportunity",
        "method": "method",
        "content": "content",
        "last_note": f"{_CUSTOMER} follow_ups.customer follow_ups.done_at follow_ups.result",
        "planned_at": "planned_at",
        "due_at": "planned_at",
        "done_at": "done_at",
        "owner": f"owner customer {_CUSTOMER} customers.owner people.id people.name",
    },
    "opportunities": {
        "subject": "name",
        "customer": "customer",
        "stage": "stage",
        "days": "stage",
        "planned_at": _STAGE,
        "due_at": _STAGE,
    },
    "targets": {"subject": "scope measure period", "attainment": "attainment", "pace": "pace"},
    "services": {**_WHO, "subject": "problem", "type": "type", "priority": "priority", "due_at": _PROMISED},
    "feedback": {**_WHO, "subject": "content", "type": "type", "planned_at": "date type", "due_at": "date type"},
    "payments": {"subject": "order contract", "customer": "customer", "planned_at": "due_on", "due_at": "due_on"},
    "contracts": {
        "subject": "number",
        "customer": "customer",
        "opportunity": "opportunity",
        "planned_at": "ends_on",
        "due_at": "ends_on",
    },
    "customers": {
        "subject": "name",
        "customer": "name",
        "contact": "contact",
        "customer_phone": "phone",
        "planned_at": _SIGNS,
        "due_at": _SIGNS,
        "days": "level",
        "opportunity": "name merged_from opportunities.customer opportunities.name opportunities.stage",
    },
}


def parameter_reads(tab: TabKey, name: str, tabs: Mapping[TabKey, Tab]) -> Reads | None:
    """What a parameter of the reminders of a tab is made from; None where that is not known."""
    text = _PARAMETERS.get(tab, {}).get(name)
    return None if text is None or tab not in tabs else parsed(text.split(), tab, ColumnKey(""), tabs)
