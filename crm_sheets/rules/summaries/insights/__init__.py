"""汇总_洞察: what happened, what goes with it, what is likely, and whom to call next.

Each part says in the block 可信度 whether it is told and why: a prediction that was no better than the plain answer on
a period that it had not seen is not told.
"""

from dataclasses import replace
from datetime import timedelta

from crm_sheets.rules.summaries.base import Frames, Summary, SummaryContext, SummaryRule, columns
from crm_sheets.rules.summaries.blocks import sentence, summary_of
from crm_sheets.rules.summaries.insights.calling import calls
from crm_sheets.rules.summaries.insights.chances import chances
from crm_sheets.rules.summaries.insights.drivers import driver_blocks, won_rate
from crm_sheets.rules.summaries.insights.groups import groups
from crm_sheets.rules.summaries.insights.market import market_of
from crm_sheets.rules.summaries.insights.parts import KEY, Part, trust
from crm_sheets.rules.summaries.insights.revenue import revenue
from crm_sheets.rules.summaries.insights.staying import staying


def compute(frames: Frames, context: SummaryContext) -> Summary:
    """The insights as of today."""
    market = market_of(frames, context)
    chance, odds = chances(market, frames, context)
    stay, loyalty = staying(market, context)
    call = calls(market, odds, loyalty, context)
    parts: tuple[Part, ...] = (chance, stay, groups(market, context), revenue(market, context))
    rate = won_rate(market, context)
    told = summary_of(
        KEY,
        context,
        headlines=(rate, *(part.headline for part in parts if part.headline)),
        blocks=(
            call,
            *driver_blocks(market, context),
            *(block for part in parts for block in part.blocks),
            trust(parts, context),
        ),
        conclusion=sentence(
            context,
            (
                context.language.text("insights.conclusion.deals", count=str(len(market.closed)))
                if market.closed
                else "",
                *(part.conclusion for part in parts),
                context.language.text("insights.conclusion.calls", name=str(call.rows[0][0])) if call.rows else "",
            ),
        ),
    )
    return replace(told, as_of_words="summary.as_of.rests")


INSIGHTS = SummaryRule(
    KEY,
    columns(
        opportunities="id name customer source stage amount discount close_date owner probability",
        customers="id name type industry region source size status owner contact_consent last_contact next_contact"
        " created_at",
        orders="customer ordered_on state total",
        people="id name department group manager",
    ),
    compute,
    decisive=columns(opportunities="stage", orders="state"),
    also=columns(stage_history="object field to_value at"),
    rest=timedelta(hours=1),
)
