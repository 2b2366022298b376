"""What is wrong with an expression, and where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crm_sheets.cells import text_key
from crm_sheets.language import Language

SIMILAR = 55
"""From this score (of 100) on a name is near enough to be offered."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake.

    Attributes:
        key: its message is under `expression.mistake.<key>` in the catalogues.
        start, end: the place in the text, 0-based, the end not included.
        parameters: texts that the message names; those that begin with `type.` are keys of the catalogue.
    """

    key: str
    start: int
    end: int
    parameters: Mapping[str, str] = field(default_factory=dict)

    def message(self, words: Language) -> str:
        """The mistake in words, its place (counted from 1) first."""
        said = {
            name: words.text(f"expression.{text}") if text.startswith("type.") else text
            for name, text in self.parameters.items()
        }
        return words.text("expression.at", place=self.start + 1) + words.text(f"expression.mistake.{self.key}", **said)


def messages(mistakes: Iterable[Mistake], words: Language) -> str:
    """All mistakes as one text."""
    return " ".join(each.message(words) for each in mistakes)


def nearest(word: str, known: Sequence[str]) -> str:
    """The name that was probably meant; "" when none is near."""
    from rapidfuzz import fuzz, process

    best = process.extractOne(word, known, scorer=fuzz.ratio, processor=text_key, score_cutoff=SIMILAR)
    return best[0] if best else ""
