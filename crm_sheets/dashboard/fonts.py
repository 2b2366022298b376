"""A font of the machine with Chinese characters in it: names of customers are drawn in it in every language."""

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
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return next((family for family in FAMILIES if family in there), None)
