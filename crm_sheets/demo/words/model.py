"""The word lists as values."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PeopleWords(_Part):
    """Names, each `text|letters` where a mail address needs letters of its own."""

    surnames: tuple[str, ...]
    given: tuple[str, ...]
    titles: tuple[str, ...]
    domain: str


class TeamWords(_Part):
    """Two departments (sales, service), three groups (two of sales, one of service), posts by role."""

    departments: tuple[str, str]
    groups: tuple[str, str, str]
    posts: Mapping[str, str]


class CompanyWords(_Part):
    """Parts of company names; cities are `name|area code|district`, businesses stand under the code of an industry."""

    cities: tuple[str, ...]
    streets: tuple[str, ...]
    buildings: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    forms: tuple[str, ...]
    name: str
    short_forms: Mapping[str, str]
    bracketed: str
    businesses: Mapping[str, tuple[str, ...]]


class SalesWords(_Part):
    """What is sold and what is known about a customer."""

    products: tuple[str, ...]
    projects: tuple[str, ...]
    competitors: tuple[str, ...]
    milestones: tuple[str, ...]
    preferences: tuple[str, ...]
    needs: tuple[str, ...]
    tags: tuple[str, ...]
    notes: tuple[str, ...]
    private_notes: tuple[str, ...]
    level_basis: tuple[str, ...]


class FollowUpWords(_Part):
    """What is written about a follow-up; contents are `subject|code of the method|content`."""

    contents: tuple[str, ...]
    results: tuple[str, ...]
    next_steps: tuple[str, ...]
    reactions: tuple[str, ...]
    participants: tuple[str, ...]


class FeedbackWords(_Part):
    """What customers say and what is answered, under the code of the type of feedback."""

    contents: Mapping[str, tuple[str, ...]]
    responses: Mapping[str, tuple[str, ...]]


class CampaignWords(_Part):
    """Names of campaigns, and for whom each is, in their order; the mail of the one whose list is wanted."""

    names: tuple[str, ...]
    audiences: tuple[str, ...]
    mail_subject: str
    mail_text: str


class ServiceWords(_Part):
    """What the service desk is asked for and does, under the code of the type of service; what a day off is called."""

    problems: Mapping[str, tuple[str, ...]]
    solutions: Mapping[str, tuple[str, ...]]
    day_off: str


class ReviewWords(_Part):
    """What leads decide after a month, the first of it done already; and what is said of that."""

    measures: tuple[str, str]
    done: str


class FaultWords(_Part):
    """What staff type wrongly."""

    status: str
    method: str
    stage: str
    missing_customer: str
    unknown_person: str
    amount: str
    new_customer: str
    audience: str


class Words(_Part):
    """All lists of one locale."""

    people: PeopleWords
    team: TeamWords
    companies: CompanyWords
    sales: SalesWords
    follow_ups: FollowUpWords
    feedback: FeedbackWords
    campaigns: CampaignWords
    services: ServiceWords
    reviews: ReviewWords
    faults: FaultWords


@cache
def words_of(locale: str) -> Words:
    """The lists that are shipped for `locale`."""
    text = (Path(__file__).parent / f"{locale}.toml").read_text(encoding="utf-8")
    return Words.model_validate(tomllib.loads(text))
