"""The other columns of a customer made comparable: phones, e-mail, credit codes, contacts."""

import re
from typing import NamedTuple

from crm_sheets.rules.duplicates.text import is_chinese, plain
from crm_sheets.rules.duplicates.words import FREE_MAIL, SHARED_MAILBOXES, TITLES, WESTERN_TITLES

_SEVERAL = re.compile(r"[/,;、|]|\s或\s|\n")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#|-{2,}).*$")
_NOT_A_DIGIT = re.compile(r"\D+")
_CODE_JUNK = re.compile(r"[^0-9A-Z]+")
_IN_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")
_TITLE = re.compile(f"(?:{TITLES})+$")
_LAST_OF_TITLES = frozenset(title[-1] for title in TITLES.split("|"))
_WORD = re.compile(r"[^\W\d_]+")


def phones_of(text: str | None) -> tuple[str, ...]:
    """The numbers in a cell, each as its last ten digits: what is left of it in every way of writing it.

    Ten digits are a mobile without its leading 1, an American number without its 1, a landline without trunk zero and
    country code; shorter numbers stay as they are. Extensions are left out.
    """
    written = plain(text)
    if not written:
        return ()
    found: list[str] = []
    if written.isdecimal():
        return (written.lstrip("0")[-10:],) if len(written) > 6 else ()
    for part in _SEVERAL.split(written):
        digits = _NOT_A_DIGIT.sub("", _EXTENSION.sub("", part)).lstrip("0")
        if len(digits) >= 6 and (digits := digits[-10:]) not in found:
            found.append(digits)
    return tuple(found)


class Email(NamedTuple):
    """An address in parts.

    Attributes:
        address: without blanks, tags and stray punctuation.
        shared: the mailbox belongs to a desk (info, sales).
        company: the domain where it is the firm's own, "" for free mail.
    """

    address: str
    shared: bool
    company: str

    @property
    def mailbox(self) -> str:
        """What stands before the @."""
        return self.address.partition("@")[0]


NO_EMAIL = Email("", False, "")


def email_of(text: str | None) -> Email:
    """The address in a cell; NO_EMAIL where there is none."""
    written = plain(text)
    if not written:
        return NO_EMAIL
    mailbox, _, domain = "".join(written.split()).strip(".;,<>\"'").partition("@")
    if not mailbox or not domain or "@" in domain:
        return NO_EMAIL
    mailbox, domain = mailbox.partition("+")[0], domain.strip(".")
    if domain == "gmail.com":
        mailbox = mailbox.replace(".", "")
    return Email(f"{mailbox}@{domain}", mailbox in SHARED_MAILBOXES, "" if domain in FREE_MAIL else domain)


def code_of(text: str | None) -> str:
    """A credit code or ID number: letters and digits only, in capitals."""
    return _CODE_JUNK.sub("", plain(text).upper()) if text else ""


def organisation_of(code: str) -> str:
    """The organisation code within a credit code (GB 32100, characters 9 to 17); "" for something else."""
    return code[8:17] if len(code) in (17, 18) else code if len(code) == 9 else ""


def contact_of(text: str | None) -> str:
    """A person's name without titles; of Western ones the words in alphabetical order, joined by blanks."""
    written = plain(text)
    if not written.isalpha():
        written = _IN_BRACKETS.sub("", written)
    if not written:
        return ""
    if is_chinese(written):
        together = "".join(written.split())
        return _TITLE.sub("", together) if together[-1] in _LAST_OF_TITLES and len(together) > 1 else together
    return " ".join(sorted(word for word in _WORD.findall(written) if word not in WESTERN_TITLES))
