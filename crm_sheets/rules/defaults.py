"""The rules of every tab, in the order in which they are asked."""

from crm_sheets.rules.attachments import attachments
from crm_sheets.rules.base import TabRules
from crm_sheets.rules.birthdays import birthday_matches
from crm_sheets.rules.bounced_addresses import bounced_addresses
from crm_sheets.rules.calendar_days import calendar_days
from crm_sheets.rules.campaign_audiences import campaign_audiences
from crm_sheets.rules.campaign_mails import campaign_mails
from crm_sheets.rules.campaign_members import campaign_members
from crm_sheets.rules.campaign_results import campaign_results
from crm_sheets.rules.care import care
from crm_sheets.rules.close_date_slips import close_date_slips
from crm_sheets.rules.close_dates import close_dates
from crm_sheets.rules.contact_consents import contact_consents
from crm_sheets.rules.contract_payments import contract_payments
from crm_sheets.rules.contract_terms import contract_terms
from crm_sheets.rules.customer_contacts import customer_contacts
from crm_sheets.rules.customer_departments import customer_departments
from crm_sheets.rules.customer_levels import customer_levels
from crm_sheets.rules.customer_lifecycles import customer_lifecycles
from crm_sheets.rules.customer_orders import customer_orders
from crm_sheets.rules.customer_statuses import customer_statuses
from crm_sheets.rules.dates_in_order import dates_in_order
from crm_sheets.rules.default_owners import default_owners
from crm_sheets.rules.dictionary_attributes import dictionary_attributes
from crm_sheets.rules.dictionary_rows import dictionary_rows
from crm_sheets.rules.dictionary_values import dictionary_values
from crm_sheets.rules.escalations import escalations
from crm_sheets.rules.feedback_deadlines import feedback_deadlines
from crm_sheets.rules.follow_up_completion import follow_up_completion
from crm_sheets.rules.follow_up_owners import follow_up_owners
from crm_sheets.rules.follow_up_states import follow_up_states
from crm_sheets.rules.leavers import leavers
from crm_sheets.rules.managers import managers
from crm_sheets.rules.member_mails import member_mails
from crm_sheets.rules.merge_decisions import merge_decisions
from crm_sheets.rules.missing_results import missing_results
from crm_sheets.rules.neglect import neglect
from crm_sheets.rules.next_follow_ups import next_follow_ups
from crm_sheets.rules.only_when import only_when
from crm_sheets.rules.order_amounts import order_amounts
from crm_sheets.rules.order_line_amounts import order_line_amounts
from crm_sheets.rules.order_payments import order_payments
from crm_sheets.rules.order_states import order_states
from crm_sheets.rules.payment_dates import payment_dates
from crm_sheets.rules.payment_purposes import payment_purposes
from crm_sheets.rules.people_exist import people_exist
from crm_sheets.rules.people_once import people_once
from crm_sheets.rules.performance import performance
from crm_sheets.rules.performance_rows import performance_rows
from crm_sheets.rules.personal_times import personal_times
from crm_sheets.rules.pool import no_pool
from crm_sheets.rules.references import references
from crm_sheets.rules.remind_actions import remind_actions
from crm_sheets.rules.reminders import reminders
from crm_sheets.rules.required import required
from crm_sheets.rules.required_when import required_when
from crm_sheets.rules.same_customer import same_customer
from crm_sheets.rules.service_deadlines import service_deadlines
from crm_sheets.rules.service_moments import service_moments
from crm_sheets.rules.shared_with import shared_with
from crm_sheets.rules.stage_history import stage_history
from crm_sheets.rules.stage_probabilities import stage_probabilities
from crm_sheets.rules.stage_reminders import stage_reminders
from crm_sheets.rules.stage_steps import stage_steps
from crm_sheets.rules.stage_times import stage_times
from crm_sheets.rules.stages_since import stages_since
from crm_sheets.rules.status_moves import status_moves
from crm_sheets.rules.tags import tags
from crm_sheets.rules.target_pace import target_pace
from crm_sheets.rules.target_parts import target_parts
from crm_sheets.rules.target_results import target_results
from crm_sheets.rules.unique import unique
from crm_sheets.rules.weighted_amounts import weighted_amounts
from crm_sheets.rules.won_days import won_days
from crm_sheets.tables import TabKey

