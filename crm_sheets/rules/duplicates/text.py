"""Texts made comparable: one script, one case, one width; and how Chinese sounds."""

import os
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

CHINESE_START, CHINESE_END = "\u3400", "\u9fff"
_CHINESE = re.compile(f"[{CHINESE_START}-{CHINESE_END}]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


class _Characters(dict[str, str]):
    """What becomes of each Chinese character, worked out once, when it first turns up; others stay."""

    def __init__(self, work_out: Callable[[str], str]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, character: str) -> str:
        result = self._work_out(character) if CHINESE_START <= character <= CHINESE_END else character
        self[character] = result
        return result


@cache
def _simplified() -> _Characters:
    from opencc import OpenCC

    return _Characters(OpenCC("t2s").convert)


@cache
def _sounds() -> _Characters:
    # The dictionary of phrases costs 0.3 s and 30 MB, and single characters never need it.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    return _Characters(lambda character: lazy_pinyin(character)[0])


_settled = set("abcdefghijklmnopqrstuvwxyz0123456789 ()-+.,#@/&_")
"""Characters that `plain` leaves as they are; most texts have no other ones, and need no more than this look."""


def plain(text: str | None) -> str:
    """`text` in NFKC, small letters, simplified characters, without invisible characters and outer blanks."""
    if not text:
        return ""
    if text.isascii():
        return text.strip().lower()
    if _settled.issuperset(text):
        return text.strip()
    lowered = text.lower()
    if _settled.issuperset(lowered):
        return lowered.strip()
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", lowered))
    simplified = _simplified()
    result = "".join(map(simplified.__getitem__, folded)).strip().lower()
    _settled.update(character for character in _CHINESE.findall(result) if simplified[character] == character)
    return result


def sound(text: str) -> str:
    """How `text` sounds, as pinyin without tones; other characters stay: 华为tech -> huaweitech."""
    return "".join(map(_sounds().__getitem__, text))


@lru_cache(maxsize=4096)
def sound_of_word(text: str) -> str:
    """The sound of a word that turns up often: a trade."""
    return sound(text)


def syllables(text: str) -> tuple[str, ...]:
    """The sound of each character of `text`."""
    return tuple(map(_sounds().__getitem__, text))


@cache
def _voices() -> _Characters:
    """One character for all that sound alike: the sound where it is a single letter, or the first that turned up."""
    first: dict[str, str] = {}

    def voice(character: str) -> str:
        heard = sound(character)
        return heard if len(heard) == 1 else first.setdefault(heard, character)

    return _Characters(voice)


def voices(text: str) -> str:
    """`text` with characters that sound alike made the same: distances between strings are faster than of tuples."""
    return "".join(map(_voices().__getitem__, text))


def is_chinese(text: str) -> bool:
    """Whether `text` has a Chinese character."""
    return not text.isascii() and _CHINESE.search(text) is not None
