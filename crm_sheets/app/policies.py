"""What the config means for the rules: which of them a team wants, and on what terms."""

from functools import partial

from crm_sheets.config import Settings
from crm_sheets.config_times import WEEKDAYS
from crm_sheets.language import Language
from crm_sheets.public_holidays import public_days
from crm_sheets.rules.base import Rule
from crm_sheets.rules.bounced_addresses import bounced_addresses
from crm_sheets.rules.campaign_mails import campaign_mails, mailing
from crm_sheets.rules.care import CareWishes, care, caring
from crm_sheets.rules.contract_terms import contract_terms, noticing_contracts
from crm_sheets.rules.customer_levels import customer_levels, giving_levels
from crm_sheets.rules.customer_mail import MailTerms
from crm_sheets.rules.customer_statuses import customer_statuses, judging_statuses
from crm_sheets.rules.dormancy import DormancyPolicy
from crm_sheets.rules.duplicates import TOGETHER
from crm_sheets.rules.escalations import escalating, escalations
from crm_sheets.rules.feedback_deadlines import feedback_deadlines, silent_feedback_deadlines
from crm_sheets.rules.level_policies import LevelPolicy, Method
from crm_sheets.rules.member_mails import mailed_members, member_mails
from crm_sheets.rules.missing_results import missing_results, wanting_results
from crm_sheets.rules.neglect import neglect, watching_over
from crm_sheets.rules.payment_dates import noticing_payments, payment_dates
from crm_sheets.rules.pool import no_pool, pooling
from crm_sheets.rules.reminders import reminders, reminding
from crm_sheets.rules.service_deadlines import ServiceWishes, service_deadlines, service_deadlines_of
from crm_sheets.rules.stage_history import stage_history, writing_history
from crm_sheets.rules.stage_reminders import stage_reminders
from crm_sheets.rules.target_pace import pacing, target_pace
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.codecs import CodecContext, PhoneKind


def rules_wanted(rules: tuple[Rule, ...], settings: Settings) -> tuple[Rule, ...]:
    """The rules of a tab, as the config wants them."""
    mails = settings.reminders
    wanted: dict[Rule, tuple[Rule, ...]] = {
        customer_statuses: (judging_statuses(dormancy_of(settings)),),
        customer_levels: (giving_levels(levels_of(settings)),),
        stage_history: (writing_history(dormancy_of(settings)),),
        reminders: (reminding(mails.terms),) if mails.enabled else (),
        missing_results: (wanting_results(mails.results_after),) if mails.enabled else (),
        escalations: (escalating(mails.ladder),) if mails.enabled else (),
        neglect: (watching_over(mails.neglect),) if mails.enabled else (),
        stage_reminders: (stage_reminders,) if mails.enabled and mails.stages else (),
        target_pace: (pacing(mails.pace_behind),) if mails.enabled and mails.pace_behind else (),
        feedback_deadlines: (feedback_deadlines if mails.enabled and mails.feedback else silent_feedback_deadlines,),
        care: (caring(_care_of(settings)),) if settings.care.enabled else (),
        no_pool: (pooling(settings.pool.terms),) if settings.pool.enabled else (),
        service_deadlines: (
            service_deadlines_of(ServiceWishes(settings.service.near, mails.enabled and mails.services)),
        ),
        campaign_mails: (mailing(customer_mail_terms(settings)),) if settings.customer_mail.enabled else (),
        member_mails: (mailed_members(customer_mail_terms(settings)),) if settings.customer_mail.enabled else (),
        bounced_addresses: (bounced_addresses,) if settings.customer_mail.enabled else (),
        payment_dates: (noticing_payments(mails.payments),),
        contract_terms: (noticing_contracts(mails.contracts_before, mails.enabled),),
    }
    return tuple(each for rule in rules for each in wanted.get(rule, (rule,)))


def _care_of(settings: Settings) -> CareWishes:
    wanted = settings.care
    return CareWishes(wanted.birthdays, wanted.occasions, wanted.revisits, wanted.days_before)


def customer_mail_terms(settings: Settings) -> MailTerms:
    """On what terms the team writes to its customers, with the templates as they are now."""
    from crm_sheets.sync.templates import look_of

    told = settings.customer_mail
    return MailTerms(told.consent == "opt_in", look_of("customer", settings.templates.folder))


def dormancy_of(settings: Settings) -> DormancyPolicy:
    """When a customer counts as dormant, and what comes of it."""
    return DormancyPolicy(settings.status.dormant_after.days, settings.status.dormant == "move")


def levels_of(settings: Settings) -> LevelPolicy:
    """How customers are given their level."""
    told = settings.levels
    return LevelPolicy(Method(told.method), told.by == "orders", told.period.days, told.match == "any")


def threshold_of(settings: Settings) -> float | None:
    """The likeness from which customers are told as possible duplicates; None when the team wants none of it."""
    wanted = settings.duplicates
    if not wanted.enabled:
        return None
    return TOGETHER if wanted.threshold is None else wanted.threshold


def calendar_of(settings: Settings) -> WorkCalendar:
    """When the team works, as far as the config says: without the days that stand in its book."""
    told = settings.calendar
    weekdays = frozenset(WEEKDAYS.index(name) for name in told.weekdays)
    return WorkCalendar(settings.workbook.zone, weekdays, told.hours, partial(public_days, told.country))


def codec_of(settings: Settings, words: Language) -> CodecContext:
    """How cells are read in the team's workbook."""
    return CodecContext(
        zone=settings.workbook.zone,
        phone_region=settings.phones.region,
        phone_kinds=frozenset(PhoneKind(kind) for kind in settings.phones.kinds),
        language=words,
    )