__all__ = ["DEFAULT_RULES"]

DEFAULT_RULES: tuple[TabRules, ...] = (
    TabRules(
        TabKey("people"),
        (required, dictionary_values, people_exist, people_once, managers, leavers, personal_times),
    ),
    TabRules(
        TabKey("services"),
        (
            required,
            required_when,
            only_when,
            dictionary_values,
            references,
            people_exist,
            dates_in_order,
            service_moments,
            service_deadlines,
        ),
    ),
    TabRules(TabKey("calendar"), (required, dictionary_values, calendar_days)),
    TabRules(TabKey("stage_history"), ()),
    TabRules(TabKey("approvals"), (dictionary_values,)),
    TabRules(TabKey("dictionaries"), (required, dictionary_rows, dictionary_attributes)),
    TabRules(TabKey("order_lines"), (required, references, order_line_amounts)),
    TabRules(
        TabKey("orders"),
        (
            required,
            required_when,
            dictionary_values,
            references,
            people_exist,
            unique,
            same_customer,
            dates_in_order,
            default_owners,
            order_amounts,
            order_payments,
            order_states,
        ),
    ),
    TabRules(
        TabKey("contracts"),
        (
            required,
            required_when,
            dictionary_values,
            references,
            people_exist,
            unique,
            same_customer,
            dates_in_order,
            default_owners,
            contract_payments,
            contract_terms,
        ),
    ),
    TabRules(
        TabKey("payments"),
        (required, dictionary_values, references, dates_in_order, payment_purposes, payment_dates, performance_rows),
    ),
    TabRules(
        TabKey("opportunities"),
        (
            required,
            required_when,
            only_when,
            dictionary_values,
            references,
            people_exist,
            dates_in_order,
            close_dates,
            close_date_slips,
            stage_probabilities,
            stages_since,
            stage_steps,
            stage_times,
            stage_reminders,
            stage_history,
            weighted_amounts,
            performance_rows,
        ),
    ),
    TabRules(
        TabKey("customers"),
        (
            required,
            only_when,
            dictionary_values,
            references,
            merge_decisions,
            no_pool,
            people_exist,
            birthday_matches,
            bounced_addresses,
            dates_in_order,
            tags,
            shared_with,
            customer_contacts,
            customer_departments,
            customer_lifecycles,
            customer_orders,
            customer_levels,
            customer_statuses,
            performance_rows,
            status_moves,
            next_follow_ups,
            care,
            neglect,
            stage_history,
            won_days,
        ),
    ),
    TabRules(TabKey("conflicts"), (dictionary_values,)),
    TabRules(TabKey("lookups"), (required,)),
    TabRules(
        TabKey("campaign_members"),
        (required, dictionary_values, references, contact_consents, campaign_members, member_mails),
    ),
    TabRules(
        TabKey("campaigns"),
        (required, dictionary_values, dates_in_order, campaign_audiences, campaign_results, campaign_mails),
    ),
    TabRules(
        TabKey("follow_ups"),
        (
            required,
            dictionary_values,
            references,
            people_exist,
            same_customer,
            contact_consents,
            follow_up_completion,
            follow_up_states,
            follow_up_owners,
            dates_in_order,
            attachments,
            performance_rows,
            remind_actions,
            reminders,
            missing_results,
            escalations,
        ),
    ),
    TabRules(
        TabKey("feedback"),
        (
            required,
            required_when,
            dictionary_values,
            references,
            people_exist,
            dates_in_order,
            feedback_deadlines,
        ),
    ),
    TabRules(TabKey("performance"), (performance,)),
    TabRules(TabKey("reviews"), (required, people_exist)),
    TabRules(TabKey("targets"), (required, dictionary_values, target_results, target_parts, target_pace)),
)
"""The rules of each tab; their order inside a tab does not matter.

The order of the tabs does: a customer's columns are computed from those of its orders and opportunities, so one pass
over the tabs in this order leaves nothing to compute.
"""
