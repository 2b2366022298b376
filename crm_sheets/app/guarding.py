"""Who may edit which columns of a Google spreadsheet: what the policy says, as accounts that Google can hold to it."""

from collections.abc import Iterable, Mapping

from crm_sheets.cells import text_key
from crm_sheets.config import Settings
from crm_sheets.organisation import Person
from crm_sheets.permissions import SHARED_ROLE, Level
from crm_sheets.rights import Authority
from crm_sheets.schema.base import Tab
from crm_sheets.sync.backends.google.native.protection import Guarding
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.views import Reader


def shared_guarding(settings: Settings, authority: Authority, tabs: Mapping[TabKey, Tab], account: str) -> Guarding:
    """Of a spreadsheet in which the whole team works.

    Where the policy speaks of people, a column is open to those whom some row may let edit it; where it does not, to
    everybody. A column that nobody may edit in the shared workbook is closed to all.
    """
    people = [person for person in authority.organisation.people if person.active]
    accounts = accounts_of(settings, authority.organisation.people)
    warn, off = _manner(settings)
    plain = Guarding(account, known=frozenset(accounts.values()), warn=warn, off=off)
    if settings.google.protect != "roles":
        return plain
    policy = authority.policy
    personal = any(grant.role != SHARED_ROLE for grant in policy.grants) and bool(accounts)
    may = {person.id: authority.of(person) for person in people if person.id in accounts} if personal else {}
    editors: dict[TabKey, dict[ColumnKey, frozenset[str]]] = {}
    everybody = frozenset(accounts[person] for person in may)
    for key, tab in tabs.items():
        widest = {person: rights.widest(key) for person, rights in may.items()}
        for column in tab.staff_columns():
            if policy.decide(SHARED_ROLE, key, column.key).level < Level.PROPOSE:
                editors.setdefault(key, {})[column.key] = frozenset()
                continue
            named = frozenset(
                accounts[person]
                for person, levels in widest.items()
                if levels.get(column.key, Level.HIDDEN) >= Level.PROPOSE
            )
            if personal and named != everybody:
                editors.setdefault(key, {})[column.key] = named
    return Guarding(account, editors, plain.known, plain.warn, plain.off)


def view_guarding(settings: Settings, reader: Reader, account: str) -> Guarding:
    """Of the spreadsheet of one person: what no row lets them edit is closed."""
    warn, off = _manner(settings)
    if settings.google.protect != "roles":
        return Guarding(account, warn=warn, off=off)
    editors = {key: closed for key, tab in reader.tabs.items() if (closed := _closed(tab, reader.rights.widest(key)))}
    return Guarding(account, editors, warn=warn, off=off)


def accounts_of(settings: Settings, people: Iterable[Person]) -> dict[str, str]:
    """The Google account of people, by 工号: that of [google.accounts], else their mail address."""
    told = {text_key(number): account for number, account in settings.google.accounts.items()}
    found = {person.id: told.get(text_key(person.id), person.email) for person in people if person.id}
    return {number: account.strip().lower() for number, account in found.items() if "@" in account}


def _manner(settings: Settings) -> tuple[bool, bool]:
    """Whether people are only warned; whether nothing is protected."""
    return settings.google.protect == "warn", settings.google.protect == "none"


def _closed(tab: Tab, levels: Mapping[ColumnKey, Level]) -> dict[ColumnKey, frozenset[str]]:
    return {
        column.key: frozenset()
        for column in tab.staff_columns()
        if levels.get(column.key, Level.HIDDEN) < Level.PROPOSE
    }
