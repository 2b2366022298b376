"""What somebody means who answers a reminder: heard, done, or later (pure)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from crm_sheets.cells import text_key
from crm_sheets.rules.moments import WORK_STARTS, at, day_after, day_of, local
from crm_sheets.schema.labels import words

MOST = timedelta(days=366)
"""Nobody puts off a reminder for longer."""

PASSED = timedelta(days=60)
"""A day without a year that went by no longer ago than that is a mistake, and not the one of next year."""

AFTERNOON = time(14)
"""Where somebody says no hour."""

_AMOUNT = re.compile(
    r"(\d{1,4}(?:\.\d)?|半|[一二两三四五六七八九]?十?[一二两三四五六七八九]?)\s*个?\s*([^\d\s:：点.-]{1,12})"
)
_DATE = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_HOUR = re.compile(r"(?<![\d-])(\d{1,2})\s*(?:[:：点]\s*(\d{2}|半)?|(?=[ap]m))")
_NUMBERS = {character: number for number, character in enumerate("一二三四五六七八九", 1)} | {"两": 2}
_DAYS = ((3, "third_day"), (2, "day_after"), (1, "tomorrow"))
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
    for days, key in _DAYS:
        if _says(said, key):
            return at(day_after(today, days), hour or WORK_STARTS, zone)
    if (ahead := _to_weekday(said, today)) is not None:
        return at(day_after(today, ahead), hour or WORK_STARTS, zone)
    if (found := _AMOUNT.match(said)) and (length := _length(found[1], found[2])) is not None:
        return _ahead(now + length, now)
    if found := _DATE.search(said):
        of_days = _length("1", said[found.end() :].strip()) is not None  # "3-5 days" is no date
        return None if of_days else _ahead(_day(found, now, hour, zone), now)
    if hour is not None:
        today_then = at(today, hour, zone)
        return today_then if today_then > now else at(day_after(today), hour, zone)
    return at(day_after(today), WORK_STARTS, zone) if not said else None


def _says(said: str, key: str) -> bool:
    return any(text_key(word) in said for word in words(f"mail.answer.{key}"))


def _to_weekday(said: str, today: date) -> int | None:
    """How many days it is to a day of this week, of the next or the one after; to the same day where none is named."""
    weeks = 2 if _says(said, "week_after") else 1 if _says(said, "next_week") else 0
    named = next((day for day in range(7) if _says(said, f"weekday.{day + 1}")), None)
    if named is None:
        return 7 * weeks or None
    ahead = named - today.weekday() + 7 * weeks
    return ahead if weeks or ahead > 0 else ahead + 7


def _number(amount: str) -> float | None:
    """1.5, 12, 半, 两, 二十五: what a number means."""
    if amount == "半":
        return 0.5
    tens, ten, ones = amount.rpartition("十")
    if ten or ones in _NUMBERS:
        return (_NUMBERS.get(tens, 1) * 10 if ten else 0) + _NUMBERS.get(ones, 0)
    return float(amount) if amount[:1].isascii() and amount else None


def _length(amount: str, unit: str) -> timedelta | None:
    number = _number(amount)
    if number is None:
        return None
    for name, length in (("minute", timedelta(minutes=1)), ("hour", timedelta(hours=1)), ("week", timedelta(days=7)),
                         ("day", timedelta(days=1))):  # fmt: skip
        if any(unit.startswith(text_key(word)) for word in words(f"mail.answer.unit.{name}")):
            return number * length if name == "hour" or "." not in amount else None  # 12.5日 is a date
    return None


def _hour(said: str) -> time | None:
    found, afternoon = _HOUR.search(said), _says(said, "afternoon")
    if found is None:
        return AFTERNOON if afternoon else None
    hour, minute = int(found[1]), 30 if found[2] == "半" else int(found[2] or 0)
    if hour > 23 or minute > 59:
        return None
    return time(hour + 12 if afternoon and hour < 12 else hour, minute)


def _day(found: re.Match[str], now: datetime, hour: time | None, zone: tzinfo) -> datetime | None:
    """A date; without a year the next one of that month and day, unless it has just gone by."""
    today = local(now, zone).date()
    asked = (int(found[1]),) if found[1] else tuple(today.year + more for more in (-1, 0, 1))
    for year in asked:
        try:
            instant = at(today.replace(year, int(found[2]), int(found[3])), hour or WORK_STARTS, zone)
        except ValueError:  # no year has such a day, or not each has: 2月29日
            continue
        if instant > now:
            return instant
        if now - instant < PASSED:
            return None
    return None


def _ahead(instant: datetime | None, now: datetime) -> datetime | None:
    return instant if instant is not None and now < instant <= now + MOST else None
