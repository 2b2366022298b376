"""Texts made comparable: one script, one case, one width; and how Chinese sounds.

Everything is worked out per character, once, and kept in tables; columns of cells go through the tables as arrays.
"""

import os
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes: TypeAlias = NDArray[np.uint32]

CHINESE_START, CHINESE_END = "\u3400", "\u9fff"
SEPARATOR = "\x1e"
"""Stands between the cells of a column that were joined; a control character that no sheet can hold."""
EVERY_CHARACTER = 0x110000
_CHINESE = re.compile(f"[{CHINESE_START}-{CHINESE_END}]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
GONE, SEVERAL = 0xFFFFFFFF, 0xFFFFFFFE


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


def plain(text: str | None) -> str:
    """`text` in NFKC, small letters, simplified characters, without invisible characters and outer blanks."""
    if not text:
        return ""
    if text.isascii():
        return text.strip().lower()
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.lower()))
    return "".join(map(_simplified().__getitem__, folded)).strip().lower()


def codes_of(text: str) -> "Codes":
    """The characters of `text` as numbers."""
    import numpy as np

    return np.array([text]).view(np.uint32)[: len(text)]  # numpy keeps one character for no text


def text_of(codes: "Codes") -> str:
    """The text of characters given as numbers."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


class Table:
    """What each character becomes, as an array; a character is worked out when it first turns up."""

    def __init__(self, work_out: Callable[[str], int], most: int = 2**32 - 1) -> None:
        """`work_out` gives 1 to `most`: the less that is, the less memory is read and written for each character."""
        import numpy as np

        self._work_out = work_out
        self._table = np.zeros(EVERY_CHARACTER, np.min_scalar_type(most))

    def __call__(self, codes: "Codes") -> "NDArray[np.unsignedinteger]":
        """What each character becomes."""
        import numpy as np

        places = codes.astype(np.intp)  # what numpy would do as well, but four times as slowly
        become = self._table.take(places, mode="clip")
        if not become.min(initial=1):
            for code in set(codes[become == 0].tolist()):
                self._table[code] = self._work_out(chr(code))
            become = self._table[places]
        return become


def folds_of(codes: "Codes") -> "Codes":
    """What each character becomes in `plain`, blanks kept: GONE for nothing, SEVERAL where it cannot be told alone."""
    found: Codes = _folds()(codes)
    return found


@cache
def _folds() -> Table:
    """`plain` for one character; SEVERAL where the characters beside it must be looked at, too."""

    def fold(character: str) -> int:
        if (
            character == "\0"
            or unicodedata.combining(character)
            or "\u1100" <= character <= "\u11ff"
            or character == "Σ"
        ):
            return SEVERAL
        folded = plain_character(character)
        return GONE if not folded else SEVERAL if len(folded) > 1 else ord(folded)

    return Table(fold)


def plain_character(character: str) -> str:
    """`plain` of one character, blanks kept."""
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", character.lower()))
    return "".join(map(_simplified().__getitem__, folded)).lower()


def sound(text: str) -> str:
    """How `text` sounds, as pinyin without tones; other characters stay: 华为tech -> huaweitech."""
    return "".join(map(_sounds().__getitem__, text))


def syllables(text: str) -> tuple[str, ...]:
    """The sound of each character of `text`."""
    return tuple(map(_sounds().__getitem__, text))


@cache
def _voices() -> Table:
    first: dict[str, int] = {}

    def voice(character: str) -> int:
        heard = sound(character)
        return ord(heard) if len(heard) == 1 else first.setdefault(heard, ord(character))

    return Table(voice)


def voices_of(codes: "Codes") -> "Codes":
    """Characters that sound alike made the same: distances between strings are faster than of tuples of sounds."""
    found: Codes = _voices()(codes)
    return found


def is_chinese(text: str) -> bool:
    """Whether `text` has a Chinese character."""
    return not text.isascii() and _CHINESE.search(text) is not None
