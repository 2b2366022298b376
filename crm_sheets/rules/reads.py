"""What each finding is made from: whether it stands, and what its message says. Who may not read that is not told.

One line for each code of docs/issues.md that speaks of what records hold; tests/rules/test_reads.py watches the rules.
`@` is the cell that the finding is about, `name` another cell of the row, `follow_ups.done_at` a column of any row of a
tab, and `=` that of the finding in any row of its own tab. `begun` says that the finding waits until staff typed
something into the row, `*` stands for all cells that they fill in, `customers.*` for all of all customers. A key may
name the tab, or tab and column, where a code is used for several; the most exact line counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crm_sheets.changes import Issue
from crm_sheets.expressions import Expression, Type, parse
from crm_sheets.language import Language
from crm_sheets.rules.own_conditions import CODE as OWN
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs import FLAW_CODES
from crm_sheets.schema.custom import Condition
from crm_sheets.schema.derivations import Source
from crm_sheets.schema.entries import naming_columns
from crm_sheets.schema.own_sources import read_beyond
from crm_sheets.schema.row_vocabularies import row_vocabulary
from crm_sheets.schema.validation import JUDGED_CODES
from crm_sheets.tables import ColumnKey, TabKey


@dataclass(frozen=True, slots=True)
class Reads:
    """What a finding is made from.

    Attributes:
        own: columns of its own row.
        others: columns of other rows, of whatever tab.
        begun: it stands only in a row into which staff typed something.
    """

    own: frozenset[ColumnKey]
    others: frozenset[Source] = frozenset()
    begun: bool = False


_CUSTOMER = "customer customers.name customers.merged_from"
_PERSON = "people.id people.name"
_LEFT = f"@ {_PERSON} people.active state"
_CONSENT = f"{_CUSTOMER} customers.contact_consent"
_OF_CAMPAIGN = "campaign campaigns.name campaigns.ends_on"
_STATUS = (
    "status status_was status_since converted_at created_at name merged_from"
    " opportunities.customer opportunities.name opportunities.source opportunities.stage opportunities.stage_since"
    " opportunities.close_date orders.customer orders.external orders.opportunity orders.state orders.ordered_on"
    " follow_ups.customer follow_ups.done_at follow_ups.result"
)
_CLAIM = f"@ owner pool_since pool_from {_PERSON} people.active"
_STAGE = "stage stage_since close_date started_on"
_QUIET = f"{_STAGE} name {_CUSTOMER} customers.last_contact follow_ups.opportunity follow_ups.done_at follow_ups.result"
_SERVICE = "opened_at type priority state first_response_at solved_at waiting_since waited"
_TOTAL = "external state order_lines.order order_lines.quantity order_lines.unit_price order_lines.discount"
_PAID = "payments.amount payments.paid_on"
_ORDER = f"{_TOTAL} payments.order {_PAID}"
_CONTRACT = f"number amount state payments.contract {_PAID}"
_SCOPE = f"scope {_PERSON} people.department people.group"
_MEASURED = "period scope measure targets.period targets.scope targets.measure"
_MOVED = "stage stage_was"
_LEVELS = "attributes dictionary"

_READS: Mapping[str, str] = {
    **dict.fromkeys((*FLAW_CODES, *JUDGED_CODES), "@"),
    "sealed-mask": "@",
    "computed-not-held": "@",
    # something is missing
    "required": "@ begun",
    "required-when": "@ state",
    "required-when opportunities": "@ stage",
    "required-when-done": "@ done_at result",
    "result-without-time": "done_at result",
    "only-when customers": "@ type",
    "only-when opportunities": "@ stage",
    "only-when services": "@ state",
    # a value is not known
    "not-in-dictionary": "@",
    "not-in-dictionary-similar": "@",
    "not-unique": "@ =",
    "dictionary-value-retired": "@",
    "attachment-missing": "@",
    "claim-owned": f"{_CLAIM} claimed_at last_contact next_contact created_at status converted_at name merged_from"
    " opportunities.customer opportunities.stage",
    "claim-left": _CLAIM,
    "claim-too-soon": _CLAIM,
    "claim-full": f"{_CLAIM} customers.owner",
    "merge-into-itself": "merge_into name merged_from customers.name customers.merged_from",
    "merge-both-ways": "merge_into name merged_from customers.name customers.merged_from customers.merge_into",
    "merge-unreadable": "* merge_into customers.name customers.merged_from",
    "opportunity-of-another-customer": f"opportunity {_CUSTOMER} opportunities.name opportunities.customer",
    "person-unknown": f"@ {_PERSON}",
    "person-ambiguous": f"@ {_PERSON}",
    "person-left": f"@ {_PERSON} people.active",
    "person-left follow_ups": f"@ {_PERSON} people.active done_at result",
    "person-left opportunities": f"@ {_PERSON} people.active stage",
    "person-left people": f"@ {_PERSON} people.active active",
    "person-left feedback": _LEFT,
    "person-left services": _LEFT,
    "person-left orders": _LEFT,
    "person-left contracts": _LEFT,
    **dict.fromkeys(("hours-not-understood", "time-zone-unknown", "reminders-unknown"), "@"),
    # values do not go together
    "birthday-differs": "birthday id_number",
    "date-in-future": "@",
    "date-in-future opportunities.close_date": "@ stage",
    "date-before-other follow_ups": "@ done_at",
    "date-before-other opportunities": "@ started_on",
    "date-before-other feedback": "@ date",
    "date-before-other services": "@ opened_at",
    "date-before-other services.solved_at": "@ opened_at first_response_at",
    "date-before-other orders": "@ ordered_on",
    "date-before-other contracts": "@ starts_on signed_on",
    "date-before-other campaigns": "@ starts_on",
    "close-date-passed": "close_date stage",
    "close-date-slips": "close_date stage slips",
    "stage-skipped": _MOVED,
    "stage-backward": _MOVED,
    "deal-reopened": _MOVED,
    "move-not-allowed opportunities": _MOVED,
    "move-not-allowed customers": _STATUS,
    "stage-over-goal": _STAGE,
    "stage-over-limit": _QUIET,
    "deal-stalled": _QUIET,
    "feedback-overdue": "date type state",
    "service-response-late": _SERVICE,
    "service-resolution-late": _SERVICE,
    "calendar-day-doubled": "date kind calendar.date calendar.kind",
    "customer-dormant": _STATUS,
    "dormant-contacted": _STATUS,
    "status-behind-deals": _STATUS,
    "tag-without-dimension": "@",
    "tag-without-dimension dictionaries": "dictionary value",
    "tag-unknown": "@",
    "tag-unknown-similar": "@",
    "tag-dimension-unknown": "@",
    "tag-alias": "@",
    "do-not-contact follow_ups": f"{_CONSENT} done_at result",
    "do-not-contact campaign_members": f"{_CONSENT} {_OF_CAMPAIGN}",
    "only-by-email follow_ups": f"{_CONSENT} done_at result method",
    "only-by-email campaign_members": f"{_CONSENT} {_OF_CAMPAIGN} customers.email",
    "audience-not-understood": "audience",
    **dict.fromkeys(
        ("audience-matches", "audience-tag-similar", "audience-tag-unused"),
        "audience list listed_at starts_on ends_on customers.* people.*",
    ),
    "campaign-list-without-audience": "audience list listed_at",
    "campaign-mail-placeholder": "mail_subject mail_text",
    "campaign-mail-unasked": "name mail_subject mail_text mail_occasion mail_release mail_approved audience starts_on"
    " mail_at mail_version ends_on campaign_members.campaign campaign_members.customer_id",
    "campaign-mail-lapsed": "name mail_subject mail_text mail_occasion mail_release mail_approved audience starts_on"
    " ends_on campaign_members.campaign campaign_members.customer_id",
    "customer-email-bounced": "email bounced_email",
    "campaign-member-doubled": f"{_CUSTOMER} campaign campaigns.name pair campaign_members.pair",
    "share-not-understood": "@",
    # orders, payments, contracts
    "order-without-lines": "external state order_lines.order",
    "order-lines-unknown": "external state order_lines.order order_lines.quantity order_lines.unit_price"
    " order_lines.discount",
    "sold-at-a-loss": "quantity unit_price discount cost",
    "overpaid": _ORDER,
    "instalments-differ": _ORDER,
    "cancelled-but-paid": f"external state payments.order {_PAID}",
    "completed-unpaid orders": _ORDER,
    "completed-unpaid contracts": _CONTRACT,
    "state-behind-dates orders": "state delivered_on",
    "state-behind-dates contracts": "state signed_on",
    "delivery-overdue": "state delivered_on delivery_due",
    "payment-for-nothing": "order contract amount",
    "payment-of-two-customers": "order contract customer orders.external orders.customer"
    " contracts.number contracts.customer customers.name customers.merged_from",
    "payment-overdue": "due_on paid_on order contract orders.external orders.state contracts.number contracts.state",
    "contract-ends-soon": "ends_on state",
    "contract-ended": "ends_on state",
    "contract-overpaid": _CONTRACT,
    "contract-instalments-differ": _CONTRACT,
    "ended-with-open-payments": "number state payments.contract payments.paid_on",
    # targets
    "scope-unknown": _SCOPE,
    "scope-ambiguous": _SCOPE,
    "target-doubled": f"value {_MEASURED}",
    "target-periods-differ": f"value targets.value {_MEASURED}",
    "target-parts-differ": f"value targets.value {_MEASURED} {_PERSON} people.department people.group",
    # the administrators' tabs
    "person-id-doubled": f"id {_PERSON}",
    "person-name-doubled": f"name {_PERSON}",
    "leaver-holds": f"active name id {_PERSON} customers.owner customers.claim"
    " follow_ups.owner follow_ups.done_at follow_ups.result"
    " opportunities.owner opportunities.stage feedback.owner feedback.state services.owner services.state"
    " orders.owner orders.state contracts.owner contracts.state payments.owner",
    "manager-circle": f"manager name id {_PERSON} people.manager",
    "dictionary-unknown": "dictionary",
    "dictionary-unknown-similar": "dictionary",
    "dictionary-value-doubled": "dictionary value dictionaries.dictionary dictionaries.value",
    "attribute-not-understood": f"{_LEVELS} dictionaries.dictionary dictionaries.value",
    "code-unknown": _LEVELS,
    # what was not taken over: said in the workbook in which it was typed, and nowhere else
    "cell-put-back": "@",
    "cell-conflict": "@",
    "merge-not-permitted": "@",
    **dict.fromkeys(("conflict-not-yours", "conflict-closed", "conflict-lost"), "@ decider"),
}  # fmt: skip

REFERENCES = frozenset({"reference-not-found", "reference-ambiguous"})
RECOMPUTED = REFERENCES | {"person-unknown", "person-ambiguous", "person-left"}
"""Codes of findings that each reader gets anew, from the rows that they see: who may not see a customer is told that
there is none, whether there is or not."""


def reads_of(issue: Issue, tabs: Mapping[TabKey, Tab], own: Mapping[str, Reads]) -> Reads | None:
    """What a finding is made from; None where that is not known, and it is for administrators.

    Args:
        tabs: of the team.
        own: of the findings of the team's own rules, by their codes (`own_reads`).
    """
    if issue.tab not in tabs or issue.tab is None:
        return None
    if issue.code in own:
        told = own[issue.code]
        return Reads(told.own | {issue.column}, told.others, told.begun) if issue.column else told
    if issue.code in REFERENCES:
        return _of_reference(issue.tab, issue.column or ColumnKey(""), tabs)
    keys = (f"{issue.code} {issue.tab}.{issue.column}", f"{issue.code} {issue.tab}", issue.code)
    text = next((_READS[key] for key in keys if key in _READS), None)
    return None if text is None else parsed(text.split(), issue.tab, issue.column or ColumnKey(""), tabs)


def _of_reference(tab: TabKey, column: ColumnKey, tabs: Mapping[TabKey, Tab]) -> Reads:
    described = tabs[tab].columns.get(column)
    target = described.refers_to if described else None
    names = naming_columns(tabs[target].record) if target in tabs and target else ()
    return Reads(frozenset([column]), frozenset((target or tab, name) for name in names))


def parsed(words: Sequence[str], of: TabKey, cell: ColumnKey, tabs: Mapping[TabKey, Tab]) -> Reads:
    """What the words of a line mean, said of a row of the tab `of` and of one of its cells."""
    own: set[ColumnKey] = set()
    others: set[Source] = set()
    for word in words:
        tab, point, column = word.rpartition(".")
        if word == "=":
            others.add((of, cell))
        elif point:
            others.update(_columns(TabKey(tab), column, tabs))
        elif word == "*":
            own.update(each.key for each in tabs[of].staff_columns())
        elif word != "begun":
            own.add(cell if word == "@" else ColumnKey(word))
    return Reads(frozenset(own), frozenset(others), "begun" in words)


def _columns(tab: TabKey, column: str, tabs: Mapping[TabKey, Tab]) -> Iterator[Source]:
    if column != "*":
        yield tab, ColumnKey(column)
    elif tab in tabs:
        yield from ((tab, key) for key in tabs[tab].columns)


def own_reads(conditions: Iterable[Condition], tabs: Mapping[TabKey, Tab], words: Language) -> dict[str, Reads]:
    """What the findings of the team's own rules are made from, by their codes."""
    found: dict[str, Reads] = {}
    for condition in conditions:
        tab = tabs.get(condition.tab)
        if tab is None:
            continue
        when = parse(condition.when, row_vocabulary(tab, tabs, None, words), Type.BOOLEAN)
        if isinstance(when, Expression):
            own = frozenset(ColumnKey(name.partition(".")[0]) for name in when.names)
            others = frozenset(read_beyond(when.names, tab, tabs))
            found[f"{OWN}:{condition.name}"] = Reads(own, others, begun=True)
    return found
