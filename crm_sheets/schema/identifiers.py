"""Row keys `C-7K3Q9ZM`, which people read and type, and witnesses, which prove that we issued a key.

The characters are Crockford's base 32 (no I, L, O, U). The last one is a check character: read as elements of GF(32),
the characters weighted by powers of a generator add up to zero, so any single wrong character and any two swapped ones
are found. The rest is random: a sequence would tell how many rows others have.
"""

import base64
import hmac
import re
from collections.abc import Callable
from hashlib import sha256

from crm_sheets.tables import ReplicaKey, RowKey, TabKey

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS = 6
"""30 bits: with a million rows one new key in a thousand is taken, and the caller asks for another."""

_PLACE = {character: place for place, character in enumerate(ALPHABET)}
_SHAPE = re.compile(rf"[A-Z]{{1,3}}-([{ALPHABET}]{{{RANDOM_CHARACTERS + 1}}})")
_REDUCTION = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)


def new_row_key(prefix: str, random: Callable[[int], bytes]) -> RowKey:
    """A new key; the caller asks again if it is taken.

    Args:
        prefix: of the tab, `C`.
        random: gives that many random bytes, secrets.token_bytes or the like.
    """
    bits = int.from_bytes(random(4), "big")
    body = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(RANDOM_CHARACTERS))
    return RowKey(f"{prefix}-{body}{_check_character(body)}")


def is_row_key(text: str) -> bool:
    """Whether a text has the form of a row key and its check character is right."""
    found = _SHAPE.fullmatch(text)
    return found is not None and _check_character(found.group(1)[:-1]) == found.group(1)[-1]


def _check_character(body: str) -> str:
    """Horner's rule in GF(32) with the generator x: the weights of all places differ, and none is zero."""
    total = 0
    for character in body:
        total = _times_x(total ^ _PLACE[character])
    return ALPHABET[total]


def _times_x(element: int) -> int:
    shifted = element << 1
    return shifted ^ _REDUCTION if shifted & 32 else shifted


def witness(secret: bytes, workbook: str, replica: ReplicaKey, tab: TabKey, key: RowKey) -> str:
    """What the hidden `_key` column holds: HMAC-SHA256 (RFC 2104), 80 bits of it in 16 base32 characters (RFC 4648)."""
    message = "\0".join((workbook, replica, tab, key)).encode()
    return base64.b32encode(hmac.digest(secret, message, sha256)[:10]).decode("ascii")
