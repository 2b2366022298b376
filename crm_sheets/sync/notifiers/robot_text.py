"""Texts for group robots: cells cannot format them or call on people, and long ones are cut where it hurts least."""

from collections.abc import Iterator
from typing import Final

HARMLESS: Final = str.maketrans(
    {
        "<": "＜",
        ">": "＞",
        "[": "［",
        "]": "］",
        "*": "＊",
        "_": "＿",
        "`": "｀",
        "#": "＃",
        "@": "＠",
        "~": "～",
        "\\": "＼",
    }
)
"""What means something in the Markdown of one robot or another, as the characters that look like it."""

_ENDS: Final = ("\n\n", "\n", "。", "；", ". ", "，", ", ", " ")
"""Where a text is cut, the best place first."""


def harmless(text: str) -> str:
    """A text from a cell: `<@all>` in a name calls nobody, a link in it is none."""
    return text.translate(HARMLESS)


def parts(text: str, most: int) -> tuple[str, ...]:
    """The text in parts of at most `most` bytes in UTF-8, cut between paragraphs, lines, sentences or words.

    Args:
        text: of any length.
        most: bytes, at least four: no character is longer.
    """
    return tuple(_parts(text.strip(), most)) or ("",)


def _parts(text: str, most: int) -> Iterator[str]:
    while len(text.encode("utf-8")) > most:
        fits = text.encode("utf-8")[:most].decode("utf-8", "ignore")
        cut = next((at + len(end) for end in _ENDS if (at := fits.rfind(end)) > len(fits) // 3), len(fits))
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text
