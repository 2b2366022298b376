"""`doctor` on Google: what keeps the account from a spreadsheet, told so that the one who can mend it knows how."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from crm_sheets import clock, reports
from crm_sheets.app.backends import Backends
from crm_sheets.app.care import Examiner, Say
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.config import Settings
from crm_sheets.config_google import address_of
from crm_sheets.errors import CrmSheetsError, ServiceUnavailable, UsageError
from crm_sheets.language import in_words

MOST_SECONDS_APART = 120
"""Google takes a token whose times are a few minutes off."""

OLD_TOKEN = ("reasonable timeframe", "iat", "Token used too early")
"""What Google says of a token that a wrong clock made."""

REVOKED = "expired or revoked"
"""What it says of the login of a person that counts no longer."""


def spreadsheets_examined(settings: Settings, examined: Examiner) -> Iterator[reports.Examination]:
    """The account, the clock, and every spreadsheet that the config names."""
    with opened(settings) as workspace:
        backends = Backends(settings, workspace.state, workspace.words)
        account = _login(backends, examined)
        yield account
        if not account.passed:
            return
        places = spreadsheets_of(settings)
        yield examined("google_clock", lambda say: _clock(backends, places, say))
        for name, place in places.items():
            yield _named(examined, name, place, backends)
        yield examined("google_team", lambda say: _team(workspace, say))


def spreadsheets_of(settings: Settings) -> dict[str, str]:
    """What the spreadsheets of a team are for, as the config calls it, and their ids."""
    told = settings.workbook
    found = {} if told.spreadsheet is None else {"workbook": told.spreadsheet}
    found |= {f"mirror {each.name}": each.spreadsheet for each in settings.mirror if each.spreadsheet is not None}
    views = settings.views.spreadsheets if settings.views.enabled else {}
    return found | {f"views {number}": place for number, place in views.items()}


def _named(examined: Examiner, name: str, place: str, backends: Backends) -> reports.Examination:
    return examined("google_spreadsheet", lambda say: f"[{name}] {_spreadsheet(backends, place, say)}")


@dataclass
class _Login:
    """Asks for a token.

    Attributes:
        unreached: why Google itself did not answer; "" when it did.
    """

    backends: Backends
    unreached: str = ""

    def __call__(self, say: Say) -> str:
        """The key file is one, and Google accepts it.

        Raises:
            UsageError: it is not accepted.
            ServiceUnavailable: Google cannot be reached, or has no time.
            ConfigError: it is none.
        """
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request

        from crm_sheets.sync.backends.google.login import said_of, unreached

        account = self.backends.account
        try:
            account.client.session.credentials.refresh(Request())
        except GoogleAuthError as error:
            said = said_of(error)
            if why := unreached(error):
                self.unreached = str(why)
                raise ServiceUnavailable(say(f"doctor.found.google_{why}", said=said)) from error
            raise UsageError(_refused(said, say)) from error
        return say("doctor.found.google_account", account=account.email or say("doctor.found.google_person"))


def _login(backends: Backends, examined: Examiner) -> reports.Examination:
    """The account; whoever cannot reach Google is not told to make a new key."""
    login = _Login(backends)
    found = examined("google_account", login)
    if not login.unreached:
        return found
    remedy = examined.words.text(f"doctor.remedy.google_{login.unreached}")
    return reports.Examination("google_reach", False, found.found, remedy)


def _refused(said: str, say: Say) -> str:
    """What Google said of the key, or of the login of a person."""
    if any(sign in said for sign in OLD_TOKEN):
        return say("doctor.found.google_token_time", now=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S %Z}")
    return say("doctor.found.google_revoked" if REVOKED in said else "doctor.found.google_refused", said=said)


def _clock(backends: Backends, places: dict[str, str], say: Say) -> str:
    """Our clock and Google's agree.

    Raises:
        UsageError: they do not.
        ServiceUnavailable: Google cannot be reached.
    """
    from requests.exceptions import RequestException

    from crm_sheets.sync.backends.google.http import SHEETS

    client = backends.account.client
    place = next(iter(places.values()), "")
    address = client.address(f"{SHEETS}/v4/spreadsheets/{place}?fields=spreadsheetId")
    try:
        told = client.session.get(address, timeout=client.terms.timeout).headers.get("Date")
    except RequestException as error:
        raise ServiceUnavailable(say("doctor.found.google_network", said=error)) from error
    theirs = _instant(told or "")
    if theirs is None:
        return say("doctor.found.google_clock_unknown")
    apart = round((datetime.now(UTC) - theirs).total_seconds())  # the machine's: what signs tokens
    if abs(apart) > MOST_SECONDS_APART:
        raise UsageError(say("doctor.found.google_clock_wrong", seconds=apart))
    return say("doctor.found.google_clock", seconds=apart)


def _instant(text: str) -> datetime | None:
    """The date of an answer; None where a proxy made it into something else."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _spreadsheet(backends: Backends, place: str, say: Say) -> str:
    """A spreadsheet can be opened and written.

    Raises:
        UsageError: it cannot.
    """
    from crm_sheets.sync.backends.google.spreadsheet import Spreadsheet

    sheet = Spreadsheet(backends.account, place, address_of(place))
    try:
        found = sheet.structure()
        same = {"updateSpreadsheetProperties": {"properties": {"title": found.title}, "fields": "title"}}
        sheet.batch({"requests": [same]}, "spreadsheetId", repeatable=True)  # changes nothing, and tells whether we may
    except CrmSheetsError as error:
        raise UsageError(in_words(error, backends.words)) from error
    zone = str(backends.settings.workbook.zone)
    line = say("doctor.found.google_spreadsheet", title=found.title, tabs=len(found.sheets), zone=found.zone)
    return line if found.zone == zone else f"{line}; {say('doctor.found.google_zone', zone=found.zone, team=zone)}"


def _team(workspace: Workspace, say: Say) -> str:
    """Everybody whose columns are kept from others by their account has one.

    Raises:
        UsageError: somebody has none and could not edit what they may.
    """
    from crm_sheets.app.furnishing import Furnisher
    from crm_sheets.app.guarding import accounts_of

    settings = workspace.settings
    furnisher = Furnisher(
        settings, workspace.state, workspace.cycle.setup, Backends(settings, workspace.state, workspace.words)
    )
    people = furnisher.authority(clock.now()).organisation.people
    accounts = accounts_of(settings, people)
    without = [person.name for person in people if person.active and person.id not in accounts]
    closes = bool(furnisher.guarding(clock.now()).editors)
    if without and closes:
        raise UsageError(say("doctor.found.google_team_without", names=", ".join(without[:10])))
    return say("doctor.found.google_team", count=len(accounts))
