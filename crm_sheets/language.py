"""Words for people: every label, message and mail subject comes from a catalogue, the code has only keys.

A message key is dotted English, `column.customers.name` or `issue.required`; both `zh-CN` and `en` have catalogues, one
file for each part of the program (schema, rules, mail, summaries, cli …), read as one.
Parameters are named in braces, `{column}`, and filled by str.format; `{count:deal|deals}` is the first word for one,
and the second for any other number, without the number.
"""

import errno
import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from crm_sheets.errors import ConfigError, CrmSheetsError, Line, UsageError, WorkbookUnreadable, WriteRefused

LOCALES = ("zh-CN", "en")


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one locale."""

    locale: str
    messages: Mapping[str, str]

    def text(self, key: str, **parameters: object) -> str:
        """The message under `key`, filled in; the key itself where the catalogue has none."""
        message = self.messages.get(key, key)
        return filled(message, parameters) if parameters else message

    def has(self, key: str) -> bool:
        """Whether the catalogue knows `key`."""
        return key in self.messages


class _Numbered(Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        one, divided, several = format_spec.partition("|")
        if divided:
            return one if str(value) == "1" else several
        return str(super().format_field(value, format_spec))


_NUMBERED = _Numbered()


def filled(message: str, parameters: Mapping[str, object]) -> str:
    """A message with its parameters, and the words that go by their number."""
    return _NUMBERED.vformat(message, (), parameters) if "|" in message else message.format_map(parameters)


@runtime_checkable
class Spoken(Protocol):
    """What can be said in any language."""

    def message(self, words: Language) -> str:
        """In those words."""
        ...


@cache
def language(locale: str) -> Language:
    """The words of `locale`, from the catalogue that is shipped with the package.

    Raises:
        UsageError: no such locale, or the catalogues were not compiled (a checkout that was never installed).
    """
    if locale not in LOCALES:
        known = ", ".join(LOCALES)
        raise UsageError(f"locale {locale!r}: choose one of {known}").told("error.locale", given=locale, known=known)
    folder = Path(__file__).parent / "locale" / locale.replace("-", "_") / "LC_MESSAGES"
    messages: dict[str, str] = {}
    for path in sorted(folder.glob("*.mo")):
        with path.open("rb") as readable:
            messages |= gettext.GNUTranslations(readable)._catalog  # type: ignore[attr-defined]  # the mapping itself
    if not messages:
        raise UsageError(f"{folder}: no catalogue; run `make install` (or pip install .), which compiles them")
    messages.pop("", None)  # the header of the catalogue
    return Language(locale, MappingProxyType(messages))


def in_words(error: CrmSheetsError, words: Language) -> str:
    """What an error says, in a language where its catalogue has it; else as it was raised."""
    if isinstance(error, ConfigError) and not error.key:
        return "\n".join(_line(line, words) for line in error.problems)
    if isinstance(error, WorkbookUnreadable) and not error.key:
        name, _, _ = str(error).partition(": ")
        key, parameters = f"error.unreadable.{error.reason}", {"path": name}
    elif isinstance(error, WriteRefused) and not error.key:
        key, parameters = "error.write.refused", {"said": str(error)}
    else:
        key, parameters = error.key, dict(error.parameters)
    return words.text(key, **parameters) if words.has(key) else str(error)


def line(key: str, **parameters: object) -> Line:
    """One mistake: in English as it is raised, and in the words of whoever reads it."""
    return Line(_worded(key, parameters, language("en")), key, **parameters)


def _line(line: str, words: Language) -> str:
    if not isinstance(line, Line) or not words.has(line.key):
        return line
    return _worded(line.key, line.parameters, words)


def _worded(key: str, parameters: Mapping[str, object], words: Language) -> str:
    return words.text(key, **{name: _said(value, words) for name, value in parameters.items()})


def _said(value: object, words: Language) -> object:
    if isinstance(value, Line):
        return _line(value, words)
    return value.message(words) if isinstance(value, Spoken) else value


def file_error_in_words(error: OSError, words: Language) -> str:
    """What the operating system refused: which file, and why, as far as the catalogue knows the reason."""
    key = f"error.os.{errno.errorcode.get(error.errno or 0, '')}"
    reason = words.text(key) if words.has(key) else error.strerror or str(error)
    return reason if error.filename is None else words.text("error.os", path=error.filename, reason=reason)
