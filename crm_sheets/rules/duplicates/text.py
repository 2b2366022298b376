"""Texts made comparable: one script, one case, one width; and how Chinese sounds."""

import os
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import cast

CHINESE_START, CHINESE_END = 0x3400, 0x9FFF
INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])


class _Characters(dict[int, str | None]):
    """A table for str.translate that works out each character once, when it first turns up."""

    def __init__(self, work_out: Callable[[str], str]) -> None:
        super().__init__(INVISIBLE)
        self._work_out = work_out

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if CHINESE_START <= code <= CHINESE_END:
            character = self._work_out(character)
        self[code] = character
        return character


@cache
def _simplified() -> _Characters:
    from opencc import OpenCC

    return _Characters(OpenCC("t2s").convert)


@cache
def _sounds() -> _Characters:
    # The dictionary of phrases costs 0.3 s and 30 MB, and single characters never need it.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    return _Characters(lambda character: cast(list[str], lazy_pinyin(character))[0])


def plain(text: str | None) -> str:
    """`text` in NFKC, small letters, simplified characters, without invisible characters and outer blanks."""
    if not text:
        return ""
    if text.isascii():
        return text.strip().lower()
    folded = unicodedata.normalize("NFKC", text).translate(cast(Mapping[int, str | None], _simplified()))
    return folded.strip().lower()


def sound(text: str) -> str:
    """How `text` sounds, as pinyin without tones; other characters stay: 华为tech -> huaweitech."""
    return text.translate(_sounds())


@lru_cache(maxsize=65536)
def syllables(text: str) -> tuple[str, ...]:
    """The sound of each character of `text`."""
    table = _sounds()
    return tuple(table[ord(character)] or "" for character in text)


def is_chinese(text: str) -> bool:
    """Whether `text` has a Chinese character."""
    return any(CHINESE_START <= ord(character) <= CHINESE_END for character in text)
