"""What somebody means who answers a reminder: heard, done, or later (pure)."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

from crm_sheets.cells import text_key
from crm_sheets.rules.moments import WORK_STARTS, at, day_after, day_of, local
from crm_sheets.schema.labels import words

MOST = timedelta(days=366)
"""Nobody puts off a reminder for longer."""

_AMOUNT = re.compile(r"(\d{1,4}|半|[一二两三四五六七八九十])\s*个?\s*([^\d\s:：点.-]{1,12})")
_DATE = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_HOUR = re.compile(r"(?<![\d-])(\d{1,2})\s*[:：点]\s*(\d{2})?")
_NUMBERS = {character: number for number, character in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_GAP = " \t,，:：。.!！-—~～\n"


class Verb(StrEnum):
    """What may be answered."""

    HEARD = "heard"
    DONE = "done"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer means.

    Attributes:
        text: of a done one, what came of it; may be empty.
        until: of a later one, when to remind again, aware.
    """

    verb: Verb
    text: str = ""
    until: datetime | None = None


def answer_of(text: str, now: datetime, zone: tzinfo) -> Answer | None:
    """What an answer means, by its first words, in any of our languages; None when it is not understood."""
    said = text.strip(_GAP)
    for verb in Verb:
        for word in sorted(words(f"mail.answer.{verb}"), key=len, reverse=True):
            rest = _after(said, word, strictly=verb is Verb.DONE)
            if rest is None:
                continue
            if verb is Verb.LATER:
                until = _until(rest, now, zone)
                return None if until is None else Answer(verb, until=until)
            if verb is Verb.DONE:
                return Answer(verb, rest)
            return Answer(verb)
    return None


def _after(said: str, word: str, *, strictly: bool) -> str | None:
    """What follows a word at the beginning of a text; None when the text begins otherwise.

    Chinese has no gap between words. Where a wrong guess does harm (完成不了 is not 完成) one is asked for: `strictly`.
    """
    head, key = said[: len(word)], text_key(word)
    if text_key(head) != key:
        return None
    rest = said[len(word) :]
    if rest and rest[0].isalnum() and (strictly or (key[-1:].isascii() and rest[0].isascii())):
        return None  # "okra" is not "ok"
    return rest.strip(_GAP)


def _until(rest: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The instant that 2 小时, 明天 or 11月25日 9:30 mean; tomorrow where nothing is said; None of the past."""
    said, today = text_key(rest).removeprefix("到").removeprefix("至").removeprefix("until").strip(), day_of(now, zone)
    hour = _hour(said)
    for days, key in ((2, "day_after"), (1, "tomorrow"), (7, "next_week")):
        if any(text_key(word) in said for word in words(f"mail.answer.{key}")):
            return at(day_after(today, days), hour or WORK_STARTS, zone)
    if found := _DATE.search(said):
        return _ahead(_day(found, now, hour, zone), now)
    if found := _AMOUNT.match(said):
        length = _length(found[1], found[2])
        return _ahead(now + length, now) if length is not None else None
    if hour is not None:
        today_then = at(today, hour, zone)
        return today_then if today_then > now else at(day_after(today), hour, zone)
    return at(day_after(today), WORK_STARTS, zone) if not said else None


def _length(amount: str, unit: str) -> timedelta | None:
    number = 0.5 if amount == "半" else float(_NUMBERS.get(amount, 0) or amount)
    for name, length in (("minute", timedelta(minutes=1)), ("hour", timedelta(hours=1)), ("week", timedelta(days=7)),
                         ("day", timedelta(days=1))):  # fmt: skip
        if any(unit.startswith(text_key(word)) for word in words(f"mail.answer.unit.{name}")):
            return number * length
    return None


def _hour(said: str) -> time | None:
    found = _HOUR.search(said)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    hour = int(found[1])
    afternoon = hour < 12 and any(text_key(word) in said for word in words("mail.answer.afternoon"))
    return time(hour + 12 if afternoon else hour, int(found[2] or 0))


def _day(found: re.Match[str], now: datetime, hour: time | None, zone: tzinfo) -> datetime | None:
    """A date; without a year the next one of that month and day."""
    this_year = local(now, zone).year
    for year in (int(found[1]),) if found[1] else (this_year, this_year + 1):
        try:
            instant = at(local(now, zone).date().replace(year, int(found[2]), int(found[3])), hour or WORK_STARTS, zone)
        except ValueError:
            return None
        if instant > now:
            return instant
    return None


def _ahead(instant: datetime | None, now: datetime) -> datetime | None:
    return instant if instant is not None and now < instant <= now + MOST else None
