"""The dictionaries that a new book has: codes and attributes; their words are in the catalogues.

Labels: `dictionary.<key>` and `value.<key>.<code>`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

WORDED = "@"
"""Stands for an attribute that is words for people: `attribute.<key>.<code>.<name>` in the catalogues."""


@dataclass(frozen=True, slots=True)
class ShippedValue:
    """One value of a new book: rules know it by its code."""

    code: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def _plain(*codes: str) -> tuple[ShippedValue, ...]:
    return tuple(ShippedValue(code) for code in codes)


def _with(name: str, **by_code: str) -> tuple[ShippedValue, ...]:
    return tuple(ShippedValue(code, {name: value} if value else {}) for code, value in by_code.items())


def _stage(code: str, probability: str, goal_days: str = "", limit_days: str = "") -> ShippedValue:
    times = {"goal": WORDED, "goal_days": goal_days, "limit_days": limit_days} if goal_days else {}
    return ShippedValue(code, {"probability": probability, **times})


def _promise(code: str, response: str, resolution: str) -> ShippedValue:
    return ShippedValue(code, {"response": response, "resolution": resolution})


SHIPPED: Mapping[str, tuple[ShippedValue, ...]] = {
    "customer_type": _plain("enterprise", "person", "channel"),
    "industry": _plain(
        "manufacturing",
        "technology",
        "retail",
        "finance",
        "healthcare",
        "education",
        "construction",
        "logistics",
        "energy",
        "agriculture",
        "hospitality",
        "media",
        "services",
        "government",
        "other",
    ),
    "customer_source": _plain(
        "referral", "website", "exhibition", "phone", "advertising", "social", "partner", "walk_in", "other"
    ),
    "customer_size": _plain("micro", "small", "medium", "large", "huge"),
    # Who has bought does not become one who might.
    "customer_status": (
        *_plain("potential", "interested", "negotiating"),
        ShippedValue("won", {"next": WORDED}),
        *_plain("lost", "dormant"),
    ),
    "contact_consent": _plain("allowed", "email_only", "none"),
    "tag": (),  # the library of tags, 维度-值; a team that keeps none may use any tag
    # What a customer bought in the period from which on it belongs to the level, in currency units; its RFM score;
    # the days after the last contact when somebody should call again.
    "customer_level": (
        ShippedValue("vip", {"threshold": "1000000", "score": "13", "revisit_days": "30"}),
        ShippedValue("a", {"threshold": "300000", "score": "10", "revisit_days": "60"}),
        ShippedValue("b", {"threshold": "50000", "score": "6", "revisit_days": "90"}),
        ShippedValue("c", {"threshold": "0", "score": "0", "revisit_days": "180"}),
    ),
    "follow_up_method": _plain("phone", "visit", "email", "meeting", "social"),
    "remind_before": _with(
        "minutes", none="", quarter_hour="15", hour="60", two_hours="120", day="1440", three_days="4320"
    ),
    # What the person who was reminded answers in the row: heard, or not now but so much later.
    "remind_action": (
        ShippedValue("heard"),
        ShippedValue("hour", {"minutes": "60"}),
        ShippedValue("tomorrow", {"days": "1"}),
        ShippedValue("three_days", {"days": "3"}),
        ShippedValue("next_week", {"days": "7"}),
    ),
    "remind_by": _plain("mail", "digest", "none"),
    "opportunity_source": _plain("new_customer", "repeat", "referral", "tender", "exhibition", "website", "other"),
    # Probability that a deal at this stage is won; days within which it should, and must, leave the stage.
    "opportunity_stage": (
        _stage("contact", "10%", "14", "30"),
        _stage("needs", "25%", "21", "45"),
        _stage("proposal", "50%", "21", "45"),
        _stage("negotiation", "70%", "30", "60"),
        _stage("signing", "90%", "14", "30"),
        _stage("won", "100%"),
        _stage("lost", "0%"),
    ),
    "win_reason": _plain("price", "product", "service", "relationship", "delivery", "brand", "other"),
    "loss_reason": _plain("price", "product", "competitor", "budget", "timing", "silence", "other"),
    "feedback_source": _plain("survey", "hotline", "social", "email", "visit"),
    # Working days within which a feedback should have been handled.
    "feedback_type": _with("days", complaint="2", suggestion="7", praise="7", question="3"),
    "feedback_state": _plain("open", "in_progress", "done"),
    # Working hours within which a service should be answered and solved.
    "service_type": _plain("fault", "installation", "maintenance", "training", "consultation", "other"),
    "service_priority": (
        _promise("urgent", "0.5", "4"),
        _promise("high", "2", "8"),
        _promise("normal", "4", "24"),
        _promise("low", "8", "40"),
    ),
    "service_state": _plain("open", "in_progress", "waiting", "solved"),
    "birthday_calendar": _plain("solar", "lunar"),
    # Days on which customers of some levels are greeted, month and day of the solar or the lunar year.
    "care_occasion": (
        ShippedValue("new_year", {"solar": "1-1", "days_before": "3", "levels": "vip/a"}),
        ShippedValue("spring_festival", {"lunar": "1-1", "days_before": "7", "levels": "vip/a"}),
        ShippedValue("dragon_boat", {"lunar": "5-5", "days_before": "3", "levels": "vip/a"}),
        ShippedValue("mid_autumn", {"lunar": "8-15", "days_before": "5", "levels": "vip/a"}),
    ),
    # Days after the end of a campaign within which a sale still counts for it.
    "campaign_type": _with("days", online="30", offline="30"),
    "campaign_list": _plain("make", "extend"),
    # When customers are greeted: on their birthdays, on a day of the solar or the lunar year.
    "mail_occasion": (
        ShippedValue("birthday"),
        ShippedValue("new_year", {"solar": "1-1"}),
        ShippedValue("spring_festival", {"lunar": "1-1"}),
        ShippedValue("dragon_boat", {"lunar": "5-5"}),
        ShippedValue("mid_autumn", {"lunar": "8-15"}),
    ),
    "mail_release": _plain("send", "stop"),
    "member_state": _plain("invited", "registered", "attended", "absent"),
    "day_kind": _plain("work", "rest"),
    "order_state": _plain("created", "processing", "shipped", "delivered", "completed", "cancelled"),
    "after_sales": _plain("none", "return", "repair"),
    "payment_method": _plain("cash", "credit_card", "bank_transfer", "alipay", "wechat", "cheque"),
    "target_measure": _plain("won_amount", "paid_amount", "new_customers", "follow_ups"),
    "contract_state": _plain("pending", "active", "completed", "terminated"),
    "conflict_decision": _plain("keep", "use"),
    "approval_decision": _plain("approve", "reject", "withdraw"),
    "role": _plain("sales", "service", "group_lead", "department_manager", "finance", "admin"),
}
