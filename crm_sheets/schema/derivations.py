"""What each column that the program writes is made from: whoever may not read the sources may not read the column.

Each line says what the rules read, cell by cell, for the value of one column; tests/rules/test_derivations.py watches
them do it. `name` is a column of the same row; `follow_ups.done_at` is one of any row of another tab (or, for
`customers.owner` of a customer, of another row of the same tab). Where rows are found by what they are called, the
names are sources too. Not told are:

- 字典 and 工作日历, the rules of the team, which every rule is given as a whole;
- numbers of rows, which everybody sees who sees the row;
- `check` and `duplicates`, which are made anew for each reader (rules/reads.py, disclosure.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from crm_sheets.schema.base import Tab
from crm_sheets.tables import ColumnKey, TabKey

Source: TypeAlias = tuple[TabKey, ColumnKey]

ALL = "*"
"""All columns of the row that staff fill in: when one of them changed last tells that it changed."""

_CUSTOMER = "customers.name customers.merged_from"
_CAMPAIGN = "campaigns.name"
_PERSON = "people.id people.name"
_CALLED = "name merged_from"  # of a customer, whom other rows name
_OWNER = f"customer {_CUSTOMER} customers.owner"

_WON = f"{_CALLED} opportunities.customer opportunities.stage opportunities.stage_since opportunities.close_date"
_ORDERED = f"{_CALLED} orders.customer orders.state orders.ordered_on"
_BOUGHT = f"{_WON} {_ORDERED} opportunities.name orders.opportunity"
_LEVEL = f"{_WON} {_ORDERED} opportunities.amount orders.total level level_basis computed_level"
_CONTACTED = f"{_CALLED} follow_ups.customer follow_ups.done_at follow_ups.result"
_POOL = (
    f"{_CALLED} owner claim pool_since pool_from claimed_at last_contact next_contact created_at status"
    f" converted_at opportunities.customer opportunities.stage {_PERSON} people.active customers.owner customers.claim"
)
_STAGE = "stage stage_since close_date started_on"
_LINES = "external order_lines.order order_lines.quantity order_lines.unit_price"
_PURPOSE = "order contract orders.external contracts.number"
_PROMISED = "opened_at type priority"
_WAITED = "state waiting_since waited solved_at"
_MEMBERS = "name campaign_members.campaign campaign_members.customer_id"
_MEMBER = f"campaign customer {_CAMPAIGN} {_CUSTOMER}"
_MAILED = f"{_MEMBERS} mail_subject mail_text mail_occasion audience starts_on ends_on"
_WRITTEN_TO = (
    "mail_outcome mailed_at campaigns.mail_subject campaigns.mail_occasion customers.contact_consent customers.email"
    " customers.unsubscribed_at customers.bounced_email customers.status customers.birthday"
)
_MOVES = (
    "opportunities.stage opportunities.stage_since opportunities.close_date opportunities.started_on"
    " opportunities.name customers.name customers.merged_from"
    " customers.status customers.level customers.level_basis customers.computed_level"
    " object opportunity customer field number to_value"  # of the line before
)
_MEASURED = (
    f"period scope measure {_PERSON} people.department people.group"
    " performance.month performance.person performance.name performance.number performance.department"
    " performance.group performance.won_amount performance.paid_amount performance.new_customers performance.follow_ups"
)
_MONTHS = (
    "opportunities.close_date opportunities.stage payments.paid_on customers.created_at"
    " follow_ups.done_at follow_ups.result"
)

_DERIVED: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "status": f"{_BOUGHT} {_CONTACTED} converted_at status_was status_since created_at",
        "level": _LEVEL,
        "level_basis": f"{_LEVEL} level_was level_since",
        "lifecycle": f"{_BOUGHT} status converted_at",
        "converted_at": _BOUGHT,
        "path": f"{_BOUGHT} source opportunities.source orders.external",
        "won_days": f"{_CALLED} opportunities.customer opportunities.stage opportunities.stage_since {_ORDERED}",
        "status_was": "status",
        "status_since": "status",
        "computed_level": _LEVEL,
        "level_was": _LEVEL,
        "level_since": _LEVEL,
        "owner": _POOL,
        "department": f"owner {_PERSON} people.department",
        "claim": _POOL,
        "pool_since": _POOL,
        "pool_from": _POOL,
        "claimed_at": _POOL,
        "last_contact": _CONTACTED,
        "next_contact": f"{_CONTACTED} follow_ups.planned_at",
        "bounced_email": "email",
        "orders": f"{_CALLED} orders.customer orders.state",
        "order_amount": f"{_CALLED} orders.customer orders.state orders.total",
        "order_profit": f"{_CALLED} orders.customer orders.state orders.total orders.cost",
        "last_order": _ORDERED,
        "updated_at": ALL,
        "merged_from": "customers.name customers.merge_into",
    },
    "follow_ups": {
        "owner": _OWNER,
        "state": "planned_at done_at result",
        "remind_action": "planned_at",
        "snoozed_until": "remind_action planned_at",
        "heard_of": "remind_action planned_at",
    },
    "opportunities": {
        "probability": "stage",
        "stage_since": _STAGE,
        "stage_was": "stage",
        "stage_days": _STAGE,
        "stage_due": _STAGE,
        "slips": "close_date stage",
        "weighted": "amount stage probability",
    },
    "feedback": {"due": "date type"},
    "services": {
        "first_response_at": "state waiting_since solved_at",
        "solved_at": "state",
        "response_due": _PROMISED,
        "solve_due": f"{_PROMISED} {_WAITED}",
        "waiting_since": "state",
        "waited": _WAITED,
        "sla_state": f"{_PROMISED} {_WAITED} first_response_at",
    },
    "orders": {
        "owner": _OWNER,
        "total": f"{_LINES} order_lines.discount",
        "discount": f"{_LINES} order_lines.discount",
        "cost": f"{_LINES} order_lines.cost",
        "profit": f"{_LINES} order_lines.discount order_lines.cost",
        "paid": "external payments.order payments.amount payments.paid_on",
        "payment_state": f"{_LINES} order_lines.discount payments.order payments.amount payments.paid_on",
    },
    "order_lines": {"amount": "quantity unit_price discount", "profit": "quantity unit_price discount cost"},
    "payments": {
        "customer": f"{_PURPOSE} orders.customer contracts.customer",
        "owner": f"{_PURPOSE} orders.owner contracts.owner",
    },
    "contracts": {"owner": _OWNER, "paid": "number payments.contract payments.amount payments.paid_on"},
    "campaigns": {
        "listed_at": "list audience starts_on ends_on",
        "mail_release": f"{_MAILED} mail_release mail_approved mail_version",
        "mail_state": f"{_MAILED} mail_release mail_approved mail_version mail_at campaign_members.mail_outcome",
        "mail_version": _MAILED,
        "mail_approved": _MAILED,
        "invited": _MEMBERS,
        "attended": f"{_MEMBERS} campaign_members.state",
        "converted": f"{_MEMBERS} campaign_members.converted_on",
        "conversion_rate": f"{_MEMBERS} campaign_members.converted_on",
    },
    "campaign_members": {
        "customer_id": f"customer {_CUSTOMER}",
        "converted_on": f"{_MEMBER} campaigns.type campaigns.starts_on campaigns.ends_on customers.won_days",
        "mail_outcome": f"{_MEMBER} customers.email",
        "mailed_at": f"{_MEMBER} customers.email",
        "mail_state": f"{_MEMBER} {_WRITTEN_TO}",
        "pair": _MEMBER,
    },
    "stage_history": {
        **dict.fromkeys(("object", "opportunity", "field", "number", "name", "from_value", "to_value", "at"), _MOVES),
        "customer": f"{_MOVES} opportunities.customer",
        "who": f"{_MOVES} customers.status_since customers.created_at follow_ups.customer follow_ups.done_at"
        " follow_ups.result",
        "days": f"{_MOVES} at customers.status_since customers.level_since",
    },
    "targets": {
        "actual": _MEASURED,
        "attainment": f"{_MEASURED} value",
        "gap": f"{_MEASURED} value",
        "pace": "period",
    },
    "performance": {
        "month": _MONTHS,
        "person": f"{_MONTHS} opportunities.owner payments.owner customers.owner follow_ups.owner",
        "name": f"month person {_PERSON}",
        "number": f"month person {_PERSON}",
        "department": f"month person {_PERSON} people.department",
        "group": f"month person {_PERSON} people.group",
        "won_deals": "month person opportunities.close_date opportunities.owner opportunities.stage",
        "won_amount": "month person opportunities.close_date opportunities.owner opportunities.stage"
        " opportunities.amount",
        "paid_amount": "month person payments.paid_on payments.owner payments.amount",
        "new_customers": "month person customers.created_at customers.owner",
        "follow_ups": "month person follow_ups.done_at follow_ups.owner follow_ups.result",
    },
}


def with_sources(tab: Tab) -> Tab:
    """A shipped tab whose columns know what they are made from."""
    told = _DERIVED.get(tab.key, {})
    columns = {
        key: replace(column, derives=tuple(_sources(told[key], tab))) if key in told else column
        for key, column in tab.columns.items()
    }
    return replace(tab, columns=columns)


def _sources(text: str, tab: Tab) -> Iterator[Source]:
    for word in dict.fromkeys(text.split()):
        if word == ALL:
            yield from ((tab.key, column.key) for column in tab.staff_columns())
            continue
        other, point, column = word.rpartition(".")
        yield (TabKey(other) if point else tab.key), ColumnKey(column)


def sources_of(tabs: Mapping[TabKey, Tab]) -> Mapping[Source, frozenset[Source]]:
    """All that a column is made from, near and far; of the columns of `tabs` that are made from something.

    A column may be among its own sources: a level is kept as long as it says so itself.
    """
    near = {(key, each.key): each.derives for key, tab in tabs.items() for each in tab.columns.values() if each.derives}
    return MappingProxyType({column: _reached_from(column, near) for column in near})


def _reached_from(column: Source, near: Mapping[Source, tuple[Source, ...]]) -> frozenset[Source]:
    found: set[Source] = set()
    ahead = list(near[column])
    while ahead:
        source = ahead.pop()
        if source not in found:
            found.add(source)
            ahead += near.get(source, ())
    return frozenset(found)
