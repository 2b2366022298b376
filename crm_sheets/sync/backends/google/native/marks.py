"""How what we set up is told from what people did: by a mark in it that nobody types by chance."""

import re
from collections.abc import Iterable
from hashlib import blake2b

MARK = "crm_sheets"

_FORMULA_MARK = f'N("{MARK}")=0'
"""N() of a text is 0: the mark changes nothing in what a formula says."""

_QUOTED = re.compile(r'"(?:[^"]|"")*"|;|\s+')


_DESCRIPTION = re.compile(rf"\[{MARK} [0-9a-f]{{8}}\]$")


def description(told: str, editors: Iterable[str]) -> str:
    """Of a protected range: what it is for, that it is ours, and a digest of those who may edit it.

    Whom Google names as editors beside (the owner, whom a person added by hand) then makes no difference.
    """
    digest = blake2b("\n".join(sorted(editors)).encode("utf-8"), digest_size=4).hexdigest()
    return f"{told} [{MARK} {digest}]"


def is_ours(told: str) -> bool:
    """Whether a protected range of this description is ours."""
    return _DESCRIPTION.search(told) is not None


def marked(formula: str) -> str:
    """The formula of a conditional format, without `=`, as one of ours."""
    return f"=AND({formula},{_FORMULA_MARK})"


def is_marked(formula: str) -> bool:
    """Whether the formula of a conditional format is ours, however it is written in the spreadsheet's language."""
    return f'N("{MARK}")' in formula


def spoken(formula: str, locale: str) -> str:
    """A formula as one types it where the spreadsheet's locale is: numbers with a decimal comma need semicolons."""
    return formula if has_decimal_point(locale) else separated(formula, ";")


def separated(formula: str, sign: str) -> str:
    """A formula whose arguments are parted by `sign`; texts in it stay as they are."""
    return re.sub(r'"(?:[^"]|"")*"|[,;]', lambda found: sign if found[0] in ",;" else found[0], formula)


def plain(formula: str) -> str:
    """A formula in the form in which two are compared: one kind of separator, no spaces between its parts."""
    return _QUOTED.sub(_simply, formula)


def _simply(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else "," if found[0] == ";" else ""


def has_decimal_point(locale: str) -> bool:
    """Whether numbers of a locale (`zh_CN`, `de_DE`) have a point before their decimals."""
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(locale.replace("-", "_")).number_symbols["latn"]["decimal"]) == "."
    except (UnknownLocaleError, ValueError, KeyError):
        return True
