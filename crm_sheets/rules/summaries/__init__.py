"""The summary tabs: pure functions from the columns of the record set to figures, blocks and charts."""

from crm_sheets.rules.summaries.attainment import ATTAINMENT
from crm_sheets.rules.summaries.base import SummaryRule
from crm_sheets.rules.summaries.campaigns import CAMPAIGNS
from crm_sheets.rules.summaries.conversion import CONVERSION
from crm_sheets.rules.summaries.customers import CUSTOMERS
from crm_sheets.rules.summaries.feedback import FEEDBACK
from crm_sheets.rules.summaries.follow_ups import FOLLOW_UPS
from crm_sheets.rules.summaries.funnel import FUNNEL
from crm_sheets.rules.summaries.insights import INSIGHTS
from crm_sheets.rules.summaries.orders import ORDERS
from crm_sheets.rules.summaries.outcomes import OUTCOMES
from crm_sheets.rules.summaries.payments import PAYMENTS
from crm_sheets.rules.summaries.quality import QUALITY
from crm_sheets.rules.summaries.retention import RETENTION
from crm_sheets.rules.summaries.review import REVIEW
from crm_sheets.rules.summaries.services import SERVICES
from crm_sheets.rules.summaries.team import TEAM
from crm_sheets.rules.summaries.trends import TRENDS
from crm_sheets.rules.summaries.value import VALUE

SUMMARIES: tuple[SummaryRule, ...] = (
    FUNNEL,
    CONVERSION,
    OUTCOMES,
    TEAM,
    ATTAINMENT,
    TRENDS,
    REVIEW,
    FOLLOW_UPS,
    CUSTOMERS,
    VALUE,
    RETENTION,
    CAMPAIGNS,
    FEEDBACK,
    SERVICES,
    ORDERS,
    PAYMENTS,
    QUALITY,
    INSIGHTS,
)
"""In the order of their tabs."""
