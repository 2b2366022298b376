"""The figures of benchmarks.summaries as an analyst would have them: plain pandas over data frames, floats and all.

Each function takes the book and gives values under the keys that our figures have, so that all can be compared.
"""

from collections.abc import Callable, Mapping

from benchmarks.plain_care import feedback, quality, services
from benchmarks.plain_customers import customers, follow_ups, retention, value
from benchmarks.plain_deals import attainment, conversion, funnel, outcomes, review, team, trends
from benchmarks.plain_frames import Book, Found
from benchmarks.plain_trade import campaigns, orders, payments

PLAIN: Mapping[str, Callable[[Book], Found]] = {
    "funnel": funnel, "conversion": conversion, "outcomes": outcomes, "team": team, "attainment": attainment,
    "trends": trends, "review": review, "follow_ups": follow_ups, "customers": customers, "value": value,
    "retention": retention, "campaigns": campaigns, "feedback": feedback, "services": services, "orders": orders,
    "payments": payments, "quality": quality,
}  # fmt: skip
"""By the summary."""
