"""Phone numbers: mobiles, landlines, 400 and 800, extensions, numbers abroad, and what Excel makes of them.

Canonical forms: a mobile is its 11 digits, a landline `010-62345678`, a service number `400-810-8888`, a number of
another region its E.164 form `+16502530000` (ITU-T E.164); an extension follows after a dash, `010-62345678-801`,
`+16502530000 ext 801`. Teams outside China get the E.164 form for all.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from crm_sheets.changes import Value
from crm_sheets.schema.base import Column
from crm_sheets.schema.codecs.base import CodecContext, Flaw, PhoneKind, Present, flaw
from crm_sheets.schema.codecs.texts import as_text
from crm_sheets.schema.labels import words

if TYPE_CHECKING:
    import phonenumbers

CHINA = "CN"
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_EXPONENT = re.compile(r"([0-9])(?:\.([0-9]+))?[eE]\+?([0-9]{1,2})")
_SEVERAL = re.compile(r"[0-9)][\s]*[/;,、|\n][\s]*[(+0-9]")
_DASHES = re.compile("[‐‑‒–—―－_.·]")
_CHARACTERS = re.compile(r"\+?[0-9()\- ]+")
_DASH_EXTENSION = re.compile(r"(.*[0-9])-([0-9]{1,6})")
_LOST_BEYOND = 10**15  # a spreadsheet keeps 15 significant digits


def parse_phone(raw: Present, column: Column, context: CodecContext) -> Value | Flaw:
    """A number of a kind that the team allows, in its canonical form."""
    if isinstance(raw, bool):
        return flaw("not-a-phone", str(raw).upper())
    if isinstance(raw, int | float) and abs(raw) >= _LOST_BEYOND:
        return flaw("digits-lost", raw)
    text = raw if type(raw) is str else as_text(raw)
    if context.phone_region == CHINA and _MOBILE.fullmatch(text) and PhoneKind.MOBILE in context.phone_kinds:
        return text
    found = read_number(text, not isinstance(raw, str), context.phone_region)
    if found is None or isinstance(found, Flaw):
        return found
    kind, number = found
    if kind not in context.phone_kinds:
        allowed = context.language.text("word.list_separator").join(
            context.language.text(f"phone_kind.{each}") for each in PhoneKind if each in context.phone_kinds
        )
        return flaw("phone-kind-not-allowed", raw, kind=context.language.text(f"phone_kind.{kind}"), kinds=allowed)
    return number


@lru_cache(maxsize=100_000)
def read_number(text: str, was_number: bool, region: str) -> tuple[PhoneKind, str] | Flaw | None:
    """What number a text means, of what kind, or why none; None for a blank. Kept, since the library takes long.

    Args:
        text: what stands in the cell.
        was_number: whether the cell is a number, which loses a zero at its beginning.
        region: ISO 3166 code of the team's country.
    """
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text).strip()).casefold()
    if not plain:
        return None
    exponent = _EXPONENT.fullmatch(plain.replace("-", ".") if "e" in plain else plain)
    if exponent:
        # 1.38E+10 as text: the cell showed it so and was copied; the digits that are not there are gone.
        decimals = exponent.group(2) or ""
        if len(decimals) < int(exponent.group(3)):
            return flaw("digits-lost", text)
        plain = exponent.group(1) + decimals[: int(exponent.group(3))]
    if _SEVERAL.search(plain):
        return flaw("phone-several", text)
    plain = _prefix().sub("", plain)
    number, extension = _split_extension(plain)
    if not _CHARACTERS.fullmatch(number):
        return flaw("not-a-phone", text)
    return _judged(number, extension, was_number, region) or _what_is_wrong(number, text, region)


@cache
def _prefix() -> re.Pattern[str]:
    """`电话:` or `Tel:` before the number."""
    return re.compile(
        rf"^(?:{'|'.join(re.escape(word.casefold()) for word in words('word.phone'))})\s*[:：.]?\s*(?=[+(0-9])"
    )


@cache
def _extension_words() -> re.Pattern[str]:
    said = sorted((word.casefold() for word in words("word.extension")), key=len, reverse=True)
    return re.compile(rf"(.*?[0-9)])\s*[-,(]?\s*(?:{'|'.join(map(re.escape, said))})\s*[:.-]?\s*([0-9]{{1,6}})\)?")


def _split_extension(plain: str) -> tuple[str, str]:
    found = _extension_words().fullmatch(plain)
    return (found.group(1).strip(), found.group(2)) if found else (plain, "")


def _judged(number: str, extension: str, was_number: bool, region: str) -> tuple[PhoneKind, str] | None:
    """The reading that makes a valid number, tried from the likeliest to the rarest."""
    found = _valid(number, extension, region)
    if found:
        return found
    dashed = None if extension else _DASH_EXTENSION.fullmatch(number)  # 010-62345678-801
    if dashed:
        return _valid(dashed.group(1), dashed.group(2), region)
    if was_number and not number.startswith("0"):
        return _valid("0" + number, extension, region)  # a cell that is a number lost the zero of the area code
    return None


def _valid(number: str, extension: str, region: str) -> tuple[PhoneKind, str] | None:
    import phonenumbers

    digits = re.sub(r"[^0-9+]", "", number)
    if region == CHINA:
        digits = re.sub(r"^(?:\+|00)?86(?=0?1[3-9][0-9]{9}$)0?", "", digits)
        if _MOBILE.fullmatch(digits):
            return PhoneKind.MOBILE, _with_extension(digits, extension)
    international = "+" + digits[2:] if digits.startswith("00") else digits
    try:
        parsed = phonenumbers.parse(international, region)
    except phonenumbers.NumberParseException:
        return None
    kind = phonenumbers.number_type(parsed)
    if kind == phonenumbers.PhoneNumberType.UNKNOWN:  # which is how the library says that it is not valid
        return None
    if parsed.country_code != phonenumbers.country_code_for_region(region):
        return PhoneKind.FOREIGN, _with_extension(_international(parsed), extension)
    return _kind(kind), _with_extension(_domestic(parsed, region), extension)


def _with_extension(number: str, extension: str) -> str:
    # Numbers abroad differ in length: with a dash, the extension could be taken for their last digits.
    mark = " ext " if number.startswith("+") else "-"
    return f"{number}{mark}{extension}" if extension else number


def _international(parsed: "phonenumbers.PhoneNumber") -> str:
    import phonenumbers

    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _kind(kind: int) -> PhoneKind:
    from phonenumbers import PhoneNumberType

    if kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE):
        return PhoneKind.MOBILE
    if kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.VOIP):
        return PhoneKind.LANDLINE
    return PhoneKind.SERVICE


def _domestic(parsed: "phonenumbers.PhoneNumber", region: str) -> str:
    import phonenumbers

    if region != CHINA:
        return _international(parsed)
    digits = phonenumbers.national_significant_number(parsed)
    area = phonenumbers.length_of_geographical_area_code(parsed)
    if area:
        return f"0{digits[:area]}-{digits[area:]}"
    if len(digits) == 10:
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    return digits


def _what_is_wrong(number: str, text: str, region: str) -> Flaw:
    digits = re.sub(r"[^0-9]", "", number)
    local = region == CHINA and len(digits) in (7, 8) and digits[0] not in "01"
    return flaw("phone-without-area-code" if local else "not-a-phone", text)
