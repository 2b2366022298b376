"""updateSpreadsheetProperties."""

from zoneinfo import ZoneInfo

from crm_sheets.google_emulator.discovery import sheets as document
from crm_sheets.google_emulator.getting import book_properties
from crm_sheets.google_emulator.json_values import Object, part, text
from crm_sheets.google_emulator.masks import update_mask, updated
from crm_sheets.google_emulator.refusals import Refused
from crm_sheets.google_emulator.requests.batch import Batch, Handler


def update(batch: Batch, request: Object) -> Object | None:
    """Title, locale, time zone and the like."""
    mask = update_mask(document(), "SpreadsheetProperties", text(request, "fields"))
    book = batch.book
    new = updated(book_properties(book), part(request, "properties"), mask)
    title, locale, zone = text(new, "title"), text(new, "locale"), text(new, "timeZone")
    if not title:
        raise Refused("Spreadsheet title cannot be empty.")
    _check_locale(locale)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError):
        raise Refused(f"Invalid time zone: {zone}") from None
    book.title, book.locale, book.time_zone = title, locale, zone
    own = ("title", "locale", "timeZone", "defaultFormat")
    book.properties = {key: value for key, value in new.items() if key not in own}
    return None


def _check_locale(locale: str) -> None:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        raise Refused(f"Unsupported locale: {locale}") from None


HANDLERS: dict[str, Handler] = {"updateSpreadsheetProperties": update}
