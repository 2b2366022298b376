"""Dates and times as people write them: 2024/3/5, 2024年3月5日 下午3点半, 20240305, 5 Mar 2024, 25/12/2024."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, time, timedelta, timezone
from functools import cache, lru_cache

from crm_sheets.schema.codecs.base import Flaw, flaw
from crm_sheets.schema.labels import words

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True, slots=True)
class WrittenMoment:
    """What a text says.

    Attributes:
        clock: None when only a day was written.
        offset: of the zone that was written with it, None for wall time.
    """

    day: date
    clock: time | None = None
    offset: timezone | None = None


@dataclass(frozen=True, slots=True)
class _Patterns:
    year_first: re.Pattern[str]
    year_last: re.Pattern[str]
    month_named: re.Pattern[str]
    short_year: re.Pattern[str]
    no_year: re.Pattern[str]
    weekday: re.Pattern[str]
    clock: re.Pattern[str]
    months: dict[str, int]
    morning: frozenset[str]
    half: frozenset[str]


def _folded(key: str) -> tuple[str, ...]:
    found = {unicodedata.normalize("NFKC", word).casefold() for word in words(key)}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def _any_of(*keys: str) -> str:
    return "|".join(re.escape(word) for key in keys for word in _folded(key))


@cache
def _patterns() -> _Patterns:
    year, month = (rf"\s*(?:[-/.]|{_any_of(f'word.{part}')})\s*" for part in ("year", "month"))
    months = {word[:3] if word.isascii() else word: number for number, word in _months()}
    named = "|".join(rf"{re.escape(name)}{'[a-z]*' if name.isascii() else ''}" for name in _by_length(months))
    end = rf"(?:\s*(?:{_any_of('word.day')})|(?!\d))"
    minute = rf"(?:(?P<minute>\d{{1,2}})\s*(?:{_any_of('word.minute')})?|(?P<half>{_any_of('word.half')}))"
    second = rf"(?::?\s*(?P<second>\d{{1,2}})(?:\.\d+)?\s*(?:{_any_of('word.second')})?)?"
    return _Patterns(
        year_first=re.compile(rf"(\d{{4}}){year}(\d{{1,2}}){month}(\d{{1,2}}){end}"),
        year_last=re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?!\d)"),
        month_named=re.compile(
            rf"(?:(?P<day>\d{{1,2}})[\s-]+(?P<month>{named})|(?P<month2>{named})[\s-]+(?P<day2>\d{{1,2}}))"
            r"\.?[\s,-]+(?P<year>\d{4}|\d{2})(?!\d)"
        ),
        short_year=re.compile(rf"\d{{1,2}}{year}\d{{1,2}}{month}\d{{1,2}}{end}"),
        no_year=re.compile(rf"\d{{1,2}}{month}\d{{1,2}}{end}"),
        weekday=re.compile(rf"[\s,(]*(?:{_any_of('word.weekday')})(?![a-z])[\s,)]*"),
        clock=re.compile(
            rf"(?P<before>{_any_of('word.morning', 'word.afternoon')})?\s*(?P<hour>\d{{1,2}})\s*"
            rf"(?::|{_any_of('word.hour')}|(?=\s*[ap]\.?m))\s*(?:{minute}\s*{second})?\s*"
            rf"(?P<after>{_any_of('word.morning', 'word.afternoon')})?\s*(?P<offset>z|utc|[+-]\d{{2}}:?\d{{2}})?"
        ),
        months=months,
        morning=frozenset(_folded("word.morning")),
        half=frozenset(_folded("word.half")),
    )


def _months() -> list[tuple[int, str]]:
    return [(number % 12 + 1, word.casefold()) for number, word in enumerate(words("word.months"))]


def _by_length(names: dict[str, int]) -> list[str]:
    return sorted(names, key=lambda name: (-len(name), name))


@lru_cache(maxsize=50_000)
def read_moment(text: str) -> WrittenMoment | Flaw | None:
    """The day, and the time if there is one, that a text says; None for a blank text.

    A flaw where the text can be read in two ways, or in none.
    """
    found = _ISO.fullmatch(text)
    if found:
        parts = [int(part) for part in found.groups(default="0")]
        clock = _clock(*parts[3:]) if found.group(4) else None
        return _moment(tuple(parts[:3]), text, clock) if clock or not found.group(4) else flaw("not-a-moment", text)
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    plain = _patterns().weekday.sub(" ", plain).strip()
    if not plain:
        return None if not text.strip() else flaw("not-a-date", text)
    day = _read_day(plain, text)
    if isinstance(day, Flaw):
        return day
    year_month_day, rest = day
    if not rest:
        return _moment(year_month_day, text, None)
    return _with_clock(year_month_day, rest, text)


def _read_day(plain: str, text: str) -> tuple[tuple[int, ...], str] | Flaw:
    """Year, month and day, and what follows them."""
    patterns = _patterns()
    found = _COMPACT.fullmatch(plain) or patterns.year_first.match(plain)
    if found:
        return tuple(map(int, found.groups())), plain[found.end() :].strip()
    found = patterns.year_last.match(plain)
    if found:
        first, second, year = map(int, found.groups())
        order = _day_and_month(first, second, year, text)
        return order if isinstance(order, Flaw) else (order, plain[found.end() :].strip())
    found = patterns.month_named.match(plain)
    if found:
        month = patterns.months[(found["month"] or found["month2"])[:3]]
        if len(found["year"]) == 2:
            return flaw("date-short-year", text)
        return (int(found["year"]), month, int(found["day"] or found["day2"])), plain[found.end() :].strip()
    if patterns.short_year.match(plain):
        return flaw("date-short-year", text)
    return flaw("date-without-year" if patterns.no_year.fullmatch(plain) else "not-a-date", text)


def _day_and_month(first: int, second: int, year: int, text: str) -> tuple[int, int, int] | Flaw:
    """03/04/2024 is two dates, 25/12/2024 and 12/25/2024 are one each."""
    if first > 12 or first == second:
        return year, second, first
    if second > 12:
        return year, first, second
    if not (first and second and year):
        return flaw("date-not-in-calendar", text)
    one, other = date(year, first, second), date(year, second, first)
    return flaw("date-ambiguous", text, one=one.isoformat(), other=other.isoformat())


def _with_clock(day: tuple[int, ...], rest: str, text: str) -> WrittenMoment | Flaw:
    patterns = _patterns()
    found = patterns.clock.fullmatch(rest.removeprefix("t").lstrip(" ,"))
    if found is None:
        return flaw("not-a-moment", text)
    hour, minute = int(found["hour"]), 30 if found["half"] else int(found["minute"] or 0)
    said = found["before"] or found["after"]
    if said:
        if hour > 12:
            said = None  # 下午15点 says it twice
        elif said in patterns.morning:
            hour %= 12
        else:
            hour = hour % 12 + 12
    clock = _clock(hour, minute, int(found["second"] or 0))
    if clock is None:
        return flaw("not-a-moment", text)
    return _moment(day, text, clock, _offset(found["offset"]))


def _clock(hour: int, minute: int, second: int) -> time | None:
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in ("z", "utc"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone(sign * timedelta(hours=min(hours, 23), minutes=min(minutes, 59)))


def _moment(
    parts: tuple[int, ...], text: str, clock: time | None, offset: timezone | None = None
) -> WrittenMoment | Flaw:
    try:
        return WrittenMoment(date(*parts), clock, offset)
    except ValueError:
        return flaw("date-not-in-calendar", text)
