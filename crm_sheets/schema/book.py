"""The tabs of the book, in the order of a workbook. A new tab is one module and one line here."""

from crm_sheets.errors import UsageError
from crm_sheets.schema.approvals import ApprovalRecord
from crm_sheets.schema.base import Tab, tab_of
from crm_sheets.schema.calendar_days import CalendarDay
from crm_sheets.schema.campaign_members import CampaignMember
from crm_sheets.schema.campaigns import Campaign
from crm_sheets.schema.conflicts import ConflictRecord
from crm_sheets.schema.contracts import Contract
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.derivations import with_sources
from crm_sheets.schema.dictionary_rows import DictionaryRecord
from crm_sheets.schema.feedback import Feedback
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.schema.lookups import Lookup
from crm_sheets.schema.opportunities import Opportunity
from crm_sheets.schema.order_lines import OrderLine
from crm_sheets.schema.orders import Order
from crm_sheets.schema.payments import Payment
from crm_sheets.schema.people import PersonRecord
from crm_sheets.schema.performance import Performance
from crm_sheets.schema.reviews import Review
from crm_sheets.schema.services import Service
from crm_sheets.schema.stage_history import StageMove
from crm_sheets.schema.targets import Target
from crm_sheets.tables import TabKey

TABS: tuple[Tab, ...] = tuple(
    with_sources(tab)
    for tab in (
        tab_of(Customer, "C"),
        tab_of(FollowUp, "F"),
        tab_of(Opportunity, "O"),
        tab_of(Feedback, "B"),
        tab_of(Campaign, "A"),
        tab_of(CampaignMember, "M"),
        tab_of(StageMove, "H"),
        tab_of(Service, "S"),
        tab_of(Order, "OR"),
        tab_of(OrderLine, "OL"),
        tab_of(Payment, "PY"),
        tab_of(Contract, "CT"),
        tab_of(Target, "TG"),
        tab_of(Performance, "PF"),
        tab_of(Review, "RV"),
        tab_of(Lookup, "Q"),
        tab_of(ConflictRecord, "CF"),
        tab_of(ApprovalRecord, "AP"),
        tab_of(PersonRecord, "P"),
        tab_of(DictionaryRecord, "D"),
        tab_of(CalendarDay, "W"),
    )
)


_BY_KEY = {each.key: each for each in TABS}


def tab(key: TabKey) -> Tab:
    """The tab under a key.

    Raises:
        UsageError: there is none.
    """
    found = _BY_KEY.get(key)
    if found is None:
        raise UsageError(f"no tab {key!r}; there are {', '.join(_BY_KEY)}")
    return found
