"""The other columns of a customer made comparable: phones, e-mail, credit codes, contacts."""

import re
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from crm_sheets.rules.duplicates.text import is_chinese, plain, syllables
from crm_sheets.rules.duplicates.words import FREE_MAIL, SHARED_MAILBOXES, TITLES, WESTERN_TITLES

_SEVERAL = re.compile(r"[/,;、|]|\s或\s|\n")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#|-{2,}).*$")
_NOT_A_DIGIT = re.compile(r"\D+")
_CODE_JUNK = re.compile(r"[^0-9A-Z]+")
_IN_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")
_TITLE = re.compile(f"(?:{TITLES})+$")
LAST_OF_TITLES = frozenset(title[-1] for title in TITLES.split("|"))
_ORDERLY = re.compile(r"[a-z0-9][a-z0-9@._-]+[a-z]").fullmatch
_WORD = re.compile(r"[^\W\d_]+")


def phones_of(text: str | None) -> tuple[str, ...]:
    """The numbers in a cell, each as its last ten digits: what is left of it in every way of writing it.

    Ten digits are a mobile without its leading 1, an American number without its 1, a landline without trunk zero and
    country code; shorter numbers stay as they are. Extensions are left out.
    """
    return phones_in(plain(text))


def phones_in(written: str) -> tuple[str, ...]:
    """`phones_of` for what is plain already."""
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


NO_EMAIL = Email("", False, "")


def email_of(text: str | None) -> Email:
    """The address in a cell; NO_EMAIL where there is none."""
    return email_in(plain(text))


def email_in(written: str) -> Email:
    """`email_of` for what is plain already."""
    if not written:
        return NO_EMAIL
    if not _ORDERLY(written):
        written = "".join(written.split()).strip(".;,<>\"'")
    mailbox, _, domain = written.partition("@")
    if not mailbox or not domain or "@" in domain:
        return NO_EMAIL
    if "+" in mailbox:
        mailbox = mailbox.partition("+")[0]
    domain = domain.strip(".")
    if domain == "gmail.com":
        mailbox = mailbox.replace(".", "")
    return Email(f"{mailbox}@{domain}", mailbox in SHARED_MAILBOXES, "" if domain in FREE_MAIL else domain)


def code_of(text: str | None) -> str:
    """A credit code or ID number: letters and digits only, in capitals."""
    return code_in(plain(text))


def code_in(written: str) -> str:
    """`code_of` for what is plain already."""
    capitals = written.upper()
    return capitals if capitals.isascii() and capitals.isalnum() else _CODE_JUNK.sub("", capitals)


def organisation_of(code: str) -> str:
    """The organisation code within a credit code (GB 32100, characters 9 to 17); "" for something else."""
    return code[8:17] if len(code) in (17, 18) else code if len(code) == 9 else ""


def contact_of(text: str | None) -> str:
    """A person's name without titles; of Western ones the words in alphabetical order, joined by blanks."""
    return contact_in(plain(text))


def contact_in(written: str) -> str:
    """`contact_of` for what is plain already."""
    if not written.isalpha():
        written = _IN_BRACKETS.sub("", written)
    if not written:
        return ""
    if is_chinese(written):
        together = "".join(written.split())
        return _TITLE.sub("", together) if together[-1] in LAST_OF_TITLES and len(together) > 1 else together
    return " ".join(sorted(word for word in _WORD.findall(written) if word not in WESTERN_TITLES))


def in_mailbox(contact: str, address: str) -> bool:
    """Whether a mailbox begins with a person's name: 田嘉磊 in tianjialei5419, Paul Clark in pclark."""
    mailbox = address.partition("@")[0]
    words, beginnings = _mailboxes_of(contact)
    return mailbox.startswith(beginnings) or (len(words) > 1 and all(word in mailbox for word in words))


@lru_cache(maxsize=16_384)
def _mailboxes_of(contact: str) -> tuple[list[str], tuple[str, ...]]:
    """The words of a Western name, which a mailbox may have anywhere, and how the mailbox of a person may begin."""
    if len(contact) < 2:
        return [], ()
    if contact.isascii():
        words = [word for word in contact.split() if len(word) > 1]
        return words, tuple(
            dict.fromkeys(way for a, b in permutations(words, 2) if a != b for way in (a[0] + b, b + a[0]))
        )
    first, *given = syllables(contact)
    rest = "".join(given)
    return [], (first + rest, f"{rest}.{first}", f"{given[-1]}.{first}")
