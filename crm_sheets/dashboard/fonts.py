"""A font of the machine with Chinese characters in it: names of customers are drawn in it in every language."""

from contextlib import suppress
from functools import cache
from typing import Final

FAMILIES: Final = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "Heiti SC", "Sarasa UI SC", "HarmonyOS Sans SC", "MiSans", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Droid Sans Fallback", "SimHei", "DengXian", "SimSun", "STHeiti", "Arial Unicode MS",
    "Noto Sans CJK JP", "Noto Sans CJK TC", "Noto Serif CJK SC", "AR PL UMing CN",
)  # fmt: skip
"""By how well they read on a screen; the Chinese forms of characters before those of Japan."""


@cache
def chinese_font() -> str | None:
    """The family to draw in; None where the machine has no font with Chinese characters.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib.font_manager import findSystemFonts, fontManager

    there = set(findSystemFonts())
    # matplotlib remembers the fonts that it found on its first day: those that came since are not in its list.
    for path in sorted(there - {font.fname for font in fontManager.ttflist}):
        with suppress(OSError, RuntimeError, ValueError, KeyError):  # a broken font is none
            fontManager.addfont(path)
    names = {font.name for font in fontManager.ttflist if font.fname in there}
    return next((family for family in FAMILIES if family in names), None)


@cache
def any_font() -> bool:
    """Whether the machine has a font at all: without one, what draws the letters of a PDF ends the whole process.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib.font_manager import findSystemFonts

    return bool(findSystemFonts())
